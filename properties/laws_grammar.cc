// Laws of the grammar itself: what is written is read back, and strict readers take what the ABNF
// derives and nothing just beside it.

#include <map>

#include "fixtures/grammar/base64.h"
#include "fixtures/grammar/basic.h"
#include "fixtures/grammar/challenge.h"
#include "fixtures/grammar/form.h"
#include "fixtures/grammar/json_text.h"
#include "fixtures/grammar/media_type.h"
#include "fixtures/grammar/percent.h"
#include "fixtures/grammar/scope.h"
#include "fixtures/grammar/token_response.h"
#include "fixtures/grammar/utf8.h"
#include "properties/draw.h"
#include "properties/law.h"

namespace grantspec {
namespace {

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// NQCHAR of RFC 6749 appendix A, written apart from the reader.
bool IsNqchar(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == 0x21 || (byte >= 0x23 && byte <= 0x5b) || (byte >= 0x5d && byte <= 0x7e);
}

std::string AnyScopeToken() {
  std::string token(1, static_cast<char>('a' + AnyIndex(26)));
  for (std::size_t i : SomeIndices(92, 12)) {
    token += static_cast<char>(i == 0 ? 0x21 : i < 58 ? 0x22 + i : 0x23 + i);
  }
  return token;
}

std::string AnyText() {  // UTF-8
  static const std::vector<std::string> kPieces = {"a",
                                                   " ",
                                                   "+",
                                                   "%",
                                                   "&",
                                                   "=",
                                                   "\xC3\xA4",
                                                   "\xE2\x82\xAC",
                                                   ":",
                                                   "\r",
                                                   "\n",
                                                   "~",
                                                   "_",
                                                   std::string(1, '\0'),
                                                   "\xF0\x9F\x92\xB3"};
  std::string text;
  for (std::size_t i : SomeIndices(kPieces.size(), 20)) text += kPieces[i];
  return text;
}

// One byte changed, added or taken away.
std::string Beside(std::string text) {
  const std::size_t at = AnyIndex(text.size() + 1);
  const char byte = static_cast<char>(AnyIndex(256));
  switch (AnyIndex(3)) {
    case 0:
      text.insert(at, 1, byte);
      break;
    case 1:
      if (at < text.size()) text[at] = byte;
      break;
    default:
      if (at < text.size()) text.erase(at, 1);
  }
  return text;
}

void PercentRoundTrip() {
  const std::string bytes = AnyBytes();
  RC_ASSERT(*DecodePercent(EncodePercent(bytes)) == bytes);
  RC_ASSERT(*DecodePercent(EncodePercentAll(bytes)) == bytes);
}

void FormRoundTrip() {
  Form form;
  for (std::size_t i = AnyIndex(5); i > 0; --i) {
    form.parameters.push_back({AnyWord() + AnyText(), AnyText()});
  }
  const std::string content = FormatForm(form);
  RC_ASSERT(*ParseForm(content) == form);
  RC_ASSERT(ParseFormWhatwg(content) == form);
}

void FormReadingsAgree() {
  // Where the strict reading has one at all, the lenient one has the same.
  const std::string content = Beside(Beside("a=1&b=" + SomeEscaped(AnyWord()) + "&c=%C3%A4+x"));
  const auto strict = ParseForm(content);
  if (strict) RC_ASSERT(*strict == ParseFormWhatwg(content));
  if (strict) RC_ASSERT(*ParseForm(FormatForm(*strict)) == *strict);
}

void Base64RoundTrip() {
  const std::string bytes = AnyBytes();
  RC_ASSERT(*DecodeBase64(EncodeBase64(bytes)) == bytes);
  RC_ASSERT(*DecodeBase64Url(EncodeBase64Url(bytes)) == bytes);
}

void Base64IsCanonical() {
  // Whatever is read is what an encoder writes: no second spelling of any bytes.
  const std::string text = Beside(EncodeBase64(AnyBytes()));
  const auto bytes = DecodeBase64(text);
  if (bytes) RC_ASSERT(EncodeBase64(*bytes) == text);
  bool fits = text.size() % 4 == 0;
  std::size_t padding = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '=') {
      fits = fits && i + 2 >= text.size();
      ++padding;
    } else {
      fits = fits && padding == 0 && kBase64.find(text[i]) != std::string_view::npos;
    }
  }
  if (!fits) RC_ASSERT(!bytes.has_value());
}

