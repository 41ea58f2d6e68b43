#include "conformance/engine/case/expression.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "fixtures/grammar/ascii.h"
#include "fixtures/grammar/base64.h"
#include "fixtures/grammar/form.h"
#include "fixtures/grammar/percent.h"
#include "fixtures/jose/digest.h"
#include "fixtures/text/edit.h"

namespace grantspec {
namespace {

constexpr std::size_t kTextBytesMax = 32 * 1024 * 1024;  // no request of ours is longer

using Arguments = std::vector<std::string>;

// A sum or a difference may be a time in seconds since 1970; what is repeated may not be as much.
constexpr std::size_t kTimeDigitsMax = 12;

std::size_t Number(const std::string& text, std::size_t digits_max = 9) {
  std::size_t value = 0;
  if (text.empty() || text.size() > digits_max)
    throw std::invalid_argument("a number is wanted here");
  for (char c : text) {
    if (!IsDigit(c)) throw std::invalid_argument("a number is wanted here");
    value = value * 10 + static_cast<std::size_t>(c - '0');
  }
  return value;
}

std::string Mapped(std::string text, char (*map)(char)) {
  std::transform(text.begin(), text.end(), text.begin(), map);
  return text;
}

char SwapCase(char c) {
  return ToLower(c) == c ? ToUpper(c) : ToLower(c);
}

// Sets the bits of base64's last symbol that carry no data (RFC 4648 section 3.5).
std::string SetPadBits(std::string token) {
  static constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::size_t padding = token.find('=');
  if (padding == std::string::npos || padding == 0) throw NotApplicable("the pair has no pad bits");
  const std::size_t symbol = kAlphabet.find(token[padding - 1]);
  token[padding - 1] = kAlphabet[symbol | 1];
  return token;
}

// Another character of the same kind in place of the one at `at`.
std::string Mutate(std::string text, std::size_t at) {
  if (text.empty()) throw NotApplicable("there is nothing to change");
  char& c = text[std::min(at, text.size() - 1)];
  if (IsDigit(c)) {
    c = c == '9' ? '0' : static_cast<char>(c + 1);
  } else if (IsAlpha(c)) {
    c = ToLower(c) == 'z' ? static_cast<char>(c - 1) : static_cast<char>(c + 1);
  } else {
    c = 'A';
  }
  return text;
}

std::string Utf16Le(const std::string& text) {
  std::string wide;
  for (char c : text) {
    wide += c;
    wide += '\0';
  }
  return wide;
}

// A body in chunks of `size` bytes, the last chunk included (RFC 9112 section 7.1).
std::string Chunked(const std::string& text, std::size_t size) {
  std::string chunks;
  for (std::size_t at = 0; at < text.size(); at += std::max<std::size_t>(size, 1)) {
    const std::string piece = text.substr(at, std::max<std::size_t>(size, 1));
    std::array<char, 20> head{};
    const int length = std::snprintf(head.data(), head.size(), "%zx\r\n", piece.size());
    chunks.append(head.data(), static_cast<std::size_t>(length)).append(piece).append("\r\n");
  }
  return chunks + "0\r\n\r\n";
}

std::uint32_t Crc32(const std::string& text) {
  std::uint32_t crc = 0xffffffffu;
  for (unsigned char c : text) {
    crc ^= c;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320u : 0);
  }
  return ~crc;
}

void AddLittleEndian(std::string& out, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>((value >> (8 * i)) & 0xff);
}

// gzip without compression: stored blocks (RFC 1951 section 3.2.4), so that no library is needed.
std::string GzipStored(const std::string& text) {
  std::string out("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff", 10);
  std::size_t at = 0;
  do {
    const std::size_t size = std::min<std::size_t>(text.size() - at, 65535);
    out += static_cast<char>(at + size == text.size() ? 1 : 0);
    AddLittleEndian(out, static_cast<std::uint32_t>(size), 2);
    AddLittleEndian(out, ~static_cast<std::uint32_t>(size), 2);
    out.append(text, at, size);
    at += size;
  } while (at < text.size());
  AddLittleEndian(out, Crc32(text), 4);
  AddLittleEndian(out, static_cast<std::uint32_t>(text.size()), 4);
  return out;
}

// `count` pieces made from a pattern in which '#' stands for the piece's number.
std::string Enumerated(std::size_t count, const std::string& pattern) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    for (char c : pattern) {
      if (c == '#') {
        text += std::to_string(i);
      } else {
        text += c;
      }
    }
    if (text.size() > kTextBytesMax) throw std::invalid_argument("the text is too long");
  }
  return text;
}

