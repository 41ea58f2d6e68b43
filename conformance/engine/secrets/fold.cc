#include "conformance/engine/secrets/fold.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "fixtures/grammar/ascii.h"
#include "fixtures/grammar/utf8.h"

namespace grantspec {
namespace {

struct Entity {
  std::string_view name;
  std::uint32_t code_point;
};

// Names of HTML for what secrets are made of (HTML Standard section 13.5); `;` may be missing.
constexpr Entity kEntities[] = {
    {"amp", '&'},       {"AMP", '&'},     {"lt", '<'},     {"LT", '<'},           {"gt", '>'},
    {"GT", '>'},        {"quot", '"'},    {"QUOT", '"'},   {"apos", '\''},        {"sol", '/'},
    {"bsol", '\\'},     {"colon", ':'},   {"semi", ';'},   {"comma", ','},        {"period", '.'},
    {"plus", '+'},      {"equals", '='},  {"num", '#'},    {"percnt", '%'},       {"commat", '@'},
    {"excl", '!'},      {"quest", '?'},   {"lpar", '('},   {"rpar", ')'},         {"lsqb", '['},
    {"lbrack", '['},    {"rsqb", ']'},    {"rbrack", ']'}, {"lcub", '{'},         {"lbrace", '{'},
    {"rcub", '}'},      {"rbrace", '}'},  {"lowbar", '_'}, {"UnderBar", '_'},     {"hyphen", '-'},
    {"dash", '-'},      {"ast", '*'},     {"midast", '*'}, {"dollar", '$'},       {"Hat", '^'},
    {"grave", '`'},     {"verbar", '|'},  {"vert", '|'},   {"VerticalLine", '|'}, {"Tab", '\t'},
    {"NewLine", '\n'},  {"nbsp", 0xa0},   {"shy", 0xad},   {"ensp", 0x2002},      {"emsp", 0x2003},
    {"thinsp", 0x2009}, {"zwnj", 0x200c}, {"zwj", 0x200d}, {"euro", 0x20ac},      {"pound", 0xa3},
    {"sect", 0xa7},     {"Auml", 0xc4},   {"Ouml", 0xd6},  {"Uuml", 0xdc},        {"szlig", 0xdf},
    {"agrave", 0xe0},   {"aacute", 0xe1}, {"acirc", 0xe2}, {"auml", 0xe4},        {"ccedil", 0xe7},
    {"egrave", 0xe8},   {"eacute", 0xe9}, {"ecirc", 0xea}, {"euml", 0xeb},        {"iacute", 0xed},
    {"ntilde", 0xf1},   {"oacute", 0xf3}, {"ocirc", 0xf4}, {"ouml", 0xf6},        {"oslash", 0xf8},
    {"uacute", 0xfa},   {"uuml", 0xfc},   {"aring", 0xe5}, {"aelig", 0xe6},       {"tilde", 0x2dc},
};

// The base letters of U+00C0 to U+017F, in lower case; '.': none.
constexpr std::string_view kBaseLetters =
    "aaaaaaaceeeeiiiidnooooo.ouuuuyps"   // U+00C0
    "aaaaaaaceeeeiiiidnooooo.ouuuuypy"   // U+00E0
    "aaaaaaccccccccddddeeeeeeeeeegggg"   // U+0100
    "gggghhhhiiiiiiiiiiiijjkkklllllll"   // U+0120
    "lllnnnnnnnnnoooooooorrrrrrssssss"   // U+0140
    "ssttttttuuuuuuuuuuuuwwyyyzzzzzzs";  // U+0160

struct Range {
  std::uint32_t first, last;
};

constexpr Range kWhiteSpace[] = {
    {0x09, 0x0d},     {0x20, 0x20},     {0x85, 0x85},     {0xa0, 0xa0},     {0x1680, 0x1680},
    {0x2000, 0x200a}, {0x2028, 0x2029}, {0x202f, 0x202f}, {0x205f, 0x205f}, {0x3000, 0x3000},
};

// Controls and default ignorable code points (Unicode Standard section 5.21).
constexpr Range kInvisible[] = {
    {0x80, 0x9f},       {0xad, 0xad},       {0x34f, 0x34f},     {0x61c, 0x61c},   {0x115f, 0x1160},
    {0x17b4, 0x17b5},   {0x180b, 0x180f},   {0x200b, 0x200f},   {0x2028, 0x202e}, {0x2060, 0x206f},
    {0x3164, 0x3164},   {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0}, {0xfff0, 0xfffb},
    {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
};

template <std::size_t N>
bool IsIn(const Range (&ranges)[N], std::uint32_t code_point) {
  return std::any_of(std::begin(ranges), std::end(ranges), [code_point](const Range& range) {
    return code_point >= range.first && code_point <= range.last;
  });
}

bool IsCombining(std::uint32_t code_point) {
  return (code_point >= 0x300 && code_point <= 0x36f) ||
         (code_point >= 0x1ab0 && code_point <= 0x1aff) ||
         (code_point >= 0x20d0 && code_point <= 0x20ff);
}

// Quotes that are doubled, turned or put before other quotes.
bool IsQuote(std::uint32_t code_point) {
  return code_point == '"' || code_point == '\'' || code_point == '`' || code_point == '\\' ||
         (code_point >= 0x2018 && code_point <= 0x201f) || code_point == 0xab || code_point == 0xbb;
}

bool IsDropped(std::uint32_t code_point) {
  return code_point < 0x20 || code_point == 0x7f || code_point == '+' || IsQuote(code_point) ||
         IsBlank(code_point);
}

// The length of a tag that breaks a line, `<br>`, `<br />` or `<wbr>`, or 0.
std::size_t BreakTagAt(std::string_view text, std::size_t at) {
  for (std::string_view name : {"<br", "<wbr"}) {
    if (!EqualsFolded(text.substr(at, name.size()), name)) continue;
    std::size_t end = at + name.size();
    while (end < text.size() && (text[end] == ' ' || text[end] == '/')) ++end;
    if (end < text.size() && text[end] == '>') return end + 1 - at;
  }
  return 0;
}

// The number of `digits_min` to `digits_max` digits in a base at `at`, and how many they are.
std::pair<std::uint32_t, std::size_t> NumberAt(std::string_view text, std::size_t at,
                                               std::uint32_t base, std::size_t digits_min,
                                               std::size_t digits_max) {
  std::uint32_t value = 0;
  std::size_t count = 0;
  while (count < digits_max && at + count < text.size()) {
    const int digit = HexValue(text[at + count]);
    if (digit < 0 || static_cast<std::uint32_t>(digit) >= base) break;
    value = value * base + static_cast<std::uint32_t>(digit);
    ++count;
  }
  return {value, count >= digits_min ? count : 0};
}

/// What an escape stands for: nothing where `length` is 0.
struct Escape {
  std::string bytes;
  std::size_t length = 0;
};

Escape OfCodePoint(std::uint32_t code_point, std::size_t length) {
  Escape escape{"", length};
  AppendUtf8(escape.bytes, code_point);
  return escape;
}

Escape OfByte(std::uint32_t byte, std::size_t length) {
  return {std::string(1, static_cast<char>(byte)), length};
}

Escape PercentAt(std::string_view text, std::size_t at) {
  if (const auto [byte, count] = NumberAt(text, at + 1, 16, 2, 2); count > 0) {
    return OfByte(byte, 3);
  }
  if (at + 1 < text.size() && ToLower(text[at + 1]) == 'u') {
    if (const auto [value, count] = NumberAt(text, at + 2, 16, 4, 4); count > 0) {
      return OfCodePoint(value, 6);
    }
  }
  return {};
}

// `\u` and four digits, a surrogate pair of them, or up to six in braces.
Escape UnicodeAt(std::string_view text, std::size_t at) {
  if (at + 2 < text.size() && text[at + 2] == '{') {
    const auto [value, count] = NumberAt(text, at + 3, 16, 1, 6);
    if (count > 0 && text.substr(at + 3 + count, 1) == "}") return OfCodePoint(value, count + 4);
    return {};
  }
  const auto [high, count] = NumberAt(text, at + 2, 16, 4, 4);
  if (count == 0) return {};
  if (high >= 0xd800 && high < 0xdc00 && text.substr(at + 6, 2) == "\\u") {
    const auto [low, more] = NumberAt(text, at + 8, 16, 4, 4);
    if (more > 0 && low >= 0xdc00 && low < 0xe000) {
      return OfCodePoint(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00), 12);
    }
  }
  return OfCodePoint(high, 6);
}

Escape BackslashAt(std::string_view text, std::size_t at) {
  if (at + 1 >= text.size()) return {};
  const char c = text[at + 1];
  Escape escape;
  if (c == 'u') escape = UnicodeAt(text, at);
  if (c == 'U') {
    if (const auto [value, count] = NumberAt(text, at + 2, 16, 8, 8); count > 0) {
      escape = OfCodePoint(value, 10);
    }
  }
  if (c == 'x' || c == 'X') {
    if (const auto [byte, count] = NumberAt(text, at + 2, 16, 2, 2); count > 0) {
      escape = OfByte(byte, 4);
    }
  }
  if (const auto [byte, count] = NumberAt(text, at + 1, 8, 3, 3); count > 0 && byte < 256) {
    escape = OfByte(byte, 4);
  }
  if (escape.length > 0) return escape;
  constexpr std::string_view kLetters = "nrtbfv", kControls = "\n\r\t\b\f\v";
  const std::size_t letter = kLetters.find(c);
  return {std::string(1, letter == std::string_view::npos ? c : kControls[letter]), 2};
}

Escape EntityAt(std::string_view text, std::size_t at) {
  const std::string_view rest = text.substr(at + 1, 16);
  const auto semicolon = [&text](std::size_t end) { return text.substr(end, 1) == ";" ? 1U : 0U; };
  if (rest.starts_with("#")) {
    const bool hex = rest.size() > 1 && ToLower(rest[1]) == 'x';
    const std::size_t digits = at + (hex ? 3 : 2);
    const auto [value, count] = NumberAt(text, digits, hex ? 16 : 10, 1, 8);
    if (count == 0) return {};
    return OfCodePoint(value, digits + count + semicolon(digits + count) - at);
  }
  const Entity* best = nullptr;
  for (const Entity& entity : kEntities) {
    const bool longer = best == nullptr || entity.name.size() > best->name.size();
    if (longer && rest.starts_with(entity.name)) best = &entity;
  }
  if (best == nullptr) return {};
  const std::size_t end = at + 1 + best->name.size();
  // Without the semicolon, `&number=` is a parameter of a form.
  if (semicolon(end) == 0 && end < text.size() && (IsAlpha(text[end]) || text[end] == '=')) {
    return {};
  }
  return OfCodePoint(best->code_point, end + semicolon(end) - at);
}

Escape EscapeAt(std::string_view text, std::size_t at) {
  switch (text[at]) {
    case '%':
      return PercentAt(text, at);
    case '\\':
      return BackslashAt(text, at);
    case '&':
      return EntityAt(text, at);
    default:
      return {};
  }
}

// A soft line break (RFC 2045 section 6.7); where lines were joined, a space is left of it.
Escape SoftBreakAt(std::string_view text, std::size_t at) {
  if (text[at] != '=') return {};
  const std::size_t next = std::min(text.find_first_not_of(" \t\r\n", at + 1), text.size());
  if (next > at + 1) return {"", next - at};
  return {};
}

Escape QuotedPrintableAt(std::string_view text, std::size_t at) {
  if (text[at] != '=') return {};
  if (const auto [byte, count] = NumberAt(text, at + 1, 16, 2, 2); count > 0) {
    return OfByte(byte, 3);
  }
  return SoftBreakAt(text, at);
}

FoldedText Decoded(const FoldedText& from, Escape (*escape_at)(std::string_view, std::size_t)) {
  FoldedText out;
  out.text.reserve(from.text.size());
  out.begin.reserve(from.text.size());
  out.end.reserve(from.text.size());
  for (std::size_t at = 0; at < from.text.size();) {
    const Escape escape = escape_at(from.text, at);
    if (escape.length == 0) {
      out.Add(from.text[at], from.begin[at], from.end[at]);
      ++at;
      continue;
    }
    out.Add(escape.bytes, from.begin[at], from.end[at + escape.length - 1]);
    at += escape.length;
  }
  return out;
}

// Appends a code point outside US-ASCII as its base letter, or as it is.
void AddFolded(FoldedText& out, std::uint32_t code_point, std::size_t from, std::size_t to) {
  if (code_point >= 0xc0 && code_point < 0xc0 + kBaseLetters.size()) {
    const char letter = kBaseLetters[code_point - 0xc0];
    if (letter != '.') return out.Add(letter, from, to);
  }
  std::string bytes;
  AppendUtf8(bytes, code_point);
  out.Add(bytes, from, to);
}

// Keeps the symbols for which `fold` gives one; 0 stands for none.
FoldedText Symbols(const FoldedText& from, char (*fold)(char)) {
  FoldedText out;
  for (std::size_t at = 0; at < from.text.size(); ++at) {
    const char symbol = fold(from.text[at]);
    if (symbol != '\0') out.Add(symbol, from.begin[at], from.end[at]);
  }
  return out;
}

}  // namespace

void FoldedText::Add(char byte, std::size_t from, std::size_t to) {
  text += byte;
  begin.push_back(static_cast<std::uint32_t>(from));
  end.push_back(static_cast<std::uint32_t>(to));
}

void FoldedText::Add(std::string_view bytes, std::size_t from, std::size_t to) {
  for (char byte : bytes) Add(byte, from, to);
}

FoldedText Unfolded(std::string_view text) {
  text = text.substr(0, std::numeric_limits<std::uint32_t>::max());
  FoldedText out{std::string(text), std::vector<std::uint32_t>(text.size()),
                 std::vector<std::uint32_t>(text.size())};
  for (std::size_t at = 0; at < text.size(); ++at) {
    out.begin[at] = static_cast<std::uint32_t>(at);
    out.end[at] = static_cast<std::uint32_t>(at + 1);
  }
  return out;
}

FoldedText Unescaped(const FoldedText& text) {
  return Decoded(text, EscapeAt);
}

FoldedText WithoutSoftBreaks(const FoldedText& text) {
  return Decoded(text, SoftBreakAt);
}

FoldedText UnquotedPrintable(const FoldedText& text) {
  return Decoded(text, QuotedPrintableAt);
}

FoldedText Letters(const FoldedText& from) {
  FoldedText out;
  const std::string_view text = from.text;
  for (std::size_t at = 0; at < text.size();) {
    if (const std::size_t tag = text[at] == '<' ? BreakTagAt(text, at) : 0; tag > 0) {
      at += tag;
      continue;
    }
    const CodePoint point = CodePointAt(text, at);
    const std::size_t first = from.begin[at], last = from.end[at + point.length - 1];
    at += point.length;
    if (IsCombining(point.value)) {
      // The mark belongs to the letter before it.
      if (!out.end.empty()) out.end.back() = static_cast<std::uint32_t>(last);
      continue;
    }
    if (IsDropped(point.value)) continue;
    if (point.value < 0x80) {
      out.Add(ToLower(static_cast<char>(point.value)), first, last);
    } else {
      AddFolded(out, point.value, first, last);
    }
  }
  return out;
}

FoldedText AsciiLetters(const FoldedText& from) {
  FoldedText out;
  const std::string_view text = from.text;
  bool in_run = false;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = CodePointAt(text, at);
    const std::size_t first = from.begin[at], last = from.end[at + point.length - 1];
    at += point.length;
    // A letter that marks follow is one character with them.
    const bool marked = point.value < 0x80 && IsAlpha(static_cast<char>(point.value)) &&
                        at < text.size() && IsCombining(CodePointAt(text, at).value);
    if (point.value < 0x80 && point.value != '?' && !marked) {
      if (IsDropped(point.value)) continue;
      out.Add(ToLower(static_cast<char>(point.value)), first, last);
      in_run = false;
    } else if (in_run) {
      out.end.back() = static_cast<std::uint32_t>(last);
    } else {
      out.Add('?', first, last);
      in_run = true;
    }
  }
  return out;
}

