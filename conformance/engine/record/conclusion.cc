#include "conformance/engine/record/conclusion.h"

namespace grantspec {
namespace {

using OutcomeCounts = std::map<Outcome, std::size_t>;

std::size_t CountOf(const OutcomeCounts& count, Outcome outcome) {
  const auto found = count.find(outcome);
  return found == count.end() ? 0 : found->second;
}

std::size_t JudgedOf(const OutcomeCounts& count) {
  std::size_t judged = 0;
  for (const Outcome outcome :
       {Outcome::kPass, Outcome::kWarn, Outcome::kInfo, Outcome::kFail, Outcome::kWaived}) {
    judged += CountOf(count, outcome);
  }
  return judged;
}

std::size_t SelectedOf(const OutcomeCounts& count) {
  std::size_t all = 0;
  for (const auto& [outcome, number] : count) all += number;
  return all;
}

bool HasFailed(const RunState& state) {
  return (state.fail_on != "never" && CountOf(state.count, Outcome::kFail) > 0) ||
         (state.fail_on == "should" && CountOf(state.count, Outcome::kWarn) > 0);
}

}  // namespace

std::string Counted(std::size_t number, std::string_view word) {
  return std::to_string(number) + " " + std::string(word) + (number == 1 ? "" : "s");
}

std::string JudgedText(const std::map<Outcome, std::size_t>& count) {
  return std::to_string(JudgedOf(count)) + " of " + Counted(SelectedOf(count), "case") +
         " were judged";
}

Conclusion ConclusionOf(const RunState& state) {
  if (state.interrupted) {
    return {kInterrupted, "interrupted: " + std::to_string(JudgedOf(state.count)) + " of " +
                              Counted(SelectedOf(state.count), "case") + " judged"};
  }
  if (!state.stopped.empty()) {
    const bool failed = state.stopped.starts_with(kStoppedServing) && HasFailed(state);
    return {failed ? kFailures : kNothingJudged, state.stopped + "; " + JudgedText(state.count)};
  }
  if (HasFailed(state)) return {kFailures, state.incomplete};
  if (state.attention > 0) {
    return {kWaivers, Counted(state.attention, "waiver") +
                          (state.attention == 1 ? " needs attention" : " need attention") +
                          (state.incomplete.empty() ? "" : "; " + state.incomplete)};
  }
  if (!state.incomplete.empty()) return {kIncomplete, state.incomplete};
  if (SelectedOf(state.count) == 0) return {kIncomplete, "no case was selected"};
  if (state.missed > 0) {
    return {kIncomplete, Counted(state.missed, "applicable MUST case") + " could not be judged"};
  }
  if (JudgedOf(state.count) == 0) return {kIncomplete, "no selected case applies to this target"};
  return {kNoFailure, ""};
}

}  // namespace grantspec
