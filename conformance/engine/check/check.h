// Checks of single responses, by name.
//
// A check is used in two ways: a case lists it for its own response, and a standing case runs it on
// every response of the run that it applies to.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/engine/response/inspection.h"
#include "conformance/engine/response/row_list.h"
#include "conformance/engine/secrets/spelling_index.h"
#include "fixtures/http/exchange.h"
#include "fixtures/target/profile.h"

namespace grantspec {

/// A response, and what a check may need besides.
struct CheckedResponse {
  const Inspection& inspection;
  const Response& response;
  const Exchange& exchange;
  bool from_token_endpoint = true;
  std::optional<std::string> requested_scope;  // empty: none; no value: not known
  const std::vector<std::string>* registered;  // the client's scopes, or null where not known
  const SpellingIndex* secrets;                // what no response may contain, or null
  const Profile* profile = nullptr;
  bool from_token_path = false;  // the token endpoint's own target, whatever the method
};

/// What a check found; a violation has a text.
struct Finding {
  enum class Kind { kSatisfied, kDoesNotApply, kViolated };
  Kind kind = Kind::kSatisfied;
  std::string text;
};

struct Check {
  std::string_view name;
  std::string_view says;  // what is expected, for reports
  Finding (*inspect)(const CheckedResponse& checked);
};

/// The check of that name, or null. The checks are in checks/, a file with a table for each
/// subject.
const Check* FindCheck(std::string_view name);

/// Checks of a step, in the order of its case file.
using CheckList = RowList<Check, FindCheck>;

/// The JSON of the header and the claims of a token that is a JWS, or nothing.
struct Jwt {
  std::string header, claims;
};
std::optional<Jwt> ReadJwt(std::string_view token);

}  // namespace grantspec
