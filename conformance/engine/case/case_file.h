// Reads case files.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "conformance/engine/case/case.h"
#include "conformance/engine/case/clause.h"
#include "conformance/engine/case/probe.h"

namespace grantspec {

/// Reads one case file, or every *.json of a folder in the order of their names. The category of a
/// case is its file's name; the clauses must outlive the cases. Throws FileError at the first
/// mistake: unknown members, unknown names of response classes and checks, code points above
/// U+00FF, unknown clauses, duplicate ids. A rule with `for_each` is read as the cases that it
/// makes of `probes`.
std::vector<Case> ReadCases(const std::string& path, const Clauses& clauses, const Probes& probes);

/// The cases of the suite itself, from `cases` and `probes.json` in its data directory.
std::vector<Case> ReadSuite(const std::string& directory, const Clauses& clauses);

/// The same as ReadCases for text that was read already; `name` is the file's.
std::vector<Case> ParseCases(std::string_view text, const std::string& name, const Clauses& clauses,
                             const Probes& probes = {});

}  // namespace grantspec
