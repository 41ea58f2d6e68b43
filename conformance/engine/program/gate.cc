#include "conformance/engine/program/gate.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <thread>

#include "conformance/engine/case/case_set.h"
#include "conformance/engine/diagnosis/diagnosis.h"
#include "conformance/engine/options/options_check.h"
#include "conformance/engine/record/statement.h"
#include "conformance/engine/record/text.h"
#include "conformance/engine/report/history.h"
#include "conformance/engine/report/report.h"
#include "conformance/engine/secrets/redact.h"
#include "fixtures/text/version.h"

namespace grantspec {
namespace {

volatile std::sig_atomic_t ending = 0;

void OnSignal(int signal) {
  ending = 1;
  std::signal(signal, SIG_DFL);
}

// Growing pauses, in slices that let an interrupt through.
void PauseFor(std::chrono::milliseconds pause) {
  constexpr std::chrono::milliseconds kSlice{50};
  for (; pause > kSlice.zero() && !WasInterrupted(); pause -= kSlice) {
    std::this_thread::sleep_for(std::min(pause, kSlice));
  }
}

// No credentials are sent while a target is starting: a mistyped secret would lock its client out.
std::optional<std::string> WaitUntilReady(SuiteRun& run, std::chrono::seconds at_most) {
  constexpr std::chrono::milliseconds kFirstPause{100}, kPauseMax{3'000};
  const auto until = std::chrono::steady_clock::now() + at_most;
  for (auto pause = kFirstPause;; pause = std::min(pause * 2, kPauseMax)) {
    auto why = run.WhyNotReady();
    if (!why) return std::nullopt;
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        until - std::chrono::steady_clock::now());
    if (left <= left.zero() || WasInterrupted()) {
      return "not ready after " + std::to_string(at_most.count()) + " s: " + *why;
    }
    PauseFor(std::min(pause, left));
  }
}

constexpr int kShardsMax = 1'000'000;

// The name that all shards of one run share, from the CI system where that has one. The attempt is
// not part of it: a CI system repeats the failed jobs of a run alone, and keeps the others'
// reports.
std::string RunId() {
  for (const char* variable : {"GRANTSPEC_RUN_ID", "GITHUB_RUN_ID", "CI_PIPELINE_ID"}) {
    const char* value = std::getenv(variable);
    if (value != nullptr && *value != '\0') return Printable(value).substr(0, 200);
  }
  return "";
}

std::optional<int> NumberIn(const char* variable) {
  const char* value = std::getenv(variable);
  if (value == nullptr) return std::nullopt;
  int number = 0;
  const char* end = value + std::strlen(value);
  const auto [at, error] = std::from_chars(value, end, number);
  if (error != std::errc() || at != end || number < 0 || number > kShardsMax) {
    throw UsageError(std::string(variable) + " must be a number from 0 to " +
                     std::to_string(kShardsMax));
  }
  return number;
}

// GoogleTest reads these variables, too, and ends the program with exit code 1 where they are
// wrong.
void SetShard(RunRecord& record) {
  const auto shards = NumberIn("GTEST_TOTAL_SHARDS"), shard = NumberIn("GTEST_SHARD_INDEX");
  if (!shards && !shard) return;
  if (!shards || !shard || *shard >= *shards) {
    throw UsageError("GTEST_SHARD_INDEX must be a number below GTEST_TOTAL_SHARDS");
  }
  if (*shards < 2) return;
  record.shard = *shard;
  record.shards = *shards;
}

// FILE[:LINE], from the working directory where it is below that.
SourceLine FindingsAt(const Options& options) {
  SourceLine at{options.sarif_location, 1};
  if (at.file.empty()) at.file = options.profile_path;
  if (at.file.empty()) return RunRecord().findings_at;
  const std::size_t colon = at.file.rfind(':');
  const std::string_view digits = std::string_view(at.file).substr(colon + 1);
  int line = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), line);
  if (colon != std::string::npos && error == std::errc() && end == digits.data() + digits.size() &&
      line > 0) {
    at = {at.file.substr(0, colon), line};
  }
  const std::filesystem::path path = std::filesystem::path(at.file).lexically_normal();
  const std::filesystem::path below =
      std::filesystem::absolute(path).lexically_relative(std::filesystem::current_path());
  const bool is_below = !below.empty() && *below.begin() != "..";
  at.file = (is_below ? below : std::filesystem::absolute(path)).generic_string();
  return at;
}

}  // namespace

