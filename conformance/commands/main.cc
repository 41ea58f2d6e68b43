// grantspec: runs the conformance cases against one token endpoint.
//
// A run reads the cases and registers a test for each, sends the requests of all selected cases
// side by side, judges each response as it is received, and writes reports at the end.
//
// Exit codes: see the README's table.

#include <gtest/gtest.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <set>

#include "conformance/commands/inspect.h"
#include "conformance/commands/print_plan.h"
#include "conformance/commands/reference.h"
#include "conformance/commands/register.h"
#include "conformance/engine/case/case_file.h"
#include "conformance/engine/case/clause.h"
#include "conformance/engine/options/case_selection.h"
#include "conformance/engine/options/options.h"
#include "conformance/engine/program/discovery.h"
#include "conformance/engine/program/embedded.h"
#include "conformance/engine/program/find_login.h"
#include "conformance/engine/program/gate.h"
#include "conformance/engine/program/learn.h"
#include "conformance/engine/program/server_log.h"
#include "conformance/engine/record/renamed_cases.h"
#include "conformance/engine/record/report_file.h"
#include "conformance/engine/record/text.h"
#include "conformance/engine/record/waiver.h"
#include "conformance/engine/report/console.h"
#include "conformance/engine/report/report.h"
#include "conformance/engine/run/run.h"
#include "fixtures/files/output.h"

