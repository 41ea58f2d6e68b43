#include "fuzz/session/steps.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace grantspec::session {
namespace {

// A step from its line, or nothing.
std::optional<Step> StepOf(std::string_view line) {
  if (line == "@wait") return Step{Step::Kind::kWait};
  for (const auto& [word, kind] :
       {std::pair<std::string_view, Step::Kind>("@send ", Step::Kind::kSend),
        {"@close ", Step::Kind::kClose}}) {
    if (line.size() != word.size() + 1 || !line.starts_with(word)) continue;
    const char digit = line.back();
    if (digit < '0' || digit >= static_cast<char>('0' + kConnections)) continue;
    return Step{kind, static_cast<std::size_t>(digit - '0')};
  }
  return std::nullopt;
}

}  // namespace

std::vector<Step> ReadSteps(std::string_view input) {
  std::vector<Step> steps;
  while (!input.empty() && steps.size() < kStepsMax) {
    const std::size_t end = std::min(input.find("\n@"), input.size());
    const std::string_view text = input.substr(0, end);
    input.remove_prefix(std::min(end + 1, input.size()));
    const std::size_t line_end = std::min(text.find('\n'), text.size());
    std::optional<Step> step = StepOf(text.substr(0, line_end));
    if (!step) continue;
    if (step->kind == Step::Kind::kSend) {
      step->bytes = text.substr(std::min(line_end + 1, text.size()));
    }
    steps.push_back(std::move(*step));
  }
  return steps;
}

std::string WriteSteps(const std::vector<Step>& steps) {
  std::string input;
  for (const Step& step : steps) {
    if (!input.empty()) input += '\n';
    switch (step.kind) {
      case Step::Kind::kSend:
        input += "@send " + std::to_string(step.connection) + "\n" + step.bytes;
        break;
      case Step::Kind::kClose:
        input += "@close " + std::to_string(step.connection);
        break;
      case Step::Kind::kWait:
        input += "@wait";
        break;
    }
  }
  return input;
}

}  // namespace grantspec::session