FoldedText Base64Symbols(const FoldedText& text) {
  return Symbols(text, [](char c) {
    if (IsAlpha(c) || IsDigit(c) || c == '+' || c == '/') return ToLower(c);
    return c == '-' ? '+' : c == '_' ? '/' : '\0';
  });
}

FoldedText HexDigits(const FoldedText& from) {
  FoldedText out;
  const std::string& text = from.text;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool prefix = text[at] == '0' && at + 3 < text.size() && ToLower(text[at + 1]) == 'x' &&
                        HexValue(text[at + 2]) >= 0 && HexValue(text[at + 3]) >= 0;
    if (HexValue(text[at]) >= 0 && !prefix) {
      out.Add(ToLower(text[at]), from.begin[at], from.end[at]);
    }
  }
  return out;
}

FoldedText Numbers(const FoldedText& from) {
  FoldedText out;
  const std::string& text = from.text;
  for (std::size_t at = 0; at < text.size();) {
    if (!IsDigit(text[at])) {
      ++at;
      continue;
    }
    if (out.text.empty()) out.Add(',', from.begin[at], from.begin[at]);
    while (text[at] == '0' && at + 1 < text.size() && IsDigit(text[at + 1])) ++at;
    for (; at < text.size() && IsDigit(text[at]); ++at) {
      out.Add(text[at], from.begin[at], from.end[at]);
    }
    out.Add(',', from.end[at - 1], from.end[at - 1]);
  }
  return out;
}

