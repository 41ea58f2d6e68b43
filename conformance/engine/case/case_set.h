// Versions of the set of cases. A gate that names one is not turned red by a case that came later.

#pragma once

#include <optional>
#include <string_view>
#include <utility>

namespace grantspec {

/// The first set and the newest, which has every case of the suite.
inline constexpr std::string_view kFirstCaseSet = "2026.1", kNewestCaseSet = "2026.6";

/// Year and number of a set, which compare as sets do; nothing for text that names none, or that
/// has zeros in front.
///
///     CaseSetOf("2026.10") > CaseSetOf("2026.9")
///     CaseSetOf("2026")  // nothing
std::optional<std::pair<int, int>> CaseSetOf(std::string_view text);

}  // namespace grantspec
