// What follows when the target stops serving: it is waited for, and the requests that were under
// way are replayed one by one.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "conformance/engine/run/run.h"

namespace grantspec {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kLostMax = 12, kRespondedMax = 80;  // cases that are replayed
constexpr std::size_t kDeadlyMax = 8;                     // of a run
constexpr std::size_t kNamedLatest = 4;                   // that got the latest responses
constexpr std::chrono::seconds kReturnTimeMin{5};
constexpr milliseconds kReturnPause{200}, kDeathPause{50};

bool IsLost(const Exchange& exchange) {
  const bool responded = !exchange.failure || exchange.response() != nullptr;
  if (responded || exchange.ended == 0) return false;
  const TransportError error = exchange.failure->error;
  return error == TransportError::kClosed || error == TransportError::kReset ||
         error == TransportError::kTimeout || error == TransportError::kGarbage;
}

constexpr auto IsEarlier = [](const auto& a, const auto& b) { return a.ended < b.ended; };

// When the latest exchange of a case ended that the target took part in; `lost`: it ended without a
// response.
std::int64_t EndOf(const SentCase& sent, bool& lost) {
  std::int64_t ended = 0;
  for (const Exchange& exchange : sent.exchanges) {
    if (IsLost(exchange) && !lost) {
      lost = true;
      ended = exchange.ended;
    }
    if (!lost && exchange.response() != nullptr) ended = exchange.ended;
  }
  return ended;
}

}  // namespace

std::string SuiteRun::UnderWay(const Candidates& candidates) {
  std::string names;
  for (std::size_t i = 0; i < candidates.lost; ++i) {
    names +=
        (names.empty() ? "; under way were the requests of " : ", ") + candidates.cases[i]->Name();
  }
  return names;
}

// The cases whose requests were under way when the target stopped serving, the first lost one
// first; then those that got the latest responses.
SuiteRun::Candidates SuiteRun::CandidatesOf(const std::vector<FinishedCase>& finished) const {
  Candidates found;
  std::vector<LatestCase> lost, responded = latest_;
  for (const FinishedCase& one : finished) {
    bool is_lost = false;
    const std::int64_t ended = EndOf(one.sent, is_lost);
    if (ended > 0) (is_lost ? lost : responded).push_back({one.spec, ended});
  }
  std::sort(lost.begin(), lost.end(), IsEarlier);
  std::sort(responded.rbegin(), responded.rend(), IsEarlier);
  if (lost.size() > kLostMax) lost.resize(kLostMax);
  if (responded.size() > kRespondedMax) responded.resize(kRespondedMax);
  for (const LatestCase& one : lost) {
    found.cases.push_back(one.spec);
  }
  found.lost = lost.size();
  for (const LatestCase& one : responded) found.cases.push_back(one.spec);
  return found;
}

// Keeps what got the latest responses: a process that ends takes a moment to do so.
void SuiteRun::KeepLatest(const std::vector<FinishedCase>& finished) {
  for (const FinishedCase& one : finished) {
    bool lost = false;
    const std::int64_t ended = EndOf(one.sent, lost);
    if (ended > 0) latest_.push_back({one.spec, ended});
  }
  std::sort(latest_.rbegin(), latest_.rend(), IsEarlier);
  if (latest_.size() > kRespondedMax) latest_.resize(kRespondedMax);
}

// Several requests in a row got no response: as after a death, one of them may be why.
SuiteRun::Next SuiteRun::AfterSilence(Runner& runner, const BatchResult& result) {
  InspectControls(result);
  const std::string why = executor_.pace().stopped();
  executor_.ForgetSilence();
  executor_.CloseConnections();
  const Next next = AfterDeath(runner, result);
  if (next == Next::kStop && IsGoing()) stopped_ = "stopped early: " + why;
  return next;
}

// The control request got no response any more.
SuiteRun::Next SuiteRun::AfterDeath(Runner& runner, const BatchResult& result) {
  const Candidates candidates = CandidatesOf(result.finished);
  if (candidates.cases.empty()) return result.control ? Stop(*result.control) : Next::kStop;
  if (!WaitUntilItServes()) {
    if (IsGoing()) AccuseUnreplayed(candidates, result.finished);
    return Next::kStop;
  }
  executor_.UnblockLogins();
  for (const Case* spec : candidates.cases) {
    if (!IsGoing()) return Next::kStop;
    const auto replayed = ReplayToDeath(runner, *spec);
    if (!replayed) continue;
    Accuse(*replayed, "the target stopped serving after this case, each time");
    if (deadly_.size() < kDeadlyMax && WaitUntilItServes()) {
      executor_.UnblockLogins();
      return Next::kAskAgain;
    }
    if (IsGoing()) stopped_ = std::string(kStoppedServing) + spec->Name();
    return Next::kStop;
  }
  record_.notes.push_back("the target stopped serving for a while" + UnderWay(candidates) +
                          "; no request that was under way ends it again alone");
  return Next::kAskAgain;
}

