#include "conformance/report/text.h"

#include <array>
#include <cstdio>

#include "fixtures/grammar/ascii.h"
#include "fixtures/grammar/utf8.h"

namespace grantspec {
namespace {

std::string Escaped(char c) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "\\x%02x", static_cast<unsigned char>(c));
  return text.data();
}

// The length of the well-formed UTF-8 sequence at `at`, or 0.
std::size_t SequenceAt(std::string_view text, std::size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (at + length > text.size() || !IsUtf8(text.substr(at, length))) return 0;
  return length;
}

// Code points that change how the text around them is shown: C1 controls, zero-width characters,
// directional marks and overrides, line separators, the byte order mark.
bool IsDeceptive(std::string_view sequence) {
  if (sequence.size() == 2 && sequence[0] == '\xc2') {
    return static_cast<unsigned char>(sequence[1]) < 0xa0;
  }
  if (sequence.size() != 3) return false;
  const auto second = static_cast<unsigned char>(sequence[1]);
  const auto third = static_cast<unsigned char>(sequence[2]);
  if (sequence[0] == '\xef') return second == 0xbb && third == 0xbf;
  if (sequence[0] != '\xe2') return false;
  if (second == 0x80) return (third >= 0x8b && third <= 0x8f) || (third >= 0xa8 && third <= 0xae);
  return second == 0x81 && third >= 0xa0 && third <= 0xaf;
}

// Whether "##", "##vso" or the like ends the text: with a bracket behind it, runners of builds read
// a command out of a log, wherever in a line it is.
bool EndsWithCommand(std::string_view text) {
  while (!text.empty() && text.back() >= 'a' && text.back() <= 'z') text.remove_suffix(1);
  return text.ends_with("##");
}

}  // namespace

std::string Printable(std::string_view text, bool keep_lines) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '[' && EndsWithCommand(out)) {
      out += Escaped(c);
      ++at;
      continue;
    }
    const std::size_t length = SequenceAt(text, at);
    if (length == 0 || (length == 1 && IsControl(c) && !(keep_lines && c == '\n'))) {
      out += Escaped(c);
      ++at;
      continue;
    }
    const std::string_view sequence = text.substr(at, length);
    if (IsDeceptive(sequence)) {
      for (char octet : sequence) out += Escaped(octet);
    } else {
      out += sequence;
    }
    at += length;
  }
  return out;
}

bool IsPlainText(std::string_view text) {
  return IsUtf8(text) && text.find('\0') == std::string_view::npos;
}

std::string XmlText(std::string_view text) {
  std::string out;
  for (char c : Printable(text, true)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\n':
        out += "&#10;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string ShellQuoted(std::string_view text) {
  std::string out = "'";
  for (char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

std::string Wrapped(std::string_view text, std::size_t width, std::string_view indent) {
  std::string out;
  std::size_t column = 0;
  while (!text.empty()) {
    const std::size_t space = text.find(' ');
    const std::string_view word = text.substr(0, space);
    text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
    // A line of a log that begins with "::" is a command to GitHub's runner: it never begins here.
    if (column > 0 && column + 1 + word.size() > width && !word.starts_with("::")) {
      out.append("\n").append(indent);
      column = 0;
    } else if (column > 0) {
      out += ' ';
      ++column;
    }
    out.append(word);
    column += word.size();
  }
  return out;
}

}  // namespace grantspec
