// The message for a control request that got no token: what happened, then what to do.

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "fixtures/http/exchange.h"

namespace grantspec {

/// What the message may need to know of the control request.
struct ControlContext {
  std::string client_id;
  std::string credentials_from;  // "the environment variable U"; empty: not known
  bool has_scope = false;        // the request has the parameter scope
  bool by_basic = false;         // the client logs in by Basic

  /// Takes secrets and tokens out of a text of the target.
  std::function<std::string(std::string_view)> clean;
};

/// The message for a control request that got no token.
///
///     no token: 302 redirect to https://example.com/login. Is this the token endpoint?
std::string ControlMessage(const Exchange& exchange, const ControlContext& context);

/// The parameter that the error_description of an invalid_request says is missing, or nothing where
/// it names none or several.
///
///     MissingParameterIn("missing required parameter: audience")  // "audience"
///     MissingParameterIn("'resource' is mandatory")               // "resource"
///     MissingParameterIn("The request is malformed")              // nothing
std::optional<std::string> MissingParameterIn(std::string_view description);

}  // namespace grantspec