void BasicRoundTrip() {
  BasicCredentials pair{AnyWord() + AnyScopeToken(), AnyScopeToken()};
  std::erase(pair.user_id, ':');
  const std::string value = FormatBasic(pair);
  RC_ASSERT(*ParseBasic(value) == pair);
  RC_ASSERT(*ParseBasic(AnyCase("Basic") + std::string(AnyIndex(3) + 1, ' ') + value.substr(6)) ==
            pair);
}

void BasicIsCanonical() {
  const std::string value = Beside(FormatBasic({AnyWord(), AnyScopeToken()}));
  const auto pair = ParseBasic(value);
  if (!pair) return;
  RC_ASSERT(pair->user_id.find(':') == std::string::npos);
  const std::string token68 = value.substr(value.find_last_of(' ') + 1);
  RC_ASSERT(FormatBasic(*pair) == "Basic " + token68);
}

void ClientCredentials() {
  const std::string id = AnyWord() + AnyText(), secret = AnyText();
  const auto pair = ParseBasic(FormatClientCredentials(id, secret));
  RC_ASSERT(pair.has_value());
  const auto decoded = DecodeClientCredentials(*pair);
  RC_ASSERT(decoded->user_id == id && decoded->password == secret);
}

void ScopeRoundTrip() {
  std::vector<std::string> tokens = {AnyScopeToken()};
  for (std::size_t i = AnyIndex(5); i > 0; --i) tokens.push_back(AnyScopeToken());
  std::string text;
  for (const std::string& token : tokens) text += (text.empty() ? "" : " ") + token;
  const auto scope = Scope::Parse(text);
  RC_ASSERT(scope.has_value());
  RC_ASSERT(*scope == Scope::Of(tokens));
  RC_ASSERT(*Scope::Parse(scope->ToString()) == *scope);
}

void ScopeGrammar() {
  const std::string text = Beside(Beside(AnyScopeToken() + " " + AnyScopeToken()));
  bool fits = !text.empty() && text.front() != ' ' && text.back() != ' ' &&
              text.find("  ") == std::string::npos;
  for (char c : text) fits = fits && (c == ' ' || IsNqchar(c));
  RC_ASSERT(Scope::Parse(text).has_value() == fits);
}

void ScopeAlgebra() {
  const std::vector<std::string> pool = {"a", "b", "c", "d:e", "A"};
  const Scope left = Scope::Of(SomeOf(pool, 4)), right = Scope::Of(SomeOf(pool, 4));
  const Scope both = left.UnitedWith(right), common = left.IntersectedWith(right);
  RC_ASSERT(both == right.UnitedWith(left));
  RC_ASSERT(left.IsSubsetOf(both) && common.IsSubsetOf(left) && common.IsSubsetOf(right));
  RC_ASSERT(both.size() + common.size() == left.size() + right.size());
  RC_ASSERT(left.Without(right).IntersectedWith(right).empty());
  RC_ASSERT(left.Without(right).UnitedWith(common) == left);
}

void MediaTypes() {
  const std::string type = AnyWord(), subtype = AnyWord(), name = AnyWord(), value = AnyWord();
  const std::string plain = type + "/" + subtype + ";" + name + "=" + value;
  const std::string other =
      AnyCase(type + "/" + subtype) + " ; " + AnyCase(name) + "=\"" + value + "\"";
  const auto a = ParseMediaType(plain), b = ParseMediaType(other);
  RC_ASSERT(a.has_value() && b.has_value());
  RC_ASSERT(a->type == b->type && a->subtype == b->subtype);
  RC_ASSERT(a->Find(name)->value == value && b->Find(name)->value == value);
}

void Challenges() {
  std::string field;
  const std::size_t count = AnyIndex(3) + 1;
  for (std::size_t i = 0; i < count; ++i) {
    field += (i == 0 ? "" : ", ") + AnyCase("Basic") + " realm=\"" + AnyWord() + ", b=\\\"c\\\"\"";
    if (Perhaps()) field += ", charset=\"UTF-8\"";
  }
  const auto challenges = ParseChallenges(field);
  RC_ASSERT(challenges.has_value());
  RC_ASSERT(challenges->size() == count);
  for (const Challenge& one : *challenges) RC_ASSERT(one.Count("REALM") == 1U);
}

