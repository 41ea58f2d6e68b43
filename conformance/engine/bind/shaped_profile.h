// The profile that fits an endpoint of another shape.

#pragma once

#include "conformance/engine/bind/binder.h"
#include "fixtures/endpoint/shape.h"
#include "fixtures/jose/fixture_key.h"
#include "fixtures/target/client_file.h"
#include "fixtures/target/profile.h"

namespace grantspec {

/// Gives every client of a profile the login of a shape, and every request its form.
inline void FitTo(const EndpointShape& shape, Profile& profile) {
  // Each client logs in by the shape's method: the roles of other assertions fall to main and
  // second.
  std::erase_if(profile.clients,
                [](const auto& one) { return one.first.starts_with("assertion"); });
  for (auto& [role, client] : profile.clients) {
    client.auth = *AuthMethodNamed(shape.auth);
    SetSigner(client, "", "");
    if (client.auth == AuthMethod::kPrivateKeyJwt) {
      client.signer = FixtureSigner(client.id, kShapeAlgorithm);
    }
  }
  const SourceLine where{"the shape " + std::string(shape.name)};
  const bool basic = shape.auth == "client_secret_basic";
  SetSwitch(profile, "auth.basic", basic ? "on" : "off", where);
  SetSwitch(profile, "auth.post", shape.auth == "client_secret_post" ? "on" : "off", where);
  SetSwitch(profile, "body", std::string(shape.body), where);
  SetSwitch(profile, "parameters_in", std::string(shape.parameters_in), where);
  SetSwitch(profile, "scope_separator", std::string(shape.scope_separator), where);
  if (!shape.extra_parameter.empty()) {
    profile.parameters.push_back(
        {std::string(shape.extra_parameter), std::string(kExtraParameterValue)});
  }
}

}  // namespace grantspec
