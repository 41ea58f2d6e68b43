#include "conformance/engine/report/console_parts.h"

#include <array>
#include <cstdio>

#include "conformance/engine/record/text.h"
#include "fixtures/text/edit.h"

namespace grantspec {
namespace {

constexpr std::size_t kShownContentMax = 600;
constexpr std::size_t kShownRequestMax = 1200;

}  // namespace

std::string In(Tone tone, const std::string& text, const ConsoleStyle& style) {
  if (!style.color) return text;
  switch (tone) {
    case Tone::kGood:
      return "\x1b[32m" + text + "\x1b[0m";
    case Tone::kBad:
      return "\x1b[31m" + text + "\x1b[0m";
    case Tone::kWarn:
      return "\x1b[33m" + text + "\x1b[0m";
    case Tone::kDim:
      return "\x1b[2m" + text + "\x1b[0m";
    case Tone::kStrong:
      return "\x1b[1m" + text + "\x1b[0m";
    case Tone::kPlain:
      return text;
  }
  return text;
}

Tone ToneOf(Outcome outcome) {
  switch (outcome) {
    case Outcome::kPass:
      return Tone::kGood;
    case Outcome::kFail:
      return Tone::kBad;
    case Outcome::kWarn:
    case Outcome::kInconclusive:
      return Tone::kWarn;
    default:
      return Tone::kDim;
  }
}

std::string Mark(Outcome outcome) {
  switch (outcome) {
    case Outcome::kPass:
      return "ok  ";
    case Outcome::kFail:
      return "FAIL";
    case Outcome::kWarn:
      return "warn";
    case Outcome::kInfo:
      return "info";
    case Outcome::kWaived:
      return "waived";
    case Outcome::kInconclusive:
      return "inconclusive";
    case Outcome::kNotApplicable:
      return "n/a ";
  }
  return "    ";
}

std::string Seconds(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f s", value);
  return text.data();
}

void PrintLines(std::ostream& out, std::string_view text, std::string_view prefix,
                std::size_t bytes_max, const ConsoleStyle& style) {
  const bool cut = text.size() > bytes_max;
  text = text.substr(0, bytes_max);
  while (!text.empty()) {
    out << In(Tone::kDim, std::string(prefix) + Printable(NextLine(text)), style) << '\n';
  }
  if (cut) out << In(Tone::kDim, std::string(prefix) + "... (cut)", style) << '\n';
}

void PrintExchange(std::ostream& out, const RecordedExchange& exchange, bool named,
                   const ConsoleStyle& style) {
  if (named) out << In(Tone::kDim, "      -- " + Printable(exchange.step), style) << '\n';
  PrintLines(out, exchange.request, "      > ", kShownRequestMax, style);
  if (!exchange.has_response) {
    out << In(Tone::kDim, "      < (" + Printable(exchange.transport) + ")", style) << '\n';
    return;
  }
  std::string text = exchange.status_line + "\n";
  for (const auto& [name, value] : exchange.fields) text += name + ": " + value + "\n";
  if (!exchange.content.empty()) text += "\n" + exchange.content;
  PrintLines(out, text, "      < ", kShownContentMax, style);
  if (!exchange.end.empty()) out << In(Tone::kDim, "      < (" + exchange.end + ")", style) << '\n';
}

}  // namespace grantspec
