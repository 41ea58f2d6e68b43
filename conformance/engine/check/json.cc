// Checks of JSON bodies (RFC 8259) and of their media type.

#include <algorithm>

#include "conformance/engine/check/finding.h"
#include "fixtures/grammar/ascii.h"
#include "fixtures/grammar/json_text.h"
#include "fixtures/grammar/utf8.h"

namespace grantspec::checks {
namespace {

Finding ContentTypeJson(const CheckedResponse& a) {
  const auto& object = a.inspection.object;
  const bool oauth = MemberOf(object, "error") != nullptr || IsTokenResponse(a);
  if (!a.from_token_endpoint || !oauth) return DoesNotApply();
  const auto value = a.response.fields.First("Content-Type");
  const auto& media = a.inspection.media_type;
  if (media && media->type == "application" && media->subtype == "json") return Satisfied();
  return Violated("Content-Type is " + (value ? Quoted(*value) : std::string("missing")));
}

Finding StrictJson(const CheckedResponse& a) {
  if (!a.from_token_endpoint || !IsMeantAsJson(a)) return DoesNotApply();
  const auto object = ParseJsonObject(a.response.content);
  if (object) return Satisfied();
  switch (object.error()) {
    case JsonError::kDuplicateName:
    case JsonError::kByteOrderMark:
    case JsonError::kUtf8:
    case JsonError::kNotObject:
      return Satisfied();  // checks of their own
    default:
      return Violated(std::string(ToString(object.error())));
  }
}

Finding JsonDefect(const CheckedResponse& a, JsonError defect) {
  if (!a.from_token_endpoint || !IsMeantAsJson(a)) return DoesNotApply();
  const auto object = ParseJsonObject(a.response.content);
  if (object || object.error() != defect) return Satisfied();
  return Violated(std::string(ToString(defect)));
}

Finding UniqueNames(const CheckedResponse& a) {
  return JsonDefect(a, JsonError::kDuplicateName);
}
Finding TopLevelObject(const CheckedResponse& a) {
  return JsonDefect(a, JsonError::kNotObject);
}

Finding Utf8(const CheckedResponse& a) {
  if (!a.from_token_endpoint || !IsMeantAsJson(a)) return DoesNotApply();
  return IsUtf8(a.response.content) ? Satisfied() : Violated("the body is not UTF-8");
}

Finding NoBom(const CheckedResponse& a) {
  if (!a.from_token_endpoint || !IsMeantAsJson(a)) return DoesNotApply();
  return a.response.content.starts_with("\xEF\xBB\xBF")
             ? Violated("the body starts with a byte order mark")
             : Satisfied();
}

Finding NoNulls(const CheckedResponse& a) {
  if (!a.from_token_endpoint) return DoesNotApply();
  const auto& object = a.inspection.object;
  if (!object) return DoesNotApply();
  for (std::string_view name : {"access_token", "token_type", "expires_in", "scope",
                                "refresh_token", "error", "error_description", "error_uri"}) {
    const JsonMember* member = object->Find(name);
    if (member != nullptr && member->kind == JsonKind::kNull) {
      return Violated(std::string(name) + " is null");
    }
  }
  return Satisfied();
}

// RFC 6749 section 8.2: param-name = 1*name-char, name-char = "-" / "." / "_" / DIGIT / ALPHA.
Finding MemberNames(const CheckedResponse& a) {
  const auto& object = a.inspection.object;
  if (!a.from_token_endpoint || !object) return DoesNotApply();
  for (const JsonMember& member : object->members) {
    const bool fits = std::all_of(member.name.begin(), member.name.end(), [](char c) {
      return IsAlpha(c) || IsDigit(c) || c == '-' || c == '.' || c == '_';
    });
    if (!fits || member.name.empty()) return Violated("a member " + Quoted(member.name));
  }
  return Satisfied();
}

Finding JsonCharset(const CheckedResponse& a) {
  if (!a.from_token_endpoint || !IsMeantAsJson(a)) return DoesNotApply();
  const auto& media = a.inspection.media_type;
  if (!media) return DoesNotApply();
  const auto* charset = media->Find("charset");
  if (charset == nullptr || EqualsFolded(charset->value, "utf-8")) return Satisfied();
  return Violated("charset is " + Quoted(charset->value));
}

constexpr Check kJsonChecks[] = {
    {"content_type_json", "Content-Type is application/json", ContentTypeJson},
    {"strict_json", "one JSON text and nothing after it (RFC 8259)", StrictJson},
    {"unique_names", "member names are unique", UniqueNames},
    {"top_level_object", "the JSON text is an object", TopLevelObject},
    {"utf8", "JSON is UTF-8", Utf8},
    {"no_bom", "JSON without a byte order mark", NoBom},
    {"no_nulls", "no null among the known members", NoNulls},
    {"member_names", "member names are letters, digits, and - . _", MemberNames},
    {"json_charset", "charset absent or UTF-8", JsonCharset},
};

}  // namespace

std::span<const Check> JsonChecks() {
  return kJsonChecks;
}

}  // namespace grantspec::checks
