#include "conformance/engine/response/response_summary.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "conformance/engine/response/response_class.h"
#include "conformance/engine/secrets/named_token.h"
#include "fixtures/grammar/ascii.h"
#include "fixtures/grammar/http_date.h"
#include "fixtures/grammar/media_type.h"

namespace grantspec {
namespace {

constexpr std::size_t kMembersMax = 12;
constexpr std::size_t kNameMax = 32;  // bytes of a name that is shown
constexpr std::ptrdiff_t kDigitsMax = 2, kCapitalsMax = 4;

// Fields whose values are made of words of HTTP; in lower case.
constexpr std::string_view kPlainFields[] = {
    "cache-control",    "connection", "pragma",        "transfer-encoding",     "vary",
    "content-encoding", "allow",      "accept-ranges", "x-content-type-options"};

constexpr std::string_view kMediaTypes[] = {"application/json",
                                            "application/problem+json",
                                            "application/hal+json",
                                            "application/jwt",
                                            "application/xml",
                                            "application/soap+xml",
                                            "application/javascript",
                                            "application/octet-stream",
                                            "application/x-www-form-urlencoded",
                                            "application/yaml",
                                            "application/xhtml+xml",
                                            "application/vnd.api+json",
                                            "multipart/form-data",
                                            "text/html",
                                            "text/plain",
                                            "text/xml",
                                            "text/csv",
                                            "text/javascript",
                                            "text/json",
                                            "text/yaml"};

constexpr std::string_view kReasons[] = {"",
                                         "OK",
                                         "Created",
                                         "Accepted",
                                         "No Content",
                                         "Non-Authoritative Information",
                                         "Reset Content",
                                         "Partial Content"};

std::string Bytes(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " byte" : " bytes");
}

// Whether a name is made like those of programmers, and not like a token.
bool IsIdentifier(std::string_view name) {
  if (name.empty() || name.size() > kNameMax || name.starts_with("eyJ")) return false;
  if (!IsAlpha(name[0]) && name[0] != '_') return false;
  const bool fits = std::all_of(name.begin(), name.end(), [](char c) {
    return IsAlpha(c) || IsDigit(c) || c == '_' || c == '-';
  });
  return fits && std::count_if(name.begin(), name.end(), IsDigit) <= kDigitsMax &&
         std::count_if(name.begin(), name.end(), [](char c) { return c >= 'A' && c <= 'Z'; }) <=
             kCapitalsMax;
}

std::string KindOf(const JsonMember& member) {
  switch (member.kind) {
    case JsonKind::kString:
      return "string of " + Bytes(member.text.size());
    case JsonKind::kInteger:
    case JsonKind::kNumber:
      return "number";
    case JsonKind::kBoolean:
      return "boolean";
    case JsonKind::kNull:
      return "null";
    case JsonKind::kObject:
      return "object";
    case JsonKind::kArray:
      return "array";
  }
  return "";
}

std::string MediaTypeOf(const Response& response) {
  const auto value = response.fields.First("Content-Type");
  if (!value) return "without a media type";
  const auto media = ParseMediaType(*value);
  const std::string name = media ? media->type + "/" + media->subtype : "";
  const bool known =
      std::find(std::begin(kMediaTypes), std::end(kMediaTypes), name) != std::end(kMediaTypes);
  return known ? "of " + name : "of another media type";
}

bool IsNumber(std::string_view value) {
  return value.size() <= 10 && std::all_of(value.begin(), value.end(), IsDigit);
}

// Words of letters, as HTTP's own values are made of.
bool IsPlainValue(std::string_view value) {
  if (value.size() > 128) return false;
  std::size_t run = 0, digits = 0;
  for (char c : value) {
    run = IsAlpha(c) || c == '-' ? run + 1 : 0;
    digits += IsDigit(c) ? 1 : 0;
    const bool known =
        IsAlpha(c) || IsDigit(c) || std::string_view(" ,;=-*").find(c) != std::string_view::npos;
    if (!known || run > 24 || digits > 10) return false;
  }
  return true;
}

std::string CookieWithoutValue(std::string_view value) {
  const std::size_t equals = value.find('=');
  const std::size_t end = std::min(value.find(';'), value.size());
  if (equals == std::string_view::npos || equals > end) return "(" + Bytes(value.size()) + ")";
  const std::string_view name = value.substr(0, equals);
  return (IsIdentifier(name) ? std::string(name) : "(name)") + "=(" + Bytes(end - equals - 1) +
         ")" + (end < value.size() ? "; (attributes)" : "");
}

// The URL with each parameter that looks like a token blanked, in the query and in the fragment.
std::string UrlWithoutTokens(std::string_view url) {
  std::string out;
  std::size_t at = 0;
  while (at < url.size()) {
    const std::size_t end = std::min(url.find_first_of("?#&=;/", at), url.size());
    const std::string_view part = url.substr(at, end - at);
    out += IsTokenLike(part) ? "[token]" : std::string(part);
    if (end < url.size()) out += url[end];
    at = end + 1;
  }
  return out;
}

}  // namespace

bool IsUnreadableSuccess(const Response& response) {
  if (response.status < 200 || response.status > 299) return false;
  const auto object = ObjectOf(response);
  const JsonMember* token = object ? object->Find("access_token") : nullptr;
  return token == nullptr || token->kind != JsonKind::kString || token->text.empty();
}

std::string SummaryOf(const Response& response) {
  std::string text = Bytes(response.content.size()) + " " + MediaTypeOf(response);
  const auto object = ObjectOf(response);
  if (!object) return text + ", no JSON object";
  text += ", a JSON object";
  std::size_t shown = 0, hidden = 0;
  for (const JsonMember& member : object->members) {
    if (shown == kMembersMax || !IsIdentifier(member.name)) {
      ++hidden;
      continue;
    }
    text += (shown++ == 0 ? ": " : ", ") + member.name + " (" + KindOf(member) + ")";
  }
  if (hidden > 0) text += (shown == 0 ? ": " : " and ") + std::to_string(hidden) + " more";
  return text;
}

std::pair<std::string, std::string> SummaryOf(const Field& field) {
  const std::string name = ToLower(field.name);
  const bool plain =
      std::find(std::begin(kPlainFields), std::end(kPlainFields), name) != std::end(kPlainFields);
  std::string value = "(" + Bytes(field.value.size()) + ")";
  if (plain && IsPlainValue(field.value)) value = field.value;
  if (name == "content-length" && IsNumber(field.value)) value = field.value;
  if (name == "date" && ParseHttpDate(field.value)) value = field.value;
  if (name == "content-type") {
    Response typed;
    typed.fields.Add("Content-Type", field.value);
    value = MediaTypeOf(typed);
    value = value.starts_with("of ") ? value.substr(3) : value;
  }
  return {IsIdentifier(field.name) ? field.name : "(name of " + Bytes(field.name.size()) + ")",
          value};
}

std::pair<std::string, std::string> WithoutCredentials(const Field& field) {
  const std::string name = ToLower(field.name);
  if (name == "set-cookie" || name == "set-cookie2") {
    return {field.name, CookieWithoutValue(field.value)};
  }
  if (name == "location" || name == "content-location" || name == "refresh" || name == "link") {
    return {field.name, UrlWithoutTokens(field.value)};
  }
  if (IsTokenName(field.name)) return {field.name, "[token]"};
  return {field.name, field.value};
}

std::string SummaryOfReason(const std::string& reason) {
  const bool known =
      std::find(std::begin(kReasons), std::end(kReasons), reason) != std::end(kReasons);
  return known ? reason : "(reason of " + Bytes(reason.size()) + ")";
}

}  // namespace grantspec
