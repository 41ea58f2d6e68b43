#include "fuzz/oracle/model.h"

#include <algorithm>

namespace grantspec::model {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int Nibble(unsigned char c) {
  if (c >= '0' && c <= '9') return c & 15;
  if ((c | 32) >= 'a' && (c | 32) <= 'f') return ((c | 32) & 15) + 9;
  return -1;
}

char Lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 32) : c;
}

std::string Lower(std::string_view text) {
  std::string lower;
  for (char c : text) lower += Lower(c);
  return lower;
}

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] != separator) continue;
    parts.push_back(text.substr(begin, i - begin));
    begin = i + 1;
  }
  return parts;
}

// What stands before and behind the first separator.
std::pair<std::string_view, std::string_view> Cut(std::string_view text, char separator) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == separator) return {text.substr(0, i), text.substr(i + 1)};
  }
  return {text, {}};
}

// Octets of one name or value; `whole` becomes false at an escape that is none.
std::string Unescape(std::string_view text, bool& whole, std::size_t& escapes) {
  std::string octets;
  int pending = 0, value = 0;
  std::string kept;
  for (char c : text) {
    if (pending > 0) {
      const int nibble = Nibble(static_cast<unsigned char>(c));
      if (nibble >= 0) {
        kept += c;
        value = value * 16 + nibble;
        if (--pending == 0) {
          octets += static_cast<char>(value);
          ++escapes;
        }
        continue;
      }
      whole = false;
      octets += kept;
      pending = 0;
    }
    if (c == '%') {
      pending = 2;
      value = 0;
      kept = "%";
    } else {
      octets += c == '+' ? ' ' : c;
    }
  }
  if (pending > 0) {
    whole = false;
    octets += kept;
  }
  return octets;
}

bool IsTokenCharacter(char c) {
  const auto u = static_cast<unsigned char>(c);
  return u > 0x20 && u < 0x7f &&
         std::string_view("\"(),/:;<=>?@[\\]{}").find(c) == std::string_view::npos;
}

// What a media type is made of, one piece after another.
enum class Piece { kType, kSubtype, kBefore, kName, kValue, kToken, kQuoted, kEscaped };

}  // namespace

bool IsUtf8(std::string_view octets) {
  std::size_t i = 0;
  while (i < octets.size()) {
    const auto lead = static_cast<unsigned char>(octets[i++]);
    if (lead < 0x80) continue;
    int more = lead >> 5 == 6 ? 1 : lead >> 4 == 14 ? 2 : lead >> 3 == 30 ? 3 : 0;
    if (more == 0) return false;
    unsigned long code = lead & (0x3fu >> more);
    const unsigned long least = more == 1 ? 0x80 : more == 2 ? 0x800 : 0x10000;
    for (; more > 0; --more) {
      if (i == octets.size()) return false;
      const auto next = static_cast<unsigned char>(octets[i++]);
      if (next >> 6 != 2) return false;
      code = code * 64 + (next & 63);
    }
    if (code < least || code > 0x10ffff || code >> 11 == 27) return false;
  }
  return true;
}

FormReading ReadForm(std::string_view content) {
  FormReading reading;
  for (std::string_view part : Split(content, '&')) {
    if (part.empty()) continue;
    const auto [name, value] = Cut(part, '=');
    reading.separators += part.find('=') != std::string_view::npos ? 1 : 0;
    std::string decoded[2];
    std::size_t i = 0;
    for (std::string_view half : {name, value}) {
      bool whole = true;
      decoded[i] = Unescape(half, whole, reading.escapes);
      if (!whole) reading.refusal = FormReading::Refusal::kEscape;
      if (whole && !IsUtf8(decoded[i])) reading.refusal = FormReading::Refusal::kUtf8;
      if (reading.refusal != FormReading::Refusal::kNone) {
        reading.pairs.clear();
        return reading;
      }
      ++i;
    }
    reading.pairs.push_back({decoded[0], decoded[1]});
  }
  reading.separators += static_cast<std::size_t>(std::count(content.begin(), content.end(), '&'));
  return reading;
}

Pairs ReadFormLoosely(std::string_view content) {
  Pairs pairs;
  for (std::string_view part : Split(content, '&')) {
    if (part.empty()) continue;
    const auto [name, value] = Cut(part, '=');
    bool whole = true;
    std::size_t escapes = 0;
    pairs.push_back({Unescape(name, whole, escapes), Unescape(value, whole, escapes)});
  }
  return pairs;
}

std::string WriteBase64(std::string_view octets) {
  std::string text;
  for (std::size_t i = 0; i < octets.size(); i += 3) {
    unsigned long group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group * 256 + (i + k < octets.size() ? static_cast<unsigned char>(octets[i + k]) : 0);
    }
    const std::size_t carried = std::min<std::size_t>(3, octets.size() - i);
    for (std::size_t k = 0; k < 4; ++k) {
      text += k <= carried ? kAlphabet[(group >> (18 - 6 * k)) & 63] : '=';
    }
  }
  return text;
}

