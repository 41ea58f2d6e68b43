// Checks of WWW-Authenticate (RFC 9110 section 11.6.1, RFC 6750 section 3, RFC 7617).

#include "conformance/engine/check/finding.h"
#include "fixtures/grammar/ascii.h"
#include "fixtures/grammar/challenge.h"

namespace grantspec::checks {
namespace {

Finding ChallengePresent(const CheckedResponse& a) {
  if (a.response.status != 401) return DoesNotApply();
  return a.response.fields.Has("WWW-Authenticate") ? Satisfied()
                                                   : Violated("no WWW-Authenticate header");
}

// The first Basic challenge, or null.
const Challenge* BasicOf(const std::vector<Challenge>& challenges) {
  for (const Challenge& challenge : challenges) {
    if (EqualsFolded(challenge.scheme, "Basic")) return &challenge;
  }
  return nullptr;
}

Finding ChallengeBasic(const CheckedResponse& a) {
  if (a.response.status != 401 || !a.from_token_endpoint || !TriedBasic(a.exchange)) {
    return DoesNotApply();
  }
  if (!a.response.fields.Has("WWW-Authenticate")) return Violated("no WWW-Authenticate header");
  const auto& challenges = a.inspection.challenges;
  if (!challenges) return DoesNotApply();
  return BasicOf(*challenges) != nullptr
             ? Satisfied()
             : Violated("the challenge is " + Quoted(a.inspection.challenge_text));
}

Finding ChallengeRealm(const CheckedResponse& a) {
  if (a.response.status != 401 || !a.from_token_endpoint) return DoesNotApply();
  const auto& challenges = a.inspection.challenges;
  if (!challenges) return DoesNotApply();
  const Challenge* basic = BasicOf(*challenges);
  if (basic == nullptr) return DoesNotApply();
  const auto* realm = basic->Find("realm");
  if (realm == nullptr) return Violated("the Basic challenge has no realm");
  if (basic->Count("realm") > 1) return Violated("duplicate realm");
  return realm->quoted ? Satisfied() : Violated("realm is not a quoted string");
}

Finding ChallengeCharset(const CheckedResponse& a) {
  if (a.response.status != 401 || !a.from_token_endpoint) return DoesNotApply();
  const auto& challenges = a.inspection.challenges;
  if (!challenges) return DoesNotApply();
  const Challenge* basic = BasicOf(*challenges);
  const auto* charset = basic != nullptr ? basic->Find("charset") : nullptr;
  if (charset == nullptr || EqualsFolded(charset->value, "UTF-8")) return Satisfied();
  return Violated("charset is " + Quoted(charset->value));
}

Finding ChallengeGrammar(const CheckedResponse& a) {
  if (!a.response.fields.Has("WWW-Authenticate")) return DoesNotApply();
  const auto& challenges = a.inspection.challenges;
  if (!challenges) return Violated("WWW-Authenticate is " + Quoted(a.inspection.challenge_text));
  for (const Challenge& challenge : *challenges) {
    for (const auto& parameter : challenge.parameters) {
      if (challenge.Count(parameter.name) > 1) {
        return Violated("duplicate parameter " + parameter.name);
      }
    }
  }
  return Satisfied();
}

// RFC 6750 section 3: a Bearer challenge with at least one parameter, each within its set.
Finding ChallengeBearer(const CheckedResponse& a) {
  if (a.response.status != 401 && a.response.status != 403) return DoesNotApply();
  if (a.from_token_endpoint || !a.response.fields.Has("WWW-Authenticate")) return DoesNotApply();
  const auto& challenges = a.inspection.challenges;
  if (!challenges) return Violated("malformed WWW-Authenticate");
  for (const Challenge& challenge : *challenges) {
    if (!EqualsFolded(challenge.scheme, "Bearer")) continue;
    if (challenge.parameters.empty()) return Violated("the Bearer challenge has no parameter");
    for (const auto& parameter : challenge.parameters) {
      if (challenge.Count(parameter.name) > 1)
        return Violated("duplicate parameter " + parameter.name);
      if (parameter.name.starts_with("error") && !IsErrorText(parameter.value)) {
        return Violated(parameter.name + " has characters that RFC 6750 does not allow");
      }
    }
    return Satisfied();
  }
  return Violated("no Bearer challenge");
}

Finding BearerChallengeWithoutError(const CheckedResponse& a) {
  if (a.response.status != 401) return DoesNotApply();
  const auto& challenges = a.inspection.challenges;
  if (!challenges) return DoesNotApply();
  for (const Challenge& challenge : *challenges) {
    if (EqualsFolded(challenge.scheme, "Bearer") && challenge.Find("error") != nullptr) {
      return Violated("the challenge has an error although the request had no credentials");
    }
  }
  return Satisfied();
}

constexpr Check kChallengeChecks[] = {
    {"challenge_present", "WWW-Authenticate on a 401", ChallengePresent},
    {"challenge_basic", "a Basic challenge on a 401", ChallengeBasic},
    {"challenge_realm", "realm once and quoted", ChallengeRealm},
    {"challenge_charset", "charset of the challenge absent or UTF-8", ChallengeCharset},
    {"challenge_grammar", "well-formed challenges without duplicate parameters", ChallengeGrammar},
    {"challenge_bearer", "a Bearer challenge with parameters", ChallengeBearer},
    {"bearer_challenge_without_error", "no error in the challenge", BearerChallengeWithoutError},
};

}  // namespace

std::span<const Check> ChallengeChecks() {
  return kChallengeChecks;
}

}  // namespace grantspec::checks
