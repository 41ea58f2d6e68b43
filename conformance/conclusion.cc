#include "conformance/conclusion.h"

namespace grantspec {
namespace {

std::size_t CountOf(const RunState& state, Outcome outcome) {
  const auto found = state.count.find(outcome);
  return found == state.count.end() ? 0 : found->second;
}

std::size_t JudgedOf(const RunState& state) {
  std::size_t judged = 0;
  for (const Outcome outcome :
       {Outcome::kPass, Outcome::kWarn, Outcome::kInfo, Outcome::kFail, Outcome::kWaived}) {
    judged += CountOf(state, outcome);
  }
  return judged;
}

std::size_t SelectedOf(const RunState& state) {
  std::size_t all = 0;
  for (const auto& [outcome, number] : state.count) all += number;
  return all;
}

bool HasFailed(const RunState& state) {
  return (state.fail_on != "never" && CountOf(state, Outcome::kFail) > 0) ||
         (state.fail_on == "should" && CountOf(state, Outcome::kWarn) > 0);
}

}  // namespace

std::string Counted(std::size_t number, std::string_view word) {
  return std::to_string(number) + " " + std::string(word) + (number == 1 ? "" : "s");
}

Conclusion ConclusionOf(const RunState& state) {
  if (state.interrupted) {
    return {kInterrupted, "interrupted: " + std::to_string(JudgedOf(state)) + " of " +
                              Counted(SelectedOf(state), "case") + " judged"};
  }
  if (!state.stopped.empty()) {
    return {kNothingJudged, state.stopped + "; " + std::to_string(JudgedOf(state)) + " of " +
                                Counted(SelectedOf(state), "case") + " were judged"};
  }
  if (HasFailed(state)) return {kFailures, state.incomplete};
  if (state.attention > 0) {
    return {kWaivers, Counted(state.attention, "waiver") +
                          (state.attention == 1 ? " needs attention" : " need attention") +
                          (state.incomplete.empty() ? "" : "; " + state.incomplete)};
  }
  if (!state.incomplete.empty()) return {kIncomplete, state.incomplete};
  if (SelectedOf(state) == 0) return {kIncomplete, "no case was selected"};
  if (state.missed > 0) {
    return {kIncomplete, Counted(state.missed, "applicable MUST case") + " could not be judged"};
  }
  if (JudgedOf(state) == 0) return {kIncomplete, "no selected case applies to this target"};
  return {kNoFailure, ""};
}

}  // namespace grantspec
