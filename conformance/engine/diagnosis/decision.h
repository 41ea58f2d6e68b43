// What a case is about: the decision that an endpoint takes on its request.

#pragma once

#include <string_view>

#include "conformance/engine/case/case.h"

namespace grantspec {

/// One decision of a token endpoint. Cases about the same decision fail together where it is wrong.
struct Decision {
  std::string_view id;        // "secret.exact"
  std::string_view subject;   // begins a sentence: "A changed secret"
  std::string_view although;  // ends one: "A token is issued although the secret is changed"
  std::string_view valid = "A valid request";  // begins one about requests that must be accepted
};

/// The decision that a case examines, derived from its category and its first clause. The only
/// place where it is derived. A case of a user about a clause that the table lacks has the decision
/// of its category, and one of an unknown category kOtherDecision.
const Decision& DecisionOf(const Case& spec);

/// What was wrong with a request of a case about responses or connections, from what would pass:
/// "invalid_client" means a wrong secret. The decision of the case itself where it is about
/// requests.
const Decision& DecisionForPassing(const Case& spec, std::string_view passing);

/// The decision of that id, or null.
const Decision* FindDecision(std::string_view id);

/// What is not known to be about a decision.
extern const Decision kOtherDecision;

}  // namespace grantspec
