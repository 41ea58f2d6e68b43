// What case files can say about a client: {{id}}, {{basic}}, {{read_only.secret}} and so on.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "fixtures/target/profile.h"

namespace grantspec {

struct TargetPlace;

/// A client, and the target that it is a client of.
struct NamedClient {
  const Client& client;
  const Profile& profile;
  const TargetPlace& place;
};

/// The value of a name for a client, or nothing where the name is not one of a client. Throws
/// NotApplicable where the client lacks it.
std::optional<std::string> ValueOfClient(std::string_view name, const NamedClient& named);

}  // namespace grantspec
