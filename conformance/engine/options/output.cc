#include "conformance/engine/options/output.h"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <random>

#include "conformance/engine/options/group.h"
#include "conformance/engine/options/options_check.h"
#include "fixtures/grammar/ascii.h"

namespace grantspec {
namespace {

unsigned long ParseSeed(const std::string& text) {
  if (text == "random") return std::random_device{}();
  char* end = nullptr;
  errno = 0;
  const unsigned long seed = std::strtoul(text.c_str(), &end, 10);
  if (text.empty() || !IsDigit(text[0]) || *end != '\0' || errno != 0) {
    throw UsageError("--seed takes a number, or random");
  }
  return seed;
}

void CreateFolder(const std::string& option, const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (std::filesystem::is_directory(folder)) return;
  throw UsageError(option + " " + folder + ": cannot be created" +
                   (error ? ": " + error.message() : std::string(": it is no directory")));
}

}  // namespace

void DeclareInspect(CLI::App& app, Program program, InspectOptions& options) {
  OptionGroup group(app, "Inspect (sends nothing)");
  group.AddFlag("--list", options.list, "The cases; --list=json for programs");
  group.AddFlag("--plan", options.plan, "Every request that a run would send");
  group.AddArgument("--explain", options.explain, "What a case sends, what passes, and why");
  if (program == Program::kProperties) return;
  group.AddFlag("--list-switches", options.list_switches, "The switches of a profile");
  group.AddFlag("--list-responses,--list-answers", options.list_answers,
                "The names of responses in case files");
  group.AddArgument("--check-cases", options.check_cases,
                    "Read case files, and report the first mistake");
}

void DeclareRerun(CLI::App& app, RerunOptions& options) {
  OptionGroup group(app, "Re-run and compare");
  group.Add("--replay", options.replay,
            "Only what failed, or could not be judged, in this JSON report");
  group.AddArgument("--cause", options.cause,
                    "With --replay: only the cases of this cause; says whether it is gone");
  group.Add("--reference", options.reference, "Run the cases at this URL too, and compare");
  group.AddArgument("--write-profile", options.write_profile,
                    "Send a few harmless requests to a target that is known to be good, and write "
                    "a profile of it");
  group.AddArgument("--compare", options.compare, "Two JSON reports, OLD NEW: what changed")
      ->expected(2);
  group.AddFlag("--allow-gone", options.allow_gone,
                "With --compare: cases that are missing from NEW are no regressions");
  group
      .AddArgument("--merge-reports", options.merge,
                   "JSON reports of shards, joined to --report-json or stdout")
      ->expected(1, 1000);
  group.AddArgument("--verify", options.verify,
                    "Check a file of --statement: against this program and its cases, and with "
                    "--json against a report");
  group.AddArgument("--json", options.verified_report, "With --verify: the JSON report of the run");
}

void CheckVerify(const RerunOptions& options) {
  if (!options.verified_report.empty() && options.verify.empty()) {
    throw UsageError("--json goes with --verify STATEMENT");
  }
}

void CheckRerun(const Options& options) {
  CheckReferenceUrl(options.reference);
  if (!options.cause.empty() && options.replay.empty()) {
    throw UsageError("--cause needs --replay REPORT");
  }
  if (options.write_profile.empty()) return;
  if (!options.replay.empty() || !options.reference.empty() || options.plan || options.list) {
    throw UsageError("--write-profile excludes --replay, --reference, --plan and --list");
  }
  if (std::filesystem::exists(options.write_profile)) {
    throw UsageError(options.write_profile + " exists already and is not overwritten");
  }
  CheckWritablePath(options.write_profile);
}

void GateGroup::Declare(CLI::App& app, Program program, Options& options) {
  OptionGroup group(app, "Gate and reports");
  group.Add("--fail-on", options.fail_on, "must, should or never (must)")
      ->check(CLI::IsMember({"must", "should", "never"}));
  if (program == Program::kConformance) {
    group.AddFlag("--fail-fast", options.fail_fast,
                  "Stop after the first failure that is not waived; the rest is inconclusive");
    group.AddFlag("--no-shrink", options.no_shrink,
                  "Send no shorter requests to find the smallest one that shows each cause");
  }
  group.Add("--waivers", options.waivers, "Failures that are accepted (JSON)");
  group.AddFlag("--update-waivers", options.update_waivers,
                "Rewrite the file of --waivers for what fails now");
  group.Add("--report-json", options.report_json, "Write a JSON report");
  group.Add("--report-junit", options.report_junit, "Write a JUnit report");
  group.Add("--report-sarif", options.report_sarif, "Write a SARIF 2.1.0 report");
  group.Add("--sarif-location", options.sarif_location,
            "File of your repository where SARIF shows findings, FILE[:LINE] (the profile)");
  group.Add("--report-html", options.report_html, "Write an HTML report, one file");
  group.Add("--report-markdown", options.report_markdown, "Write a summary in Markdown");
  group.Add("--badge", options.badge, "Write a badge: JSON for the endpoint of shields.io");
  group.Add("--har", options.har, "Write the exchange of each cause to this directory, as ID.har");
  group.Add("--history", options.history,
            "Add a line for this run to a directory; reports say since when the target fails");
  if (program == Program::kConformance) {
    group.Add("--statement", options.statement,
              "Write digests of program, cases, profile, target and verdicts");
  }
  if (program == Program::kConformance) {
    group.Add("--server-log", options.server_log,
              "Log file of the target: lines with a cause's request ids are added to the cause");
  }
  group.Add("--output-dir", options.output_dir,
            "Write all reports to this directory, under fixed names");
  group.AddFlag("-v,--verbose", verbose_,
                "Show the control request and all cases; -vv: all exchanges");
  group.AddFlag("-q,--quiet", options.quiet, "Show one line");
  seed_option_ = group.Add("--seed", seed_,
                           program == Program::kProperties ? "Seed of all examples (1), or random"
                                                           : "Seed of invented names");
}

void GateGroup::PlaceReports(Options& options) const {
  if (options.plan || options.NeedsNoClient()) return;
  if (!options.har.empty()) CreateFolder("--har", options.har);
  if (options.output_dir.empty()) return;
  CreateFolder("--output-dir", options.output_dir);
  const std::filesystem::path folder = options.output_dir;
  const std::pair<std::string*, const char*> reports[] = {{&options.report_json, "report.json"},
                                                          {&options.report_junit, "junit.xml"},
                                                          {&options.report_sarif, "report.sarif"},
                                                          {&options.report_html, "report.html"},
                                                          {&options.report_markdown, "report.md"}};
  for (const auto& [path, name] : reports) {
    if (path->empty()) *path = (folder / name).string();
  }
}

void GateGroup::Resolve(Program program, Options& options) const {
  const std::string fallback = program == Program::kProperties ? "1" : "random";
  options.verbose = verbose_ > 0;
  options.all_exchanges = verbose_ > 1;
  if (options.quiet && options.verbose) throw UsageError("-q excludes -v");
  if (options.fail_fast && options.fail_on == "never") {
    throw UsageError("--fail-fast excludes --fail-on never, with which nothing fails");
  }
  options.seed = ParseSeed(seed_option_->count() == 0 ? fallback : seed_);
}

}  // namespace grantspec
