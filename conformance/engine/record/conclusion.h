// What a run ends with: one function for a run itself and for reports that are merged.

#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "conformance/engine/case/verdict.h"

namespace grantspec {

/// Exit codes, as the README's table has them.
inline constexpr int kNoFailure = 0, kFailures = 1, kUsage = 2, kNothingJudged = 3, kWaivers = 4,
                     kIncomplete = 5, kInternal = 70, kInterrupted = 130;

/// How the reason begins for which a run ended early after a request that ended its target. Its
/// failure is the finding, so that the exit code is that of a failure.
inline constexpr std::string_view kStoppedServing = "the target stopped serving after ";

/// Everything that the exit code of a run depends on.
struct RunState {
  bool interrupted = false;
  std::string stopped;           // why the run ended early; empty: it did not
  std::string fail_on = "must";  // "must", "should" or "never"
  std::map<Outcome, std::size_t> count;
  std::size_t missed = 0;     // MUST cases that are inconclusive
  std::size_t attention = 0;  // waivers that need attention
  std::string incomplete;     // what is missing from merged reports; empty: nothing
};

/// The exit code and the sentence for it, empty where there is nothing to say.
struct Conclusion {
  int exit_code = 0;
  std::string message;
};

/// The exit code of a run: where several apply, the first in the README's table.
Conclusion ConclusionOf(const RunState& state);

/// "3 of 40 cases were judged".
std::string JudgedText(const std::map<Outcome, std::size_t>& count);

/// "1 case", "2 cases": the plural of a word that takes an s.
std::string Counted(std::size_t number, std::string_view word);

}  // namespace grantspec
