#include "conformance/check.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <set>

#include "conformance/answer.h"
#include "conformance/named_token.h"
#include "fixtures/grammar/ascii.h"
#include "fixtures/grammar/b64token.h"
#include "fixtures/grammar/base64.h"
#include "fixtures/grammar/challenge.h"
#include "fixtures/grammar/form.h"
#include "fixtures/grammar/http_date.h"
#include "fixtures/grammar/json_text.h"
#include "fixtures/grammar/media_type.h"
#include "fixtures/grammar/percent.h"
#include "fixtures/grammar/scope.h"
#include "fixtures/grammar/url.h"
#include "fixtures/grammar/utf8.h"

namespace grantspec {
namespace {

using Kind = Finding::Kind;

Finding Holds() {
  return {};
}
Finding NotMine() {
  return {Kind::kDoesNotApply, ""};
}
Finding Violated(std::string text) {
  return {Kind::kViolated, std::move(text)};
}

bool IsToken(const CheckedAnswer& a) {
  return a.from_token_endpoint && a.response.status == 200 && HoldsToken(a.response);
}

bool IsErrorStatus(const CheckedAnswer& a) {
  return a.response.status >= 400;
}

// Content that means to be JSON: labelled so, or starting like an object.
bool LooksJson(const Response& response) {
  const auto type = response.fields.First("Content-Type");
  const auto media = type ? ParseMediaType(*type) : std::nullopt;
  if (media && (media->subtype == "json" || media->subtype.ends_with("+json"))) {
    return !response.content.empty();
  }
  return response.content.starts_with("{") || response.content.starts_with("\xEF\xBB\xBF{");
}

const JsonMember* MemberOf(const std::shared_ptr<const JsonObject>& object, std::string_view name) {
  return object ? object->Find(name) : nullptr;
}

std::string Quoted(std::string_view text) {
  return "\"" + std::string(text.substr(0, 4096)) + "\"";
}

std::optional<std::int64_t> Integer(const JsonMember* member) {
  if (member == nullptr || member->kind != JsonKind::kInteger || member->text.size() > 18) {
    return std::nullopt;
  }
  return std::stoll(member->text);
}

std::int64_t Now() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// ---- success ------------------------------------------------------------------------------------

Finding StringMember(const CheckedAnswer& a, std::string_view name) {
  if (!a.from_token_endpoint || a.response.status != 200) return NotMine();
  const auto object = ObjectOf(a.response);
  if (!object) return Violated("the content is no JSON object");
  const JsonMember* member = object->Find(name);
  if (member == nullptr) return Violated("no member " + Quoted(name));
  if (member->kind != JsonKind::kString) return Violated(std::string(name) + " is no string");
  if (member->text.empty()) return Violated(std::string(name) + " is empty");
  return Holds();
}

Finding AccessToken(const CheckedAnswer& a) {
  return StringMember(a, "access_token");
}
Finding TokenType(const CheckedAnswer& a) {
  return StringMember(a, "token_type");
}

Finding TokenTypeBearer(const CheckedAnswer& a) {
  if (!IsToken(a)) return NotMine();
  const auto object = ObjectOf(a.response);
  const JsonMember* type = MemberOf(object, "token_type");
  if (type == nullptr) return Violated("no member token_type");
  if (EqualsFolded(type->text, "bearer")) return Holds();
  return Violated("token_type is " + Quoted(type->text));
}

Finding ExpiresInPresent(const CheckedAnswer& a) {
  if (!IsToken(a)) return NotMine();
  return MemberOf(ObjectOf(a.response), "expires_in") != nullptr ? Holds()
                                                                 : Violated("no member expires_in");
}

Finding ExpiresInRange(const CheckedAnswer& a) {
  if (!IsToken(a)) return NotMine();
  const auto object = ObjectOf(a.response);
  const JsonMember* member = MemberOf(object, "expires_in");
  if (member == nullptr) return NotMine();
  const auto seconds = Integer(member);
  if (seconds && *seconds >= 1 && *seconds <= 86'400) return Holds();
  return Violated("expires_in is " + Quoted(member->text));
}

Finding LifetimeHour(const CheckedAnswer& a) {
  if (!IsToken(a)) return NotMine();
  const auto object = ObjectOf(a.response);
  const auto seconds = Integer(MemberOf(object, "expires_in"));
  if (!seconds) return NotMine();
  return *seconds <= 3600 ? Holds() : Violated("expires_in is " + std::to_string(*seconds));
}

Finding ExpiresInNumber(const CheckedAnswer& a) {
  if (!IsToken(a)) return NotMine();
  const auto object = ObjectOf(a.response);
  const JsonMember* member = MemberOf(object, "expires_in");
  if (member == nullptr) return NotMine();
  if (member->kind == JsonKind::kInteger || member->kind == JsonKind::kNumber) return Holds();
  return Violated("expires_in is no JSON number: " + Quoted(member->text));
}

Finding ExpiresInDigits(const CheckedAnswer& a) {
  if (!IsToken(a)) return NotMine();
  const auto object = ObjectOf(a.response);
  const JsonMember* member = MemberOf(object, "expires_in");
  if (member == nullptr) return NotMine();
  const bool digits =
      !member->text.empty() && std::all_of(member->text.begin(), member->text.end(), IsDigit);
  return digits ? Holds() : Violated("expires_in is written " + Quoted(member->text));
}

Finding ScopePresent(const CheckedAnswer& a) {
  if (!IsToken(a)) return NotMine();
  const auto object = ObjectOf(a.response);
  const JsonMember* scope = MemberOf(object, "scope");
  if (scope == nullptr) return Violated("no member scope");
  return scope->kind == JsonKind::kString ? Holds() : Violated("scope is no string");
}

// RFC 6749 section 5.1: scope may stay away only where it is what was asked for; that needs the
// grant itself, so here: what is there has to be well formed.
Finding ScopeGrammar(const CheckedAnswer& a) {
  if (!IsToken(a)) return NotMine();
  const auto object = ObjectOf(a.response);
  const JsonMember* scope = MemberOf(object, "scope");
  if (scope == nullptr || scope->kind != JsonKind::kString) return NotMine();
  return Scope::Parse(scope->text) ? Holds() : Violated("scope is " + Quoted(scope->text));
}

Finding ScopeIsString(const CheckedAnswer& a) {
  if (!IsToken(a)) return NotMine();
  const auto object = ObjectOf(a.response);
  const JsonMember* scope = MemberOf(object, "scope");
  if (scope == nullptr) return NotMine();
  return scope->kind == JsonKind::kString ? Holds() : Violated("scope is no JSON string");
}

Finding GrantedWithinRegistered(const CheckedAnswer& a) {
  if (!IsToken(a) || a.registered == nullptr) return NotMine();
  const auto object = ObjectOf(a.response);
  const JsonMember* scope = MemberOf(object, "scope");
  if (scope != nullptr && scope->kind != JsonKind::kString) return NotMine();
  // RFC 6749 section 5.1: left out, the scope is the one that was asked for.
  if (scope == nullptr && !a.requested_scope) return NotMine();
  const std::string text = scope != nullptr ? scope->text : *a.requested_scope;
  const std::string how = scope != nullptr ? "granted " : "told no scope, which grants ";
  const auto granted = Scope::Parse(text);
  if (!granted) {
    const bool blank = text.find_first_not_of(' ') == std::string::npos;
    return scope == nullptr && !blank ? Violated(how + Quoted(text) + " as requested") : NotMine();
  }
  // Without a contract the profile's list may not be the whole registration: then only what was
  // asked for, or is said not to be granted, counts.
  const bool whole = a.profile == nullptr || a.profile->Get("contract") == "pyng";
  if (a.registered->empty() && !whole) return NotMine();
  const auto asked = Scope::Parse(a.requested_scope.value_or(""));
  for (const std::string& token : granted->tokens()) {
    const bool counts = whole || (asked && asked->Contains(token)) ||
                        a.profile->ungranted_scope == token || scope == nullptr;
    if (counts &&
        std::find(a.registered->begin(), a.registered->end(), token) == a.registered->end()) {
      return Violated(how + Quoted(token) + ", which the client is not registered for");
    }
  }
  return Holds();
}

Finding NoRefreshToken(const CheckedAnswer& a) {
  if (!IsToken(a)) return NotMine();
  return MemberOf(ObjectOf(a.response), "refresh_token") == nullptr
             ? Holds()
             : Violated("refresh_token is there");
}

Finding NoErrorMember(const CheckedAnswer& a) {
  if (!IsToken(a)) return NotMine();
  return MemberOf(ObjectOf(a.response), "error") == nullptr ? Holds() : Violated("error is there");
}

Finding StringsAreStrings(const CheckedAnswer& a) {
  if (!IsToken(a)) return NotMine();
  const auto object = ObjectOf(a.response);
  for (std::string_view name : {"access_token", "token_type", "scope"}) {
    const JsonMember* member = MemberOf(object, name);
    if (member != nullptr && member->kind != JsonKind::kString) {
      return Violated(std::string(name) + " is no JSON string");
    }
  }
  return Holds();
}

// ---- tokens -------------------------------------------------------------------------------------

std::string TokenOf(const CheckedAnswer& a) {
  const auto object = ObjectOf(a.response);
  const JsonMember* token = MemberOf(object, "access_token");
  return token != nullptr && token->kind == JsonKind::kString ? token->text : "";
}

Finding TokenB64(const CheckedAnswer& a) {
  if (!IsToken(a)) return NotMine();
  const auto object = ObjectOf(a.response);
  const JsonMember* type = MemberOf(object, "token_type");
  if (type != nullptr && !EqualsFolded(type->text, "bearer") && !EqualsFolded(type->text, "dpop")) {
    return NotMine();
  }
  return IsB64Token(TokenOf(a)) ? Holds() : Violated("the token has characters outside b64token");
}

Finding TokenVschar(const CheckedAnswer& a) {
  if (!IsToken(a)) return NotMine();
  const std::string token = TokenOf(a);
  return !token.empty() && std::all_of(token.begin(), token.end(), IsVschar)
             ? Holds()
             : Violated("the token has characters outside %x20-7E");
}

Finding TokenLength(const CheckedAnswer& a) {
  if (!IsToken(a)) return NotMine();
  const std::string token = TokenOf(a);
  if (ReadJwt(token)) return NotMine();
  const bool hex = !token.empty() &&
                   std::all_of(token.begin(), token.end(), [](char c) { return HexValue(c) >= 0; });
  const std::size_t wanted = hex ? 32 : 22;
  return token.size() >= wanted
             ? Holds()
             : Violated("the token has " + std::to_string(token.size()) + " characters");
}

Finding JwtTimes(const CheckedAnswer& a) {
  if (!IsToken(a)) return NotMine();
  const auto jwt = ReadJwt(TokenOf(a));
  if (!jwt) return NotMine();
  const auto claims = ParseJsonObjectLoosely(jwt->claims);
  if (!claims) return Violated("the claims are no JSON object");
  const auto issued = Integer(claims->Find("iat")), expires = Integer(claims->Find("exp"));
  const auto object = ObjectOf(a.response);
  const auto lifetime = Integer(MemberOf(object, "expires_in"));
  if (!expires || !lifetime) return NotMine();
  // From its issue, or, where a server hands a token out again, from now.
  std::int64_t difference = *expires - Now() - *lifetime;
  if (difference >= -5 && difference <= 5) return Holds();
  if (issued) difference = *expires - *issued - *lifetime;
  if (difference >= -5 && difference <= 5) return Holds();
  return Violated("exp and expires_in are " + std::to_string(difference) + " s apart");
}

Finding JwtAlg(const CheckedAnswer& a) {
  if (!IsToken(a)) return NotMine();
  const auto jwt = ReadJwt(TokenOf(a));
  if (!jwt) return NotMine();
  const auto header = ParseJsonObjectLoosely(jwt->header);
  const JsonMember* alg = header ? header->Find("alg") : nullptr;
  if (alg == nullptr) return Violated("the header has no alg");
  return EqualsFolded(alg->text, "none") ? Violated("alg is none") : Holds();
}

Finding JwtNoSecret(const CheckedAnswer& a) {
  if (!IsToken(a)) return NotMine();
  const auto jwt = ReadJwt(TokenOf(a));
  if (!jwt || a.secrets == nullptr) return NotMine();
  return Spells(jwt->claims, *a.secrets) ? Violated("a secret is inside") : Holds();
}

Finding JwtAudience(const CheckedAnswer& a) {
  if (!IsToken(a)) return NotMine();
  const auto jwt = ReadJwt(TokenOf(a));
  if (!jwt) return NotMine();
  const auto claims = ParseJsonObjectLoosely(jwt->claims);
  if (!claims) return Violated("the claims are no JSON object");
  if (claims->Find("aud") == nullptr) return Violated("no aud");
  const auto object = ObjectOf(a.response);
  const JsonMember* told = MemberOf(object, "scope");
  const JsonMember* claimed = claims->Find("scope");
  if (told == nullptr || claimed == nullptr || claimed->kind != JsonKind::kString) return Holds();
  const auto left = Scope::Parse(told->text), right = Scope::Parse(claimed->text);
  return left && right && *left == *right ? Holds()
                                          : Violated("the scope claim is not the scope told");
}

// ---- errors -------------------------------------------------------------------------------------

bool IsErrorText(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return IsVschar(c) && c != '"' && c != '\\'; });
}

Finding ErrorMember(const CheckedAnswer& a, std::string_view name) {
  if (!a.from_token_endpoint || !IsErrorStatus(a)) return NotMine();
  const auto object = ObjectOf(a.response);
  const JsonMember* member = MemberOf(object, name);
  if (member == nullptr || member->kind != JsonKind::kString) return NotMine();
  bool fits = IsErrorText(member->text);
  if (name == "error_uri") fits = fits && member->text.find(' ') == std::string::npos;
  if (name == "error") fits = fits && !member->text.empty();
  return fits ? Holds() : Violated(std::string(name) + " is " + Quoted(member->text));
}

Finding ErrorCharset(const CheckedAnswer& a) {
  return ErrorMember(a, "error");
}
Finding DescriptionCharset(const CheckedAnswer& a) {
  return ErrorMember(a, "error_description");
}
Finding ErrorUri(const CheckedAnswer& a) {
  return ErrorMember(a, "error_uri");
}

Finding DescriptionPresent(const CheckedAnswer& a) {
  if (!a.from_token_endpoint || !IsErrorStatus(a)) return NotMine();
  const auto object = ObjectOf(a.response);
  const JsonMember* member = MemberOf(object, "error_description");
  return member != nullptr && member->kind == JsonKind::kString
             ? Holds()
             : Violated("no string error_description");
}

Finding ErrorIsString(const CheckedAnswer& a) {
  if (!a.from_token_endpoint || !IsErrorStatus(a)) return NotMine();
  const auto object = ObjectOf(a.response);
  const JsonMember* error = MemberOf(object, "error");
  if (error == nullptr) return NotMine();
  return error->kind == JsonKind::kString ? Holds() : Violated("error is no JSON string");
}

Finding NoTokenInError(const CheckedAnswer& a) {
  if (a.response.status == 200) return NotMine();
  const auto object = ObjectOf(a.response);
  for (std::string_view name : {"access_token", "refresh_token", "id_token"}) {
    if (MemberOf(object, name) != nullptr) return Violated(std::string(name) + " is there");
  }
  if (HoldsToken(a.response)) return Violated("access_token is there");
  // Under another name, or deeper: what is called a token and looks like one.
  const std::string& content = a.response.content;
  for (const NamedToken& token : FindNamedTokens(content)) {
    const auto value = std::string_view(content).substr(token.begin, token.end - token.begin);
    if (IsTokenLike(value)) return Violated(std::string(token.name) + " is there");
  }
  return Holds();
}

Finding ContentTypeJson(const CheckedAnswer& a) {
  const auto object = ObjectOf(a.response);
  const bool oauth = MemberOf(object, "error") != nullptr || IsToken(a);
  if (!a.from_token_endpoint || !oauth) return NotMine();
  const auto value = a.response.fields.First("Content-Type");
  const auto media = value ? ParseMediaType(*value) : std::nullopt;
  if (media && media->type == "application" && media->subtype == "json") return Holds();
  return Violated("Content-Type is " + (value ? Quoted(*value) : std::string("missing")));
}

Finding NoServerError(const CheckedAnswer& a) {
  const int status = a.response.status;
  if (status < 500 || status == 501 || status == 505) return Holds();
  if (status == 503 && a.response.fields.Has("Retry-After")) return Holds();
  return Violated("status " + std::to_string(status));
}

Finding NoRedirect(const CheckedAnswer& a) {
  if (!a.from_token_endpoint) return NotMine();
  const int status = a.response.status;
  return status >= 300 && status < 400 ? Violated("status " + std::to_string(status)) : Holds();
}

// All text of a response that a target may have put something into.
std::string TextOf(const Response& response) {
  std::string all = response.reason + "\n" + response.content;
  for (const Fields* fields : {&response.fields, &response.trailers}) {
    for (const Field& line : fields->lines) all += "\n" + line.name + ": " + line.value;
  }
  return all;
}

Finding NoSecret(const CheckedAnswer& a) {
  if (a.secrets == nullptr) return NotMine();
  return Spells(TextOf(a.response), *a.secrets) ? Violated("a secret comes back") : Holds();
}

// What the case tried as a secret carries this word.
Finding NoCanary(const CheckedAnswer& a) {
  static const SpellingIndex kCanary = [] {
    SpellingIndex index("[secret]");
    index.AddSecret("CANARY-");
    return index;
  }();
  return Spells(TextOf(a.response), kCanary) ? Violated("the secret that was tried comes back")
                                             : Holds();
}

Finding NoStackTrace(const CheckedAnswer& a) {
  if (!IsErrorStatus(a)) return NotMine();
  static constexpr std::string_view kMarks[] = {"Traceback (most recent call last)",
                                                "\n    at ",
                                                "\\n    at ",
                                                ".java:",
                                                "Exception in thread",
                                                "node_modules/",
                                                "/usr/lib/",
                                                "/usr/local/lib/",
                                                "/home/",
                                                "/var/www/",
                                                "SQLSTATE[",
                                                "syntax error at or near",
                                                "SELECT ",
                                                "goroutine ",
                                                "panic: ",
                                                "site-packages/",
                                                "System.NullReferenceException",
                                                "werkzeug",
                                                "ActiveRecord::",
                                                ".rb:"};
  for (std::string_view mark : kMarks) {
    if (a.response.content.find(mark) != std::string::npos) {
      return Violated("the content has " + Quoted(mark));
    }
  }
  return Holds();
}

// ---- JSON ---------------------------------------------------------------------------------------

Finding StrictJson(const CheckedAnswer& a) {
  if (!a.from_token_endpoint || !LooksJson(a.response)) return NotMine();
  const auto object = ParseJsonObject(a.response.content);
  if (object) return Holds();
  switch (object.error()) {
    case JsonError::kDuplicateName:
    case JsonError::kByteOrderMark:
    case JsonError::kUtf8:
    case JsonError::kNotObject:
      return Holds();  // checks of their own
    default:
      return Violated(std::string(ToString(object.error())));
  }
}

Finding JsonDefect(const CheckedAnswer& a, JsonError defect) {
  if (!a.from_token_endpoint || !LooksJson(a.response)) return NotMine();
  const auto object = ParseJsonObject(a.response.content);
  if (object || object.error() != defect) return Holds();
  return Violated(std::string(ToString(defect)));
}

Finding UniqueNames(const CheckedAnswer& a) {
  return JsonDefect(a, JsonError::kDuplicateName);
}
Finding TopLevelObject(const CheckedAnswer& a) {
  return JsonDefect(a, JsonError::kNotObject);
}

Finding Utf8(const CheckedAnswer& a) {
  if (!a.from_token_endpoint || !LooksJson(a.response)) return NotMine();
  return IsUtf8(a.response.content) ? Holds() : Violated("the content is not UTF-8");
}

Finding NoBom(const CheckedAnswer& a) {
  if (!a.from_token_endpoint || !LooksJson(a.response)) return NotMine();
  return a.response.content.starts_with("\xEF\xBB\xBF") ? Violated("a byte order mark leads")
                                                        : Holds();
}

Finding NoNulls(const CheckedAnswer& a) {
  if (!a.from_token_endpoint) return NotMine();
  const auto object = ObjectOf(a.response);
  if (!object) return NotMine();
  for (std::string_view name : {"access_token", "token_type", "expires_in", "scope",
                                "refresh_token", "error", "error_description", "error_uri"}) {
    const JsonMember* member = object->Find(name);
    if (member != nullptr && member->kind == JsonKind::kNull) {
      return Violated(std::string(name) + " is null");
    }
  }
  return Holds();
}

Finding JsonCharset(const CheckedAnswer& a) {
  if (!a.from_token_endpoint || !LooksJson(a.response)) return NotMine();
  const auto value = a.response.fields.First("Content-Type");
  const auto media = value ? ParseMediaType(*value) : std::nullopt;
  if (!media) return NotMine();
  const auto* charset = media->Find("charset");
  if (charset == nullptr || EqualsFolded(charset->value, "utf-8")) return Holds();
  return Violated("charset is " + Quoted(charset->value));
}

// ---- fields -------------------------------------------------------------------------------------

// Whether a directive stands in Cache-Control, and its value.
std::optional<std::string> Directive(const Response& response, std::string_view name) {
  for (std::string_view value : response.fields.All("Cache-Control")) {
    while (!value.empty()) {
      const std::size_t comma = value.find(',');
      std::string_view one = value.substr(0, comma);
      value.remove_prefix(comma == std::string_view::npos ? value.size() : comma + 1);
      while (!one.empty() && (one.front() == ' ' || one.front() == '\t')) one.remove_prefix(1);
      while (!one.empty() && (one.back() == ' ' || one.back() == '\t')) one.remove_suffix(1);
      const std::size_t equals = one.find('=');
      if (!EqualsFolded(one.substr(0, equals), name)) continue;
      return equals == std::string_view::npos ? std::string() : std::string(one.substr(equals + 1));
    }
  }
  return std::nullopt;
}

std::string CacheControl(const Response& response) {
  std::string all;
  for (std::string_view value : response.fields.All("Cache-Control")) {
    all.append(all.empty() ? "" : ", ").append(value);
  }
  return all.empty() ? "Cache-Control is missing" : "Cache-Control is " + Quoted(all);
}

Finding NoStore(const CheckedAnswer& a) {
  return Directive(a.response, "no-store") ? Holds() : Violated(CacheControl(a.response));
}

Finding NoStoreOnTokens(const CheckedAnswer& a) {
  return IsToken(a) ? NoStore(a) : NotMine();
}

Finding NoStoreOrMaxAge0(const CheckedAnswer& a) {
  return Directive(a.response, "max-age") == "0" ? Holds() : NoStore(a);
}

Finding Pragma(const CheckedAnswer& a) {
  if (!IsToken(a)) return NotMine();
  for (std::string_view value : a.response.fields.All("Pragma")) {
    if (EqualsFolded(value, "no-cache")) return Holds();
  }
  return Violated("no Pragma: no-cache");
}

Finding NoCacheContradiction(const CheckedAnswer& a) {
  if (!IsToken(a)) return NotMine();
  for (std::string_view name : {"public", "s-maxage", "must-understand"}) {
    if (Directive(a.response, name)) return Violated(CacheControl(a.response));
  }
  const auto age = Directive(a.response, "max-age");
  if (age && *age != "0" && *age != "\"0\"") return Violated(CacheControl(a.response));
  const auto expires = a.response.fields.First("Expires");
  const auto when = expires ? ParseHttpDate(*expires) : std::nullopt;
  if (when && *when > Now() + 60) return Violated("Expires is " + Quoted(*expires));
  return Holds();
}

std::string JoinedChallenges(const Response& response) {
  std::string all;
  for (std::string_view value : response.fields.All("WWW-Authenticate")) {
    all.append(all.empty() ? "" : ", ").append(value);
  }
  return all;
}

Finding ChallengePresent(const CheckedAnswer& a) {
  if (a.response.status != 401) return NotMine();
  return a.response.fields.Has("WWW-Authenticate") ? Holds()
                                                   : Violated("no WWW-Authenticate field");
}

// The first Basic challenge of a 401, or why there is none to look at.
const Challenge* BasicOf(const std::vector<Challenge>& challenges) {
  for (const Challenge& challenge : challenges) {
    if (EqualsFolded(challenge.scheme, "Basic")) return &challenge;
  }
  return nullptr;
}

// Whether the request tried a Basic login: only then does RFC 6749 section 5.2 want that scheme.
// "Basics" and "BasicAbc" are other schemes.
bool TriedBasic(const Exchange& exchange) {
  const std::string head = ToLower(exchange.sent.substr(0, exchange.sent.find("\r\n\r\n")));
  constexpr std::string_view kStart = "\nauthorization: basic";
  const std::size_t at = head.find(kStart);
  if (at == std::string::npos) return false;
  const std::size_t end = at + kStart.size();
  return end == head.size() || head[end] == ' ' || head[end] == '\r' || head[end] == '\t';
}

Finding ChallengeBasic(const CheckedAnswer& a) {
  if (a.response.status != 401 || !a.from_token_endpoint || !TriedBasic(a.exchange)) {
    return NotMine();
  }
  if (!a.response.fields.Has("WWW-Authenticate")) return Violated("no WWW-Authenticate field");
  const auto challenges = ParseChallenges(JoinedChallenges(a.response));
  if (!challenges) return NotMine();
  return BasicOf(*challenges) != nullptr
             ? Holds()
             : Violated("the challenge is " + Quoted(JoinedChallenges(a.response)));
}

Finding ChallengeRealm(const CheckedAnswer& a) {
  if (a.response.status != 401 || !a.from_token_endpoint) return NotMine();
  const auto challenges = ParseChallenges(JoinedChallenges(a.response));
  if (!challenges) return NotMine();
  const Challenge* basic = BasicOf(*challenges);
  if (basic == nullptr) return NotMine();
  const auto* realm = basic->Find("realm");
  if (realm == nullptr) return Violated("the Basic challenge has no realm");
  if (basic->Count("realm") > 1) return Violated("realm is there twice");
  return realm->quoted ? Holds() : Violated("realm is not a quoted string");
}

Finding ChallengeCharset(const CheckedAnswer& a) {
  if (a.response.status != 401 || !a.from_token_endpoint) return NotMine();
  const auto challenges = ParseChallenges(JoinedChallenges(a.response));
  if (!challenges) return NotMine();
  const Challenge* basic = BasicOf(*challenges);
  const auto* charset = basic != nullptr ? basic->Find("charset") : nullptr;
  if (charset == nullptr || EqualsFolded(charset->value, "UTF-8")) return Holds();
  return Violated("charset is " + Quoted(charset->value));
}

Finding ChallengeGrammar(const CheckedAnswer& a) {
  if (!a.response.fields.Has("WWW-Authenticate")) return NotMine();
  const std::string joined = JoinedChallenges(a.response);
  const auto challenges = ParseChallenges(joined);
  if (!challenges) return Violated("WWW-Authenticate is " + Quoted(joined));
  for (const Challenge& challenge : *challenges) {
    for (const auto& parameter : challenge.parameters) {
      if (challenge.Count(parameter.name) > 1) {
        return Violated("the parameter " + parameter.name + " is there twice");
      }
    }
  }
  return Holds();
}

// RFC 6750 section 3: a Bearer challenge with at least one parameter, each within its set.
Finding ChallengeBearer(const CheckedAnswer& a) {
  if (a.response.status != 401 && a.response.status != 403) return NotMine();
  if (a.from_token_endpoint || !a.response.fields.Has("WWW-Authenticate")) return NotMine();
  const auto challenges = ParseChallenges(JoinedChallenges(a.response));
  if (!challenges) return Violated("WWW-Authenticate does not parse");
  for (const Challenge& challenge : *challenges) {
    if (!EqualsFolded(challenge.scheme, "Bearer")) continue;
    if (challenge.parameters.empty()) return Violated("the Bearer challenge has no parameter");
    for (const auto& parameter : challenge.parameters) {
      if (challenge.Count(parameter.name) > 1) return Violated(parameter.name + " is there twice");
      if (parameter.name.starts_with("error") && !IsErrorText(parameter.value)) {
        return Violated(parameter.name + " leaves its character set");
      }
    }
    return Holds();
  }
  return Violated("no Bearer challenge");
}

Finding BearerChallengeWithoutError(const CheckedAnswer& a) {
  if (a.response.status != 401) return NotMine();
  const auto challenges = ParseChallenges(JoinedChallenges(a.response));
  if (!challenges) return NotMine();
  for (const Challenge& challenge : *challenges) {
    if (EqualsFolded(challenge.scheme, "Bearer") && challenge.Find("error") != nullptr) {
      return Violated("the challenge has an error although nothing was tried");
    }
  }
  return Holds();
}

Finding Date(const CheckedAnswer& a) {
  const int status = a.response.status;
  // Answers to malformed HTTP come from below the endpoint.
  if (status < 200 || status >= 500 || a.exchange.raw) return NotMine();
  const auto value = a.response.fields.First("Date");
  if (!value) return Violated("no Date field");
  const auto when = ParseHttpDate(*value);
  if (!when) return Violated("Date is " + Quoted(*value));
  // No clause names a tolerance, and the clock that is wrong may be ours: an hour is no skew.
  const std::int64_t skew = *when - Now();
  return skew > -3600 && skew < 3600 ? Holds()
                                     : Violated("Date is " + std::to_string(skew) + " s off");
}

Finding ServerDetail(const CheckedAnswer& a) {
  for (std::string_view name : {"Server", "X-Powered-By", "X-AspNet-Version"}) {
    const auto value = a.response.fields.First(name);
    if (value && std::any_of(value->begin(), value->end(), IsDigit)) {
      return Violated(std::string(name) + " is " + Quoted(*value));
    }
  }
  return Holds();
}

Finding Cors(const CheckedAnswer& a) {
  const auto origin = a.response.fields.First("Access-Control-Allow-Origin");
  const auto credentials = a.response.fields.First("Access-Control-Allow-Credentials");
  if (!origin || !credentials || !EqualsFolded(*credentials, "true")) return Holds();
  if (*origin == "*" || *origin == "https://a.invalid") {
    return Violated("Access-Control-Allow-Origin " + Quoted(*origin) + " with credentials");
  }
  return Holds();
}

Finding NoTokenInFields(const CheckedAnswer& a) {
  if (!IsToken(a)) return NotMine();
  const std::string token = TokenOf(a);
  if (token.size() < 8) return NotMine();
  for (const Field& line : a.response.fields.lines) {
    if (line.value.find(token) != std::string::npos)
      return Violated("the token is in " + line.name);
  }
  return Holds();
}

Finding AllowOn405(const CheckedAnswer& a) {
  if (a.response.status != 405) return NotMine();
  std::string all;
  for (std::string_view value : a.response.fields.All("Allow")) all += "," + std::string(value);
  if (!a.response.fields.Has("Allow")) return Violated("no Allow field");
  if (!a.from_token_endpoint) return Holds();
  all = "," + all + ",";
  std::erase_if(all, [](char c) { return c == ' ' || c == '\t'; });
  return all.find(",POST,") != std::string::npos ? Holds() : Violated("Allow is " + Quoted(all));
}

Finding AllowIfSuccess(const CheckedAnswer& a) {
  if (a.response.status >= 300) return NotMine();
  std::string all = ",";
  for (std::string_view value : a.response.fields.All("Allow")) all += std::string(value) + ",";
  std::erase_if(all, [](char c) { return c == ' ' || c == '\t'; });
  return all.find(",POST,") != std::string::npos ? Holds() : Violated("no Allow with POST");
}

Finding RetryAfter(const CheckedAnswer& a) {
  const auto value = a.response.fields.First("Retry-After");
  if (!value) return NotMine();
  const bool seconds = !value->empty() && std::all_of(value->begin(), value->end(), IsDigit);
  return seconds || ParseHttpDate(*value) ? Holds() : Violated("Retry-After is " + Quoted(*value));
}

Finding NoContent(const CheckedAnswer& a) {
  return a.response.content.empty() && a.exchange.leftover.empty()
             ? Holds()
             : Violated("content follows the answer");
}

Finding NoInjectedField(const CheckedAnswer& a) {
  for (const Field& line : a.response.fields.lines) {
    if (EqualsFolded(line.name, "Set-Cookie") && line.value.find("x=1") == 0) {
      return Violated("an injected field: " + line.name);
    }
    if (EqualsFolded(line.name, "X-Injected")) return Violated("an injected field: " + line.name);
  }
  return Holds();
}

Finding NotHtml(const CheckedAnswer& a) {
  const auto type = a.response.fields.First("Content-Type");
  const auto media = type ? ParseMediaType(*type) : std::nullopt;
  return media && media->subtype == "html" ? Violated("the answer is HTML") : Holds();
}

Finding NoTemplateResult(const CheckedAnswer& a) {
  const auto object = ObjectOf(a.response);
  const JsonMember* text = MemberOf(object, "error_description");
  return text != nullptr && text->text.find("49") != std::string::npos
             ? Violated("a template was evaluated: " + Quoted(text->text))
             : Holds();
}

Finding NoTraceEcho(const CheckedAnswer& a) {
  return ToLower(a.response.content).find("authorization:") != std::string::npos
             ? Violated("the request comes back, credentials included")
             : Holds();
}

Finding NotChunkedTo10(const CheckedAnswer& a) {
  return a.response.fields.Has("Transfer-Encoding")
             ? Violated("Transfer-Encoding in an answer to HTTP/1.0")
             : Holds();
}

Finding Closed(const CheckedAnswer& a) {
  return a.exchange.end == ConnectionEnd::kOpen ? Violated("the connection stayed open") : Holds();
}

Finding OneAnswer(const CheckedAnswer& a) {
  return a.exchange.responses.size() > 1 || !a.exchange.leftover.empty()
             ? Violated("more than one answer came")
             : Holds();
}

// RFC 6749 section 5.2: who tried Authorization and failed is answered 401.
Finding FailedLoginIs401(const CheckedAnswer& a) {
  if (!a.from_token_endpoint || !TriedBasic(a.exchange) || a.response.status == 401) {
    return a.response.status == 401 ? Holds() : NotMine();
  }
  const auto object = ObjectOf(a.response);
  const JsonMember* error = MemberOf(object, "error");
  if (error == nullptr || error->text != "invalid_client") return NotMine();
  return Violated("invalid_client with status " + std::to_string(a.response.status));
}

Finding NotInvalidGrant(const CheckedAnswer& a) {
  const auto object = ObjectOf(a.response);
  const JsonMember* error = MemberOf(object, "error");
  return error != nullptr && error->text == "invalid_grant" ? Violated("error is invalid_grant")
                                                            : Holds();
}

Finding ExactLength(const CheckedAnswer& a) {
  if (a.response.content_cut) return NotMine();
  if (!a.exchange.leftover.empty() && a.exchange.responses.size() == 1) {
    return Violated("octets follow the content");
  }
  return Holds();
}

Finding Hsts(const CheckedAnswer& a) {
  if (!a.exchange.url.starts_with("https://")) return NotMine();
  if (!a.response.fields.Has("Strict-Transport-Security")) {
    return Violated("no Strict-Transport-Security");
  }
  const auto nosniff = a.response.fields.First("X-Content-Type-Options");
  return nosniff && EqualsFolded(*nosniff, "nosniff") ? Holds()
                                                      : Violated("no X-Content-Type-Options");
}

Finding TwoOrClosed(const CheckedAnswer& a) {
  if (a.exchange.responses.size() >= 2 || a.exchange.end != ConnectionEnd::kOpen) return Holds();
  return Violated("one answer for two requests, and the connection stays open");
}

Finding SecondRefused(const CheckedAnswer& a) {
  if (a.exchange.responses.size() < 2) return Holds();
  const Response& second = a.exchange.responses[1];
  return second.status >= 400 && second.status < 500 && !HoldsToken(second)
             ? Holds()
             : Violated("the second answer, to a failed login, has status " +
                        std::to_string(second.status));
}

// ---- metadata (RFC 8414) ------------------------------------------------------------------------

bool IsMetadata(const CheckedAnswer& a) {
  return !a.from_token_endpoint && a.response.status == 200 && LooksJson(a.response);
}

Finding MetadataJson(const CheckedAnswer& a) {
  if (a.from_token_endpoint || a.response.status != 200) return NotMine();
  const auto object = ParseJsonObject(a.response.content);
  if (!object) return Violated(std::string(ToString(object.error())));
  for (std::string_view name : {"issuer", "response_types_supported"}) {
    if (object->Find(name) == nullptr) return Violated("no member " + Quoted(name));
  }
  return Holds();
}

Finding MetadataTokenEndpoint(const CheckedAnswer& a) {
  if (!IsMetadata(a) || a.profile == nullptr) return NotMine();
  const auto object = ObjectOf(a.response);
  const JsonMember* url = MemberOf(object, "token_endpoint");
  if (url == nullptr) return Violated("no member token_endpoint");
  const auto told = ParseUrl(url->text), target = ParseUrl(a.profile->url);
  if (told && target && told->Authority() != target->Authority()) return NotMine();  // another name
  return told && target && told->ToString() == target->ToString()
             ? Holds()
             : Violated("token_endpoint is " + Quoted(url->text));
}

Finding MetadataIssuer(const CheckedAnswer& a) {
  if (!IsMetadata(a)) return NotMine();
  const auto object = ObjectOf(a.response);
  const JsonMember* issuer = MemberOf(object, "issuer");
  if (issuer == nullptr) return Violated("no member issuer");
  // RFC 8414 section 3: this path belongs to the issuer without a path of its own.
  const std::string origin = a.exchange.url.substr(0, a.exchange.url.find("/.well-known/"));
  std::string text = issuer->text;
  if (text.ends_with('/')) text.pop_back();
  const auto told = ParseUrl(issuer->text), target = ParseUrl(origin);
  if (told && target && told->Authority() != target->Authority()) return NotMine();  // another name
  return text == origin ? Holds() : Violated("issuer is " + Quoted(issuer->text));
}

bool Lists(const JsonMember& member, std::string_view word) {
  return std::find(member.items.begin(), member.items.end(), word) != member.items.end();
}

Finding MetadataGrant(const CheckedAnswer& a) {
  if (!IsMetadata(a)) return NotMine();
  const auto object = ObjectOf(a.response);
  const JsonMember* grants = MemberOf(object, "grant_types_supported");
  // Left out, it stands for authorization_code and implicit (RFC 8414 section 2).
  if (grants == nullptr) return Violated("grant_types_supported is left out");
  return Lists(*grants, "client_credentials") ? Holds()
                                              : Violated("client_credentials is not listed");
}

Finding MetadataAuthMethod(const CheckedAnswer& a) {
  if (!IsMetadata(a)) return NotMine();
  const auto object = ObjectOf(a.response);
  const JsonMember* methods = MemberOf(object, "token_endpoint_auth_methods_supported");
  if (methods == nullptr || Lists(*methods, "client_secret_basic")) return Holds();
  return Violated("client_secret_basic is not listed");
}

Finding MetadataScopes(const CheckedAnswer& a) {
  if (!IsMetadata(a)) return NotMine();
  const auto object = ObjectOf(a.response);
  const JsonMember* scopes = MemberOf(object, "scopes_supported");
  if (scopes == nullptr) return NotMine();
  if (scopes->kind != JsonKind::kArray) return Violated("scopes_supported is no array");
  for (const std::string& scope : scopes->items) {
    if (!IsScopeToken(scope)) return Violated("no scope-token: " + Quoted(scope));
  }
  return Holds();
}

// RFC 6749 section 2.3.1: passwords cross the network under TLS; the loopback is no network.
Finding TransportProtected(const CheckedAnswer& a) {
  switch (a.exchange.channel) {
    case Channel::kUnknown:
    case Channel::kOldTls:  // has cases of its own
      return NotMine();
    case Channel::kTls:
    case Channel::kLocal:
      return Holds();
    case Channel::kPlaintext:
      break;
  }
  // A request that goes around the TLS of a target says nothing about its scheme.
  if (a.exchange.url.starts_with("https://")) return NotMine();
  return Violated("the target is plain http");
}

}  // namespace

