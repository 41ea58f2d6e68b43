// Cases that were renamed, or joined in one, since somebody may have waived them by their old
// names.

#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "conformance/engine/case/case.h"
#include "conformance/engine/record/waiver.h"

namespace grantspec {

/// New names of cases by their old ones.
using RenamedCases = std::map<std::string, std::string, std::less<>>;

/// Reads `{"cases": {"new.name": ["old.name", ...]}}`. Throws FileError for a new name that no case
/// has, and for an old one that a case has or that is listed twice.
RenamedCases ReadRenamedCases(const std::string& path, const std::vector<Case>& cases);

/// The waivers with the new names of their cases. Of waivers that name the same case then, and the
/// same response, the first stays.
///
///     WithNewNames({{"a.old", ...}, {"a.older", ...}}, {{"a.old", "a.new"}, {"a.older", "a.new"}})
///     // one waiver of a.new
std::vector<Waiver> WithNewNames(std::vector<Waiver> waivers, const RenamedCases& renamed);

}  // namespace grantspec
