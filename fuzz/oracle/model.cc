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

// What stands before and after the first separator.
std::pair<std::string_view, std::string_view> Cut(std::string_view text, char separator) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == separator) return {text.substr(0, i), text.substr(i + 1)};
  }
  return {text, {}};
}

// The bytes of one name or value; `whole` becomes false at an invalid escape.
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

// A media type (RFC 9110 section 8.3.1), one character after another: one function for each place.
// Each returns false where the character, or the end, may not stand there.
class MediaTypeMachine {
 public:
  std::optional<MediaTypeReading> Run(std::string_view value) {
    for (char c : value) {
      if (!(this->*place_)(c, false)) return std::nullopt;
    }
    if (!(this->*place_)('\0', true)) return std::nullopt;
    return reading_;
  }

 private:
  bool Type(char c, bool) {
    if (IsTokenCharacter(c)) {
      reading_.type += Lower(c);
      return true;
    }
    place_ = &MediaTypeMachine::Subtype;
    return c == '/' && !reading_.type.empty();
  }
  bool Subtype(char c, bool end) {
    if (IsTokenCharacter(c)) {
      reading_.subtype += Lower(c);
      return true;
    }
    return !reading_.subtype.empty() && Before(c, end);
  }
  // White space and semicolons before the next parameter.
  bool Before(char c, bool end) {
    place_ = &MediaTypeMachine::Before;
    if (end || c == ' ' || c == '\t') return true;
    if (c == ';') {
      semicolon_ = true;
      return true;
    }
    if (!IsTokenCharacter(c) || !semicolon_) return false;
    parameter_ = {std::string(1, Lower(c)), ""};
    place_ = &MediaTypeMachine::Name;
    return true;
  }
  bool Name(char c, bool) {
    if (IsTokenCharacter(c)) {
      parameter_.first += Lower(c);
      return true;
    }
    place_ = &MediaTypeMachine::Value;
    return c == '=';
  }
  bool Value(char c, bool) {
    if (IsTokenCharacter(c)) {
      parameter_.second += c;
      place_ = &MediaTypeMachine::Token;
      return true;
    }
    place_ = &MediaTypeMachine::Quoted;
    return c == '"';
  }
  bool Token(char c, bool end) {
    if (IsTokenCharacter(c)) {
      parameter_.second += c;
      return true;
    }
    Keep();
    return Before(c, end);
  }
  bool Quoted(char c, bool end) {
    if (c == '"') {
      Keep();
      place_ = &MediaTypeMachine::Before;
    } else if (c == '\\') {
      place_ = &MediaTypeMachine::Escaped;
    } else {
      parameter_.second += c;
    }
    return !end;
  }
  bool Escaped(char c, bool end) {
    parameter_.second += c;
    place_ = &MediaTypeMachine::Quoted;
    return !end;
  }
  void Keep() {
    reading_.parameters.push_back(parameter_);
    semicolon_ = false;
  }

  MediaTypeReading reading_;
  std::pair<std::string, std::string> parameter_;
  bool semicolon_ = false;  // one was seen and no parameter after it yet
  bool (MediaTypeMachine::*place_)(char, bool) = &MediaTypeMachine::Type;
};

// How many bytes follow the first one of a character; -1: it cannot be the first.
int FollowersOf(unsigned char lead) {
  if (lead < 0x80) return 0;
  if (lead >> 5 == 6) return 1;
  if (lead >> 4 == 14) return 2;
  return lead >> 3 == 30 ? 3 : -1;
}

// Whether a code point is one, and is too large for fewer bytes.
bool IsCodePoint(unsigned long code, int followers) {
  constexpr unsigned long kLeast[] = {0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >> 11 == 27;
  return code >= kLeast[followers] && code <= 0x10ffff && !surrogate;
}

}  // namespace

bool IsUtf8(std::string_view octets) {
  for (std::size_t i = 0; i < octets.size();) {
    const auto lead = static_cast<unsigned char>(octets[i++]);
    const int followers = FollowersOf(lead);
    if (followers < 0 || octets.size() - i < static_cast<std::size_t>(followers)) return false;
    unsigned long code = followers == 0 ? lead : lead & (0x3fu >> followers);
    for (int k = 0; k < followers; ++k) {
      const auto next = static_cast<unsigned char>(octets[i++]);
      if (next >> 6 != 2) return false;
      code = code * 64 + (next & 63);
    }
    if (!IsCodePoint(code, followers)) return false;
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
  return MediaTypeMachine().Run(value);
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
