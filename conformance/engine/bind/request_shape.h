// The parameters of a request in the shape that the target reads: a form in the content as RFC 6749
// section 4.4.2 has it, or what endpoints do that deviate from it.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fixtures/grammar/form.h"
#include "fixtures/target/profile.h"

namespace grantspec {

inline constexpr std::string_view kFormType = "application/x-www-form-urlencoded";
inline constexpr std::string_view kJsonType = "application/json";

/// How parameters are sent.
enum class RequestShape { kForm, kJson, kQuery };

/// The shape that the profile says.
RequestShape ShapeOf(const Profile& profile);

/// The media type of a shape's content.
std::string_view ContentTypeOf(RequestShape shape);

/// The content: a form, or a JSON object of strings; empty where parameters are in the query.
/// Throws NotApplicable for a parameter that occurs twice where it is a member of JSON.
std::string ContentOf(const Form& form, RequestShape shape);

/// A request target with the parameters in its query.
///
///     WithQuery("/t?a=b", {{{"c", "d"}}})  // "/t?a=b&c=d"
std::string WithQuery(std::string target, const Form& form);

/// The texts by which these parameters, one after another, occur in requests of any shape.
std::vector<std::string> SpelledParameters(const std::vector<FormParameter>& parameters);

/// What the target wants between scope tokens: a space (RFC 6749 section 3.3) or a comma.
std::string_view ScopeSeparator(const Profile& profile);

/// Scope tokens joined as the target wants them.
std::string JoinedScopes(const std::vector<std::string>& scopes, const Profile& profile);

}  // namespace grantspec
