// The proof by repetition: a failure that is reported was seen twice.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "conformance/engine/run/run.h"

namespace grantspec {
namespace {

constexpr int kSilentMax = 3;   // cases of a category; then the others are not repeated
constexpr int kTrialsMax = 20;  // of a case that failed once and then did not
constexpr std::chrono::seconds kTrialsTimeMax{3};
constexpr int kRepeatedMax = 10;              // cases of a run
constexpr std::size_t kServerErrorsMax = 80;  // cases of a run that got one twice
constexpr std::chrono::seconds kAloneTimeMax{60};
constexpr std::chrono::milliseconds kLimiterPause{1'000};
constexpr double kChanceMargin = 1.5;
constexpr std::size_t kReceivedOnceMin = 3;   // cases of a run
constexpr std::size_t kTrialRequestsMax = 8;  // of an analysis that is repeated

}  // namespace

// Whether a failure ends the run now (--fail-fast): one that was seen twice, or that of a case
// about all responses.
bool SuiteRun::EndsAtFailure() {
  if (!rules_.ends_run) return false;
  ConfirmSuspects();
  RunRecord so_far = record_;
  for (RecordedCase& one :
       standing_.Records(profile_, binder_->place().allow_plaintext, record_.command)) {
    so_far.cases.push_back(std::move(one));
  }
  const std::optional<std::string> failed = rules_.ends_run(std::move(so_far));
  if (!failed) return false;
  ended_ = record_.limited = "--fail-fast: " + *failed + " failed";
  return true;
}

// The first failure that load cannot explain is repeated at once, so that it can be shown while the
// run goes on. The others are repeated at its end.
void SuiteRun::ProveFirstFailure() {
  if (first_failure_ != nullptr) return;
  const auto found = std::find_if(suspects_.begin(), suspects_.end(), [](const Suspect& one) {
    return !one.response_missing && !one.server_error;
  });
  if (found == suspects_.end()) return;
  const Case* spec = found->spec;
  std::vector<Suspect> others(suspects_.begin(), found);
  others.insert(others.end(), found + 1, suspects_.end());
  suspects_ = {*found};
  ConfirmSuspects();
  suspects_ = std::move(others);
  const Verdict& verdict = RecordOf(*spec)->verdict;
  if (verdict.repeated && verdict.outcome == Outcome::kFail) first_failure_ = spec;
}

void SuiteRun::Confirm() {
  // Where ordinary requests lose their connections, a close may be a limiter's. It may count the
  // requests of a second, and would end these connections, too.
  if (executor_.pace().has_lost()) {
    suspects_.insert(suspects_.end(), closed_.begin(), closed_.end());
    if (!suspects_.empty() && rules_.careful) {
      executor_.SlowDown();
      Pause(kLimiterPause);
    }
  }
  ConfirmSuspects();
  FailWhatCameBesideOthers();
}

// What one case received once may be chance. Where several cases received a token or a secret
// beside other requests, and none of them does alone, the others are what it takes: that was
// repeated.
void SuiteRun::FailWhatCameBesideOthers() {
  if (received_once_.size() < kReceivedOnceMin) return;
  for (const Case* spec : received_once_) {
    Verdict& verdict = record_.cases[index_.at(spec)].verdict;
    verdict.outcome = Outcome::kFail;
    verdict.why += "; so did " + std::to_string(received_once_.size() - 1) +
                   " other cases, beside other requests and not alone";
  }
}

// Sends everything that failed once more, one request at a time, each case on fresh connections: a
// failure that is reported was seen twice. What may not be sent again, since a login before it did
// not succeed, is inconclusive, unless it received a secret.
void SuiteRun::ConfirmSuspects() {
  std::vector<PlannedCase> planned;
  for (const Suspect& one : suspects_) {
    planned.push_back(Plan(*one.spec));
    if (!one.response_missing) continue;
    for (PlannedStep& step : planned.back().steps) step.may_occupy_worker = true;
  }
  ScheduleLimits limits = limits_;
  limits.isolated_max = 1;
  limits.isolate = true;
  limits.failed_total_max = 0;
  const Schedule schedule = ScheduleOf(std::move(planned), limits);
  executor_.CloseConnections();  // a limiter may count kept ones
  Runner runner = MakeRunner();
  Proof proof;
  for (const Batch& batch : schedule.batches) {
    if (!IsGoing()) break;
    ConfirmBatch(runner, schedule, batch, proof);
  }
  ConfirmServerErrors(runner, proof);
  TakeBackRefusalsOfFirewall();
  const std::vector<Suspect> suspects = std::exchange(suspects_, {});
  if (IsGoing()) return;
  // What could not be repeated is no failure where a response was missing.
  for (const Suspect& one : suspects) {
    RecordedCase& recorded = record_.cases[index_.at(one.spec)];
    if (!one.response_missing || recorded.verdict.repeated) continue;
    recorded.verdict.outcome = Outcome::kInconclusive;
    recorded.verdict.why = "no response, and the run ended before the request was sent again";
  }
}

// One request at a time where that takes no minutes, or where the load may be what was wrong.
Connections SuiteRun::ArrangementOf(const Schedule& schedule) const {
  const bool server_errors = std::any_of(suspects_.begin(), suspects_.end(),
                                         [](const Suspect& one) { return one.server_error; });
  const auto requests = static_cast<std::int64_t>(schedule.CaseRequests());
  const auto all = executor_.pace().median_latency() * requests;
  return server_errors || all < kAloneTimeMax ? Connections::kFreshAlone : Connections::kFresh;
}

void SuiteRun::ConfirmBatch(Runner& runner, const Schedule& schedule, const Batch& batch,
                            Proof& proof) {
  if (batch.isolated) {
    const Case& spec = *schedule.cases[batch.parts.front().at].spec;
    if (proof.silent[spec.category] >= kSilentMax) {
      Verdict& verdict = record_.cases[index_.at(&spec)].verdict;
      verdict.repeated = true;
      verdict.why += std::string(verdict.why.empty() ? "" : "; ") +
                     "three cases of this category without a response were repeated";
      return;
    }
  }
  BatchResult result = runner.Send(
      schedule, batch, batch.isolated ? Connections::kFreshAlone : ArrangementOf(schedule));
  const bool proven = AfterBatch(runner, result) == Next::kGoOn;
  for (const FinishedCase& one : result.finished) {
    if (!deadly_.contains(one.spec)) ConfirmCase(runner, one, proven, proof);
  }
}

// What the second time says of a failure. `proven`: a control request got a token after it.
void SuiteRun::ConfirmCase(Runner& runner, const FinishedCase& one, bool proven, Proof& proof) {
  RecordedCase& recorded = record_.cases[index_.at(one.spec)];
  const Verdict again = Judged(*one.spec, one.sent);
  if (again.outcome == recorded.verdict.outcome) {
    recorded.verdict.repeated = true;
    if (one.sent.IsResponseMissing()) ++proof.silent[one.spec->category];
    if (again.server_error) proof.server_errors.push_back(one.spec);
  } else if (one.sent.Unsent() != nullptr) {
    if (!recorded.verdict.received_secret) recorded.verdict = again;
  } else if (proven) {
    if (recorded.verdict.server_error) ++proof.passing_server_errors;
    RepeatOther(runner, recorded, one, again);
  }
}

// Repeats a case whose verdict was another one at the second time.
void SuiteRun::RepeatOther(Runner& runner, RecordedCase& recorded, const FinishedCase& one,
                           const Verdict& again) {
  const Verdict first = recorded.verdict;
  // Lost in company, failed alone: that is the failure whose repetitions count.
  const bool failed_alone = again.outcome == Outcome::kFail;
  if (failed_alone) recorded = presenter_->Record(*one.spec, one.sent, again);
  Repeat(runner, recorded, failed_alone ? first : again, {1, 2});
}

// Where server errors come and go, twice in a row may be chance, too.
void SuiteRun::ConfirmServerErrors(Runner& runner, const Proof& proof) {
  const std::size_t failed = controls_.failed;
  const bool come_and_go =
      proof.passing_server_errors > 1 || (failed > 0 && failed < controls_.sent);
  if (!come_and_go) return;
  for (std::size_t i = 0; i < proof.server_errors.size() && i < kServerErrorsMax; ++i) {
    RecordedCase& recorded = record_.cases[index_.at(proof.server_errors[i])];
    Repeat(runner, recorded, recorded.verdict, {2, 2});
  }
}

// Asks a case that failed once and then did not many times more, each time alone. `seen`: how often
// it failed so far.
void SuiteRun::Repeat(Runner& runner, RecordedCase& recorded, const Verdict& again,
                      Repetitions seen) {
  const Case& spec = *recorded.spec;
  const auto until = std::chrono::steady_clock::now() + kTrialsTimeMax;
  Verdict other = again;
  const bool is_short = spec.analysis == nullptr || SequenceOf(spec).size() <= kTrialRequestsMax;
  if (is_short && (seen.failed > 1 || ++repeated_ <= kRepeatedMax)) {
    for (int trial = 0; trial < kTrialsMax && IsGoing(); ++trial) {
      if (std::chrono::steady_clock::now() > until) break;
      const std::optional<Verdict> now = VerdictAlone(runner, spec);
      ++seen.sent;
      if (!now) continue;
      if (now->outcome == Outcome::kFail) ++seen.failed;
      if (now->outcome != Outcome::kFail) other = *now;
    }
  }
  seen.chance = std::max(seen.chance, ChanceOf(spec));
  presenter_->CleanVerdict(other);
  const bool failed = recorded.verdict.outcome == Outcome::kFail;
  recorded.verdict = AfterRepetitions(recorded.verdict, other, seen);
  recorded.verdict.repeated = true;
  // Where two responses differ, one of them may be a token by right.
  const bool received = failed && recorded.verdict.received_secret && spec.relations.empty();
  if (received && recorded.verdict.outcome == Outcome::kWarn) received_once_.push_back(&spec);
  if (recorded.verdict.outcome == Outcome::kPass) recorded.exchanges.clear();
}

// How many of the repetitions of a case may get one of the server errors that control requests get,
// too: more, the more requests the case has.
double SuiteRun::ChanceOf(const Case& spec) const {
  if (controls_.failed == 0 || controls_.failed == controls_.sent) return 0;
  const double share = static_cast<double>(controls_.failed) / static_cast<double>(controls_.sent);
  double requests = 0;
  for (const StepSpec* step : SequenceOf(spec)) requests += std::max(step->responses, 1);
  return kChanceMargin * (1 - std::pow(1 - share, requests));
}

// The verdict on a case that is sent by itself; nothing where the control request afterwards
// failed.
std::optional<Verdict> SuiteRun::VerdictAlone(Runner& runner, const Case& spec) {
  const Schedule schedule = ScheduleOf({Plan(spec)}, limits_);
  std::optional<Verdict> verdict;
  for (const Batch& batch : schedule.batches) {
    const BatchResult result = runner.Send(schedule, batch, Connections::kFreshAlone);
    const bool proven = AfterBatch(runner, result) == Next::kGoOn;
    for (const FinishedCase& one : result.finished) {
      if (proven) verdict = Judged(*one.spec, one.sent);
    }
  }
  return verdict;
}

}  // namespace grantspec
