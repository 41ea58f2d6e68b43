// What the tests of cases, checks and the judge share: canned cases and exchanges.

#pragma once

#include <string>
#include <utility>
#include <vector>

#include "conformance/case_file.h"
#include "fixtures/http/exchange.h"

namespace grantspec {

/// Two clauses that cases of tests cite.
inline const Clauses& TestClauses() {
  static const Clauses clauses = {
      {"RFC6749-5.2-12", {"RFC6749-5.2-12", "RFC 6749", "5.2", "MUST", "says", "black-box"}},
      {"RFC6749-3.3-05", {"RFC6749-3.3-05", "RFC 6749", "3.3", "SHOULD", "says", "black-box"}}};
  return clauses;
}

/// A file with one case, "a", that has these members.
inline std::vector<Case> Cases(const std::string& members) {
  return ParseCases(
      "{\"cases\":[\n{\"id\":\"a\",\"title\":\"T\",\"clauses\":[\"RFC6749-5.2-12\"]," + members +
          "}]}",
      "x/scope.json", TestClauses());
}

/// An exchange with one response.
inline Exchange Answered(int status, std::string content, Fields fields = {}) {
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
