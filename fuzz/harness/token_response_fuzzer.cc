// Input: the content of a token response, as a hostile server may send it.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fixtures/grammar/error_response.h"
#include "fixtures/grammar/json_text.h"
#include "fixtures/grammar/percent.h"
#include "fixtures/model/grammar.h"
#include "fixtures/model/json.h"
#include "fuzz/mutants/subject.h"
#include "fuzz/oracle/require.h"
#include "fuzz/oracle/work.h"

namespace grantspec::fuzz {
namespace {

// Whether the model has a member, and its value is a string that fits.
template <typename Fits>
bool Has(const model::JsonReading& json, std::string_view name, const Fits& fits) {
  const auto* member = json.Find(name);
  return member != nullptr && member->kind == 's' && fits(member->text);
}

bool IsLegal(const model::JsonReading& json) {
  if (!Has(json, "access_token", model::IsAccessToken)) return false;
  if (!Has(json, "token_type", model::IsTokenType)) return false;
  const auto is_scope = [](std::string_view text) { return model::ReadScope(text).has_value(); };
  if (json.Find("scope") != nullptr && !Has(json, "scope", is_scope)) return false;
  const auto* expires = json.Find("expires_in");
  if (expires == nullptr) return true;
  if (expires->kind != 'i' || expires->text[0] == '-' || expires->text.size() > 16) return false;
  return std::stoull(expires->text) < (std::uint64_t{1} << 53);
}

// The bounds of a JSON text: what is as large as allowed is read, and nothing larger. Inputs of the
// engine do not come near them.
void HoldBounds() {
  const auto refusal = [](const std::string& text) {
    const auto object = ParseJsonObject(text);
    const auto loosely = ParseJsonObjectLoosely(text);
    Require(object.has_value() == loosely.has_value(), "both readings have the same bounds");
    return object ? std::nullopt : std::optional(object.error());
  };
  const auto elements = [](std::size_t count) {
    std::string text = "{\"a\":[0";
    for (std::size_t i = 2; i < count; ++i) text += ",0";
    return text + "]}";
  };
  const auto spaces = [](std::size_t bytes) { return "{}" + std::string(bytes - 2, ' '); };
  const auto nested = [](std::size_t depth) {
    return "{\"a\":" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
  };
  Require(!refusal(elements(10'000)), "10,000 members and items are read");
  Require(refusal(elements(10'001)) == JsonError::kTooLarge, "one more is not");
  Require(!refusal(spaces(1024 * 1024)), "1 MiB is read");
  Require(refusal(spaces(1024 * 1024 + 1)) == JsonError::kTooLarge, "one more byte is not");
  Require(!refusal(nested(32)), "32 levels are read");
  Require(refusal(nested(33)) == JsonError::kTooDeep, "one more level is not");
}

// An object in one text that can be compared: all that is kept of it.
std::string Outline(const JsonObject& object) {
  std::string text;
  for (const JsonMember& member : object.members) {
    text += model::Canonical({{member.name, member.text}});
    text += std::to_string(static_cast<int>(member.kind)) + ":";
    for (const std::string& item : member.items) text += model::Canonical(item);
  }
  return text;
}

// Two readings of a text, or of a text and one that has to be read alike.
using JsonRead = decltype(ParseJsonObjectLoosely(std::string_view()));

bool AreSame(const JsonObject& one, const JsonObject& other) {
  return std::equal(one.members.begin(), one.members.end(), other.members.begin(),
                    other.members.end(), [](const JsonMember& a, const JsonMember& b) {
                      return a.name == b.name && a.text == b.text && a.kind == b.kind &&
                             a.items == b.items;
                    });
}

void RequireSame(const JsonRead& got, const JsonRead& expected, std::string_view rule) {
  if (got.has_value() == expected.has_value() && (!got || AreSame(*got, *expected))) return;
  const auto shown = [](const JsonRead& read) { return read ? Outline(*read) : "refused"; };
  Broken(rule, shown(got), shown(expected));
}

// The laws of the loose reading, each with what it tolerates.
void HoldLooseness(std::string_view content, const JsonRead& strict) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  const JsonRead loose = ParseJsonObjectLoosely(content);
  if (strict) RequireSame(loose, strict, "a strict text has one reading");
  if (content.starts_with(kMark)) return;
  std::string marked(kMark);
  marked += content;
  const auto with_mark = ParseJsonObject(marked);
  Require(!with_mark && with_mark.error() == JsonError::kByteOrderMark,
          "a strict text has no mark");
  RequireSame(ParseJsonObjectLoosely(marked), loose, "a byte order mark is skipped");
  if (model::IsUtf8(content)) return;
  std::string ascii(content);
  std::replace_if(
      ascii.begin(), ascii.end(), [](unsigned char c) { return c > 127; }, '?');
  RequireSame(loose, ParseJsonObjectLoosely(ascii), "other bytes are read as ?");
}

// The string that a JSON text of one escape or two stands for; nothing where it is refused.
std::optional<std::string> Unescaped(const std::string& escapes) {
  const auto object = ParseJsonObject("{\"a\":\"" + escapes + "\"}");
  return object ? std::optional(object->members.front().text) : std::nullopt;
}

// Surrogates (RFC 8259 section 7) around their bounds, once in a process: nlohmann's reader refuses
// halves, so that it is not asked about them.
void HoldSurrogates() {
  const auto escape = [](unsigned unit) {
    const char bytes[] = {static_cast<char>(unit >> 8), static_cast<char>(unit & 255)};
    return "\\u" + EncodeHex({bytes, 2});
  };
  const auto utf8 = [](unsigned code) {
    std::string text{static_cast<char>(code >> 18 | 240)};
    for (int shift : {12, 6, 0}) text += static_cast<char>((code >> shift) % 64 + 128);
    return text;
  };
  for (unsigned high : {0xd800u, 0xd801u, 0xd83du, 0xdbfeu, 0xdbffu}) {
    for (unsigned low : {0xdc00u, 0xdc01u, 0xde00u, 0xdffeu, 0xdfffu}) {
      const unsigned code = 0x10000 + (high - 0xd800) * 1024 + (low - 0xdc00);
      Require(Unescaped(escape(high) + escape(low)) == utf8(code), "a pair is one character");
    }
    for (unsigned other : {0x41u, 0xd800u, 0xdbffu, 0xe000u}) {
      Require(!Unescaped(escape(high) + escape(other)), "no other unit is the second of a pair");
    }
    Require(Unescaped(escape(high) + "a") ==
                "\xEF\xBF\xBD"
                "a",
            "half a pair is replaced");
  }
  for (unsigned low : {0xdc00u, 0xdc01u, 0xdfffu}) {
    Require(Unescaped(escape(low)) == "\xEF\xBF\xBD", "the other half, too");
  }
  const std::string half = "\xEF\xBF\xBD";
  Require(Unescaped(escape(0xdc00) + escape(0xdc00)) == half + half, "two second halves are none");
  Require(Unescaped(escape(0xd7ff) + escape(0xdc00)) == "\xED\x9F\xBF" + half,
          "nor is this a pair");
  Require(Unescaped(escape(0xd7ff)) == "\xED\x9F\xBF", "what is before the surrogates is not one");
  Require(Unescaped(escape(0xe000)) == "\xEE\x80\x80", "nor is what is after them");
}

// What is kept of values: kinds, literals, and the strings directly inside an array.
void HoldKinds() {
  const auto object =
      ParseJsonObject(R"({"s":"a","i":-1,"n":1.5,"t":true,"f":false,"z":null,"o":{"x":"y"},)"
                      R"("l":["a",1,["b"],{"c":"d"},null,"e"],"m":[{"a":["b"]}]})");
  Require(object.has_value() && object->members.size() == 9, "all members are read");
  const struct {
    JsonKind kind;
    std::string_view text;
  } expected[] = {
      {JsonKind::kString, "a"},     {JsonKind::kInteger, "-1"},    {JsonKind::kNumber, "1.5"},
      {JsonKind::kBoolean, "true"}, {JsonKind::kBoolean, "false"}, {JsonKind::kNull, "null"},
      {JsonKind::kObject, ""},      {JsonKind::kArray, ""},        {JsonKind::kArray, ""}};
  for (std::size_t i = 0; i < 9; ++i) {
    Require(object->members[i].kind == expected[i].kind, "a member has its kind");
    RequireEqual(object->members[i].text, expected[i].text, "a member has its text");
    const bool is_list = object->members[i].name == "l";
    Require(object->members[i].items ==
                (is_list ? std::vector<std::string>{"a", "e"} : std::vector<std::string>{}),
            "the strings directly inside an array are kept");
  }
  const auto twice = ParseJsonObjectLoosely(R"({"a":"1","a":["2"],"b":"3"})");
  Require(twice && twice->members.size() == 2 && twice->Find("a")->text == "1" &&
              twice->Find("a")->items.empty() && twice->Find("b")->text == "3",
          "of two members with one name, the first one counts");
  Require(!ParseJsonObjectLoosely("[\"a\"]"), "an array is no object");
  const auto minus_zero =
      ParseTokenResponse(R"({"access_token":"a","token_type":"b","expires_in":-0})");
  Require(!minus_zero && minus_zero.error() == TokenResponseError::kExpiresIn,
          "a lifetime has no sign");
}

JsonRead Read(std::string_view content) {
  const WorkMeter work;
  JsonRead object = ParseJsonObject(content);
  work.RequireLinear(content.size(), 150, 256, "ParseJsonObject");
  return object;
}

void HoldJson(const JsonRead& object, const model::JsonReading& expected) {
  if (!object) Require(!ToString(object.error()).empty(), "a refusal has words");
  if (expected.undecided) return;
  Require(object.has_value() == expected.good, "a JSON object is read, and nothing else");
  if (!object) return;
  Require(object->members.size() == expected.members.size(), "both readers see as many members");
  for (std::size_t i = 0; i < expected.members.size(); ++i) {
    RequireEqual(object->members[i].name, expected.members[i].name, "members have their names");
    if (expected.members[i].kind == 's') {
      RequireEqual(object->members[i].text, expected.members[i].text, "strings are the same");
    }
  }
}

// JSON has no "-0" after a second parser made an integer of it; all else has one reading.
bool HasMinusZero(std::string_view content) {
  return content.find("-0") != std::string_view::npos;
}

void HoldTokenResponse(std::string_view content, const model::JsonReading& expected) {
  const auto response = subject::ReadTokenResponse(content);
  if (!response) Require(!ToString(response.error()).empty(), "a refusal has words");
  if (expected.undecided || HasMinusZero(content)) return;
  Require(response.has_value() == (expected.good && IsLegal(expected)),
          "a token response is what RFC 6749 section 5.1 allows, and nothing else");
  if (!response) return;
  RequireEqual(response->access_token, expected.Find("access_token")->text, "the token is sent");
  RequireEqual(response->token_type, expected.Find("token_type")->text, "so is its type");
  Require(response->scope.has_value() == (expected.Find("scope") != nullptr), "and its scope");
  Require(response->expires_in.has_value() == (expected.Find("expires_in") != nullptr),
          "and its lifetime");
  if (response->expires_in) {
    RequireEqual(std::to_string(*response->expires_in), expected.Find("expires_in")->text,
                 "a lifetime is the number that was sent");
  }
  Require(
      response->extra.size() + 2 + response->scope.has_value() + response->expires_in.has_value() ==
          expected.members.size(),
      "further members are told");
}

// What RFC 6749 section 5.2 says of a member that may be missing: no quote and no backslash, and in
// a URI no space.
bool IsErrorText(const model::JsonReading::Member* member, bool uri) {
  if (member == nullptr) return true;
  return member->kind == 's' &&
         std::all_of(member->text.begin(), member->text.end(), [uri](char c) {
           return c >= (uri ? '\x21' : '\x20') && c != '\x22' && c != '\x5c' && c != '\x7f';
         });
}

// The first reason to refuse an error response, or nothing.
std::optional<ErrorResponseError> ExpectedRefusal(const model::JsonReading& json) {
  if (!json.good) return ErrorResponseError::kJson;
  const auto* error = json.Find("error");
  if (error == nullptr) return ErrorResponseError::kNoError;
  if (!IsErrorText(error, false) || error->text.empty()) return ErrorResponseError::kError;
  if (!IsErrorText(json.Find("error_description"), false)) return ErrorResponseError::kDescription;
  if (!IsErrorText(json.Find("error_uri"), true)) return ErrorResponseError::kUri;
  return std::nullopt;
}

void RequireMember(const std::optional<std::string>& text, const model::JsonReading& json,
                   std::string_view name) {
  const auto* member = json.Find(name);
  Require(text.has_value() == (member != nullptr), "a member is read where it was sent");
  if (member != nullptr) RequireEqual(*text, member->text, "a member is read as it was sent");
}

void HoldErrorResponse(std::string_view content, const model::JsonReading& json) {
  const auto response = ParseErrorResponse(content);
  if (!response) Require(!ToString(response.error()).empty(), "a refusal has words");
  if (json.undecided || HasMinusZero(content)) return;
  const auto refusal = ExpectedRefusal(json);
  Require(response.has_value() == !refusal, "an error response is what section 5.2 allows");
  if (!response) {
    Require(response.error() == *refusal, "the first violation is the reason");
    return;
  }
  RequireMember(response->error, json, "error");
  RequireMember(response->description, json, "error_description");
  RequireMember(response->uri, json, "error_uri");
}

}  // namespace
}  // namespace grantspec::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  [[maybe_unused]] static const bool bounds_held = [] {
    grantspec::fuzz::HoldBounds();
    grantspec::fuzz::HoldSurrogates();
    grantspec::fuzz::HoldKinds();
    return true;
  }();
  const std::string_view content(reinterpret_cast<const char*>(data), size);
  const auto expected = grantspec::model::ReadJson(content);
  const auto object = grantspec::fuzz::Read(content);
  grantspec::fuzz::HoldJson(object, expected);
  grantspec::fuzz::HoldLooseness(content, object);
  grantspec::fuzz::HoldTokenResponse(content, expected);
  grantspec::fuzz::HoldErrorResponse(content, expected);
  return 0;
}
