#include "conformance/engine/record/record.h"

#include <utility>

#include "conformance/engine/case/case_set.h"

namespace grantspec {

std::string NotShown(std::string_view why) {
  return std::string(kNotShown) + "cannot be shown: " + std::string(why) + ")";
}

std::map<Outcome, std::size_t> RunRecord::Count() const {
  std::map<Outcome, std::size_t> count;
  for (const RecordedCase& one : cases) ++count[one.verdict.outcome];
  return count;
}

const SmallestRequest* RunRecord::SmallestOf(const Cause& cause) const {
  const auto found = smallest.find(cause.id);
  return found == smallest.end() ? nullptr : &found->second;
}

void HoldBackNewCases(RunRecord& record) {
  const auto set = CaseSetOf(record.case_set);
  if (!set) return;
  for (RecordedCase& one : record.cases) {
    Outcome& outcome = one.verdict.outcome;
    const bool counts =
        outcome == Outcome::kFail || outcome == Outcome::kWarn || outcome == Outcome::kInconclusive;
    if (!counts || one.held_back || *CaseSetOf(one.spec->since) <= *set) continue;
    one.verdict.why = std::string(ToString(outcome)) + ", not scored: the case is new in " +
                      one.spec->since + ", and the case set is " + record.case_set +
                      (one.verdict.why.empty() ? "" : "; " + one.verdict.why);
    one.held_back = std::exchange(outcome, Outcome::kInfo);
  }
}

}  // namespace grantspec
