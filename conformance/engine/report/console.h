// What a person sees in a terminal.

#pragma once

#include <ostream>
#include <string>

#include "conformance/engine/record/record.h"

namespace grantspec {

/// How to write: with color or not, and how wide.
struct ConsoleStyle {
  bool color = false;
  bool quiet = false;      // -q: one line
  bool verbose = false;    // -v: the control request and all cases, too
  bool exchanges = false;  // -vv: all exchanges of cases, too
  std::size_t width = 100;
};

/// From NO_COLOR, CLICOLOR_FORCE, TERM, COLUMNS and whether the stream is a terminal.
ConsoleStyle ConsoleStyleFor(int file_descriptor);

/// The line above everything: what is tested, with which profile.
void PrintHead(std::ostream& out, const RunRecord& record, const ConsoleStyle& style);

/// The causes of what fails, most severe first: at most 12 lines each. Then one line each for those
/// that are waived, what warns in numbers, the names of the failed cases, and what to do next.
void PrintCauses(std::ostream& out, const RunRecord& record, const ConsoleStyle& style);

/// All cases by category.
void PrintFindings(std::ostream& out, const RunRecord& record, const ConsoleStyle& style);

/// Counts, what was not run and why, and the verdict in one line.
void PrintSummary(std::ostream& out, const RunRecord& record, const ConsoleStyle& style);

/// The verdict on the run alone.
void PrintVerdictLine(std::ostream& out, const RunRecord& record, const ConsoleStyle& style);

/// What a case sends and expects, with its clauses.
void PrintCase(std::ostream& out, const Case& spec, const Clauses& clauses,
               const ConsoleStyle& style);

}  // namespace grantspec
