// The limits of a profile, where the command line sets none.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "fixtures/target/profile.h"

namespace grantspec {

/// The limit of that name in the profile, or nothing where it is missing or 0.
inline std::optional<std::int64_t> LimitOf(const Profile& profile, const std::string& name) {
  const auto found = profile.limits.find(name);
  if (found == profile.limits.end() || found->second == 0) return std::nullopt;
  return found->second;
}

}  // namespace grantspec
