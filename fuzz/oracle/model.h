// A second reading of each grammar, written independently of fixtures/grammar from the same RFCs.
// It is slow and plain on purpose.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace grantspec::model {

using Pairs = std::vector<std::pair<std::string, std::string>>;

/// A form (RFC 6749 appendix B): its pairs, or why there are none.
struct FormReading {
  enum class Refusal { kNone, kEscape, kUtf8 };
  Refusal refusal = Refusal::kNone;
  Pairs pairs;
  std::size_t escapes = 0, separators = 0;
};
FormReading ReadForm(std::string_view content);

/// The form of the URL Standard, which is never refused.
Pairs ReadFormLoosely(std::string_view content);

/// UTF-8: each character is written as its code point would be.
bool IsUtf8(std::string_view octets);

/// Base64 is what an encoder would write: anything else is nothing.
std::optional<std::string> ReadBase64(std::string_view text);
std::string WriteBase64(std::string_view octets);

/// Basic credentials as sent, or nothing.
std::optional<std::pair<std::string, std::string>> ReadBasic(std::string_view field_value);

/// The distinct scope-tokens in ascending order, or nothing.
std::optional<std::vector<std::string>> ReadScope(std::string_view text);

/// Type, subtype (in lower case) and parameters, or nothing.
struct MediaTypeReading {
  std::string type, subtype;
  Pairs parameters;
};
std::optional<MediaTypeReading> ReadMediaType(std::string_view value);

/// A text as lists of names and values, for comparing and printing: each part as `length:bytes`.
std::string Canonical(const Pairs& pairs);
std::string Canonical(std::string_view part);

}  // namespace grantspec::model
