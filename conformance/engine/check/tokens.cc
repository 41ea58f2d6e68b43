// Checks of a success and of the access token in it (RFC 6749 section 5.1, RFC 6750, RFC 9068).

#include <algorithm>
#include <cstdint>

#include "conformance/engine/check/finding.h"
#include "fixtures/grammar/ascii.h"
#include "fixtures/grammar/b64token.h"
#include "fixtures/grammar/form.h"
#include "fixtures/grammar/json_text.h"
#include "fixtures/grammar/percent.h"
#include "fixtures/grammar/scope.h"

namespace grantspec::checks {
namespace {

Finding StringMember(const CheckedResponse& a, std::string_view name) {
  if (!a.from_token_endpoint || a.response.status != 200) return DoesNotApply();
  const auto& object = a.inspection.object;
  if (!object) return Violated("the body is not a JSON object");
  const JsonMember* member = object->Find(name);
  if (member == nullptr) return Violated("no member " + Quoted(name));
  if (member->kind != JsonKind::kString) return Violated(std::string(name) + " is not a string");
  if (member->text.empty()) return Violated(std::string(name) + " is empty");
  return Satisfied();
}

Finding AccessToken(const CheckedResponse& a) {
  return StringMember(a, "access_token");
}
Finding TokenType(const CheckedResponse& a) {
  return StringMember(a, "token_type");
}

Finding TokenTypeBearer(const CheckedResponse& a) {
  if (!IsTokenResponse(a)) return DoesNotApply();
  const auto& object = a.inspection.object;
  if (!object) return DoesNotApply();  // strict_json finds it
  const JsonMember* type = MemberOf(object, "token_type");
  if (type == nullptr) return Violated("no member token_type");
  if (EqualsFolded(type->text, "bearer")) return Satisfied();
  return Violated("token_type is " + Quoted(type->text));
}

Finding ExpiresInPresent(const CheckedResponse& a) {
  if (!IsTokenResponse(a)) return DoesNotApply();
  return MemberOf(a.inspection.object, "expires_in") != nullptr ? Satisfied()
                                                                : Violated("no member expires_in");
}

Finding ExpiresInRange(const CheckedResponse& a) {
  if (!IsTokenResponse(a)) return DoesNotApply();
  const auto& object = a.inspection.object;
  const JsonMember* member = MemberOf(object, "expires_in");
  if (member == nullptr) return DoesNotApply();
  const auto seconds = IntegerOf(member);
  if (seconds && *seconds >= 1 && *seconds <= 86'400) return Satisfied();
  return Violated("expires_in is " + Quoted(member->text));
}

Finding ExpiresInPositive(const CheckedResponse& a) {
  if (!IsTokenResponse(a)) return DoesNotApply();
  const JsonMember* member = MemberOf(a.inspection.object, "expires_in");
  const auto seconds = IntegerOf(member);
  if (!seconds) return DoesNotApply();
  return *seconds > 0 ? Satisfied() : Violated("expires_in is " + member->text);
}

Finding LifetimeHour(const CheckedResponse& a) {
  if (!IsTokenResponse(a)) return DoesNotApply();
  const auto& object = a.inspection.object;
  const auto seconds = IntegerOf(MemberOf(object, "expires_in"));
  if (!seconds) return DoesNotApply();
  return *seconds <= 3600 ? Satisfied() : Violated("expires_in is " + std::to_string(*seconds));
}

// RFC 6750 section 5.2 limits the lifetime without a figure; a year limits nothing.
Finding LifetimeLimited(const CheckedResponse& a) {
  if (!IsTokenResponse(a)) return DoesNotApply();
  const JsonMember* member = MemberOf(a.inspection.object, "expires_in");
  if (member == nullptr || member->kind != JsonKind::kInteger) return DoesNotApply();
  constexpr std::int64_t kYear = 366 * 86'400;
  const auto seconds = IntegerOf(member);
  return seconds && *seconds <= kYear ? Satisfied() : Violated("expires_in is " + member->text);
}

Finding ExpiresInNumber(const CheckedResponse& a) {
  if (!IsTokenResponse(a)) return DoesNotApply();
  const auto& object = a.inspection.object;
  const JsonMember* member = MemberOf(object, "expires_in");
  if (member == nullptr) return DoesNotApply();
  if (member->kind == JsonKind::kInteger || member->kind == JsonKind::kNumber) return Satisfied();
  return Violated("expires_in is not a JSON number: " + Quoted(member->text));
}

Finding ExpiresInDigits(const CheckedResponse& a) {
  if (!IsTokenResponse(a)) return DoesNotApply();
  const auto& object = a.inspection.object;
  const JsonMember* member = MemberOf(object, "expires_in");
  if (member == nullptr) return DoesNotApply();
  const bool digits =
      !member->text.empty() && std::all_of(member->text.begin(), member->text.end(), IsDigit);
  return digits ? Satisfied() : Violated("expires_in is written " + Quoted(member->text));
}

Finding ScopePresent(const CheckedResponse& a) {
  if (!IsTokenResponse(a)) return DoesNotApply();
  const auto& object = a.inspection.object;
  const JsonMember* scope = MemberOf(object, "scope");
  if (scope == nullptr) return Violated("no member scope");
  return scope->kind == JsonKind::kString ? Satisfied() : Violated("scope is not a string");
}

// RFC 6749 section 5.1: scope may be left out only where it is the one that was requested. Whether
// it is depends on the grant; here, a scope that is present has to be well formed.
Finding ScopeGrammar(const CheckedResponse& a) {
  if (!IsTokenResponse(a)) return DoesNotApply();
  const auto& object = a.inspection.object;
  const JsonMember* scope = MemberOf(object, "scope");
  if (scope == nullptr || scope->kind != JsonKind::kString) return DoesNotApply();
  return Scope::Parse(scope->text) ? Satisfied() : Violated("scope is " + Quoted(scope->text));
}

Finding ScopeIsString(const CheckedResponse& a) {
  if (!IsTokenResponse(a)) return DoesNotApply();
  const auto& object = a.inspection.object;
  const JsonMember* scope = MemberOf(object, "scope");
  if (scope == nullptr) return DoesNotApply();
  return scope->kind == JsonKind::kString ? Satisfied() : Violated("scope is not a JSON string");
}

Finding GrantedWithinRegistered(const CheckedResponse& a) {
  if (!IsTokenResponse(a) || a.registered == nullptr) return DoesNotApply();
  if (a.profile != nullptr && a.profile->Get("scope.registry") == "none") return DoesNotApply();
  const auto& object = a.inspection.object;
  const JsonMember* scope = MemberOf(object, "scope");
  if (scope != nullptr && scope->kind != JsonKind::kString) return DoesNotApply();
  // RFC 6749 section 5.1: left out, the scope is the one that was requested.
  if (scope == nullptr && !a.requested_scope) return DoesNotApply();
  const std::string text = scope != nullptr ? scope->text : *a.requested_scope;
  const std::string how = scope != nullptr ? "granted " : "reported no scope, which grants ";
  const auto granted = Scope::Parse(text);
  if (!granted) {
    const bool blank = text.find_first_not_of(' ') == std::string::npos;
    return scope == nullptr && !blank ? Violated(how + Quoted(text) + " as requested")
                                      : DoesNotApply();
  }
  // Without a contract the profile's list may not be the whole registration: then only what was
  // asked for, or is said not to be granted, counts.
  const bool whole = a.profile == nullptr || a.profile->Get("contract") == "pyng";
  if (a.registered->empty() && !whole) return DoesNotApply();
  const auto asked = Scope::Parse(a.requested_scope.value_or(""));
  for (const std::string& token : granted->tokens()) {
    const bool counts = whole || (asked && asked->Contains(token)) ||
                        a.profile->ungranted_scope == token || scope == nullptr;
    if (counts &&
        std::find(a.registered->begin(), a.registered->end(), token) == a.registered->end()) {
      return Violated(how + Quoted(token) + ", which the client is not registered for");
    }
  }
  return Satisfied();
}

Finding NoRefreshToken(const CheckedResponse& a) {
  if (!IsTokenResponse(a)) return DoesNotApply();
  return MemberOf(a.inspection.object, "refresh_token") == nullptr
             ? Satisfied()
             : Violated("refresh_token is present");
}

Finding NoErrorMember(const CheckedResponse& a) {
  if (!IsTokenResponse(a)) return DoesNotApply();
  return MemberOf(a.inspection.object, "error") == nullptr ? Satisfied()
                                                           : Violated("error is present");
}

Finding StringsAreStrings(const CheckedResponse& a) {
  if (!IsTokenResponse(a)) return DoesNotApply();
  const auto& object = a.inspection.object;
  for (std::string_view name : {"access_token", "token_type", "scope"}) {
    const JsonMember* member = MemberOf(object, name);
    if (member != nullptr && member->kind != JsonKind::kString) {
      return Violated(std::string(name) + " is not a JSON string");
    }
  }
  return Satisfied();
}

// Another kind of access_token is a finding of its own.
bool HasTokenText(const CheckedResponse& a) {
  const JsonMember* token = MemberOf(a.inspection.object, "access_token");
  return IsTokenResponse(a) && token != nullptr && token->kind == JsonKind::kString;
}

Finding TokenB64(const CheckedResponse& a) {
  if (!HasTokenText(a)) return DoesNotApply();
  const auto& object = a.inspection.object;
  const JsonMember* type = MemberOf(object, "token_type");
  if (type != nullptr && !EqualsFolded(type->text, "bearer") && !EqualsFolded(type->text, "dpop")) {
    return DoesNotApply();
  }
  return IsB64Token(TokenOf(a)) ? Satisfied()
                                : Violated("the token has characters outside b64token");
}

Finding TokenVschar(const CheckedResponse& a) {
  if (!HasTokenText(a)) return DoesNotApply();
  const std::string token = TokenOf(a);
  return !token.empty() && std::all_of(token.begin(), token.end(), IsVschar)
             ? Satisfied()
             : Violated("the token has characters outside %x20-7E");
}

Finding TokenLength(const CheckedResponse& a) {
  if (!HasTokenText(a)) return DoesNotApply();
  const std::string token = TokenOf(a);
  if (ReadJwt(token)) return DoesNotApply();
  const bool hex = !token.empty() &&
                   std::all_of(token.begin(), token.end(), [](char c) { return HexValue(c) >= 0; });
  const std::size_t wanted = hex ? 32 : 22;
  return token.size() >= wanted
             ? Satisfied()
             : Violated("the token has " + std::to_string(token.size()) + " characters");
}

// The token of a token response, where it is a JWT.
auto JwtIn(const CheckedResponse& a) {
  return IsTokenResponse(a) ? ReadJwt(TokenOf(a)) : std::nullopt;
}

// Its claims, where they are a JSON object.
std::optional<JsonObject> ClaimsOf(const CheckedResponse& a) {
  const auto jwt = JwtIn(a);
  if (!jwt) return std::nullopt;
  const auto claims = ParseJsonObjectLoosely(jwt->claims);
  return claims ? std::optional(*claims) : std::nullopt;
}

Finding JwtTimes(const CheckedResponse& a) {
  const auto jwt = JwtIn(a);
  if (!jwt) return DoesNotApply();
  const auto claims = ParseJsonObjectLoosely(jwt->claims);
  if (!claims) return Violated("the claims are not a JSON object");
  const auto issued = IntegerOf(claims->Find("iat")), expires = IntegerOf(claims->Find("exp"));
  const auto& object = a.inspection.object;
  const auto lifetime = IntegerOf(MemberOf(object, "expires_in"));
  if (!expires || !lifetime) return DoesNotApply();
  // From its issue, or, where a server hands a token out again, from now.
  std::int64_t difference = *expires - Now() - *lifetime;
  if (difference >= -5 && difference <= 5) return Satisfied();
  if (issued) difference = *expires - *issued - *lifetime;
  if (difference >= -5 && difference <= 5) return Satisfied();
  return Violated("exp and expires_in are " + std::to_string(difference) + " s apart");
}

// RFC 7519 section 2: seconds, as JSON numbers. The clock of the target may be wrong; it is one.
Finding JwtDates(const CheckedResponse& a) {
  const auto claims = ClaimsOf(a);
  if (!claims) return DoesNotApply();
  const auto expires = IntegerOf(claims->Find("exp"));
  bool found = false;
  for (std::string_view name : {"iat", "nbf", "exp"}) {
    const JsonMember* date = claims->Find(name);
    if (date == nullptr) continue;
    found = true;
    if (date->kind != JsonKind::kInteger && date->kind != JsonKind::kNumber) {
      return Violated(std::string(name) + " is not a JSON number");
    }
    const auto seconds = IntegerOf(date);
    if (seconds && expires && *seconds > *expires) {
      return Violated(std::string(name) + " is later than exp");
    }
  }
  return found ? Satisfied() : DoesNotApply();
}

// The scope tokens of a claim: a text, or an array of texts.
std::optional<Scope> ScopeIn(const JsonMember* claim) {
  if (claim == nullptr) return std::nullopt;
  std::string list = claim->kind == JsonKind::kString ? claim->text : "";
  if (claim->kind == JsonKind::kArray) {
    for (const std::string& item : claim->items) list += (list.empty() ? "" : " ") + item;
  }
  const auto scope = Scope::Parse(list);
  return scope ? std::optional(*scope) : std::nullopt;
}

// RFC 6749 section 5.1: what the response does not report is what was requested, and no more.
Finding JwtScope(const CheckedResponse& a) {
  const auto claims = ClaimsOf(a);
  const auto carried = claims ? ScopeIn(claims->Find("scope")) : std::nullopt;
  const JsonMember* reported = MemberOf(a.inspection.object, "scope");
  if (!carried || (reported == nullptr && !a.requested_scope)) return DoesNotApply();
  const auto granted =
      Scope::Parse(reported != nullptr ? std::string_view(reported->text) : *a.requested_scope);
  if (!granted) return DoesNotApply();
  for (const std::string& token : carried->tokens()) {
    if (granted->Contains(token)) continue;
    return Violated("the JWT carries " + Quoted(token) + ", which was " +
                    (reported != nullptr ? "not reported" : "neither requested nor reported"));
  }
  return Satisfied();
}

Finding JwtAlg(const CheckedResponse& a) {
  const auto jwt = JwtIn(a);
  if (!jwt) return DoesNotApply();
  const auto header = ParseJsonObjectLoosely(jwt->header);
  const JsonMember* alg = header ? header->Find("alg") : nullptr;
  if (alg == nullptr) return Violated("the header has no alg");
  return EqualsFolded(alg->text, "none") ? Violated("alg is none") : Satisfied();
}

Finding JwtNoSecret(const CheckedResponse& a) {
  const auto jwt = JwtIn(a);
  if (!jwt || a.secrets == nullptr) return DoesNotApply();
  return Spells(jwt->claims, *a.secrets) ? Violated("a claim has a secret") : Satisfied();
}

Finding JwtAudience(const CheckedResponse& a) {
  const auto jwt = JwtIn(a);
  if (!jwt) return DoesNotApply();
  const auto claims = ParseJsonObjectLoosely(jwt->claims);
  if (!claims) return Violated("the claims are not a JSON object");
  if (claims->Find("aud") == nullptr) return Violated("no aud");
  const auto& object = a.inspection.object;
  const JsonMember* reported = MemberOf(object, "scope");
  const JsonMember* claimed = claims->Find("scope");
  if (reported == nullptr || claimed == nullptr || claimed->kind != JsonKind::kString)
    return Satisfied();
  const auto left = Scope::Parse(reported->text), right = Scope::Parse(claimed->text);
  return left && right && *left == *right
             ? Satisfied()
             : Violated("the scope claim differs from the reported scope");
}

Finding JwtAudienceAsked(const CheckedResponse& a) {
  const auto jwt = JwtIn(a);
  const Form form = ParseFormBody(a.exchange.sent);
  const std::vector<std::string_view> asked = form.All("resource");
  if (!jwt || asked.empty()) return DoesNotApply();
  const auto claims = ParseJsonObjectLoosely(jwt->claims);
  if (!claims) return Violated("the claims are not a JSON object");
  const JsonMember* audience = claims->Find("aud");
  if (audience == nullptr) return Violated("no aud");
  std::vector<std::string> named = audience->items;
  if (audience->kind == JsonKind::kString) named.push_back(audience->text);
  for (const std::string& one : named) {
    if (std::find(asked.begin(), asked.end(), one) == asked.end()) {
      return Violated("aud has " + Quoted(one) + ", which was not asked for");
    }
  }
  return named.empty() ? Violated("aud names nothing") : Satisfied();
}

constexpr Check kTokenChecks[] = {
    {"access_token_string", "access_token is a string that is not empty", AccessToken},
    {"token_type_string", "token_type is a string", TokenType},
    {"token_type_bearer", "token_type is bearer, in any case", TokenTypeBearer},
    {"expires_in_present", "expires_in is present", ExpiresInPresent},
    {"expires_in_range", "expires_in is from 1 to 86400", ExpiresInRange},
    {"expires_in_positive", "expires_in above 0", ExpiresInPositive},
    {"expires_in_number", "expires_in is a JSON number", ExpiresInNumber},
    {"expires_in_digits", "expires_in is written in digits", ExpiresInDigits},
    {"lifetime_hour", "expires_in is at most 3600", LifetimeHour},
    {"lifetime_limited", "expires_in is at most a year", LifetimeLimited},
    {"scope_present", "scope is present", ScopePresent},
    {"scope_grammar", "scope fits the grammar of RFC 6749 section 3.3", ScopeGrammar},
    {"scope_is_string", "scope is a JSON string", ScopeIsString},
    {"granted_within_registered", "the granted scope is one that the client is registered for",
     GrantedWithinRegistered},
    {"no_refresh_token", "no refresh_token", NoRefreshToken},
    {"no_error_member", "no error next to a token", NoErrorMember},
    {"strings_are_strings", "access_token, token_type and scope are JSON strings",
     StringsAreStrings},
    {"token_b64", "the token is a b64token (RFC 6750 section 2.1)", TokenB64},
    {"token_vschar", "the token is printable ASCII", TokenVschar},
    {"token_length", "an opaque token of at least 128 bits", TokenLength},
    {"jwt_times", "exp of a JWT agrees with expires_in", JwtTimes},
    {"jwt_dates", "iat, nbf and exp of a JWT are seconds, exp the latest", JwtDates},
    {"jwt_scope", "a JWT carries no scope beyond the granted one", JwtScope},
    {"jwt_alg", "alg of a JWT is not none", JwtAlg},
    {"jwt_no_secret", "no secret inside a JWT", JwtNoSecret},
    {"jwt_audience_asked", "aud of a JWT is the resource that was asked for", JwtAudienceAsked},
    {"jwt_audience", "a JWT has aud, and its scope is the reported one", JwtAudience},
};

}  // namespace

std::span<const Check> TokenChecks() {
  return kTokenChecks;
}

}  // namespace grantspec::checks
