#include "conformance/engine/run/schedule.h"
#include "conformance/engine/bind/expectation.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "fixtures/grammar/ascii.h"
#include "fixtures/http/render.h"

namespace grantspec {
namespace {

// The most failed logins that steps may cause: by client, and of all together.
struct Failures {
  std::vector<std::size_t> by_client;
  std::size_t any = 0;

  void Add(const PlannedStep& step) {
    by_client.resize(std::max(by_client.size(), step.logins.size()));
    for (std::size_t i = 0; i < step.logins.size(); ++i) {
      if (step.logins[i] == Login::kMayFail) by_client[i] += step.requests;
    }
    if (step.may_fail) any += step.requests;
  }

  void Add(const Failures& other) {
    by_client.resize(std::max(by_client.size(), other.by_client.size()));
    for (std::size_t i = 0; i < other.by_client.size(); ++i) by_client[i] += other.by_client[i];
    any += other.any;
  }

  bool Fit(const ScheduleLimits& limits) const {
    const auto over = [](std::size_t count, std::size_t limit) {
      return limit > 0 && count > limit;
    };
    return !over(any, limits.failed_of_any_max) &&
           std::none_of(by_client.begin(), by_client.end(),
                        [&](std::size_t count) { return over(count, limits.failed_in_a_row_max); });
  }
};

Failures FailuresOf(const PlannedCase& one, const CasePart& part) {
  Failures failures;
  for (std::size_t i = 0; i < part.count; ++i) failures.Add(one.steps[part.first + i]);
  return failures;
}

Failures FailuresOf(const PlannedCase& one) {
  return FailuresOf(one, {0, 0, one.steps.size()});
}

bool IsSlow(const PlannedCase& one) {
  return std::any_of(one.steps.begin(), one.steps.end(),
                     [](const PlannedStep& step) { return step.may_occupy_worker; });
}

// Round trips that a case takes by itself.
std::size_t DepthOf(const PlannedCase& one) {
  return one.steps.size() + (one.spec->alive ? 1 : 0);
}

// The parts of a case that is an analysis: as many steps each as the limits allow.
std::vector<CasePart> SplitParts(const PlannedCase& one, std::size_t at,
                                 const ScheduleLimits& limits) {
  std::vector<CasePart> parts(1, {at, 0, 0});
  Failures failures;
  for (std::size_t i = 0; i < one.steps.size(); ++i) {
    Failures with = failures;
    with.Add(one.steps[i]);
    if (!with.Fit(limits) && parts.back().count > 0) {
      parts.push_back({at, i, 0});
      with = {};
      with.Add(one.steps[i]);
    }
    ++parts.back().count;
    failures = std::move(with);
  }
  return parts;
}

// A batch that is being filled.
struct OpenBatch {
  Batch batch;
  Failures failures;
  Failures refused;  // those that are failures on a conformant target, too
  std::size_t refusals = 0;
};

class Scheduler {
 public:
  Scheduler(std::vector<PlannedCase> cases, const ScheduleLimits& limits) : limits_(limits) {
    schedule_.cases = std::move(cases);
    for (const PlannedCase& one : schedule_.cases) ranks_.push_back(RankOf(*one.spec));
  }

  Schedule Make() {
    std::vector<std::size_t> harmless, others;
    for (const std::size_t at : Selected()) {
      const bool goes_first = limits_.harmless_first && FailuresOf(schedule_.cases[at]).any == 0;
      (goes_first ? harmless : others).push_back(at);
    }
    AddCases(harmless);
    AddCases(others);
    return std::move(schedule_);
  }

 private:
  static constexpr std::size_t kNoRank = static_cast<std::size_t>(-1);

