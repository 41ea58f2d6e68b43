#include "fuzz/mutator/parts.h"

#include <cstddef>
#include <utility>

namespace grantspec::mutator {
namespace {

constexpr std::string_view kEdges("\0\t\n\r !\"%&'+,-./0:;<=?@A[\\]_a{|}~\x7f\x80\xc3\xff", 35);

int Hex(char c) {
  const std::size_t at = std::string_view("0123456789abcdefABCDEF").find(c);
  return at == std::string_view::npos ? -1 : static_cast<int>(at < 16 ? at : at - 6);
}

// A byte escaped, in upper or lower case.
std::string Escape(char c, Random& random) {
  static constexpr std::string_view kDigits[] = {"0123456789ABCDEF", "0123456789abcdef"};
  const std::string_view digits = random.OneOf(kDigits);
  const auto byte = static_cast<unsigned char>(c);
  return {'%', digits[byte >> 4], digits[byte & 15]};
}

}  // namespace

Parts Split(std::string_view text, std::string_view separator) {
  Parts parts;
  for (;;) {
    const std::size_t at = text.find(separator);
    parts.emplace_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + separator.size());
  }
}

std::string Join(const Parts& parts, std::string_view separator) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) text += separator;
    text += parts[i];
  }
  return text;
}

std::string Unescaped(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && Hex(text[i + 1]) >= 0 && Hex(text[i + 2]) >= 0) {
      bytes += static_cast<char>(Hex(text[i + 1]) * 16 + Hex(text[i + 2]));
      i += 2;
    } else {
      bytes += text[i] == '+' ? ' ' : text[i];
    }
  }
  return bytes;
}

std::string Escaped(std::string_view bytes, Random& random) {
  const std::size_t often = random.OneIn(4) ? 2 : 64;
  std::string text;
  for (char c : bytes) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '_' || c == '-' || c == '.' || (c == ':' && random.OneIn(2));
    if (c == ' ' && !random.OneIn(4)) {
      text += '+';
    } else if (plain && !random.OneIn(often)) {
      text += c;
    } else {
      text += Escape(c, random);
    }
  }
  return text;
}

std::string Decoded64(std::string_view text) {
  std::string bytes;
  unsigned bits = 0;
  int bit_count = 0;
  for (char c : text) {
    const std::size_t value = kBase64.find(c);
    if (value == std::string_view::npos) continue;
    bits = bits << 6 | static_cast<unsigned>(value);
    bit_count += 6;
    if (bit_count >= 8) bytes += static_cast<char>(bits >> (bit_count -= 8) & 255);
  }
  return bytes;
}

std::string Encoded64(std::string_view bytes) {
  std::string text;
  unsigned bits = 0;
  int bit_count = 0;
  for (unsigned char c : bytes) {
    bits = bits << 8 | c;
    bit_count += 8;
    while (bit_count >= 6) text += kBase64[bits >> (bit_count -= 6) & 63];
  }
  if (bit_count > 0) text += kBase64[bits << (6 - bit_count) & 63];
  while (text.size() % 4 != 0) text += '=';
  return text;
}

void MutateParts(Parts& parts, Random& random) {
  const std::size_t i = random.Below(parts.size()), k = random.Below(parts.size());
  switch (random.Below(6)) {
    case 0:
      parts.push_back(parts[i]);
      break;
    case 1:
      parts.insert(parts.begin() + static_cast<std::ptrdiff_t>(k), parts[i]);
      break;
    case 2:
      if (parts.size() > 1) parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(i));
      break;
    case 3:
      std::swap(parts[i], parts[k]);
      break;
    case 4:
      for (std::size_t n = random.OneIn(4) ? 40 : 2; n > 0; --n) parts.push_back(parts[i]);
      break;
    case 5:
      parts.insert(parts.begin() + static_cast<std::ptrdiff_t>(k), "");
      break;
  }
}

std::string SwappedCase(std::string text, Random& random) {
  for (char& c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (letter && random.OneIn(2)) c = static_cast<char>(c ^ 32);
  }
  return text;
}

std::string Odd(Random& random) {
  return std::string(1, kEdges[random.Below(kEdges.size())]);
}

void Insert(std::string& text, std::string_view what, Random& random) {
  text.insert(random.Below(text.size() + 1), what);
}

}  // namespace grantspec::mutator
