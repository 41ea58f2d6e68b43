// Planted defects of Basic credentials.

#include <algorithm>
#include <memory>

#include "fixtures/grammar/ascii.h"
#include "fixtures/grammar/base64.h"
#include "fuzz/mutants/planted.h"
#include "fuzz/mutants/subject.h"

namespace grantspec::subject {
namespace {

using BasicRead = Result<BasicCredentials, BasicError>;

// Credentials out of any bytes, unchecked.
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

// The text that spells the same bytes canonically.
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
    {"basic_url_alphabet", "the URL-safe alphabet is accepted",
     [](std::string_view v) { return ParseBasic(Replaced(Replaced(v, "-", "+"), "_", "/")); }},
    {"basic_line_end_skipped", "a line's end after the credentials is skipped",
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
    {"basic_controls", "control characters are accepted",
     [](std::string_view v) {
       return Forgiven(v, BasicError::kControl,
                       [](const std::string& pair) { return Taken(pair, pair.find(':')); });
     }},
    {"basic_delete", "the control character DEL is accepted",
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
    {"basic_pair_of_128", "a pair ends after 128 bytes",
     [](std::string_view v) {
       BasicRead read = ParseBasic(v);
       const std::size_t room = read ? 127 - std::min<std::size_t>(127, read->user_id.size()) : 0;
       if (read && read->password.size() > room) (*read).password.resize(room);
       return read;
     }},
    {"basic_second_word", "words after the credentials are ignored",
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
    {"basic_buffer_short", "the buffer of the decoded pair is a byte short",
     [](std::string_view v) {
       const std::string pair = PairOf(v);
       const std::unique_ptr<char[]> copy(new char[pair.size() - pair.size() % 3 + 1]);
       std::copy(pair.begin(), pair.end(), copy.get());
       Touch(copy[0]);
       return ParseBasic(v);
     },
     true},
};

}  // namespace

void AppendBasicMutants(std::vector<Mutant>& list) {
  Append(list, kBasic, "basic");
}

Result<BasicCredentials, BasicError> ReadBasic(std::string_view field_value) {
  static const auto planted = Active(kBasic);
  return planted != nullptr ? planted(field_value) : ParseBasic(field_value);
}

}  // namespace grantspec::subject
