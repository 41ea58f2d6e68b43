// Versions of the set of cases. A gate that names one is not turned red by a case that came later.

#pragma once

#include <optional>
#include <string_view>
#include <utility>

namespace grantspec {

/// The newest set; every case of the suite belongs to it.
inline constexpr std::string_view kNewestCaseSet = "2026.2";

/// Year and number of a set, which compare as sets do; nothing for text that names none.
///
///     CaseSetOf("2026.10") > CaseSetOf("2026.9")
///     CaseSetOf("2026")  // nothing
std::optional<std::pair<int, int>> CaseSetOf(std::string_view text);

}  // namespace grantspec