std::optional<std::string> ReadBase64(std::string_view text) {
  std::string octets;
  unsigned long bits = 0;
  int held = 0;
  for (char c : text) {
    const std::size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) continue;
    bits = (bits * 64 + value) & 0xffff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    octets += static_cast<char>((bits >> held) & 255);
  }
  if (WriteBase64(octets) != text) return std::nullopt;
  return octets;
}

std::optional<std::pair<std::string, std::string>> ReadBasic(std::string_view field_value) {
  const auto [scheme, rest] = Cut(field_value, ' ');
  if (Lower(scheme) != "basic") return std::nullopt;
  std::string_view token = rest;
  while (!token.empty() && token[0] == ' ') token = token.substr(1);
  if (token.empty()) return std::nullopt;
  const std::optional<std::string> pair = ReadBase64(token);
  if (!pair || pair->find(':') == std::string::npos) return std::nullopt;
  for (unsigned char c : *pair) {
    if (c < 32 || c == 127) return std::nullopt;
  }
  const auto [user_id, password] = Cut(*pair, ':');
  return std::pair<std::string, std::string>(user_id, password);
}

std::optional<std::vector<std::string>> ReadScope(std::string_view text) {
  std::vector<std::string> tokens;
  for (std::string_view token : Split(text, ' ')) {
    if (token.empty()) return std::nullopt;
    for (unsigned char c : token) {
      const bool fits = c == 0x21 || (c >= 0x23 && c <= 0x5b) || (c >= 0x5d && c <= 0x7e);
      if (!fits) return std::nullopt;
    }
    tokens.emplace_back(token);
  }
  std::sort(tokens.begin(), tokens.end());
  tokens.erase(std::unique(tokens.begin(), tokens.end()), tokens.end());
  return tokens;
}

std::optional<MediaTypeReading> ReadMediaType(std::string_view value) {
  MediaTypeReading reading;
  std::pair<std::string, std::string> parameter;
  Piece piece = Piece::kType;
  bool semicolon = false;  // one was seen and no parameter behind it yet
  for (std::size_t i = 0; i <= value.size(); ++i) {
    const bool end = i == value.size();
    const char c = end ? '\0' : value[i];
    const bool token = !end && IsTokenCharacter(c);
    const bool space = !end && (c == ' ' || c == '\t');
    switch (piece) {
      case Piece::kType:
        if (token) {
          reading.type += Lower(c);
        } else if (!end && c == '/' && !reading.type.empty()) {
          piece = Piece::kSubtype;
        } else {
          return std::nullopt;
        }
        break;
      case Piece::kSubtype:
        if (token) {
          reading.subtype += Lower(c);
          break;
        }
        if (reading.subtype.empty()) return std::nullopt;
        piece = Piece::kBefore;
        [[fallthrough]];
      case Piece::kBefore:
        if (end || space) break;
        if (c == ';') {
          semicolon = true;
        } else if (token && semicolon) {
          parameter = {std::string(1, Lower(c)), ""};
          piece = Piece::kName;
        } else {
          return std::nullopt;
        }
        break;
      case Piece::kName:
        if (token) {
          parameter.first += Lower(c);
        } else if (!end && c == '=') {
          piece = Piece::kValue;
        } else {
          return std::nullopt;
        }
        break;
      case Piece::kValue:
        if (!token && (end || c != '"')) return std::nullopt;
        piece = token ? Piece::kToken : Piece::kQuoted;
        if (token) parameter.second += c;
        break;
      case Piece::kToken:
        if (token) {
          parameter.second += c;
          break;
        }
        reading.parameters.push_back(parameter);
        piece = Piece::kBefore;
        semicolon = !end && c == ';';
        if (!end && !space && !semicolon) return std::nullopt;
        break;
      case Piece::kQuoted:
        if (end) return std::nullopt;
        if (c == '\\') {
          piece = Piece::kEscaped;
        } else if (c == '"') {
          reading.parameters.push_back(parameter);
          piece = Piece::kBefore;
          semicolon = false;
        } else {
          parameter.second += c;
        }
        break;
      case Piece::kEscaped:
        if (end) return std::nullopt;
        parameter.second += c;
        piece = Piece::kQuoted;
        break;
    }
  }
  if (piece == Piece::kType) return std::nullopt;
  return reading;
}

std::string Canonical(std::string_view part) {
  return std::to_string(part.size()) + ":" + std::string(part) + ";";
}

std::string Canonical(const Pairs& pairs) {
  std::string text;
  for (const auto& [name, value] : pairs) text += Canonical(name) + Canonical(value);
  return text;
}

}  // namespace grantspec::model
