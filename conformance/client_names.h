// What case files can say about a client: {{id}}, {{basic}}, {{read_only.secret}} and so on.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "fixtures/target/profile.h"

namespace grantspec {

struct TargetPlace;

/// The value of a name for a client, or nothing where the name is not one of a client. Throws
/// NotApplicable where the client lacks it.
std::optional<std::string> ValueOfClient(std::string_view name, const Client& client,
                                         const Profile& profile, const TargetPlace& place);

/// The value of Authorization for a client (RFC 7617 section 2).
std::string BasicCredentialsOf(const Client& client, const Profile& profile);

}  // namespace grantspec
