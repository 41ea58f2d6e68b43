// What a curl command line says of a token request that works: people have one at hand.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fixtures/target/auth_method.h"
#include "fixtures/target/profile.h"

namespace grantspec {

/// A token request, as far as a run can send it again.
struct CurlRequest {
  std::string url;  // without the parameters of the grant
  AuthMethod auth = AuthMethod::kClientSecretBasic;
  std::string id, secret;
  std::vector<std::string> scopes;
  std::string scope_separator = "space", body = "form", parameters_in = "body";
  std::string grant_type = "client_credentials";
  std::vector<ExtraParameter> parameters;
  std::vector<std::string> headers;  // "Name: value"
  std::string cert, key, cacert, proxy, user_agent;
  bool insecure = false;
};

/// Whether a parameter of that name is taken for a secret: "password", "api_key", "id_token" ...
bool IsNamedLikeSecret(std::string_view name);

/// Reads a command line as a shell does: quotes, backslashes and $VARIABLES; commands inside it are
/// not run. Options that only change what curl prints are passed over.
///
/// Throws UsageError for what is no curl command, for an option that it does not know, by name, for
/// a variable that is not set, and for a request that cannot be sent again, such as one with a
/// client assertion. Nothing of a secret is in a message.
///
///     ReadCurlCommand("curl -u id:$SECRET -d grant_type=client_credentials https://h/token")
CurlRequest ReadCurlCommand(const std::string& text);

}  // namespace grantspec
