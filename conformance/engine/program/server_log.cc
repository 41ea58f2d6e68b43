#include "conformance/engine/program/server_log.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <utility>

#include "conformance/engine/options/options.h"
#include "fixtures/files/json_file.h"
#include "fixtures/grammar/ascii.h"
#include "fixtures/text/edit.h"

namespace grantspec {
namespace {

constexpr std::size_t kLogBytesMax = 64 * 1024 * 1024;
constexpr std::size_t kTraceLinesMax = 40, kCaseLinesMax = 200;
constexpr std::size_t kCaseBytesMax = 16 * 1024, kLineBytesMax = 1024;
constexpr std::size_t kReadLineBytesMax = 64 * 1024;  // of a line, before it is cleaned and cut

bool IsNameByte(char c) {
  return (c >= 'a' && c <= 'z') || IsDigit(c) || c == '_' || c == '.';
}

// The case that a request id of the line names; empty: none.
std::string CaseIn(std::string_view line, std::string_view tag) {
  for (std::size_t at = 0; (at = line.find(tag, at)) != std::string_view::npos; ++at) {
    std::string_view id = line.substr(at + tag.size());
    if (!id.starts_with('.')) continue;
    id = id.substr(1);
    const auto end = std::find_if_not(id.begin(), id.end(), IsNameByte);
    id = id.substr(0, static_cast<std::size_t>(end - id.begin()));
    while (id.ends_with('.')) id.remove_suffix(1);
    const std::size_t dot = id.rfind('.');
    if (dot == std::string_view::npos) continue;
    const std::string_view step = id.substr(dot + 1), name = id.substr(0, dot);
    if (std::all_of(step.begin(), step.end(), IsDigit) &&
        name.find('.') != std::string_view::npos) {
      return std::string(name);
    }
  }
  return {};
}

// "ValueError: bad", "java.lang.IllegalStateException", "panic: nil"
bool IsExceptionLine(std::string_view line) {
  const auto is_name = [](char c) {
    return IsAlpha(c) || IsDigit(c) || c == '_' || c == '.' || c == '$';
  };
  const auto end = std::find_if_not(line.begin(), line.end(), is_name);
  const std::string_view name = line.substr(0, static_cast<std::size_t>(end - line.begin()));
  return name.ends_with("Error") || name.ends_with("Exception") || name == "panic";
}

// Whether a line continues the entry before it.
bool IsTraceLine(std::string_view line) {
  if (line.empty()) return false;
  if (line.front() == ' ' || line.front() == '\t') return true;
  for (std::string_view begin : {"Traceback (", "Caused by:", "Suppressed:", "During handling of",
                                 "The above exception", "goroutine ", "Stack trace:", "at "}) {
    if (line.starts_with(begin)) return true;
  }
  return IsExceptionLine(line);
}

/// Collects lines under the bounds of a case.
class Collector {
 public:
  explicit Collector(const std::function<std::string(std::string_view)>& clean) : clean_(clean) {}

  void Begin(std::string name) {
    name_ = std::move(name);
    trace_lines_ = 0;
  }

  void AddTrace(std::string_view line) {
    if (name_.empty()) return;
    if (!IsTraceLine(line) || ++trace_lines_ > kTraceLinesMax) {
      name_.clear();
    } else {
      Add(line);
    }
  }

  void Add(std::string_view line) {
    std::size_t& bytes = bytes_[name_];
    std::vector<std::string>& lines = found_[name_];
    if (lines.size() >= kCaseLinesMax || bytes >= kCaseBytesMax) return;
    std::string clean = clean_(line.substr(0, kReadLineBytesMax));
    if (clean.empty()) return;
    if (clean.size() > kLineBytesMax) {
      clean = clean.substr(0, kLineBytesMax) + "... (cut; " + std::to_string(line.size()) +
              " bytes in all)";
    }
    bytes += clean.size();
    lines.push_back(std::move(clean));
  }

  LogByCase Take() {
    std::erase_if(found_, [](const auto& one) { return one.second.empty(); });
    return std::move(found_);
  }

 private:
  const std::function<std::string(std::string_view)>& clean_;
  std::string name_;  // of the case whose trace may follow; empty: none
  std::size_t trace_lines_ = 0;
  std::map<std::string, std::size_t> bytes_;
  LogByCase found_;
};

}  // namespace

LogByCase LinesOfCases(std::string_view log, std::string_view tag,
                       const std::function<std::string(std::string_view)>& clean) {
  Collector collector(clean);
  while (!log.empty()) {
    const std::string_view line = NextLine(log);
    std::string name = CaseIn(line, tag);
    if (name.empty()) {
      collector.AddTrace(line);
    } else {
      collector.Begin(std::move(name));
      collector.Add(line);
    }
  }
  return collector.Take();
}

ServerLog::ServerLog(std::string path) : path_(std::move(path)) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path_, error)) {
    throw UsageError("--server-log " + path_ + ": not a regular file" +
                     (error ? ": " + error.message() : ""));
  }
  CheckReadable(path_);
  begin_ = std::filesystem::file_size(path_, error);
}

std::string ServerLog::Written() const {
  std::error_code error;
  const std::uint64_t size = std::filesystem::file_size(path_, error);
  if (error) return {};
  const std::uint64_t begin = size < begin_ ? 0 : begin_;
  std::string text(std::min<std::uint64_t>(size - begin, kLogBytesMax), '\0');
  std::ifstream file(path_, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(begin));
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  return text;
}

}  // namespace grantspec
