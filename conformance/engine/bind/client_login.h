// How the clients of a profile log in: a header field, or parameters of the request.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "conformance/engine/bind/assertion.h"
#include "fixtures/grammar/form.h"
#include "fixtures/http/identity.h"
#include "fixtures/target/profile.h"

namespace grantspec {

/// What logs a client in.
struct LoginParts {
  std::string authorization;              // the value of the field, or empty
  std::vector<FormParameter> parameters;  // beside those of the grant
};

/// What logins of one run have in common.
struct LoginContext {
  const Profile& profile;
  std::string_view token_url;
  std::string_view mark;  // begins the jti of the run's right assertions, and of nothing else
  bool masked = false;    // nothing secret is made
  const AssertionDifference* difference = nullptr;  // of an assertion from the right one
};

/// The sole audience of right assertions: the issuer (RFC 7523bis), else the URL of the endpoint
/// (RFC 7523 section 3).
std::string AudienceOf(const LoginContext& context);

/// Identifier and secret as they stand (RFC 7617), and form-encoded (RFC 6749 section 2.3.1).
std::string RawPair(const Client& client);
std::string FormPair(const Client& client);

/// The one of these that the profile says.
std::string PairOf(const Client& client, const Profile& profile);

/// The value of Authorization that logs the client in by Basic (RFC 7617, RFC 6749 section 2.3.1).
std::string BasicCredentialsOf(const Client& client, const Profile& profile);

/// What logs the client in by a method. An assertion (RFC 7523 section 2.2) is new each time: its
/// `jti` has not been used before, and it is valid for `kAssertionSeconds`.
///
/// Throws NotApplicable where the client lacks what the method needs.
LoginParts LoginPartsOf(const Client& client, AuthMethod method, const LoginContext& context);

inline constexpr int kAssertionSeconds = 60;

/// The client as the login guard knows it.
KnownClient KnownClientOf(const std::string& role, const Client& client,
                          const LoginContext& context);

}  // namespace grantspec
