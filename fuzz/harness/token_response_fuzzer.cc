// Input: the content of a token answer, as a hostile server may send it.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include "fixtures/grammar/error_response.h"
#include "fixtures/grammar/json_text.h"
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

void HoldJson(std::string_view content, const model::JsonReading& expected) {
  const WorkMeter work;
  const auto object = ParseJsonObject(content);
  work.RequireLinear(content.size(), 150, 256, "ParseJsonObject");
  const auto loosely = ParseJsonObjectLoosely(content);
  if (object) Require(loosely.has_value(), "what is read strictly is read loosely");
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
          "a token answer is what RFC 6749 section 5.1 allows, and nothing else");
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
  [[maybe_unused]] static const bool bounds_held = (grantspec::fuzz::HoldBounds(), true);
  const std::string_view content(reinterpret_cast<const char*>(data), size);
  const auto expected = grantspec::model::ReadJson(content);
  grantspec::fuzz::HoldJson(content, expected);
  grantspec::fuzz::HoldTokenResponse(content, expected);
  grantspec::fuzz::HoldErrorResponse(content, expected);
  return 0;
}
