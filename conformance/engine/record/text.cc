#include "conformance/engine/record/text.h"

#include <array>
#include <cstdio>

#include "conformance/engine/secrets/fold.h"
#include "fixtures/grammar/ascii.h"
#include "fixtures/grammar/utf8.h"

namespace grantspec {
namespace {

std::string Escaped(char c) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "\\x%02x", static_cast<unsigned char>(c));
  return text.data();
}

// Whether "##", "##vso" or the like ends the text: with a bracket after it, runners of builds read
// a command out of a log, wherever in a line it is.
bool EndsWithCommand(std::string_view text) {
  while (!text.empty() && IsAlpha(text.back())) text.remove_suffix(1);
  return text.ends_with("##");
}

// GitHub's runner reads a command where a line begins with "::", after any white space, and takes
// more for white space than US-ASCII has. Only after a visible character of US-ASCII is "::" safe.
bool IsVisibleBefore(std::string_view text) {
  return !text.empty() && text.back() > 0x20 && text.back() < 0x7f;
}

}  // namespace

std::string Printable(std::string_view text, bool keep_lines) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    const bool command = (c == '[' && EndsWithCommand(out)) ||
                         (c == ':' && text.substr(at, 2) == "::" && !IsVisibleBefore(out));
    const CodePoint point = CodePointAt(text, at);
    if (command || !point.is_utf8 || (IsControl(c) && !(keep_lines && c == '\n'))) {
      out += Escaped(c);
      ++at;
      continue;
    }
    const std::string_view sequence = text.substr(at, point.length);
    if (IsInvisible(point.value)) {
      for (char byte : sequence) out += Escaped(byte);
    } else {
      out += sequence;
    }
    at += point.length;
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

std::string Fitted(std::string_view text, std::size_t columns) {
  const auto begins = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; };
  std::size_t column = 0, cut = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!begins(text[at])) continue;
    if (column + 3 <= columns) cut = at;
    if (++column > columns) return std::string(text.substr(0, cut)) + "...";
  }
  return std::string(text);
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
