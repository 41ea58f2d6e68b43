// Which cases of the suite a run selects, and what to say where a name selects none.

#pragma once

#include <set>
#include <string>
#include <vector>

#include "conformance/engine/case/case.h"
#include "conformance/engine/options/options.h"

namespace grantspec {

/// The names in the file of the cases of --quick, in its order. Throws FileError where one is no
/// case.
std::vector<std::string> ReadQuickCases(const std::string& path, const std::vector<Case>& cases);

/// Whether the options select a case. GoogleTest's filter and shards come on top of that.
bool IsSelected(const Case& one, const Options& options);

/// How many cases are left out because of their tier alone.
std::size_t CountOtherTier(const std::vector<Case>& cases, const Options& options);

/// Throws UsageError for a category of the options that is not among the known ones: lists them
/// and suggests the closest.
void CheckCategories(const std::vector<std::string>& categories,
                     const std::set<std::string>& known);

/// The same for the names of cases or laws: `what` is "case" or "law".
[[noreturn]] void ThrowUnknownName(const std::string& what, const std::string& name,
                                   const std::vector<std::string>& known);

/// A sentence for each --requirement that no case has, with the closest one that some case has.
std::vector<std::string> UnknownRequirements(const std::vector<std::string>& requirements,
                                             const std::vector<Case>& cases);

}  // namespace grantspec
