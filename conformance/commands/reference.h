// The second target of --reference.

#pragma once

#include <ostream>
#include <vector>

#include "conformance/engine/case/case.h"
#include "conformance/engine/options/options.h"
#include "conformance/engine/record/record.h"
#include "conformance/engine/report/console.h"

namespace grantspec {

/// Checks that the reference serves before anything is sent to the target: one GET without
/// credentials must get any HTTP response. Throws UsageError where it gets none. Sends nothing
/// without --reference.
void CheckReferenceIsThere(const Options& options);

/// Runs the same cases at the reference and prints where its responses differ, and which causes
/// only one of the two has. False where nothing
/// could be compared. `record` is that of the target.
bool PrintDifferences(std::ostream& out, const std::vector<Case>& cases, Options options,
                      const RunRecord& record, const ConsoleStyle& style);

}  // namespace grantspec