  // Cases that share batches: those that are sent first, the others, the slow ones, the bursts.
  void AddCases(const std::vector<std::size_t>& cases) {
    std::vector<std::size_t> first, others, slow, bursts;
    for (const std::size_t at : cases) {
      const PlannedCase& one = schedule_.cases[at];
      if (one.spec->side_by_side) {
        bursts.push_back(at);
      } else if (IsSlow(one)) {
        slow.push_back(at);
      } else {
        (ranks_[at] < kNoRank ? first : others).push_back(at);
      }
    }
    std::sort(first.begin(), first.end(),
              [this](std::size_t a, std::size_t b) { return ranks_[a] < ranks_[b]; });
    AddGroup(first);
    if (!first.empty()) schedule_.first_batches = schedule_.batches.size();
    // A batch takes as long as its longest case: long ones share batches.
    std::stable_sort(others.begin(), others.end(), [this](std::size_t a, std::size_t b) {
      return DepthOf(schedule_.cases[a]) > DepthOf(schedule_.cases[b]);
    });
    if (!limits_.isolate) {
      // The others are sent while these wait.
      for (const std::size_t at : slow) AddToFirst(at);
    }
    AddGroup(others);
    if (limits_.isolate) {
      for (const std::size_t at : slow) AddIsolated(at);
    }
    for (const std::size_t at : bursts) AddBurst(at);
    Close();
  }

  // Where the name of a case is in the list of those that are sent first.
  std::size_t RankOf(const Case& spec) const {
    const auto& names = limits_.sent_first;
    const auto found = std::find(names.begin(), names.end(), spec.Name());
    return found == names.end() ? kNoRank : static_cast<std::size_t>(found - names.begin());
  }

  // Puts cases into batches, in this order, and closes those.
  void AddGroup(const std::vector<std::size_t>& cases) {
    std::vector<std::size_t> harmless, accepted;
    for (const std::size_t at : cases) {
      const PlannedCase& one = schedule_.cases[at];
      if (FailuresOf(one).any == 0) {
        harmless.push_back(at);
      } else if (WantsToken(*one.spec)) {
        accepted.push_back(at);
      } else {
        AddToFirst(at);
      }
    }
    Fill(harmless);
    // Logins that a conformant target accepts: by themselves they need no success afterwards.
    Close();
    for (const std::size_t at : accepted) AddToFirst(at);
    Close();
  }

  // The cases that are sent; the others are noted.
  std::set<std::size_t> Selected() {
    std::set<std::size_t> sent;
    for (std::size_t at = 0; at < schedule_.cases.size(); ++at) {
      const PlannedCase& one = schedule_.cases[at];
      if (one.spec->analysis == nullptr && !FailuresOf(one).Fit(limits_)) {
        schedule_.unsent.push_back(
            {one.spec,
             "it takes more failed logins in a row than --max-failed-logins and "
             "--max-failed-in-a-row allow"});
      } else {
        sent.insert(at);
      }
    }
    if (limits_.failed_total_max > 0) KeepWithinTotal(sent);
    return sent;
  }

  // Chooses the cases that show most with the failed logins of the run.
  void KeepWithinTotal(std::set<std::size_t>& sent) {
    std::vector<std::tuple<std::size_t, int, std::size_t, std::size_t, std::size_t>> by_worth;
    std::map<std::string, std::size_t> of_category;
    for (const std::size_t at : sent) {
      const PlannedCase& one = schedule_.cases[at];
      const std::size_t failures = FailuresOf(one).any;
      if (failures == 0) continue;
      const int level = one.spec->level == Level::kMust ? 0 : 1;
      by_worth.emplace_back(ranks_[at], level, of_category[one.spec->category]++, failures, at);
    }
    std::sort(by_worth.begin(), by_worth.end());
    std::size_t total = 0;
    for (const auto& [rank, level, turn, failures, at] : by_worth) {
      if (total + failures <= limits_.failed_total_max) {
        total += failures;
        continue;
      }
      sent.erase(at);
      schedule_.unsent.push_back(
          {schedule_.cases[at].spec, "not sent: --max-failed-total is used up"});
    }
  }

