// The runs of a target one after another: since when it fails.

#pragma once

#include <string>
#include <vector>

#include "conformance/engine/record/record.h"

namespace grantspec {

/// The runs that a directory has a line for, in `history.jsonl`, oldest first; none where it has no
/// such file. Throws FileError with file and line.
std::vector<PastRun> ReadHistory(const std::string& folder);

/// Makes the directory where there is none. Throws WriteError where the file in it cannot be
/// written.
void PrepareHistory(const std::string& folder);

/// Adds a line for a run. Lines of runs that end at the same time do not mix. Throws WriteError.
void AppendHistory(const std::string& folder, const RunRecord& record);

/// The runs of the record's target, the record's own last; none where no history is kept.
std::vector<PastRun> RunsOfTarget(const RunRecord& record);

/// "red since 2026-11-20, 3 runs" or "green since ...": what the last runs have in common. Runs
/// that were not judged do not count. Empty where no history is kept, or the last run was not
/// judged.
std::string HistorySentence(const RunRecord& record);

/// The failures of the last 30 runs as a row of bars, a dot for a run that was not judged; and the
/// same as an SVG element. Empty for fewer than two runs.
std::string Sparkline(const RunRecord& record);
std::string SparklineSvg(const RunRecord& record);

}  // namespace grantspec
