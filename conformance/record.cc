#include "conformance/record.h"

namespace grantspec {

std::map<Outcome, std::size_t> RunRecord::Count() const {
  std::map<Outcome, std::size_t> count;
  for (const RecordedCase& one : cases) ++count[one.verdict.outcome];
  return count;
}

}  // namespace grantspec
