// Shortens the request of each cause on the target, as long as the response shows the same defect.

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "conformance/engine/case/expression.h"
#include "conformance/engine/diagnosis/shrink.h"
#include "conformance/engine/run/run.h"

namespace grantspec {
namespace {

constexpr int kTriesMax = 12;                       // of a cause
constexpr std::int64_t kRequestsMax = 120;          // of a run, control requests included
constexpr std::int64_t kRequestsOfTry = 4;          // at most, with control request and logins
constexpr std::chrono::seconds kShrinkTimeMax{15};  // of a run

}  // namespace

// What is left of the bounds of a run.
bool SuiteRun::MayShrink(const ShrinkBounds& bounds) {
  return bounds.ended.empty() && std::chrono::steady_clock::now() < bounds.until &&
         executor_.requests_sent() + kRequestsOfTry <= bounds.requests_max && IsGoing();
}

// Sends a case by itself and records it; nothing where it could not be sent, or where the control
// request afterwards failed.
std::optional<RecordedCase> SuiteRun::RecordAlone(Runner& runner, const Case& spec,
                                                  ShrinkBounds& bounds) {
  if (binder_->WhyNot(spec)) return std::nullopt;
  PlannedCase planned = Plan(spec);
  const bool may_fail = std::any_of(planned.steps.begin(), planned.steps.end(),
                                    [](const PlannedStep& step) { return step.may_fail; });
  // The failed logins of the run are for its cases.
  if (may_fail && rules_.failed_total_max > 0) return std::nullopt;
  const Schedule schedule = ScheduleOf({std::move(planned)}, limits_);
  std::optional<RecordedCase> recorded;
  for (const Batch& batch : schedule.batches) {
    const BatchResult result = runner.Send(schedule, batch, Connections::kFreshAlone);
    for (const Exchange& exchange : result.successes) Count(exchange);
    if (result.control) {
      Count(*result.control);
      if (TroubleOf(*result.control, baseline_) != Trouble::kNone) {
        bounds.ended = "the control request got no token";
        return std::nullopt;
      }
    }
    for (const FinishedCase& one : result.finished) {
      recorded = presenter_->Record(*one.spec, one.sent, Judged(*one.spec, one.sent));
    }
  }
  return recorded;
}

// The first simplification that shows the defect is kept, and then simplified itself.
std::optional<SmallestRequest> SuiteRun::Shrunk(Runner& runner, const RecordedCase& finding,
                                                ShrinkBounds& bounds) {
  const std::optional<Freedom> freedom = FreedomOf(finding);
  if (!freedom) return std::nullopt;
  Case spec = *finding.spec;
  SmallestRequest smallest;
  std::set<std::string> rejected;
  int tries = 0;
  for (bool shorter = true; shorter;) {
    shorter = false;
    for (Simplification& one : SimplificationsOf(spec.steps.front(), *freedom)) {
      if (rejected.contains(one.what)) continue;
      // The last try is for the proof by repetition.
      if (++tries >= kTriesMax || !MayShrink(bounds)) break;
      Case candidate = spec;
      candidate.steps.front() = std::move(one.step);
      const std::optional<RecordedCase> recorded = RecordAlone(runner, candidate, bounds);
      if (!recorded || !ShowsSameDefect(finding, *recorded)) {
        rejected.insert(one.what);
        continue;
      }
      spec = std::move(candidate);
      const auto known = std::find(smallest.changes.begin(), smallest.changes.end(), one.what);
      if (known == smallest.changes.end()) smallest.changes.push_back(one.what);
      shorter = true;
      break;
    }
  }
  if (smallest.changes.empty() || !MayShrink(bounds)) return std::nullopt;
  const std::optional<RecordedCase> again = RecordAlone(runner, spec, bounds);
  if (!again || !ShowsSameDefect(finding, *again)) return std::nullopt;
  smallest.case_name = spec.Name();
  smallest.exchange = again->exchanges.front();
  smallest.reproduce = again->reproduce;
  return smallest;
}

void SuiteRun::Shrink(const std::vector<Cause>& causes, std::int64_t requests_max) {
  if (!stopped_.empty() || !ended_.empty()) return;
  ShrinkBounds bounds;
  bounds.until = std::chrono::steady_clock::now() + kShrinkTimeMax;
  if (rules_.run_max_s > 0) {
    // A run whose cases were all judged is not stopped for what comes after them.
    const auto end = begin_ + std::chrono::seconds(rules_.run_max_s) - std::chrono::seconds(1);
    bounds.until = std::min(bounds.until, end);
  }
  bounds.requests_max = executor_.requests_sent() + kRequestsMax;
  if (requests_max > 0) bounds.requests_max = std::min(bounds.requests_max, requests_max);
  Runner runner = MakeRunner();
  for (const Cause& cause : causes) {
    if (cause.severity != Outcome::kFail) continue;
    if (!MayShrink(bounds)) break;
    auto smallest = Shrunk(runner, record_.cases[cause.cases.front()], bounds);
    if (smallest) record_.smallest[cause.id] = std::move(*smallest);
  }
  // What was received since may stand in what was recorded before.
  std::vector<RecordedCase> holder(1);
  for (auto& [id, smallest] : record_.smallest) {
    holder.front().exchanges = {std::move(smallest.exchange)};
    holder.front().reproduce = std::move(smallest.reproduce);
    presenter_->CleanAgain(holder);
    smallest.exchange = std::move(holder.front().exchanges.front());
    smallest.reproduce = std::move(holder.front().reproduce);
  }
  presenter_->CleanAgain(record_.cases);
  CleanControl(*presenter_, record_);
  if (bounds.ended.empty()) bounds.ended = std::exchange(stopped_, {});
  if (!bounds.ended.empty()) {
    record_.notes.push_back("requests were not shortened any further: " + bounds.ended);
  }
}

}  // namespace grantspec
