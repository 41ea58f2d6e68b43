// A statement of what a run found: digests by which others can check that a report is of this
// program, these cases and this target. Whoever wants it signed signs the file.

#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "conformance/engine/record/record.h"

namespace grantspec {

/// What the digests of a statement are made of, besides the run.
struct StatementSources {
  std::string data_folder;              // with the cases and clauses of the suite
  std::vector<std::string> case_paths;  // cases of one's own: files or directories
};

/// The statement (`grantspec-statement/1`): JSON in canonical form (RFC 8785), with SHA-256 digests
/// of the program, the case set, the profile, the target and the verdicts, and of itself. Throws
/// FileError where a source cannot be read.
std::string StatementOf(const RunRecord& record, const StatementSources& sources);

/// Compares a statement with itself, with this program and its cases, and with the JSON report at
/// `report_path`, unless that is empty. Prints a line for each; returns 0 where all agree, else 1.
/// Throws FileError for a file that is no statement or no report.
int VerifyStatement(std::ostream& out, const std::string& path, const std::string& report_path,
                    const StatementSources& sources);

}  // namespace grantspec