std::string Repeated(const std::string& text, std::size_t count) {
  if (text.size() * count > kTextBytesMax) throw std::invalid_argument("the text is too long");
  std::string repeated;
  repeated.reserve(text.size() * count);
  for (std::size_t i = 0; i < count; ++i) repeated += text;
  return repeated;
}

// Names whose hash is the same under the multiply-by-33 and multiply-by-31 families: every word of
// `bits` letters spelled with the pairs "Aa" and "BB" (31), which many older tables used.
std::string Colliding(std::size_t count) {
  std::string form;
  for (std::size_t i = 0; i < count; ++i) {
    form += '&';
    for (int bit = 0; bit < 13; ++bit) form += ((i >> bit) & 1) != 0 ? "BB" : "Aa";
    form += "=1";
  }
  return form;
}

// The payload of a JWS with a header of alg none and no signature.
std::string JwtNone(const std::string& token) {
  const std::size_t first = token.find('.');
  const std::size_t second = first == std::string::npos ? first : token.find('.', first + 1);
  if (second == std::string::npos) throw NotApplicable("the token is no JWT");
  return EncodeBase64Url("{\"alg\":\"none\"}") + token.substr(first, second - first) + ".";
}

// A JWS whose scope claim has a word more, under the signature of the old one.
std::string JwtWidened(const std::string& token) {
  const std::size_t first = token.find('.');
  const std::size_t second = first == std::string::npos ? first : token.find('.', first + 1);
  if (second == std::string::npos) throw NotApplicable("the token is no JWT");
  const auto claims = DecodeBase64Url(token.substr(first + 1, second - first - 1));
  const std::size_t scope = claims ? claims->find("\"scope\":\"") : std::string::npos;
  if (scope == std::string::npos) throw NotApplicable("the JWT has no scope claim");
  std::string widened = *claims;
  widened.insert(scope + 9, "admin ");
  return token.substr(0, first + 1) + EncodeBase64Url(widened) + token.substr(second);
}

std::string SwapCaseOf(const std::string& text) {
  std::string swapped = Mapped(text, SwapCase);
  if (swapped == text) throw NotApplicable("there is no letter whose case could change");
  return swapped;
}

std::string Sorted(std::string text) {
  std::sort(text.begin(), text.end());
  return text;
}

// Printable US-ASCII as the fullwidth forms U+FF01 to U+FF5E, which NFKC makes US-ASCII again.
std::string Fullwidth(const std::string& text) {
  std::string wide;
  for (char c : text) {
    if (c <= ' ' || c == 0x7f || (c & 0x80) != 0) {
      wide += c;
      continue;
    }
    const unsigned code_point = 0xff00U + static_cast<unsigned>(c - ' ');
    wide += '\xef';
    wide += static_cast<char>(0x80 | (code_point >> 6 & 0x3f));
    wide += static_cast<char>(0x80 | (code_point & 0x3f));
  }
  return wide;
}

// What a conversion to a number reads of a text.
std::string LeadingDigits(const std::string& text) {
  const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
  if (end == 0) throw NotApplicable("it does not begin with a digit");
  return text.substr(0, end);
}

// The text, if it is another one.
std::string Differing(const std::string& text, const std::string& from) {
  if (text == from) throw NotApplicable("the change leaves it as it is");
  return text;
}

std::string Inserted(std::string text, std::size_t at, const std::string& piece) {
  return text.insert(std::min(text.size(), at), piece);
}

std::string Difference(std::size_t from, std::size_t subtrahend) {
  return std::to_string(from - std::min(from, subtrahend));
}

// The length of a text as a chunk size has it (RFC 9112 section 7.1).
std::string HexLength(const std::string& text) {
  std::array<char, 20> digits{};
  std::snprintf(digits.data(), digits.size(), "%zX", text.size());
  return digits.data();
}

