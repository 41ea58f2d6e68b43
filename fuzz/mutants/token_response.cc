// Planted defects of token responses.

#include "fixtures/grammar/json_text.h"
#include "fuzz/mutants/planted.h"
#include "fuzz/mutants/subject.h"

namespace grantspec::subject {
namespace {

using TokenRead = Result<TokenResponse, TokenResponseError>;

// The response read again after a change of its text, where it was refused.
template <typename Change>
TokenRead Patched(std::string_view content, const Change& change) {
  return OrElse<TokenRead>(content, ParseTokenResponse, change);
}

const Planted<TokenRead> kToken[] = {
    {"token_lifetime_string", "a lifetime may be a string",
     [](std::string_view c) {
       return Patched(c, [](std::string_view t) { return Replaced(t, "\"900\"", "900"); });
     }},
    {"token_lifetime_fraction", "a lifetime may have an exponent",
     [](std::string_view c) {
       return Patched(c, [](std::string_view t) { return Replaced(t, "9e2", "900"); });
     }},
    {"token_lifetime_negative", "a lifetime may be negative",
     [](std::string_view c) {
       return Patched(c, [](std::string_view t) { return Replaced(t, ":-", ":"); });
     }},
    {"token_lifetime_2_53", "a lifetime may be 2^53",
     [](std::string_view c) {
       return Patched(c, [](std::string_view t) { return Replaced(t, "9007199254740992", "1"); });
     }},
    {"token_lifetime_32_bits", "a lifetime is kept in 32 bits",
     [](std::string_view c) {
       TokenRead read = ParseTokenResponse(c);
       if (read && read->expires_in) (*read).expires_in = *read->expires_in & 0xffffffffu;
       return read;
     }},
    {"token_repeated_name", "duplicate names are accepted",
     [](std::string_view c) {
       const auto strict = ParseJsonObject(c);
       const bool twice = !strict && strict.error() == JsonError::kDuplicateName;
       return twice ? TokenRead(TokenResponse{}) : ParseTokenResponse(c);
     }},
    {"token_scope_null", "a scope may be null",
     [](std::string_view c) {
       return Patched(
           c, [](std::string_view t) { return Replaced(t, "\"scope\":null", "\"scope\":\"a\""); });
     }},
    {"token_scope_empty", "a scope may be empty",
     [](std::string_view c) {
       return Patched(
           c, [](std::string_view t) { return Replaced(t, "\"scope\":\"\"", "\"scope\":\"a\""); });
     }},
    {"token_text_behind", "text after the object is ignored",
     [](std::string_view c) {
       return Patched(c, [](std::string_view t) { return t.substr(0, t.rfind('}') + 1); });
     }},
    {"token_any_bytes", "bytes need not be UTF-8",
     [](std::string_view c) {
       return Patched(c, [](std::string_view t) {
         std::string text(t);
         for (char& c : text) c = static_cast<unsigned char>(c) >= 0x80 ? '?' : c;
         return text;
       });
     }},
    {"token_mark", "a byte order mark is skipped",
     [](std::string_view c) {
       return Patched(
           c, [](std::string_view t) { return t.starts_with("\xEF\xBB\xBF") ? t.substr(3) : t; });
     }},
    {"token_type_space", "a token type may have a space",
     [](std::string_view c) {
       return Patched(c, [](std::string_view t) { return Replaced(t, " ", ""); });
     }},
    {"token_ends_at_nul", "a response ends at a NUL",
     [](std::string_view c) { return ParseTokenResponse(c.substr(0, c.find('\0'))); }},
    {"token_trailing_comma", "a trailing comma is accepted",
     [](std::string_view c) {
       return Patched(c, [](std::string_view t) { return Replaced(t, ",}", "}"); });
     }},
    {"token_extra_lost", "further members are lost",
     [](std::string_view c) {
       TokenRead read = ParseTokenResponse(c);
       if (read && read->extra.size() > 1) (*read).extra.resize(1);
       return read;
     }},
};

}  // namespace

void AppendTokenResponseMutants(std::vector<Mutant>& list) {
  Append(list, kToken, "token_response");
}

Result<TokenResponse, TokenResponseError> ReadTokenResponse(std::string_view content) {
  static const auto planted = Active(kToken);
  return planted != nullptr ? planted(content) : ParseTokenResponse(content);
}

}  // namespace grantspec::subject
