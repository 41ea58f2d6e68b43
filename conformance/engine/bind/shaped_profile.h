// The profile that fits an endpoint of another shape.

#pragma once

#include "conformance/engine/bind/binder.h"
#include "fixtures/endpoint/shape.h"
#include "fixtures/target/client_file.h"
#include "fixtures/target/profile.h"

namespace grantspec {

/// Gives every client of a profile the login of a shape, and every request its form.
inline void FitTo(const EndpointShape& shape, Profile& profile) {
  for (auto& [role, client] : profile.clients) {
    client.auth = *AuthMethodNamed(shape.auth);
    SetSigner(client, "", "");
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