std::string Unpadded(const std::string& base64) {
  const std::size_t padding = base64.find('=');
  if (padding == std::string::npos) throw NotApplicable("the pair needs no padding");
  return base64.substr(0, padding);
}

// Base64 in the alphabet of RFC 4648 section 5.
std::string UrlAlphabet(std::string base64) {
  std::replace(base64.begin(), base64.end(), '+', '-');
  std::replace(base64.begin(), base64.end(), '/', '_');
  return base64;
}

// The text itself, where it has a symbol in which the two alphabets differ.
std::string WithSymbols(const std::string& base64) {
  if (base64.find_first_of("+/") != std::string::npos) return base64;
  throw NotApplicable("the base64 of the pair has neither + nor /");
}

struct Function {
  std::string_view name;
  std::size_t arguments;
  std::string (*call)(const Arguments&);
};

using Args = const Arguments&;

constexpr Function kFunctions[] = {
    // Encodings.
    {"base64", 1, [](Args a) { return EncodeBase64(a[0]); }},
    {"base64url", 1, [](Args a) { return EncodeBase64Url(a[0]); }},
    {"percent", 1, [](Args a) { return EncodePercentAll(a[0]); }},
    {"form", 1, [](Args a) { return EncodeFormComponent(a[0]); }},
    {"hex", 1, [](Args a) { return EncodeHex(a[0]); }},
    {"utf16le", 1, [](Args a) { return Utf16Le(a[0]); }},
    {"chunked", 2, [](Args a) { return Chunked(a[0], Number(a[1])); }},
    {"gzip", 1, [](Args a) { return GzipStored(a[0]); }},
    // Letters, pieces and repeats.
    {"upper", 1, [](Args a) { return Mapped(a[0], ToUpper); }},
    {"lower", 1, [](Args a) { return Mapped(a[0], ToLower); }},
    {"swapcase", 1, [](Args a) { return SwapCaseOf(a[0]); }},
    {"first", 2, [](Args a) { return a[0].substr(0, Number(a[1])); }},
    {"drop", 2, [](Args a) { return a[0].substr(std::min(a[0].size(), Number(a[1]))); }},
    {"drop_last", 2,
     [](Args a) { return a[0].substr(0, a[0].size() - std::min(a[0].size(), Number(a[1]))); }},
    {"insert", 3, [](Args a) { return Inserted(a[0], Number(a[1]), a[2]); }},
    {"replace", 3, [](Args a) { return ReplacedAll(a[0], a[1], a[2]); }},
    {"mutate", 2, [](Args a) { return Mutate(a[0], Number(a[1])); }},
    {"reverse", 1, [](Args a) { return std::string(a[0].rbegin(), a[0].rend()); }},
    {"sort", 1, [](Args a) { return Sorted(a[0]); }},
    {"fullwidth", 1, [](Args a) { return Fullwidth(a[0]); }},
    {"digits", 1, [](Args a) { return LeadingDigits(a[0]); }},
    {"differs", 2, [](Args a) { return Differing(a[0], a[1]); }},
    {"md5", 1, [](Args a) { return HexDigest(a[0], DigestAlgorithm::kMd5); }},
    {"sha1", 1, [](Args a) { return HexDigest(a[0], DigestAlgorithm::kSha1); }},
    {"sha256", 1, [](Args a) { return HexDigest(a[0], DigestAlgorithm::kSha256); }},
    {"repeat", 2, [](Args a) { return Repeated(a[0], Number(a[1])); }},
    {"enumerate", 2, [](Args a) { return Enumerated(Number(a[0]), a[1]); }},
    {"colliding", 1, [](Args a) { return Colliding(Number(a[0])); }},
    // Numbers.
    {"length", 1, [](Args a) { return std::to_string(a[0].size()); }},
    {"hex_length", 1, [](Args a) { return HexLength(a[0]); }},
    {"plus", 2,
     [](Args a) {
       return std::to_string(Number(a[0], kTimeDigitsMax) + Number(a[1], kTimeDigitsMax));
     }},
    {"minus", 2,
     [](Args a) { return Difference(Number(a[0], kTimeDigitsMax), Number(a[1], kTimeDigitsMax)); }},
    // Base64 and JWTs changed.
    {"pad_bits", 1, [](Args a) { return SetPadBits(a[0]); }},
    {"unpadded", 1, [](Args a) { return Unpadded(a[0]); }},
    {"url_alphabet", 1, [](Args a) { return UrlAlphabet(a[0]); }},
    {"symbols", 1, [](Args a) { return WithSymbols(a[0]); }},
    {"jwt_none", 1, [](Args a) { return JwtNone(a[0]); }},
    {"jwt_widened", 1, [](Args a) { return JwtWidened(a[0]); }},
};

