// Input: the value of an Authorization field.

#include <algorithm>
#include <cstdint>
#include <string>

#include "fixtures/grammar/ascii.h"
#include "fixtures/grammar/base64.h"
#include "fixtures/model/grammar.h"
#include "fuzz/mutants/subject.h"
#include "fuzz/oracle/require.h"
#include "fuzz/oracle/work.h"

namespace grantspec::fuzz {
namespace {

void HoldCredentials(std::string_view field_value) {
  const WorkMeter work;
  const auto read = subject::ReadBasic(field_value);
  work.RequireLinear(field_value.size(), 10, 8, "ParseBasic");

  const auto expected = model::ReadBasic(field_value);
  Require(read.has_value() == expected.has_value(),
          "what the grammar allows is read, and nothing else");
  if (!read) {
    Require(!ToString(read.error()).empty(), "a refusal has words");
    const bool only_scheme = field_value.find_last_not_of(' ') == 4;
    if (only_scheme && EqualsFolded(field_value.substr(0, 5), "Basic")) {
      Require(read.error() == BasicError::kNoSpace, "a scheme alone has no credentials");
    }
    return;
  }
  if (const auto decoded = DecodeClientCredentials(*read); !decoded) {
    Require(!ToString(decoded.error()).empty(), "a refusal has words");
  }
  RequireEqual(read->user_id, expected->first, "both readers see the same user-id");
  RequireEqual(read->password, expected->second, "both readers see the same password");
  Require(read->user_id.find(':') == std::string::npos, "a user-id contains no colon");
  for (const std::string* half : {&read->user_id, &read->password}) {
    Require(std::none_of(half->begin(), half->end(), IsControl),
            "no half contains a control character");
  }

  const std::string written = FormatBasic(*read);
  RequireEqual(written.substr(6), field_value.substr(field_value.rfind(' ') + 1),
               "credentials have one spelling in base64");
  const auto again = subject::ReadBasic(written);
  Require(again && *again == *read, "credentials that were written are read back");
}

void HoldClientCredentials(std::string_view bytes) {
  const std::size_t half = bytes.size() / 2;
  const auto read = ParseBasic(FormatClientCredentials(bytes.substr(0, half), bytes.substr(half)));
  Require(read.has_value(), "any client identifier and secret can be sent form-encoded");
  const auto decoded = DecodeClientCredentials(*read);
  const bool utf8 = model::IsUtf8(bytes.substr(0, half)) && model::IsUtf8(bytes.substr(half));
  Require(decoded.has_value() == utf8, "form-encoded halves come back where they are UTF-8");
  if (decoded) RequireEqual(decoded->user_id + decoded->password, bytes, "halves come back");
}

// Why a text is not base64: its first symbol outside of the alphabet, then its length.
Base64Error ExpectedError(std::string_view text) {
  std::string_view symbols = text;
  for (int n = 0; n < 2 && symbols.ends_with('='); ++n)
    symbols = symbols.substr(0, symbols.size() - 1);
  for (char c : symbols) {
    const bool known = IsAlpha(c) || IsDigit(c) || c == '+' || c == '/';
    if (!known) return c == '=' ? Base64Error::kPadding : Base64Error::kAlphabet;
  }
  const std::size_t rest = symbols.size() % 4;
  if (rest == 1) return Base64Error::kPadding;
  const std::string last = rest == 0 ? "" : std::string(symbols.substr(symbols.size() - rest));
  const bool zero = rest == 0 || model::ReadBase64(last + std::string(4 - rest, '=')).has_value();
  return zero ? Base64Error::kPadding : Base64Error::kPadBits;
}

void HoldBase64(std::string_view bytes) {
  const std::string text = EncodeBase64(bytes);
  RequireEqual(text, model::WriteBase64(bytes), "both writers spell base64 alike");
  const auto back = DecodeBase64(text);
  Require(back && *back == bytes, "base64 that was written is read back");
  const auto strict = DecodeBase64(bytes);
  Require(strict.has_value() == model::ReadBase64(bytes).has_value(), "base64 has one spelling");
  if (!strict) Require(strict.error() == ExpectedError(bytes), "base64 is refused for its reason");
  const auto url = DecodeBase64Url(EncodeBase64Url(bytes));
  Require(url && *url == bytes, "base64url that was written is read back");
  if (const auto any = DecodeBase64Url(bytes)) {
    RequireEqual(EncodeBase64Url(*any), bytes, "base64url has one spelling");
  }
}

}  // namespace
}  // namespace grantspec::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view field_value(reinterpret_cast<const char*>(data), size);
  grantspec::fuzz::HoldCredentials(field_value);
  grantspec::fuzz::HoldClientCredentials(field_value);
  grantspec::fuzz::HoldBase64(field_value);
  return 0;
}
