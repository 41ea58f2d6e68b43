#include "conformance/engine/report/history.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "conformance/engine/record/conclusion.h"
#include "conformance/engine/record/text.h"
#include "conformance/engine/report/parts.h"
#include "conformance/engine/report/report.h"

namespace grantspec {
namespace {

constexpr std::size_t kHistoryBytesMax = 64 * 1024 * 1024;
constexpr std::size_t kRunsShownMax = 30;
constexpr int kLaws = 1, kCases = 0;

std::string FileIn(const std::string& folder) {
  return (std::filesystem::path(folder) / "history.jsonl").string();
}

// The embedded endpoint has another port in each run.
std::string TargetName(const RunRecord& record) {
  return record.embedded ? "embedded reference endpoint" : record.url;
}

int KindOf(std::string_view case_set) {
  return case_set == "laws" ? kLaws : kCases;
}

PastRun PastRunOf(const RunRecord& record) {
  PastRun run;
  run.started = record.started;
  run.target = TargetName(record);
  run.case_set = record.case_set;
  run.exit_code = record.exit_code;
  const auto count = record.Count();
  run.failures = static_cast<std::int64_t>(CountOf(count, Outcome::kFail));
  run.warnings = static_cast<std::int64_t>(CountOf(count, Outcome::kWarn));
  for (const Cause& cause : record.causes) {
    if (cause.severity == Outcome::kFail) run.causes.push_back(cause.id);
  }
  return run;
}

PastRun ReadLine(const JsonValue& line) {
  const auto member = [&line](std::string_view name) -> const JsonValue& {
    const JsonValue* value = line.Find(name);
    if (value == nullptr) {
      throw FileError(line.where, "the member \"" + std::string(name) + "\" is missing");
    }
    return *value;
  };
  constexpr std::int64_t kMany = 1'000'000'000;
  PastRun run;
  run.started = member("started").AsString("started");
  run.target = member("target").AsString("target");
  run.case_set = member("case_set").AsString("case_set");
  run.exit_code = static_cast<int>(member("exit_code").AsInteger("exit_code", 0, 255));
  run.failures = member("failures").AsInteger("failures", 0, kMany);
  run.warnings = member("warnings").AsInteger("warnings", 0, kMany);
  for (const JsonValue& one : member("causes").AsArray("causes")) {
    run.causes.push_back(one.AsString("a cause"));
  }
  return run;
}

// Whether a run failed, or did not; neither where it was not judged.
bool IsRed(const PastRun& run) {
  return run.exit_code == kFailures;
}

bool IsGreen(const PastRun& run) {
  return run.exit_code == kNoFailure || run.exit_code == kWaivers;
}

std::vector<PastRun> LastRuns(const RunRecord& record) {
  std::vector<PastRun> runs = RunsOfTarget(record);
  if (runs.size() > kRunsShownMax) {
    runs.erase(runs.begin(), runs.end() - static_cast<std::ptrdiff_t>(kRunsShownMax));
  }
  return runs;
}

std::int64_t MostFailures(const std::vector<PastRun>& runs) {
  std::int64_t most = 1;
  for (const PastRun& run : runs) most = std::max(most, run.failures);
  return most;
}

}  // namespace

std::vector<PastRun> ReadHistory(const std::string& folder) {
  const std::string path = FileIn(folder);
  std::vector<PastRun> runs;
  if (!std::filesystem::exists(path)) return runs;
  const std::string text = ReadFile(path, kHistoryBytesMax);
  int number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    ++number;
    try {
      runs.push_back(ReadLine(ParseJsonText(text.substr(at, end - at), path)));
    } catch (const FileError&) {
      throw FileError({path, number}, "this line is no run of a history; remove it");
    }
    at = end + 1;
  }
  return runs;
}

void PrepareHistory(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  CheckWritable(FileIn(folder));
}

void AppendHistory(const std::string& folder, const RunRecord& record) {
  const std::string path = FileIn(folder);
  const PastRun run = PastRunOf(record);
  nlohmann::ordered_json line;
  line["started"] = run.started;
  line["target"] = Printable(run.target);
  line["suite"] = record.suite_version;
  line["case_set"] = run.case_set;
  line["exit_code"] = run.exit_code;
  line["failures"] = run.failures;
  line["warnings"] = run.warnings;
  line["causes"] = run.causes;
  const std::string text = line.dump() + "\n";
  const int file = open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
  // The lock is for file systems on which appending alone is not atomic.
  const bool written = file >= 0 && flock(file, LOCK_EX) == 0 &&
                       write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const int reason = errno;
  const bool closed = file >= 0 && close(file) == 0;
  if (!written) throw WriteError(path + ": cannot be written: " + std::strerror(reason));
  if (!closed) throw WriteError(path + ": cannot be written: " + std::strerror(errno));
}

std::vector<PastRun> RunsOfTarget(const RunRecord& record) {
  std::vector<PastRun> runs;
  if (!record.history) return runs;
  const PastRun own = PastRunOf(record);
  for (const PastRun& run : *record.history) {
    if (run.target == Printable(own.target) && KindOf(run.case_set) == KindOf(own.case_set)) {
      runs.push_back(run);
    }
  }
  runs.push_back(own);
  return runs;
}

std::string HistorySentence(const RunRecord& record) {
  const std::vector<PastRun> runs = RunsOfTarget(record);
  if (runs.empty() || (!IsRed(runs.back()) && !IsGreen(runs.back()))) return {};
  const bool red = IsRed(runs.back());
  std::size_t count = 0;
  std::string since;
  for (auto run = runs.rbegin(); run != runs.rend(); ++run) {
    if (red ? IsGreen(*run) : IsRed(*run)) break;
    if (!IsRed(*run) && !IsGreen(*run)) continue;
    since = run->started.substr(0, 10);
    ++count;
  }
  return (red ? "red since " : "green since ") + since + ", " + Counted(count, "run");
}

std::string Sparkline(const RunRecord& record) {
  static constexpr const char* kBars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const std::vector<PastRun> runs = LastRuns(record);
  if (runs.size() < 2) return {};
  const std::int64_t most = MostFailures(runs);
  std::string line;
  for (const PastRun& run : runs) {
    const bool judged = IsRed(run) || IsGreen(run) || run.failures > 0;
    line += judged ? kBars[(run.failures * 7 + most - 1) / most] : "·";
  }
  return line;
}

std::string SparklineSvg(const RunRecord& record) {
  constexpr std::int64_t kHeight = 24, kStep = 6;
  const std::vector<PastRun> runs = LastRuns(record);
  if (runs.size() < 2) return {};
  const std::int64_t most = MostFailures(runs);
  std::string bars, label;
  std::int64_t x = 0;
  for (const PastRun& run : runs) {
    const std::int64_t height = 2 + run.failures * (kHeight - 2) / most;
    bars += "<rect x=\"" + std::to_string(x) + "\" y=\"" + std::to_string(kHeight - height) +
            "\" width=\"4\" height=\"" + std::to_string(height) + "\" class=\"" +
            (IsRed(run)     ? "red"
             : IsGreen(run) ? "green"
                            : "none") +
            "\"/>";
    label += (label.empty() ? "" : ", ") + std::to_string(run.failures);
    x += kStep;
  }
  return "<svg class=\"sparkline\" role=\"img\" aria-label=\"failures of the last " +
         Counted(runs.size(), "run") + ": " + label + "\" width=\"" + std::to_string(x) +
         "\" height=\"" + std::to_string(kHeight) + "\">" + bars + "</svg>";
}

}  // namespace grantspec