const Function* FindFunction(std::string_view name) {
  for (const Function& function : kFunctions) {
    if (function.name == name) return &function;
  }
  return nullptr;
}

class Reader {
 public:
  Reader(std::string_view text, const NameLookup& lookup) : text_(text), lookup_(lookup) {}

  std::string Whole() {
    std::string value = Expression(0);
    if (at_ != text_.size()) throw std::invalid_argument("unexpected \"" + Rest() + "\"");
    return value;
  }

 private:
  std::string Rest() const { return std::string(text_.substr(at_, 20)); }

  void SkipSpace() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }

  bool Take(char c) {
    SkipSpace();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  std::string Expression(int depth) {
    if (depth > 16) throw std::invalid_argument("nested too deep");
    std::string value;
    bool any = false;
    for (;;) {
      SkipSpace();
      if (at_ >= text_.size() || text_[at_] == ',' || text_[at_] == ')') break;
      value += Term(depth);
      any = true;
    }
    if (!any) throw std::invalid_argument("an empty expression");
    return value;
  }

  std::string Term(int depth) {
    for (char quote : {'\'', '"'}) {
      if (Take(quote)) return Literal(quote);
    }
    const std::string name = Name();
    if (name.empty()) throw std::invalid_argument("unexpected \"" + Rest() + "\"");
    if (IsDigit(name[0])) return name;
    if (at_ < text_.size() && text_[at_] == '(') return Call(name, depth);
    std::optional<std::string> value = lookup_(name);
    if (!value) throw std::invalid_argument("nothing is called \"" + name + "\"");
    return *value;
  }

  // What is left of a literal, after its first quote.
  std::string Literal(char quote) {
    const std::size_t end = text_.find(quote, at_);
    if (end == std::string_view::npos) throw std::invalid_argument("a literal does not end");
    const std::string literal(text_.substr(at_, end - at_));
    at_ = end + 1;
    return literal;
  }

  // A name, or a number.
  std::string Name() {
    const std::size_t begin = at_;
    while (at_ < text_.size() &&
           (IsAlpha(text_[at_]) || IsDigit(text_[at_]) || text_[at_] == '_' || text_[at_] == '.')) {
      ++at_;
    }
    return std::string(text_.substr(begin, at_ - begin));
  }

  // `name(argument, ...)`, from the parenthesis on.
  std::string Call(const std::string& name, int depth) {
    ++at_;
    Arguments arguments;
    do {
      arguments.push_back(Expression(depth + 1));
    } while (Take(','));
    if (!Take(')')) throw std::invalid_argument("a ) is missing after " + name);
    const Function* function = FindFunction(name);
    if (function == nullptr) throw std::invalid_argument("no function " + name);
    if (arguments.size() != function->arguments) {
      throw std::invalid_argument(name + " takes " + std::to_string(function->arguments) +
                                  " arguments");
    }
    return function->call(arguments);
  }

  std::string_view text_;
  const NameLookup& lookup_;
  std::size_t at_ = 0;
};

}  // namespace

std::string Expand(std::string_view text, const NameLookup& lookup, const SourceLine& where) {
  std::string expanded;
  while (!text.empty()) {
    const std::size_t open = text.find("{{");
    expanded.append(text.substr(0, open));
    if (open == std::string_view::npos) break;
    const std::size_t close = text.find("}}", open);
    if (close == std::string_view::npos) throw FileError(where, "{{ without }}");
    try {
      expanded += Reader(text.substr(open + 2, close - open - 2), lookup).Whole();
    } catch (const std::invalid_argument& mistake) {
      throw FileError(where, "in {{" + std::string(text.substr(open + 2, close - open - 2)) +
                                 "}}: " + mistake.what());
    }
    text.remove_prefix(close + 2);
  }
  return expanded;
}

}  // namespace grantspec