// Nothing can be replayed on a target that does not come back. Where one request alone was under
// way, that one ended it; else the finding names all that may have.
void SuiteRun::AccuseUnreplayed(const Candidates& candidates,
                                const std::vector<FinishedCase>& finished) {
  const Case& first = *candidates.cases.front();
  const auto found = std::find_if(finished.begin(), finished.end(),
                                  [&](const FinishedCase& one) { return one.spec == &first; });
  const FinishedCase bare{&first, {}};
  const FinishedCase& accused = found == finished.end() ? bare : *found;
  if (candidates.lost == 1) {
    Accuse(accused, "the target stopped serving after this case and did not come back");
    stopped_ = std::string(kStoppedServing) + first.Name() + " and did not come back";
    return;
  }
  const std::size_t named = std::min(candidates.cases.size(), candidates.lost + kNamedLatest);
  const std::string several = "one of " + std::to_string(named) + " cases";
  std::string responded;
  for (std::size_t i = candidates.lost; i < named; ++i) {
    responded += (responded.empty() ? "" : ", ") + candidates.cases[i]->Name();
  }
  Accuse(accused,
         "the target did not come back" + UnderWay(candidates) +
             (responded.empty() ? "" : "; the latest responses were those to " + responded) +
             ". A target that is started again by itself is asked case by case",
         several + " ended the target");
  for (std::size_t i = 0; i < named; ++i) {
    record_.cases[index_.at(&first)].suspects.push_back(candidates.cases[i]->Name());
  }
  stopped_ = std::string(kStoppedServing) + several + " and did not come back";
}

bool SuiteRun::Serves() {
  const Exchange control = executor_.Ask(binder_->Control());
  Count(control);
  return TroubleOf(control, baseline_) == Trouble::kNone;
}

// The client got tokens before, so that its control request may be the one that finds out. A
// refusal ends the wait: no login fails twice here.
bool SuiteRun::WaitUntilItServes() {
  const auto until = std::chrono::steady_clock::now() +
                     std::max(kReturnTimeMin, std::chrono::seconds(rules_.wait_for_s));
  while (IsGoing() && std::chrono::steady_clock::now() < until) {
    const Exchange control = executor_.Ask(binder_->Control());
    Count(control);
    if (TroubleOf(control, baseline_) == Trouble::kNone) return true;
    const Response* response = control.response();
    if (response != nullptr && response->status < 500) return false;
    Pause(kReturnPause);
  }
  return false;
}

// Replays a case alone. Returns what was received where the target does not serve afterwards.
std::optional<FinishedCase> SuiteRun::ReplayToDeath(Runner& runner, const Case& spec) {
  const Schedule schedule = ScheduleOf({Plan(spec)}, limits_);
  std::optional<FinishedCase> replayed;
  for (Batch batch : schedule.batches) {
    batch.control = false;
    BatchResult result = runner.Send(schedule, batch, Connections::kFreshAlone);
    for (FinishedCase& one : result.finished) {
      for (const Exchange& exchange : one.sent.exchanges) Count(exchange);
      replayed = std::move(one);
    }
  }
  if (!replayed || !Serves()) return replayed;
  Pause(kDeathPause);
  if (!IsGoing() || Serves()) return std::nullopt;
  return replayed;
}

// Records the failure of a case after which the target stopped serving.
void SuiteRun::Accuse(const FinishedCase& one, const std::string& why, std::string_view actual) {
  deadly_.insert(one.spec);
  Verdict verdict{Outcome::kFail, "the target serves afterwards", std::string(actual), why, 0};
  verdict.basis = Basis::kAftermath;
  verdict.repeated = true;
  RecordedCase recorded = presenter_->Record(*one.spec, one.sent, std::move(verdict));
  const auto found = index_.find(one.spec);
  if (found == index_.end()) return Keep(std::move(recorded));
  record_.cases[found->second] = std::move(recorded);
}

}  // namespace grantspec
