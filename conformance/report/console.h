// What a person sees in a terminal.

#pragma once

#include <ostream>
#include <string>

#include "conformance/record.h"

namespace grantspec {

/// How to write: with colour or not, and how wide.
struct Look {
  bool colour = false;
  bool verbose = false;
  std::size_t width = 100;
};

/// From NO_COLOR, CLICOLOR_FORCE, TERM, COLUMNS and whether the stream is a terminal.
Look LookFor(int file_descriptor);

/// The line above everything: what is tested, with which profile.
void PrintHead(std::ostream& out, const RunRecord& record, const Look& look);

/// Findings by category, and what passed in numbers.
void PrintFindings(std::ostream& out, const RunRecord& record, const Look& look);

/// Counts, what was not run and why, and the verdict in one line.
void PrintSummary(std::ostream& out, const RunRecord& record, const Look& look);

/// What a case sends and expects, with its clauses.
void PrintCase(std::ostream& out, const Case& spec, const Clauses& clauses, const Look& look);

}  // namespace grantspec