namespace grantspec {
namespace {

/// Writes a profile of what the target chose where standards leave a choice.
int Learn(Options& options, const std::vector<Case>& cases, RunRecord& record, SuiteRun& run) {
  const Redactor redactor(options.profile);
  std::string named = options.url + " " + options.profile.main().id;
  for (const std::string& scope : options.profile.main().scopes) named += " " + scope;
  if (redactor.Clean(named, Origin::kUser) != named) {
    throw UsageError("the secret is part of the URL, the id or the scope: no profile is written");
  }
  if (const auto why = PreflightInTime(run, options)) {
    std::cerr << "grantspec: " << options.url << ": " << *why << '\n';
    return WasInterrupted() ? kInterrupted : kNothingJudged;
  }
  run.Ask(SwitchCases(cases), {});
  if (!run.stopped().empty()) {
    std::cerr << "grantspec: " << options.url << ": " << run.stopped() << '\n';
    return kNothingJudged;
  }
  if (WasInterrupted()) {
    std::cerr << "grantspec: interrupted; no profile is written\n";
    return kInterrupted;
  }
  std::vector<Observed> observed = Observe(record);
  for (Observed& one : observed) one.note = redactor.Clean(one.note, Origin::kOurs);
  WriteAtomically(options.write_profile, ProfileText(record, options.profile, observed));
  for (const Observed& one : observed) {
    std::cout << one.name << " = " << one.value << "  (" << Printable(one.note) << ")\n";
  }
  std::cout << "\n"
            << options.write_profile << ": " << observed.size() << " of " << Switches().size()
            << " switches observed with " << record.counters.requests
            << " requests. The secret is read "
            << "from the variable GRANTSPEC_SECRET:\n  GRANTSPEC_SECRET=... grantspec --profile "
            << options.write_profile << '\n';
  return kNoFailure;
}

// The cases of the suite and those of --cases.
std::vector<Case> ReadAllCases(const Options& options, const std::filesystem::path& folder,
                               const Clauses& clauses) {
  const Probes probes = ReadProbes((folder / "probes.json").string());
  std::vector<Case> cases = ReadCases((folder / "cases").string(), clauses, probes);
  std::map<std::string, SourceLine> known;  // where each case is from, by name
  if (!options.case_paths.empty()) {
    for (const Case& one : cases) known[one.Name()] = one.where;
  }
  for (const std::string& path : options.case_paths) {
    std::vector<Case> more = ReadCases(path, clauses, probes);
    for (Case& one : more) {
      const auto [first, is_new] = known.emplace(one.Name(), one.where);
      if (!is_new) {
        throw FileError(one.where, "duplicate case " + one.Name() + ": it is also in " +
                                       first->second.file + ":" +
                                       std::to_string(first->second.line));
      }
      cases.push_back(std::move(one));
    }
  }
  std::set<std::string> categories;
  for (const Case& one : cases) categories.insert(one.category);
  CheckCategories(options.categories, categories);
  return cases;
}

std::vector<Waiver> ReadKnownWaivers(const Options& options, const RenamedCases& renamed) {
  if (options.waivers.empty()) return {};
  if (options.update_waivers && !std::filesystem::exists(options.waivers)) return {};
  return WithNewNames(ReadWaivers(options.waivers), renamed);
}

double SecondsSince(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// Responses are received in any order; a report has the order of the case files.
void SortCases(const std::vector<Case>& cases, RunRecord& record) {
  std::map<const Case*, std::size_t> order;
  for (std::size_t i = 0; i < cases.size(); ++i) order[&cases[i]] = i;
  std::sort(record.cases.begin(), record.cases.end(),
            [&order](const auto& a, const auto& b) { return order[a.spec] < order[b.spec]; });
}

/// What a run needs from beginning to end.
struct Suite {
  Options& options;
  const std::vector<Case>& cases;
  const std::vector<Waiver>& waivers;
  RunRecord& record;
  SuiteRun& run;
  ConsoleStyle style;
  std::chrono::steady_clock::time_point begin = std::chrono::steady_clock::now();
};

// The control request shows that the target cannot be judged.
int EndBeforeCases(Suite& suite, const std::string& why) {
  RunRecord& record = suite.record;
  record.message = record.stopped = why;
  record.interrupted = WasInterrupted();
  record.exit_code = record.interrupted ? kInterrupted : kNothingJudged;
  record.fail_on = suite.options.fail_on;
  record.seconds = SecondsSince(suite.begin);
  record.deselected = suite.cases.size();
  if (!suite.style.quiet) PrintHead(std::cout, record, suite.style);
  std::cout << std::flush;
  std::cerr << "grantspec: " << suite.options.url << ": " << record.message << '\n';
  return WriteResults(record, suite.options, suite.waivers, suite.cases);
}

void Summarize(Suite& suite, std::size_t selected, const Executor& executor) {
  RunRecord& record = suite.record;
  record.seconds = SecondsSince(suite.begin);
  record.counters.requests = executor.requests_sent();
  record.deselected = suite.cases.size() - selected;
  // GoogleTest's filter may leave them out, too.
  if (GTEST_FLAG_GET(filter) == "*") {
    record.in_other_tier = CountOtherTier(suite.cases, suite.options);
    record.other_tier = suite.options.tier == "safe" ? "abuse" : "safe";
  }
  if (record.cases.size() != selected) throw std::logic_error("a selected case was not recorded");
  SortCases(suite.cases, record);
  record.stopped = suite.run.stopped();
  const std::int64_t requests_max = suite.options.load.requests_max;
  const auto count = record.Count();
  const auto unsent = count.find(Outcome::kInconclusive);
  if (requests_max > 0 && executor.requests_sent() >= requests_max && unsent != count.end()) {
    record.limited = "--max-requests (" + std::to_string(requests_max) + ") is used up";
    record.notes.push_back(record.limited);
  }
}

// Sends shorter requests for what fails and is not waived.
void ShrinkRequests(Suite& suite) {
  if (suite.options.no_shrink || WasInterrupted()) return;
  SortCases(suite.cases, suite.record);  // the example of a cause depends on the order
  suite.run.Shrink(CausesUnderWaivers(suite.record, suite.waivers, suite.cases),
                   suite.options.load.requests_max);
}

// Adds what the target wrote to its log about the cases.
void AttachServerLog(Suite& suite, const std::optional<ServerLog>& log) {
  if (!log) return;
  RunRecord& record = suite.record;
  const Presenter& presenter = suite.run.presenter();
  record.server_log =
      LinesOfCases(log->Written(), suite.run.tag(),
                   [&presenter](std::string_view line) { return presenter.CleanLogLine(line); });
  if (record.server_log.empty()) {
    record.notes.push_back("--server-log " + suite.options.server_log +
                           ": no line has an X-Request-Id of this run");
  }
}

void AddUnknownRequirements(Suite& suite) {
  RunRecord& record = suite.record;
  for (const std::string& one : UnknownRequirements(suite.options.requirements, suite.cases)) {
    if (record.cases.empty() && record.exit_code == kIncomplete) record.message += ": " + one;
    record.notes.push_back(one);
  }
}

// What has become of the cause of --cause.
void PrintReplayed(std::ostream& out, const RunRecord& record, const std::string& cause) {
  if (cause.empty()) return;
  const auto count = record.Count();
  const auto unclear = count.find(Outcome::kInconclusive);
  const bool stays = std::any_of(record.causes.begin(), record.causes.end(),
                                 [&cause](const Cause& one) { return one.id == cause; });
  const bool judged = record.stopped.empty() && !record.cases.empty() && !record.interrupted &&
                      (unclear == count.end() || unclear->second == 0);
  std::string_view state = "changed: see the causes above";
  if (stays) state = "still there";
  if (!stays && !judged) state = "not judged";
  if (!stays && judged && record.causes.empty()) state = "gone";
  out << "\ncause " << cause << ": " << state << '\n';
}

int ReportQuietly(Suite& suite) {
  PrintVerdictLine(std::cout, suite.record, suite.style);
  std::cout << std::flush;
  return WriteResults(suite.record, suite.options, suite.waivers, suite.cases);
}

int Report(Suite& suite) {
  RunRecord& record = suite.record;
  const std::vector<std::string> attention =
      Settle(record, suite.options, suite.waivers, suite.cases);
  AddUnknownRequirements(suite);
  if (suite.style.quiet) return ReportQuietly(suite);
  PrintHead(std::cout, record, suite.style);
  if (suite.style.verbose) PrintFindings(std::cout, record, suite.style);
  PrintCauses(std::cout, record, suite.style);
  for (const std::string& one : attention) std::cout << "waiver: " << one << '\n';
  PrintReplayed(std::cout, record, suite.options.cause);
  if (!suite.options.reference.empty() &&
      !PrintDifferences(std::cout, suite.cases, suite.options, record, suite.style) &&
      record.exit_code == kNoFailure) {
    record.exit_code = kIncomplete;
    record.message = "nothing could be compared with the reference";
  }
  PrintSummary(std::cout, record, suite.style);
  std::cout << std::flush;
  return WriteResults(record, suite.options, suite.waivers, suite.cases);
}

int RunSuite(Options& options) {
  const std::filesystem::path folder = DataFolder();
  const Clauses clauses = ReadClauses((folder / "clauses.json").string());
  const std::vector<Case> cases = ReadAllCases(options, folder, clauses);
  const std::vector<Waiver> waivers =
      ReadKnownWaivers(options, ReadRenamedCases((folder / "renamed.json").string(), cases));
  options.quick_cases = ReadQuickCases((folder / "quick.json").string(), cases);
  if (!options.replay.empty()) {
    options.replayed = FailuresOf(options.replay, options.cause);
  }
  if (const auto code = RunOnCases(options, cases, clauses)) return *code;

  Discover(options);
  RunRecord record = StartRecord(options, clauses);
  const std::unique_ptr<EmbeddedTarget> embedded = StartEmbedded(options);
  const TargetPlace place = PlaceTarget(options, record);
  if (options.plan) {
    CaseTests(cases, options, nullptr).Run([&](const std::vector<const Case*>& selected) {
      PrintPlan(std::cout, PlanOf(selected, options, place, record.embedded));
    });
    return kNoFailure;
  }
  CheckReferenceIsThere(options);
  KeepOutputForReport(options);
  if (!options.write_profile.empty()) {
    if (record.embedded) throw UsageError("--write-profile needs the URL of a target");
    for (const std::string& one : FindLogin(options, place)) std::cout << "note: " << one << '\n';
  }
  std::optional<ServerLog> log;
  if (!options.server_log.empty()) log.emplace(options.server_log);
  Executor executor(options.network, options.load);
  SuiteRun run(options.profile, place, executor, record, options.seed);
  RunRules rules = RulesOf(options, record.embedded);
  if (options.fail_fast) {
    rules.ends_run = [&](RunRecord so_far) {
      return FirstFailure(std::move(so_far), options, waivers, cases);
    };
  }
  run.set_rules(std::move(rules));
  EndGentlyOnSignals();
  run.set_keep_going([] { return !WasInterrupted(); });
  if (!options.write_profile.empty()) return Learn(options, cases, record, run);

  Suite suite{options, cases, waivers, record, run, ConsoleStyleOf(options)};
  CaseTests tests(cases, options, &run);
  if (GTEST_FLAG_GET(list_tests)) return CaseTests::List();
  const auto why = PreflightInTime(run, options);
  if (why && !run.judges_control()) return EndBeforeCases(suite, *why);
  const std::string basic = AskForBasic(options.profile, place, executor, options.seed);
  if (!basic.empty()) record.notes.push_back(basic);
  const std::size_t selected = tests.Run([&](const std::vector<const Case*>& left_in) {
    AskForContentLogin(left_in, options.profile, place, executor, options.seed);
    SendCases(run, left_in, [&](const RecordedCase& one) {
      RunRecord alone = record;
      alone.cases = {one};
      return FirstFailure(std::move(alone), options, waivers, cases).has_value();
    });
  });
  ShrinkRequests(suite);
  Summarize(suite, selected, executor);
  AttachServerLog(suite, log);
  return Report(suite);
}

void StartGoogleTest(Options& options, char* program) {
  std::vector<char*> arguments = {program};
  for (std::string& argument : options.gtest_arguments) arguments.push_back(argument.data());
  int count = static_cast<int>(arguments.size());
  arguments.push_back(nullptr);
  testing::InitGoogleTest(&count, arguments.data());
  GTEST_FLAG_SET(recreate_environments_when_repeating, true);
}

int Usage(const std::exception& error) {
  std::cerr << "grantspec: " << Printable(error.what()) << '\n';
  return kUsage;
}

int Main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  // Bodies of some MiB go back to the system when they have been sent, instead of into the heap.
  mallopt(M_MMAP_THRESHOLD, 256 * 1024);
  try {
    std::string help;
    Options options = ReadOptions(Program::kConformance, argc, argv, help);
    if (!help.empty()) {
      std::cout << help;
      return kNoFailure;
    }
    if (const auto code = RunOnFiles(options)) return *code;
    StartGoogleTest(options, argv[0]);
    return RunSuite(options);
  } catch (const UsageError& error) {
    return Usage(error);
  } catch (const FileError& error) {
    return Usage(error);
  } catch (const WriteError& error) {
    return Usage(error);
  } catch (const std::exception& error) {
    std::cerr << "grantspec: internal error: " << Printable(error.what()) << '\n';
    return kInternal;
  }
}

}  // namespace
}  // namespace grantspec

int main(int argc, char** argv) {
  return grantspec::CheckedExit("grantspec", grantspec::Main(argc, argv));
}
