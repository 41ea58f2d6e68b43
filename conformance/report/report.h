// Reports: functions from the record of a run to text.

#pragma once

#include <string>

#include "conformance/record.h"

namespace grantspec {

/// The JSON report, version 1 (`grantspec-report/1`).
std::string JsonReport(const RunRecord& record);

/// JUnit XML: failures of the target are `failure`, what could not be judged is `skipped`.
std::string JunitReport(const RunRecord& record);

/// SARIF 2.1.0: a rule for each clause, a result for each failure, warning and waived failure.
std::string SarifReport(const RunRecord& record);

/// Markdown for a step summary or a merge-request comment, 60 KiB at most; nothing of the target is
/// markup in it.
std::string MarkdownReport(const RunRecord& record);

/// One HTML page without outside resources.
std::string HtmlReport(const RunRecord& record);

/// `::error` lines for GitHub Actions, ten at most.
std::string GithubLines(const RunRecord& record);

/// The path of a file of ours from the root of the sources; another one as it is.
std::string SourcePath(const SourceLine& where);

/// Writes a file in one go: a temporary beside it, renamed at the end. Throws std::runtime_error
/// with the path and the reason.
void WriteAtomically(const std::string& path, const std::string& text);

}  // namespace grantspec
