// What a case can need of a target and its profile.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/engine/case/case.h"
#include "fixtures/target/profile.h"
#include "fixtures/target/target_place.h"

namespace grantspec {

/// One thing that a case can need, by its name in case files. `switch=value` and
/// `switch=value|value`, the other form of a need, has no row here.
struct Need {
  std::string_view name;
  std::string_view why_not;  // the reason for not_applicable
  bool (*met)(const Profile& profile, const TargetPlace& place);
};

/// All of them.
const std::vector<Need>& Needs();

/// The need of that name, or null.
const Need* FindNeed(std::string_view name);

/// The need that a text stands for, a name or `switch=value|value`, or nothing where no need and no
/// switch has the name. A switch has to exist; its values are as the text has them.
std::optional<CaseNeed> FindCaseNeed(std::string_view text);

/// The same for a text in code. Throws logic_error where there is no such need.
CaseNeed NeedNamed(std::string_view text);

/// Why a target does not meet a need; nothing: it does.
std::optional<std::string> WhyNotMet(const CaseNeed& need, const Profile& profile,
                                     const TargetPlace& place);

}  // namespace grantspec
