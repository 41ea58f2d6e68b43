#include "fuzz/mutants/subject.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <memory>

#include "fixtures/grammar/ascii.h"
#include "fixtures/grammar/base64.h"
#include "fixtures/grammar/json_text.h"
#include "fixtures/grammar/percent.h"
#include "fuzz/mutants/mutant.h"

namespace grantspec::subject {
namespace {

using FormRead = Result<Form, FormError>;
using BasicRead = Result<BasicCredentials, BasicError>;
using ScopeRead = Result<Scope, ScopeError>;
using TypeRead = std::optional<MediaType>;
using TokenRead = Result<TokenResponse, TokenResponseError>;

template <typename Read>
struct Planted {
  std::string_view name, says;
  Read (*read)(std::string_view);
  bool memory = false;
};

std::string Replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string out;
  while (!text.empty()) {
    if (text.starts_with(from)) {
      out += to;
      text.remove_prefix(from.size());
    } else {
      out += text.front();
      text.remove_prefix(1);
    }
  }
  return out;
}

// What is refused is changed and read once more.
template <typename Read, typename Parse, typename Change>
Read OrElse(std::string_view text, const Parse& parse, const Change& change) {
  Read read = parse(text);
  return read ? read : parse(std::string(change(text)));
}

template <typename Change>
FormRead EachValue(std::string_view content, const Change& change) {
  FormRead form = ParseForm(content);
  if (form) {
    for (FormParameter& p : (*form).parameters) change(p);
  }
  return form;
}

// Keeps one of several parameters of a name.
FormRead Single(std::string_view content, bool last) {
  FormRead read = ParseForm(content);
  if (!read) return read;
  Form form;
  for (const FormParameter& p : read->parameters) {
    const auto same = std::find_if(form.parameters.begin(), form.parameters.end(),
                                   [&p](const FormParameter& q) { return q.name == p.name; });
    if (same == form.parameters.end()) {
      form.parameters.push_back(p);
    } else if (last) {
      same->value = p.value;
    }
  }
  return form;
}

// An octet that the compiler may not leave unread.
void Touch(const char& octet) {
  [[maybe_unused]] const volatile char read = octet;
}

const Planted<FormRead> kForm[] = {
    {"form_decoded_twice_value", "a value is decoded twice",
     [](std::string_view c) {
       return EachValue(c, [](FormParameter& p) {
         if (const auto again = DecodePercent(p.value)) p.value = *again;
       });
     }},
    {"form_plus_stays", "a plus stays a plus",
     [](std::string_view c) { return ParseForm(Replaced(c, "+", "%2B")); }},
    {"form_percent_read_past", "an escape cut short is read past the end",
     [](std::string_view c) {
       const std::unique_ptr<char[]> copy(new char[c.size()]);
       std::copy(c.begin(), c.end(), copy.get());
       if (c.ends_with('%')) Touch(copy[c.size()]);
       return ParseForm(c);
     },
     true},
    {"form_bad_escape_stays", "an escape that is none stays as it is",
     [](std::string_view c) {
       const FormRead read = ParseForm(c);
       return !read && read.error() == FormError::kPercent ? FormRead(ParseFormWhatwg(c)) : read;
     }},
    {"form_value_ends_at_nul", "a value ends at a NUL",
     [](std::string_view c) {
       return EachValue(c,
                        [](FormParameter& p) { p.value = p.value.substr(0, p.value.find('\0')); });
     }},
    {"form_last_wins", "of a repeated parameter the last counts",
     [](std::string_view c) { return Single(c, true); }},
    {"form_first_wins", "of a repeated parameter the first counts",
     [](std::string_view c) { return Single(c, false); }},
    {"form_lower_hex", "escapes in lower case are refused",
     [](std::string_view c) {
       for (std::size_t i = 0; i + 2 < c.size(); ++i) {
         if (c[i] == '%' && (c[i + 1] >= 'a' || c[i + 2] >= 'a'))
           return FormRead(FormError::kPercent);
       }
       return ParseForm(c);
     }},
    {"form_semicolon", "a semicolon separates pairs",
     [](std::string_view c) { return ParseForm(Replaced(c, ";", "&")); }},
    {"form_sixteen_pairs", "the seventeenth pair is lost",
     [](std::string_view c) {
       FormRead form = ParseForm(c);
       if (form && form->parameters.size() > 16) (*form).parameters.resize(16);
       return form;
     }},
    {"form_any_octets", "octets need not be UTF-8",
     [](std::string_view c) {
       const FormRead read = ParseForm(c);
       return !read && read.error() == FormError::kUtf8 ? FormRead(ParseFormWhatwg(c)) : read;
     }},
    {"form_surrogates", "a surrogate passes for UTF-8",
     [](std::string_view c) {
       const FormRead read = ParseForm(c);
       if (read || read.error() != FormError::kUtf8) return read;
       const Form loose = ParseFormWhatwg(c);
       for (const FormParameter& p : loose.parameters) {
         const std::size_t at = p.value.find('\xed');
         if (at != std::string::npos && at + 1 < p.value.size() && p.value[at + 1] >= '\xa0')
           return FormRead(loose);
       }
       return read;
     }},
    {"form_last_equals", "the last equals sign separates",
     [](std::string_view c) {
       return EachValue(c, [](FormParameter& p) {
         const std::size_t at = p.value.rfind('=');
         if (at == std::string::npos) return;
         p.name += "=" + p.value.substr(0, at);
         p.value = p.value.substr(at + 1);
       });
     }},
    {"form_empty_pair", "an empty pair is a pair",
     [](std::string_view c) {
       FormRead form = ParseForm(c);
       if (form && c.find("&&") != std::string_view::npos) (*form).parameters.push_back({"", ""});
       return form;
     }},
    {"form_names_raw", "names are not decoded",
     [](std::string_view c) {
       return EachValue(c, [](FormParameter& p) { p.name = EncodeFormComponent(p.name); });
     }},
    {"form_quadratic", "each pair copies those before it",
     [](std::string_view c) {
       Form form;
       const FormRead read = ParseForm(c);
       if (!read) return read;
       for (const FormParameter& p : read->parameters) {
         Form longer = form;
         longer.parameters.push_back(p);
         form = std::move(longer);
       }
       return FormRead(form);
     }},
    {"form_value_of_255", "a value ends after 255 octets",
     [](std::string_view c) {
       return EachValue(c, [](FormParameter& p) { p.value = p.value.substr(0, 255); });
     }},
    {"form_value_trimmed", "spaces behind a value are taken off",
     [](std::string_view c) {
       return EachValue(c, [](FormParameter& p) {
         while (p.value.ends_with(' ')) p.value.pop_back();
       });
     }},
};

// Credentials out of any octets, without a look at them.
BasicRead Taken(const std::string& pair, std::size_t colon) {
  return BasicCredentials{pair.substr(0, colon), colon < pair.size() ? pair.substr(colon + 1) : ""};
}

std::string PairOf(std::string_view value) {
  const auto pair = DecodeBase64(value.substr(std::min(value.size(), value.rfind(' ') + 1)));
  return pair ? *pair : "";
}

// Refused for this reason alone: credentials all the same.
template <typename Take>
BasicRead Forgiven(std::string_view value, BasicError error, const Take& take) {
  const BasicRead read = ParseBasic(value);
  return !read && read.error() == error ? take(PairOf(value)) : read;
}

// The text that spells the same octets canonically.
std::string Respelt(std::string_view value, std::string_view keep) {
  const std::size_t begin = std::min(value.size(), value.find(' '));
  std::string symbols;
  for (char c : value.substr(begin)) {
    if (keep.find(c) == std::string_view::npos && c != ' ') symbols += c;
  }
  return std::string(value.substr(0, begin)) + " " + symbols;
}

const Planted<BasicRead> kBasic[] = {
    {"basic_tab", "a tab separates scheme and credentials",
     [](std::string_view v) {
       return ParseBasic(v.starts_with("Basic\t") ? Replaced(v, "\t", " ") : std::string(v));
     }},
    {"basic_scheme_prefix", "the beginning of the scheme is enough",
     [](std::string_view v) {
       const std::size_t space = v.find(' ');
       const bool part =
           space != std::string_view::npos && space > 0 &&
           EqualsFolded(v.substr(0, space), std::string_view("Basic").substr(0, space));
       return ParseBasic(part ? "Basic" + std::string(v.substr(space)) : std::string(v));
     }},
    {"basic_scheme_case", "only Basic is Basic",
     [](std::string_view v) {
       return v.starts_with("Basic") ? ParseBasic(v) : BasicRead(BasicError::kNotBasic);
     }},
    {"basic_pad_bits", "bits left over need not be zero",
     [](std::string_view v) {
       return OrElse<BasicRead>(v, ParseBasic, [](std::string_view t) {
         std::string text(t);
         const std::size_t last = text.find_last_not_of('=');
         if (last == std::string::npos || last + 1 == text.size()) return text;
         std::string best = text;
         static constexpr std::string_view kZero = "AEIMQUYcgkosw048";
         for (char c : kZero) {
           best[last] = c;
           if (ParseBasic(best)) return best;
         }
         return text;
       });
     }},
    {"basic_padding_optional", "padding may be left out",
     [](std::string_view v) {
       return OrElse<BasicRead>(v, ParseBasic, [](std::string_view t) {
         std::string text(t);
         const std::size_t token = text.rfind(' ') + 1;
         if (text.ends_with('=')) return text;
         while ((text.size() - token) % 4 != 0) text += '=';
         return text;
       });
     }},
    {"basic_url_alphabet", "the URL-safe alphabet is taken",
     [](std::string_view v) { return ParseBasic(Replaced(Replaced(v, "-", "+"), "_", "/")); }},
    {"basic_line_end_skipped", "a line's end behind the credentials is skipped",
     [](std::string_view v) { return ParseBasic(v.substr(0, v.find_last_not_of("\r\n") + 1)); }},
    {"basic_foreign_skipped", "characters outside the alphabet are skipped",
     [](std::string_view v) {
       return OrElse<BasicRead>(
           v, ParseBasic, [](std::string_view t) { return Respelt(t, "\t\r\n!\"%&'*,.:;?@"); });
     }},
    {"basic_last_colon", "the last colon separates",
     [](std::string_view v) {
       const BasicRead read = ParseBasic(v);
       if (!read) return read;
       const std::string pair = read->user_id + ":" + read->password;
       return Taken(pair, pair.rfind(':'));
     }},
    {"basic_controls", "control characters are taken",
     [](std::string_view v) {
       return Forgiven(v, BasicError::kControl,
                       [](const std::string& pair) { return Taken(pair, pair.find(':')); });
     }},
    {"basic_delete", "the control character DEL is taken",
     [](std::string_view v) {
       return Forgiven(v, BasicError::kControl, [](const std::string& pair) {
         const bool only = std::none_of(pair.begin(), pair.end(),
                                        [](char c) { return IsControl(c) && c != '\x7f'; });
         return only ? Taken(pair, pair.find(':')) : BasicRead(BasicError::kControl);
       });
     }},
    {"basic_ends_at_nul", "the password ends at a NUL",
     [](std::string_view v) {
       return Forgiven(v, BasicError::kControl, [](const std::string& pair) {
         const std::string cut = pair.substr(0, pair.find('\0'));
         const bool clean = cut.size() < pair.size() && cut.find(':') != std::string::npos &&
                            std::none_of(cut.begin(), cut.end(), IsControl);
         return clean ? Taken(cut, cut.find(':')) : BasicRead(BasicError::kControl);
       });
     }},
    {"basic_colon_optional", "without a colon the password is empty",
     [](std::string_view v) {
       return Forgiven(v, BasicError::kNoColon,
                       [](const std::string& pair) { return Taken(pair, pair.size()); });
     }},
    {"basic_one_space", "a second space is refused",
     [](std::string_view v) {
       return v.find("  ") == std::string_view::npos ? ParseBasic(v)
                                                     : BasicRead(BasicError::kNotBase64);
     }},
    {"basic_pair_of_128", "a pair ends after 128 octets",
     [](std::string_view v) {
       BasicRead read = ParseBasic(v);
       const std::size_t room = read ? 127 - std::min<std::size_t>(127, read->user_id.size()) : 0;
       if (read && read->password.size() > room) (*read).password.resize(room);
       return read;
     }},
    {"basic_second_word", "words behind the credentials are ignored",
     [](std::string_view v) {
       return OrElse<BasicRead>(v, ParseBasic, [](std::string_view t) {
         const std::size_t first = t.find_first_not_of(' ', std::min(t.size(), t.find(' ')));
         return t.substr(0, t.find(' ', first));
       });
     }},
    {"basic_one_symbol_over", "a symbol left over is dropped",
     [](std::string_view v) {
       return OrElse<BasicRead>(v, ParseBasic, [](std::string_view t) {
         return t.substr(0, t.empty() ? 0 : t.size() - 1);
       });
     }},
    {"basic_colon_read_past", "the search for a colon goes past the end",
     [](std::string_view v) {
       const std::string pair = PairOf(v);
       const std::unique_ptr<char[]> copy(new char[pair.size()]);
       std::copy(pair.begin(), pair.end(), copy.get());
       if (!pair.empty() && pair.find(':') == std::string::npos) Touch(copy[pair.size()]);
       return ParseBasic(v);
     },
     true},
    {"basic_buffer_short", "the buffer of the decoded pair is an octet short",
     [](std::string_view v) {
       const std::string pair = PairOf(v);
       const std::unique_ptr<char[]> copy(new char[pair.size() - pair.size() % 3 + 1]);
       std::copy(pair.begin(), pair.end(), copy.get());
       Touch(copy[0]);
       return ParseBasic(v);
     },
     true},
};

// Characters that no scope-token may have, taken for letters.
ScopeRead Allowing(std::string_view text, std::string_view characters) {
  std::string changed(text);
  for (char& c : changed) {
    if (characters.find(c) != std::string_view::npos) c = 'x';
  }
  return Scope::Parse(changed);
}

ScopeRead EachToken(std::string_view text, std::string (*change)(const std::string&)) {
  const ScopeRead read = Scope::Parse(text);
  if (!read) return read;
  std::vector<std::string> tokens;
  for (const std::string& token : read->tokens()) tokens.push_back(change(token));
  return Scope::Of(tokens);
}

const Planted<ScopeRead> kScope[] = {
    {"scope_two_spaces", "two spaces separate like one",
     [](std::string_view t) { return Scope::Parse(Replaced(t, "  ", " ")); }},
    {"scope_space_behind", "a space behind is taken off",
     [](std::string_view t) {
       return Scope::Parse(t.ends_with(' ') ? t.substr(0, t.size() - 1) : t);
     }},
    {"scope_space_in_front", "a space in front is taken off",
     [](std::string_view t) { return Scope::Parse(t.starts_with(' ') ? t.substr(1) : t); }},
    {"scope_tab", "a tab separates tokens",
     [](std::string_view t) { return Scope::Parse(Replaced(t, "\t", " ")); }},
    {"scope_comma", "a comma separates tokens",
     [](std::string_view t) { return Scope::Parse(Replaced(t, ",", " ")); }},
    {"scope_backslash", "a backslash is a character of tokens",
     [](std::string_view t) { return Allowing(t, "\\"); }},
    {"scope_quote", "a quotation mark is a character of tokens",
     [](std::string_view t) { return Allowing(t, "\""); }},
    {"scope_delete", "DEL is a character of tokens",
     [](std::string_view t) { return Allowing(t, "\x7f"); }},
    {"scope_latin_1", "octets from 0xA1 are characters of tokens",
     [](std::string_view t) {
       std::string changed(t);
       for (char& c : changed) c = static_cast<unsigned char>(c) > 0xa0 ? 'x' : c;
       return Scope::Parse(changed);
     }},
    {"scope_ends_at_nul", "a scope ends at a NUL",
     [](std::string_view t) { return Scope::Parse(t.substr(0, t.find('\0'))); }},
    {"scope_case", "the case of tokens does not matter",
     [](std::string_view t) {
       return EachToken(t, [](const std::string& token) { return ToLower(token); });
     }},
    {"scope_token_of_64", "a token ends after 64 octets",
     [](std::string_view t) {
       return EachToken(t, [](const std::string& token) { return token.substr(0, 64); });
     }},
    {"scope_32_tokens", "the thirty-third token is lost",
     [](std::string_view t) {
       const ScopeRead read = Scope::Parse(t);
       if (!read || read->size() <= 32) return read;
       return ScopeRead(Scope::Of({read->tokens().begin(), std::next(read->tokens().begin(), 32)}));
     }},
    {"scope_repeated_lost", "a token that is there twice is lost",
     [](std::string_view t) {
       const std::size_t space = t.rfind(' ');
       if (space == std::string_view::npos) return Scope::Parse(t);
       const ScopeRead front = Scope::Parse(t.substr(0, space)),
                       back = Scope::Parse(t.substr(space + 1));
       if (!front || !back) return Scope::Parse(t);
       return ScopeRead(front->Without(*back).UnitedWith(back->Without(*front)));
     }},
    {"scope_last_character", "the last character of the set is refused",
     [](std::string_view t) {
       return t.find('~') == std::string_view::npos ? Scope::Parse(t)
                                                    : ScopeRead(ScopeError::kCharacter);
     }},
    {"scope_fixed_buffer", "a token longer than 64 octets leaves its buffer",
     [](std::string_view t) {
       const std::unique_ptr<char[]> buffer(new char[64]);
       std::copy_n(t.begin(), std::min(t.size(), t.find(' ')), buffer.get());
       Touch(buffer[0]);
       return Scope::Parse(t);
     },
     true},
};

TypeRead EachParameter(std::string_view value, void (*change)(MediaTypeParameter&)) {
  TypeRead media = ParseMediaType(value);
  if (media) {
    for (MediaTypeParameter& p : media->parameters) change(p);
  }
  return media;
}

const Planted<TypeRead> kType[] = {
    {"type_case", "the type keeps its case",
     [](std::string_view v) {
       TypeRead media = ParseMediaType(v);
       if (media) media->type = v.substr(0, media->type.size());
       return media;
     }},
    {"type_value_folded", "the case of values does not matter",
     [](std::string_view v) {
       return EachParameter(v, [](MediaTypeParameter& p) { p.value = ToLower(p.value); });
     }},
    {"type_quoted_pair", "a backslash in a quoted string stays",
     [](std::string_view v) { return ParseMediaType(Replaced(v, "\\", "\\\\")); }},
    {"type_text_behind", "text behind the type is ignored",
     [](std::string_view v) {
       return OrElse<TypeRead>(v, ParseMediaType,
                               [](std::string_view t) { return t.substr(0, t.find(' ')); });
     }},
    {"type_unterminated", "a quoted string need not end",
     [](std::string_view v) {
       return OrElse<TypeRead>(v, ParseMediaType,
                               [](std::string_view t) { return std::string(t) + "\""; });
     }},
    {"type_space_around_equals", "spaces around the equals sign are skipped",
     [](std::string_view v) {
       return ParseMediaType(Replaced(Replaced(v, " =", "="), "= ", "="));
     }},
    {"type_empty_value", "a parameter may have no value",
     [](std::string_view v) {
       return OrElse<TypeRead>(v, ParseMediaType,
                               [](std::string_view t) { return std::string(t) + "\"\""; });
     }},
    {"type_first_parameter", "only the first parameter is kept",
     [](std::string_view v) {
       TypeRead media = ParseMediaType(v);
       if (media && media->parameters.size() > 1) media->parameters.resize(1);
       return media;
     }},
    {"type_comma", "a comma separates parameters",
     [](std::string_view v) { return ParseMediaType(Replaced(v, ",", ";")); }},
    {"type_tab", "a tab is no white space",
     [](std::string_view v) {
       return v.find('\t') == std::string_view::npos ? ParseMediaType(v) : TypeRead();
     }},
    {"type_semicolon_in_quotes", "a semicolon ends a quoted string",
     [](std::string_view v) {
       return EachParameter(
           v, [](MediaTypeParameter& p) { p.value = p.value.substr(0, p.value.find(';')); });
     }},
    {"type_no_subtype", "the subtype may be empty",
     [](std::string_view v) {
       return OrElse<TypeRead>(v, ParseMediaType, [](std::string_view t) {
         return t.ends_with('/') ? std::string(t) + "x" : std::string(t);
       });
     }},
};

// The answer read once more behind a change of its text, where it was refused.
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
    {"token_repeated_name", "a name may be there twice",
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
    {"token_text_behind", "text behind the object is ignored",
     [](std::string_view c) {
       return Patched(c, [](std::string_view t) { return t.substr(0, t.rfind('}') + 1); });
     }},
    {"token_any_octets", "octets need not be UTF-8",
     [](std::string_view c) {
       return Patched(c, [](std::string_view t) {
         std::string text(t);
         for (char& octet : text) octet = static_cast<unsigned char>(octet) >= 0x80 ? '?' : octet;
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
    {"token_ends_at_nul", "an answer ends at a NUL",
     [](std::string_view c) { return ParseTokenResponse(c.substr(0, c.find('\0'))); }},
    {"token_trailing_comma", "a comma may stand behind the last member",
     [](std::string_view c) {
       return Patched(c, [](std::string_view t) { return Replaced(t, ",}", "}"); });
     }},
    {"token_extra_lost", "further members are not told",
     [](std::string_view c) {
       TokenRead read = ParseTokenResponse(c);
       if (read && read->extra.size() > 1) (*read).extra.resize(1);
       return read;
     }},
};

template <typename Read, std::size_t N>
auto Active(const Planted<Read> (&all)[N]) {
  Read (*read)(std::string_view) = nullptr;
  for (const Planted<Read>& one : all) {
    if (one.name == ActiveMutant()) read = one.read;
  }
  return read;
}

template <typename Read, std::size_t N>
void Append(std::vector<Mutant>& list, const Planted<Read> (&all)[N], std::string_view harness) {
  for (const Planted<Read>& one : all) list.push_back({one.name, harness, one.says, one.memory});
}

}  // namespace

std::string_view ActiveMutant() {
  static const std::string_view name = [] {
    const char* value = std::getenv("GRANTSPEC_MUTANT");
    return std::string_view(value != nullptr ? value : "");
  }();
  return name;
}

std::vector<Mutant> GrammarMutants() {
  std::vector<Mutant> list;
  Append(list, kForm, "form");
  Append(list, kBasic, "basic");
  Append(list, kScope, "scope");
  Append(list, kType, "content_type");
  Append(list, kToken, "token_response");
  return list;
}

Result<Form, FormError> ReadForm(std::string_view content) {
  static const auto planted = Active(kForm);
  return planted != nullptr ? planted(content) : ParseForm(content);
}

Result<BasicCredentials, BasicError> ReadBasic(std::string_view field_value) {
  static const auto planted = Active(kBasic);
  return planted != nullptr ? planted(field_value) : ParseBasic(field_value);
}

Result<Scope, ScopeError> ReadScope(std::string_view text) {
  static const auto planted = Active(kScope);
  return planted != nullptr ? planted(text) : Scope::Parse(text);
}

std::optional<MediaType> ReadMediaType(std::string_view value) {
  static const auto planted = Active(kType);
  return planted != nullptr ? planted(value) : ParseMediaType(value);
}

Result<TokenResponse, TokenResponseError> ReadTokenResponse(std::string_view content) {
  static const auto planted = Active(kToken);
  return planted != nullptr ? planted(content) : ParseTokenResponse(content);
}

}  // namespace grantspec::subject
