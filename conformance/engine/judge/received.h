// What was received for a request, in words and as values that relations compare.

#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "conformance/engine/case/case.h"
#include "conformance/engine/response/inspection.h"
#include "fixtures/http/exchange.h"

namespace grantspec {

/// An exchange and what it says.
struct Received {
  const Exchange& exchange;
  const Inspection& inspection;
};

/// A response in a few words: its class, its status and the start of its body.
///
///     "invalid_scope (status 400, {\"error\":\"invalid_scope\"})"
std::string Described(const Received& received);

/// What a relation compares.
std::string ValueOf(Related what, const Received& received);

/// Whether a property is the same in two responses. A lifetime is as long as it was, or counted
/// down: a token may be handed out until it expires.
bool IsSame(Related what, const Received& a, const Received& b);

/// Whether two responses have the same values of WWW-Authenticate.
bool HaveSameChallenges(const Received& a, const Received& b);

/// The same for people, in quotes: without a response that may contain a token.
std::string ShownValue(Related what, const Received& received);

/// The words of a scope.
std::set<std::string> ScopeWords(std::string_view text);

}  // namespace grantspec