std::filesystem::path DataFolder() {
  namespace fs = std::filesystem;
  if (const char* folder = std::getenv("GRANTSPEC_DATA")) return folder;
  std::error_code error;
  // Installed: bin/grantspec and share/grantspec stand side by side.
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  const fs::path shared = program.parent_path().parent_path() / "share" / "grantspec";
  if (!error && fs::exists(shared / "clauses.json", error)) return shared;
  return fs::path(GRANTSPEC_SOURCE_DIR) / "conformance";
}

std::string Rfc3339(std::time_t when) {
  std::tm utc{};
  gmtime_r(&when, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

RunRecord StartRecord(const Options& options, const Clauses& clauses) {
  RunRecord record;
  record.suite_version = std::string(Version());
  record.case_set = options.case_set.empty() ? std::string(kNewestCaseSet) : options.case_set;
  record.embedded = options.url.empty();
  record.insecure = options.network.insecure;
  record.profile_base = options.profile.base;
  record.switches = options.profile.switches;
  record.clauses = &clauses;
  record.started = Rfc3339(std::time(nullptr));
  record.run_id = RunId();
  SetShard(record);
  record.command = Redactor(options.profile).Clean(options.command, Origin::kOurs);
  record.findings_at = FindingsAt(options);
  record.notes = options.warnings;
  if (!options.history.empty() && !options.plan) {
    PrepareHistory(options.history);
    record.history = ReadHistory(options.history);
  }
  // The embedded endpoint's clients are public: they are in the README.
  if (!record.embedded) {
    for (std::string& warning : RedactionWarnings(options.profile)) {
      record.notes.push_back(std::move(warning));
    }
  }
  if (record.insecure) record.notes.push_back("-k: the target's certificate is not verified");
  return record;
}

ConsoleStyle ConsoleStyleOf(const Options& options) {
  ConsoleStyle style = ConsoleStyleFor(STDOUT_FILENO);
  style.quiet = options.quiet;
  style.verbose = options.verbose;
  style.exchanges = options.all_exchanges;
  return style;
}

TargetPlace PlaceTarget(Options& options, RunRecord& record) {
  if (options.url.empty() && !options.plan) {
    throw UsageError("this build has no embedded endpoint: name a URL");
  }
  if (record.embedded && options.plan) {
    // The endpoint is not started: its port is not known yet.
    options.url = "http://127.0.0.1/billing/oauth2/token";
    SetEmbeddedResources(options.profile, "http://127.0.0.1");
  }
  TargetPlace place = *PlaceOf(options.url);
  place.verified = !options.network.insecure;
  place.allow_plaintext = options.network.allow_plaintext;
  record.url = options.url;
  options.profile.url = options.url;
  if (!place.https && place.allow_plaintext) {
    record.notes.push_back(
        "--allow-plaintext: credentials and tokens may cross the network in clear text");
  }
  options.network.origin = place.origin;
  return place;
}

std::optional<std::string> PreflightInTime(SuiteRun& run, Options& options) {
  if (options.wait_for_seconds > 0) {
    if (auto why = WaitUntilReady(run, std::chrono::seconds(options.wait_for_seconds))) return why;
  }
  auto why = run.Preflight(options.profile);
  if (why && run.control_unsent()) throw UsageError(options.url + ": " + *why);
  return why;
}

std::optional<std::string> FirstFailure(RunRecord so_far, const Options& options,
                                        const std::vector<Waiver>& waivers,
                                        const std::vector<Case>& cases) {
  HoldBackNewCases(so_far);
  if (!waivers.empty()) {
    AttributeCauses(so_far);  // a waiver may name a cause
    ApplyWaivers(waivers, so_far.started.substr(0, 10), cases, so_far);
  }
  for (const RecordedCase& one : so_far.cases) {
    const bool fails = one.verdict.outcome == Outcome::kFail ||
                       (options.fail_on == "should" && one.verdict.outcome == Outcome::kWarn);
    if (fails) return one.spec->Name();
  }
  return std::nullopt;
}

std::vector<Cause> CausesUnderWaivers(RunRecord so_far, const std::vector<Waiver>& waivers,
                                      const std::vector<Case>& cases) {
  AttributeCauses(so_far);
  ApplyWaivers(waivers, so_far.started.substr(0, 10), cases, so_far);
  return Diagnose(so_far);
}

void Conclude(RunRecord& record, const Options& options,
              const std::vector<std::string>& attention) {
  record.fail_on = options.fail_on;
  record.interrupted = WasInterrupted();
  RunState state;
  state.interrupted = record.interrupted;
  state.stopped = record.stopped;
  state.fail_on = record.fail_on;
  state.count = record.Count();
  state.attention = attention.size();
  if (!record.limited.empty()) state.incomplete = record.limited + "; " + JudgedText(state.count);
  for (const RecordedCase& one : record.cases) {
    if (one.verdict.outcome == Outcome::kInconclusive && one.level == Level::kMust) ++state.missed;
  }
  Conclusion conclusion = ConclusionOf(state);
  record.exit_code = conclusion.exit_code;
  record.message = std::move(conclusion.message);
}

void KeepOutputForReport(const Options& options) {
  for (const std::string* path : ReportPaths(options)) {
    if (IsStandardOutput(*path)) std::cout.rdbuf(std::cerr.rdbuf());
  }
}

bool WriteReports(const RunRecord& record, const Options& options) {
  bool good = true;
  const auto attempt = [&good](const auto& write) {
    try {
      write();
    } catch (const std::exception& error) {
      std::cerr << "grantspec: " << error.what() << '\n';
      good = false;
    }
  };
  const std::pair<const std::string*, std::string (*)(const RunRecord&)> reports[] = {
      {&options.report_json, JsonReport},   {&options.report_junit, JunitReport},
      {&options.report_sarif, SarifReport}, {&options.report_html, HtmlReport},
      {&options.badge, BadgeReport},        {&options.report_markdown, MarkdownReport}};
  for (const auto& [path, report] : reports) {
    if (!path->empty())
      attempt([&, path = path, report = report] { WriteAtomically(*path, report(record)); });
  }
  if (!options.statement.empty()) {
    attempt([&] {
      const StatementSources sources{DataFolder().string(), options.case_paths};
      WriteAtomically(options.statement, StatementOf(record, sources));
    });
  }
  if (!options.har.empty()) attempt([&] { WriteHars(options.har, record); });
  if (!options.history.empty()) attempt([&] { AppendHistory(options.history, record); });
  // What GitHub Actions offers is used unasked; its summary file is appended to.
  const char* summary = std::getenv("GITHUB_STEP_SUMMARY");
  if (summary != nullptr && *summary != '\0') {
    std::ofstream file(summary, std::ios::app);
    file << MarkdownReport(record);
    if (!file.flush()) std::cerr << "grantspec: " << summary << " cannot be written\n";
  }
  const char* actions = std::getenv("GITHUB_ACTIONS");
  if (actions != nullptr && std::string_view(actions) == "true") {
    std::cout << GithubLines(record) << std::flush;
  }
  return good;
}

bool UpdateWaivers(const RunRecord& record, const Options& options,
                   const std::vector<Waiver>& known, const std::vector<Case>& cases) {
  if (!options.update_waivers) return true;
  if (record.interrupted || !record.stopped.empty()) {
    std::cerr << "grantspec: " << options.waivers << " was not updated: the run was "
              << (record.interrupted ? "interrupted" : "stopped") << '\n';
    return true;
  }
  const std::time_t in_a_quarter = std::time(nullptr) + 90 * 86'400;
  try {
    WriteAtomically(options.waivers, WaiverFile(options.waivers, known, record, cases,
                                                Rfc3339(in_a_quarter).substr(0, 10)));
  } catch (const std::exception& error) {
    std::cerr << "grantspec: " << error.what() << '\n';
    return false;
  }
  return true;
}

std::vector<std::string> Settle(RunRecord& record, const Options& options,
                                const std::vector<Waiver>& waivers,
                                const std::vector<Case>& cases) {
  std::vector<std::string> attention;
  AttributeCauses(record);
  if (!options.update_waivers) {
    attention = ApplyWaivers(waivers, record.started.substr(0, 10), cases, record);
    AttributeCauses(record);  // what is waived is less severe
  }
  Conclude(record, options, attention);
  return attention;
}

int WriteResults(const RunRecord& record, const Options& options, const std::vector<Waiver>& known,
                 const std::vector<Case>& cases) {
  const bool reports = WriteReports(record, options);
  const bool waivers = UpdateWaivers(record, options, known, cases);
  const bool first = record.exit_code == kInterrupted || record.exit_code == kInternal;
  return (reports && waivers) || first ? record.exit_code : kUsage;
}

void EndGentlyOnSignals() {
  std::signal(SIGINT, OnSignal);
  std::signal(SIGTERM, OnSignal);
}

bool WasInterrupted() {
  return ending != 0;
}

}  // namespace grantspec