CodePoint CodePointAt(std::string_view text, std::size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  if (lead < 0x80) return {lead, 1, true};
  const std::size_t length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (at + length > text.size() || !IsUtf8(text.substr(at, length))) return {lead, 1, false};
  std::uint32_t value = lead & (0xffU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    value = value << 6 | (static_cast<unsigned char>(text[at + i]) & 0x3fU);
  }
  return {value, length, true};
}

void AppendUtf8(std::string& text, std::uint32_t value) {
  const auto add = [&text](std::uint32_t byte) { text += static_cast<char>(byte); };
  if (value < 0x80) {
    add(value);
  } else if (value < 0x800) {
    add(0xc0 | value >> 6);
    add(0x80 | (value & 0x3f));
  } else if (value < 0x10000) {
    if (value >= 0xd800 && value < 0xe000) return;
    add(0xe0 | value >> 12);
    add(0x80 | (value >> 6 & 0x3f));
    add(0x80 | (value & 0x3f));
  } else if (value < 0x110000) {
    add(0xf0 | value >> 18);
    add(0x80 | (value >> 12 & 0x3f));
    add(0x80 | (value >> 6 & 0x3f));
    add(0x80 | (value & 0x3f));
  }
}

bool IsBlank(std::uint32_t code_point) {
  return IsIn(kWhiteSpace, code_point) || (code_point >= 0x80 && IsInvisible(code_point));
}

bool IsInvisible(std::uint32_t code_point) {
  return IsIn(kInvisible, code_point);
}

}  // namespace grantspec