  // Puts a case into the first batch that has room for it.
  void AddToFirst(std::size_t at) {
    std::size_t from = 0;  // a later part of a case goes into a later batch
    for (const CasePart& part : SplitParts(schedule_.cases[at], at, limits_)) {
      const Failures failures = FailuresOf(schedule_.cases[at], part);
      while (from < open_.size() && !HasRoom(open_[from], at, failures)) ++from;
      if (from == open_.size()) open_.emplace_back();
      Put(open_[from++], part, failures);
    }
  }

  bool HasRoom(const OpenBatch& open, std::size_t at, const Failures& failures) const {
    Failures with = open.failures;
    with.Add(failures);
    const bool refusal = !WantsToken(*schedule_.cases[at].spec);
    return with.Fit(limits_) && (!refusal || open.refusals < limits_.refusals_max);
  }

  void Put(OpenBatch& open, const CasePart& part, const Failures& failures) {
    open.failures.Add(failures);
    open.batch.parts.push_back(part);
    if (!WantsToken(*schedule_.cases[part.at].spec)) {
      open.refused.Add(failures);
      open.batch.control = true;
      ++open.refusals;
    }
  }

  // Spreads cases without failed logins evenly over the batches. The steps of a long case are sent
  // in successive batches, since a batch lasts as long as its longest case.
  void Fill(const std::vector<std::size_t>& cases) {
    if (open_.empty()) open_.emplace_back();
    std::size_t next = 0;
    for (const std::size_t at : cases) {
      const PlannedCase& one = schedule_.cases[at];
      const std::size_t steps = one.steps.size();
      if (steps > 1 && open_.size() >= steps) {
        if (next + steps > open_.size()) next = 0;
        for (std::size_t i = 0; i < steps; ++i) Put(open_[next + i], {at, i, 1}, {});
        continue;
      }
      std::size_t tried = 0;
      while (tried < open_.size() && !HasRoom(open_[next % open_.size()], at, {})) {
        ++next;
        ++tried;
      }
      if (tried == open_.size()) {
        next = open_.size();
        open_.emplace_back();
      }
      Put(open_[next++ % open_.size()], {at, 0, steps}, {});
    }
  }

  void AddIsolated(std::size_t at) {
    const PlannedCase& one = schedule_.cases[at];
    const Failures failures = FailuresOf(one);
    if (open_.empty() || open_.back().batch.parts.size() >= limits_.isolated_max ||
        !HasRoom(open_.back(), at, failures)) {
      open_.emplace_back();
      open_.back().batch.isolated = true;
    }
    Put(open_.back(), {at, 0, one.steps.size()}, failures);
  }

  void AddBurst(std::size_t at) {
    const PlannedCase& one = schedule_.cases[at];
    open_.emplace_back();
    open_.back().batch.isolated = open_.back().batch.burst = true;
    Put(open_.back(), {at, 0, one.steps.size()}, FailuresOf(one));
  }

  // Moves the open batches into the schedule, with the successes that follow them.
  void Close() {
    for (OpenBatch& open : open_) {
      if (open.batch.parts.empty()) continue;
      const auto& failed = open.refused.by_client;
      for (std::size_t i = 0; i < failed.size() && i < limits_.roles.size(); ++i) {
        if (failed[i] == 0 || limits_.failed_in_a_row_max == 0) continue;
        // The control request is the login of main.
        if (limits_.roles[i] != "main") open.batch.successes.push_back(limits_.roles[i]);
      }
      schedule_.batches.push_back(std::move(open.batch));
    }
    open_.clear();
  }

