#include "conformance/gate.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <thread>

#include "conformance/case_set.h"
#include "conformance/redact.h"
#include "conformance/report/report.h"

namespace grantspec {
namespace {

volatile std::sig_atomic_t ending = 0;

void OnSignal(int signal) {
  ending = 1;
  std::signal(signal, SIG_DFL);
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
  record.suite_version = "0.1.0";
  record.case_set = options.case_set.empty() ? std::string(kNewestCaseSet) : options.case_set;
  record.embedded = options.url.empty();
  record.insecure = options.network.insecure;
  record.profile_base = options.profile.base;
  record.switches = options.profile.switches;
  record.clauses = &clauses;
  record.started = Rfc3339(std::time(nullptr));
  record.notes = options.warnings;
  // The embedded endpoint's clients are public: they are in the README.
  if (!record.embedded) {
    for (std::string& warning : RedactionWarnings(options.profile)) {
      record.notes.push_back(std::move(warning));
    }
  }
  if (record.insecure) record.notes.push_back("-k: the target's certificate is not verified");
  return record;
}

TargetPlace PlaceTarget(Options& options, RunRecord& record) {
  if (options.url.empty() && !options.plan) {
    throw UsageError("this build has no embedded endpoint: name a URL");
  }
  if (record.embedded && options.plan) options.url = "http://127.0.0.1/billing/oauth2/token";
  const TargetPlace place = *PlaceOf(options.url);
  record.url = options.url;
  options.profile.url = options.url;
  if (!place.https && !place.loopback) {
    record.notes.push_back("plain http: secrets and tokens cross the network in clear");
  }
  options.network.origin = place.origin;
  return place;
}

std::optional<std::string> PreflightInTime(SuiteRun& run, Options& options) {
  const auto until =
      std::chrono::steady_clock::now() + std::chrono::seconds(options.wait_for_seconds);
  while (true) {
    auto why = run.Preflight(options.profile);
    if (!why || std::chrono::steady_clock::now() >= until || WasInterrupted()) return why;
    std::this_thread::sleep_for(std::chrono::milliseconds(250));
  }
}

void Conclude(RunRecord& record, const Options& options, bool selected_any,
              const std::vector<std::string>& attention) {
  auto count = record.Count();
  std::size_t missed = 0;
  for (const RecordedCase& one : record.cases) {
    if (one.verdict.outcome == Outcome::kInconclusive && one.level == Level::kMust) ++missed;
  }
  const bool failed = (options.fail_on != "never" && count[Outcome::kFail] > 0) ||
                      (options.fail_on == "should" && count[Outcome::kWarn] > 0);
  const std::size_t judged = count[Outcome::kPass] + count[Outcome::kWarn] + count[Outcome::kInfo] +
                             count[Outcome::kFail] + count[Outcome::kWaived];
  if (failed) {
    record.exit_code = kFailures;
  } else if (!attention.empty()) {
    record.exit_code = kWaivers;
    record.message = std::to_string(attention.size()) + " waivers need attention";
  } else if (!selected_any) {
    record.exit_code = kIncomplete;
    record.message = "no case was selected";
  } else if (missed > 0) {
    record.exit_code = kIncomplete;
    record.message = std::to_string(missed) + " applicable MUST cases could not be judged";
  } else if (judged == 0) {
    record.exit_code = kIncomplete;
    record.message = "no selected case applies to this target";
  } else {
    record.exit_code = kNoFailure;
  }
}

bool WriteReports(const RunRecord& record, const Options& options) {
  bool good = true;
  const auto write = [&good](const std::string& path, const std::string& text) {
    if (path.empty()) return;
    try {
      WriteAtomically(path, text);
    } catch (const std::exception& error) {
      std::cerr << "grantspec: " << error.what() << '\n';
      good = false;
    }
  };
  if (!options.report_json.empty()) write(options.report_json, JsonReport(record));
  if (!options.report_junit.empty()) write(options.report_junit, JunitReport(record));
  if (!options.report_sarif.empty()) write(options.report_sarif, SarifReport(record));
  if (!options.report_html.empty()) write(options.report_html, HtmlReport(record));
  if (!options.report_markdown.empty()) write(options.report_markdown, MarkdownReport(record));
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

void UpdateWaivers(const RunRecord& record, const Options& options,
                   const std::vector<Waiver>& known) {
  if (!options.update_waivers) return;
  const std::time_t in_a_quarter = std::time(nullptr) + 90 * 86'400;
  WriteAtomically(options.waivers, WaiverFile(known, record, Rfc3339(in_a_quarter).substr(0, 10)));
}

void EndGentlyOnSignals() {
  std::signal(SIGINT, OnSignal);
  std::signal(SIGTERM, OnSignal);
}

bool WasInterrupted() {
  return ending != 0;
}

}  // namespace grantspec