void TokenResponses() {
  const std::string token = AnyScopeToken(), number = std::to_string(AnyIndex(1'000'000));
  std::vector<std::string> members = {"\"access_token\":\"" + token + "\"",
                                      "\"token_type\":\"Bearer\"", "\"expires_in\":" + number};
  for (std::size_t i = AnyIndex(3); i > 0; --i) {
    members.push_back("\"x" + std::to_string(i) + "\":[{\"a\":null},1e5,true]");
  }
  std::string text = "{";
  for (const std::string& member : Shuffled(members))
    text += (text.size() > 1 ? " ,\n" : "") + member;
  text += "}";
  const auto response = ParseTokenResponse(text);
  RC_ASSERT(response.has_value());
  RC_ASSERT(response->access_token == token);
  RC_ASSERT(std::to_string(response->expires_in.value_or(0)) == number);
}

void JsonIsStrict() {
  const std::string text = Beside(R"({"a":"b\u00e4","c":[1,-2.5e3,{"d":null}],"e":true})");
  const auto strict = ParseJsonObject(text);
  if (strict) {
    RC_ASSERT(IsUtf8(text));
    RC_ASSERT(ParseJsonObjectLoosely(text)->members.size() == strict->members.size());
    std::map<std::string, int> names;
    for (const JsonMember& member : strict->members) RC_ASSERT(++names[member.name] == 1);
    RC_ASSERT(!ParseJsonObject(text + "x").has_value());
  }
}

const std::vector<GrammarLaw> kLaws = {
    Here({.id = "percent_round_trip",
          .title = "Percent-encoding round-trips",
          .clauses = {"RFC6749-B-01"},
          .holds = PercentRoundTrip}),
    Here({.id = "form_round_trip",
          .title = "A form round-trips, in the strict and the lenient reading",
          .clauses = {"RFC6749-B-01"},
          .holds = FormRoundTrip}),
    Here({.id = "form_readings_agree",
          .title = "The lenient reading of a form agrees with the strict one",
          .clauses = {"RFC6749-B-01", "WHATWG-FORM-01"},
          .holds = FormReadingsAgree}),
    Here({.id = "base64_round_trip",
          .title = "Base64 round-trips",
          .clauses = {"RFC4648-3.2-01"},
          .holds = Base64RoundTrip}),
    Here({.id = "base64_is_canonical",
          .title = "Each byte sequence has one base64 encoding",
          .clauses = {"RFC4648-3.3-01"},
          .holds = Base64IsCanonical}),
    Here({.id = "basic_round_trip",
          .title = "Basic credentials round-trip",
          .clauses = {"RFC7617-2-01"},
          .holds = BasicRoundTrip}),
    Here({.id = "basic_is_canonical",
          .title = "Basic credentials have one encoding",
          .clauses = {"RFC9110-11.4-02"},
          .holds = BasicIsCanonical}),
    Here({.id = "client_credentials",
          .title = "Any identifier and secret round-trip through both encodings",
          .clauses = {"RFC6749-2.3.1-02"},
          .holds = ClientCredentials}),
    Here({.id = "scope_round_trip",
          .title = "A scope round-trips",
          .clauses = {"RFC6749-3.3-01"},
          .holds = ScopeRoundTrip}),
    Here({.id = "scope_grammar",
          .title = "A scope is accepted exactly if the grammar derives it",
          .clauses = {"RFC6749-3.3-05"},
          .holds = ScopeGrammar}),
    Here({.id = "scope_algebra",
          .title = "Scopes are sets",
          .clauses = {"RFC6749-3.3-03"},
          .holds = ScopeAlgebra}),
    Here({.id = "media_types",
          .title = "Case, whitespace and quotes do not change a media type",
          .clauses = {"RFC9110-5.6.6-01"},
          .holds = MediaTypes}),
    Here({.id = "challenges",
          .title = "A list of challenges round-trips",
          .clauses = {"RFC9110-11.2-01"},
          .holds = Challenges}),
    Here({.id = "token_responses",
          .title = "Members of a token response may come in any order and with others",
          .clauses = {"RFC6749-5.1-01"},
          .holds = TokenResponses}),
    Here({.id = "json_is_strict",
          .title = "Only complete JSON texts are accepted, with nothing after them",
          .clauses = {"RFC6749-5.1-02"},
          .holds = JsonIsStrict}),
};

}  // namespace

const std::vector<GrammarLaw>& GrammarLaws() {
  return kLaws;
}

}  // namespace grantspec
