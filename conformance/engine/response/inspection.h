// What a response says, read once for everything that asks.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fixtures/grammar/challenge.h"
#include "fixtures/grammar/json_text.h"
#include "fixtures/grammar/media_type.h"
#include "fixtures/http/exchange.h"

namespace grantspec {

struct ResponseClass;

/// What was received for one request, read: a value that does not refer to the exchange.
struct Inspection {
  bool has_response = false;
  int status = 0;
  std::optional<TransportError> failure;

  std::shared_ptr<const JsonObject> object;  // read loosely, as ObjectOf does; or null
  std::string error;                         // the object's member `error`, where it is a string
  bool contains_token = false;
  bool names_firewall = false;       // the page of a firewall, in its own words
  std::optional<std::string> scope;  // as reported; no value: not reported

  std::optional<MediaType> media_type;
  std::string challenge_text;                        // all of WWW-Authenticate, joined
  std::optional<std::vector<Challenge>> challenges;  // no value: malformed

  /// The most distinctive class of the response, or null where a status alone is known of it, or a
  /// failure.
  const ResponseClass* response_class = nullptr;
  std::string name;  // of the class, else the status, else the failure: "invalid_scope", "403" ...
};

/// Reads what was received for a request.
///
///     InspectionOf(exchange).name  // "token"
Inspection InspectionOf(const Exchange& exchange);

}  // namespace grantspec