  const ScheduleLimits& limits_;
  Schedule schedule_;
  std::vector<std::size_t> ranks_;  // by case
  std::vector<OpenBatch> open_;
};

std::size_t ContentLengthOf(std::string_view head) {
  const std::string lower = ToLower(head);
  const std::size_t at = lower.find("\ncontent-length:");
  if (at == std::string::npos) return 0;
  std::string_view digits = std::string_view(lower).substr(at + 16);
  while (digits.starts_with(' ') || digits.starts_with('\t')) digits.remove_prefix(1);
  std::size_t length = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  return error == std::errc::result_out_of_range ? static_cast<std::size_t>(-1) : length;
}

PlannedStep PlannedOf(const StepSpec& step, const Outgoing& outgoing, const Binder& binder,
                      bool count_logins) {
  PlannedStep planned;
  planned.may_occupy_worker = MayOccupyWorker(outgoing);
  if (!count_logins) return planned;
  const std::string bytes = BytesOf(outgoing, binder.place().host);
  planned.logins =
      LoginsShowing(outgoing.options.certificate,
                    LoginsOf(bytes, binder.KnownClients(), binder.SurroundingsOfClients()));
  planned.requests = RequestsIn(bytes);
  const auto any_is = [&planned](Login login) {
    return std::find(planned.logins.begin(), planned.logins.end(), login) != planned.logins.end();
  };
  planned.may_fail =
      step.at == Place::kToken && (!any_is(Login::kRight) || any_is(Login::kMayFail));
  return planned;
}

}  // namespace

std::size_t Schedule::CaseRequests() const {
  std::size_t count = 0;
  for (const Batch& batch : batches) {
    for (const CasePart& part : batch.parts) count += part.count;
  }
  return count;
}

std::size_t Schedule::ControlRequests() const {
  std::size_t count = 0;
  for (const Batch& batch : batches) {
    count += batch.successes.size() + (batch.control ? 1 : 0);
    for (const CasePart& part : batch.parts) {
      const PlannedCase& one = cases[part.at];
      const bool last = part.first + part.count == one.steps.size();
      if (last && one.spec->alive && !one.spec->side_by_side) ++count;
    }
  }
  return count;
}

Schedule ScheduleOf(std::vector<PlannedCase> cases, const ScheduleLimits& limits) {
  return Scheduler(std::move(cases), limits).Make();
}

PlannedCase Planned(const Case& spec, const Binder& binder, bool count_logins) {
  PlannedCase planned{&spec, {}};
  const std::vector<std::string> names = ReferableNames(spec);
  std::map<const StepSpec*, PlannedStep> known;  // repeats of a step are alike
  for (const StepSpec* step : SequenceOf(spec)) {
    const auto [found, is_new] = known.emplace(step, PlannedStep());
    if (is_new && (count_logins || !step->raw.empty())) {
      found->second = PlannedOf(*step, binder.Build(*step, names, {}), binder, count_logins);
    }
    planned.steps.push_back(found->second);
  }
  return planned;
}

bool MayOccupyWorker(const Outgoing& outgoing) {
  const auto* raw = std::get_if<RawRequest>(&outgoing.message);
  if (raw == nullptr) return false;
  if (raw->half_close || raw->linger_ms > 0) return true;
  std::string bytes;
  for (const RawStep& step : raw->steps) {
    if (step.pause_ms > 0 || step.await != RawStep::Await::kNothing) return true;
    bytes += step.bytes;
  }
  return IsIncompleteMessage(bytes);
}

bool IsIncompleteMessage(std::string_view bytes) {
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) return true;
  const std::string_view head = bytes.substr(0, end + 2), body = bytes.substr(end + 4);
  const std::string lower = ToLower(head);
  if (lower.find("\ntransfer-encoding:") != std::string::npos) {
    return body.find("0\r\n") == std::string_view::npos || !body.ends_with("\r\n\r\n");
  }
  return ContentLengthOf(head) > body.size();
}

bool WantsToken(const Case& spec) {
  return std::any_of(spec.steps.begin(), spec.steps.end(),
                     [](const StepSpec& step) { return WantsOnlyToken(step.expect); });
}

}  // namespace grantspec
