// Reports: functions from the record of a run to text.

#pragma once

#include <string>

#include "conformance/record.h"

namespace grantspec {

/// The JSON report, version 1 (`grantspec-report/1`).
std::string JsonReport(const RunRecord& record);

/// JUnit XML: failures of the target are `failure`, what could not be judged is `skipped`.
std::string JunitReport(const RunRecord& record);

/// Writes a file in one go: a temporary beside it, renamed at the end. Throws std::runtime_error
/// with the path and the reason.
void WriteAtomically(const std::string& path, const std::string& text);

}  // namespace grantspec
