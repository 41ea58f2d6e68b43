// What the tests of responses and checks share: canned exchanges.

#pragma once

#include <string>
#include <utility>

#include "fixtures/http/exchange.h"

namespace grantspec {

/// An exchange with one response.
inline Exchange Responded(int status, std::string content, Fields fields = {}) {
  Exchange exchange;
  exchange.sent = "POST / HTTP/1.1\r\n\r\ngrant_type=client_credentials&scope=a";
  exchange.responses.push_back(
      {.status = status, .fields = std::move(fields), .content = std::move(content)});
  return exchange;
}

/// An exchange without a response.
inline Exchange Failed(TransportError error) {
  Exchange exchange;
  exchange.failure = TransportFailure{error, "why"};
  return exchange;
}

/// The body of a success.
inline const std::string kToken =
    R"({"access_token":"tokentokentokentokentoken","token_type":"Bearer",)"
    R"("expires_in":9,"scope":"a"})";

}  // namespace grantspec