const std::vector<Check>& Checks() {
  static const std::vector<Check> checks = {
      {"access_token_string", "access_token is a string that is not empty", AccessToken},
      {"token_type_string", "token_type is a string", TokenType},
      {"token_type_bearer", "token_type is bearer, in any case", TokenTypeBearer},
      {"expires_in_present", "expires_in is there", ExpiresInPresent},
      {"expires_in_range", "expires_in is from 1 to 86400", ExpiresInRange},
      {"expires_in_number", "expires_in is a JSON number", ExpiresInNumber},
      {"expires_in_digits", "expires_in is written in digits", ExpiresInDigits},
      {"lifetime_hour", "expires_in is at most 3600", LifetimeHour},
      {"scope_present", "scope is there", ScopePresent},
      {"scope_grammar", "scope fits the grammar of RFC 6749 section 3.3", ScopeGrammar},
      {"scope_is_string", "scope is a JSON string", ScopeIsString},
      {"granted_within_registered", "the granted scope is one that the client is registered for",
       GrantedWithinRegistered},
      {"no_refresh_token", "no refresh_token", NoRefreshToken},
      {"no_error_member", "no error beside a token", NoErrorMember},
      {"strings_are_strings", "access_token, token_type and scope are JSON strings",
       StringsAreStrings},
      {"token_b64", "the token is a b64token (RFC 6750 section 2.1)", TokenB64},
      {"token_vschar", "the token is printable ASCII", TokenVschar},
      {"token_length", "an opaque token of at least 128 bits", TokenLength},
      {"jwt_times", "exp of a JWT agrees with expires_in", JwtTimes},
      {"jwt_alg", "alg of a JWT is not none", JwtAlg},
      {"jwt_no_secret", "no secret inside a JWT", JwtNoSecret},
      {"jwt_audience", "a JWT has aud, and its scope is the one told", JwtAudience},
      {"error_charset", "error keeps its character set", ErrorCharset},
      {"description_charset", "error_description keeps its character set", DescriptionCharset},
      {"error_uri", "error_uri is a URI reference", ErrorUri},
      {"description_present", "error_description is there", DescriptionPresent},
      {"error_is_string", "error is a JSON string", ErrorIsString},
      {"no_token_in_error", "no token in an error", NoTokenInError},
      {"content_type_json", "Content-Type is application/json", ContentTypeJson},
      {"no_server_error", "no 5xx (501, 505, and 503 with Retry-After apart)", NoServerError},
      {"no_redirect", "no 3xx", NoRedirect},
      {"no_secret", "no secret in an answer", NoSecret},
      {"no_canary", "what was tried as a secret does not come back", NoCanary},
      {"no_stack_trace", "no trace, path or query in an error", NoStackTrace},
      {"strict_json", "one JSON text and nothing after it (RFC 8259)", StrictJson},
      {"unique_names", "member names are unique", UniqueNames},
      {"top_level_object", "the JSON text is an object", TopLevelObject},
      {"utf8", "JSON is UTF-8", Utf8},
      {"no_bom", "JSON without a byte order mark", NoBom},
      {"no_nulls", "no null among the known members", NoNulls},
      {"json_charset", "charset absent or UTF-8", JsonCharset},
      {"no_store", "Cache-Control: no-store", NoStore},
      {"no_store_on_tokens", "Cache-Control: no-store with each token", NoStoreOnTokens},
      {"no_store_or_max_age_0", "no-store or max-age=0", NoStoreOrMaxAge0},
      {"pragma", "Pragma: no-cache", Pragma},
      {"no_cache_contradiction", "nothing that lets a cache keep a token", NoCacheContradiction},
      {"challenge_present", "WWW-Authenticate on a 401", ChallengePresent},
      {"challenge_basic", "a Basic challenge on a 401", ChallengeBasic},
      {"challenge_realm", "realm once and quoted", ChallengeRealm},
      {"challenge_charset", "charset of the challenge absent or UTF-8", ChallengeCharset},
      {"challenge_grammar", "challenges parse, no parameter twice", ChallengeGrammar},
      {"challenge_bearer", "a Bearer challenge with parameters", ChallengeBearer},
      {"bearer_challenge_without_error", "no error in the challenge", BearerChallengeWithoutError},
      {"date", "a valid Date, less than an hour off", Date},
      {"server_detail", "no version in Server", ServerDetail},
      {"cors", "no CORS grant with credentials to everybody", Cors},
      {"no_token_in_fields", "no token in a field", NoTokenInFields},
      {"allow_on_405", "Allow on a 405, listing POST", AllowOn405},
      {"allow_if_success", "Allow lists POST", AllowIfSuccess},
      {"retry_after", "Retry-After is seconds or a date", RetryAfter},
      {"no_content", "no content", NoContent},
      {"no_injected_field", "no field that the request smuggled in", NoInjectedField},
      {"not_html", "no HTML", NotHtml},
      {"no_template_result", "no template is evaluated", NoTemplateResult},
      {"no_trace_echo", "no echo of the request's credentials", NoTraceEcho},
      {"not_chunked", "no Transfer-Encoding", NotChunkedTo10},
      {"closed_after", "the connection is closed afterwards", Closed},
      {"one_answer", "one answer and no more", OneAnswer},
      {"failed_login_is_401", "invalid_client after a Basic login is 401", FailedLoginIs401},
      {"not_invalid_grant", "error is not invalid_grant", NotInvalidGrant},
      {"exact_length", "the content is as long as its framing says", ExactLength},
      {"two_or_closed", "two answers, or one and a close", TwoOrClosed},
      {"second_refused", "the second answer refuses", SecondRefused},
      {"metadata_json", "a JSON object with issuer (RFC 8414 section 2)", MetadataJson},
      {"metadata_token_endpoint", "token_endpoint is the target", MetadataTokenEndpoint},
      {"metadata_issuer", "issuer is the origin that the metadata came from", MetadataIssuer},
      {"metadata_grant", "client_credentials is listed", MetadataGrant},
      {"metadata_auth_method", "client_secret_basic is listed", MetadataAuthMethod},
      {"metadata_scopes", "scope-tokens", MetadataScopes},
      {"transport_protected", "https, or the loopback", TransportProtected},
      {"hsts", "Strict-Transport-Security and nosniff over https", Hsts},
  };
  return checks;
}

const Check* FindCheck(std::string_view name) {
  for (const Check& check : Checks()) {
    if (check.name == name) return &check;
  }
  return nullptr;
}

std::optional<Jwt> ReadJwt(std::string_view token) {
  const std::size_t first = token.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const std::size_t second = token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) {
    return std::nullopt;
  }
  const auto header = DecodeBase64Url(token.substr(0, first));
  const auto claims = DecodeBase64Url(token.substr(first + 1, second - first - 1));
  if (!header || !claims || !header->starts_with("{")) return std::nullopt;
  return Jwt{*header, *claims};
}

}  // namespace grantspec
