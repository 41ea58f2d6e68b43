// Reports: functions from the record of a run to text.

#pragma once

#include <stdexcept>
#include <string>

#include "conformance/engine/record/record.h"

namespace grantspec {

/// The JSON report, version 2 (`grantspec-report/2`).
std::string JsonReport(const RunRecord& record);

/// JUnit XML: failures of the target are `failure`, what could not be judged is `skipped`.
std::string JunitReport(const RunRecord& record);

/// SARIF 2.1.0: a rule for each clause, a result for each cause of failures, warnings and waived
/// failures.
std::string SarifReport(const RunRecord& record);

/// Markdown for a step summary or a merge-request comment, 60 KiB at most; nothing of the target is
/// markup in it.
std::string MarkdownReport(const RunRecord& record);

/// One HTML page without outside resources.
std::string HtmlReport(const RunRecord& record);

/// A badge: JSON for the endpoint of shields.io.
std::string BadgeReport(const RunRecord& record);

/// The exchange that shows a cause, as an HTTP Archive (HAR 1.2); no entry where none is recorded.
std::string HarReport(const Cause& cause, const RunRecord& record);

/// Writes FOLDER/ID.har for each cause of failures and warnings. Throws WriteError.
void WriteHars(const std::string& folder, const RunRecord& record);

/// `::error` lines for GitHub Actions: one for each cause of failures, ten at most.
std::string GithubLines(const RunRecord& record);

/// The path of a file of ours from the root of the sources; another one as it is.
std::string SourcePath(const SourceLine& where);

/// A file that cannot be written: the path and the reason. Exit code 2.
class WriteError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Writes a file in one go: a temporary file in the same directory, renamed at the end, with the
/// mode of the file that it replaces. A symbolic link stays; the file that it leads to is replaced.
/// Pipes, devices, `-` (standard output) and `/dev/fd/N` are written in place. Throws
/// WriteError.
void WriteAtomically(const std::string& path, const std::string& text);

/// Throws WriteError where WriteAtomically could not write. Writes nothing.
void CheckWritable(const std::string& path);

/// Whether WriteAtomically replaces the file at the path, instead of writing to a pipe or device.
bool IsReplaced(const std::string& path);

/// Whether the path stands for standard output: `-`, `/dev/stdout` or `/dev/fd/1`.
bool IsStandardOutput(const std::string& path);

}  // namespace grantspec
