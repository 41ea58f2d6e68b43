// grantspec: runs the conformance cases against one token endpoint.
//
// GoogleTest runs one test body after another; a target is best asked everything at once. So a run
// goes in three strides:
//
//   plan      before RUN_ALL_TESTS: read the cases, bind each to the target, register it
//   exchange  in the environment's SetUp: ask what the filter left in, all of it together
//   judge     as answers come in; the test's body only reports what was found
//
// Exit codes: see the README's table.

#include <gtest/gtest.h>
#include <malloc.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "conformance/answer.h"
#include "conformance/case_file.h"
#include "conformance/check.h"
#include "conformance/clause.h"
#include "conformance/embedded.h"
#include "conformance/gate.h"
#include "conformance/learn.h"
#include "conformance/options.h"
#include "conformance/reference.h"
#include "conformance/report/console.h"
#include "conformance/report/report.h"
#include "conformance/report/text.h"
#include "conformance/report_file.h"
#include "conformance/run.h"
#include "conformance/waiver.h"
#include "fixtures/files/output.h"

namespace grantspec {
namespace {

bool IsSelected(const Case& one, const Options& options) {
  if (!options.replay.empty() && !options.replayed.contains(one.Name())) return false;
  const auto any = [](const std::vector<std::string>& list, const auto& fits) {
    return list.empty() || std::any_of(list.begin(), list.end(), fits);
  };
  const bool tier = options.tier == "all" || one.tier == options.tier;
  const bool category =
      any(options.categories, [&](const std::string& name) { return one.category == name; });
  const bool level = any(options.levels, [&](const std::string& name) {
    if (name == "must") return one.level == Level::kMust;
    if (name == "should") return one.level == Level::kShould || one.level == Level::kSecurity;
    return one.level == Level::kMay || one.level == Level::kProfile;
  });
  const bool requirement = any(options.requirements, [&](const std::string& prefix) {
    return std::any_of(one.clauses.begin(), one.clauses.end(),
                       [&](const std::string& id) { return id.starts_with(prefix); });
  });
  return tier && category && level && requirement;
}

class CaseTest : public testing::Test {
 public:
  CaseTest(const Case& spec, const std::unique_ptr<SuiteRun>& run) : spec_(spec), run_(run) {}

  void TestBody() override {
    const RecordedCase* recorded = run_ ? run_->RecordOf(spec_) : nullptr;
    if (recorded == nullptr) GTEST_SKIP() << "not asked";
    const Verdict& verdict = recorded->verdict;
    RecordProperty("verdict", std::string(ToString(verdict.outcome)));
    RecordProperty("clause", spec_.clauses.front());
    switch (verdict.outcome) {
      case Outcome::kFail:
        // The case's own line, not this one: that is where an editor should jump to.
        ADD_FAILURE_AT(spec_.where.file.c_str(), spec_.where.line)
            << spec_.clauses.front() << "\n  expected: " << Printable(verdict.expected)
            << "\n    actual: " << Printable(verdict.actual);
        break;
      case Outcome::kNotApplicable:
      case Outcome::kInconclusive:
      case Outcome::kWaived:
        GTEST_SKIP() << ToString(verdict.outcome) << ": " << Printable(verdict.why);
      default:
        break;
    }
  }

 private:
  const Case& spec_;
  const std::unique_ptr<SuiteRun>& run_;
};

struct Registered {
  const Case* spec;
  const testing::TestInfo* test;
};

/// Asks all selected cases before the first test body runs.
class ExchangeStride : public testing::Environment {
 public:
  ExchangeStride(const std::vector<Registered>& cases, const std::unique_ptr<SuiteRun>& run)
      : cases_(cases), run_(run) {}

  void SetUp() override {
    std::vector<const Case*> selected;
    for (const Registered& one : cases_) {
      if (one.test->should_run()) selected.push_back(one.spec);
    }
    try {
      Ask(selected);
    } catch (...) {
      // GoogleTest would swallow it: what broke the run has to end it.
      broken_ = std::current_exception();
    }
  }

  /// Throws what broke the run, if anything did.
  static void Rethrow() {
    if (broken_) std::rethrow_exception(broken_);
  }

 private:
  void Ask(const std::vector<const Case*>& selected) {
    const bool live = isatty(STDERR_FILENO) != 0 && std::getenv("CI") == nullptr;
    auto last = std::chrono::steady_clock::now();
    bool shown = false;
    run_->Ask(selected, [&](std::size_t done, std::size_t all) {
      const auto now = std::chrono::steady_clock::now();
      if (!live || now - last < std::chrono::milliseconds(100)) return;
      last = now;
      shown = true;
      std::cerr << "\r" << done << " of " << all << " cases answered " << std::flush;
    });
    if (shown) std::cerr << "\r\x1b[K" << std::flush;
  }

  static inline std::exception_ptr broken_;
  const std::vector<Registered>& cases_;
  const std::unique_ptr<SuiteRun>& run_;
};

void PrintList(const std::vector<Case>& cases, const Options& options) {
  if (!options.list_json) {
    for (const Case& one : cases) {
      if (IsSelected(one, options)) std::cout << one.Name() << "  " << one.title << '\n';
    }
    return;
  }
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Case& one : cases) {
    if (!IsSelected(one, options)) continue;
    list.push_back({{"id", one.Name()},
                    {"category", one.category},
                    {"title", one.title},
                    {"level", ToString(one.level)},
                    {"requirements", one.clauses},
                    {"catalogue", one.catalogue},
                    {"tier", one.tier},
                    {"file", one.where.file},
                    {"line", one.where.line}});
  }
  std::cout << list.dump(2) << '\n';
}

void PrintPlan(const std::vector<Case>& cases, const Options& options, const TargetPlace& place,
               const Redactor& redactor) {
  const Binder masked(options.profile, place, CanaryOf(options.seed), true);
  const Binder real(options.profile, place, CanaryOf(options.seed));
  std::size_t requests = 1, tokens = 1, not_applicable = 0;
  std::map<std::string, std::size_t> failed;
  for (const Case& one : cases) {
    if (!IsSelected(one, options) || !one.standing.empty()) continue;
    if (real.WhyNot(one)) {
      ++not_applicable;
      continue;
    }
    std::vector<std::string> names;
    for (const StepSpec& step : one.steps) names.push_back(step.name);
    for (const StepSpec& step : one.steps) {
      const Outgoing outgoing = masked.Build(step, names, {});
      std::string octets;
      if (const auto* request = std::get_if<Request>(&outgoing.message)) {
        octets = request->method + " " + request->target;
        for (const Field& line : request->fields.lines)
          octets += " | " + line.name + ": " + line.value;
        octets += " | " + request->content;
      } else {
        for (const RawStep& part : std::get<RawRequest>(outgoing.message).steps) {
          octets += part.octets;
        }
      }
      if (octets.size() > 400) octets = octets.substr(0, 400) + "...";
      std::cout << one.Name() << (step.repeat > 1 ? " x" + std::to_string(step.repeat) : "") << "  "
                << Printable(redactor.Clean(octets, Origin::kOurs)) << '\n';
      requests += static_cast<std::size_t>(step.repeat);
      const std::vector<Login> logins = LoginsOf(real.Build(step, names, {}), real);
      for (std::size_t i = 0; i < logins.size(); ++i) {
        if (logins[i] != Login::kMayFail) continue;
        failed[real.KnownClients()[i].role] += static_cast<std::size_t>(step.repeat);
      }
      const auto& answers = ExpectationFor(one, step, options.profile).expect.answer;
      const auto has = [&](std::string_view name) {
        return std::find(answers.begin(), answers.end(), name) != answers.end();
      };
      if (has("token")) tokens += static_cast<std::size_t>(step.repeat);
    }
  }
  std::cout << "\n"
            << requests << " requests, up to " << tokens << " tokens issued; failed logins:";
  for (const auto& [role, number] : failed) std::cout << ' ' << role << ' ' << number;
  std::cout << "; " << not_applicable << " cases not applicable\n";
}

/// The commands that send nothing and need no target.
std::optional<int> RunOnFiles(const Options& options) {
  if (!options.compare.empty()) {
    return PrintComparison(std::cout, CompareReports(options.compare[0], options.compare[1]),
                           options.allow_gone);
  }
  if (!options.merge.empty()) {
    const MergedReport report = MergeReports(options.merge);
    if (options.report_json.empty()) {
      std::cout << report.text;
    } else {
      WriteAtomically(options.report_json, report.text);
    }
    if (!report.message.empty()) std::cerr << "grantspec: " << Printable(report.message) << '\n';
    return report.exit_code;
  }
  if (!options.check_cases.empty()) {
    const std::filesystem::path folder = DataFolder();
    const Clauses clauses = ReadClauses((folder / "clauses.json").string());
    const std::vector<Case> known = ReadCases((folder / "cases").string(), clauses);
    const std::vector<Case> cases = ReadCases(options.check_cases, clauses);
    for (const Case& one : cases) {
      for (const Case& other : known) {
        if (one.Name() == other.Name() && one.where.file != other.where.file) {
          throw FileError(one.where, "the suite has a case " + one.Name() + " of its own");
        }
      }
    }
    std::cout << cases.size() << " cases, nothing wrong\n";
    return kNoFailure;
  }
  return std::nullopt;
}

/// Asks the same cases at a second target and prints where its answers differ. False where nothing
/// could be compared.
bool PrintDifferences(const std::vector<Case>& cases, Options options, const RunRecord& record,
                      const ConsoleStyle& look) {
  options.url = options.reference;
  RunRecord other;
  other.clauses = record.clauses;
  other.case_set = record.case_set;
  const TargetPlace place = PlaceTarget(options, other);
  Executor executor(options.network, options.load);
  SuiteRun run(options.profile, place, executor, other, options.seed);
  run.set_max_failed_logins(options.max_failed_logins);
  run.set_keep_going([] { return !WasInterrupted(); });
  std::cout << "\nagainst " << Printable(options.reference) << '\n';
  if (const auto why = run.Preflight(options.profile)) {
    std::cout << "  nothing could be compared: " << Printable(*why) << '\n';
    return false;
  }
  std::vector<const Case*> asked;
  std::map<const Case*, const RecordedCase*> here;
  for (const RecordedCase& one : record.cases) here[one.spec] = &one;
  for (const Case& one : cases) {
    if (here.contains(&one)) asked.push_back(&one);
  }
  run.Ask(asked, {});
  std::size_t same = 0, differ = 0;
  for (const Case* one : asked) {
    const RecordedCase* there = run.RecordOf(*one);
    const RecordedCase* first = here[one];
    if (there == nullptr) continue;
    const bool equal =
        first->answers == there->answers && (first->verdict.outcome == there->verdict.outcome ||
                                             first->verdict.outcome == Outcome::kWaived);
    if (equal) {
      ++same;
      continue;
    }
    ++differ;
    const auto said = [](const RecordedCase& r) {
      return std::string(ToString(r.verdict.outcome)) +
             (r.answers.empty() ? "" : " (" + Printable(r.answers) + ")");
    };
    std::cout << "  " << one->Name() << "\n      here   "
              << Wrapped(said(*first), look.width - 13, "             ") << "\n      there  "
              << Wrapped(said(*there), look.width - 13, "             ") << '\n';
  }
  std::cout << differ << " cases differ, " << same << " do not\n";
  return same + differ > 0;
}

/// Writes a profile of what the target chose where standards leave a choice.
int Learn(Options& options, const std::vector<Case>& cases, RunRecord& record, SuiteRun& run) {
  if (record.embedded) throw UsageError("--write-profile needs the URL of a target");
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
  run.Ask(TellingCases(cases), {});
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
            << " switches seen in " << record.counters.requests << " requests. The secret is taken "
            << "from the variable GRANTSPEC_SECRET:\n  GRANTSPEC_SECRET=... grantspec --profile "
            << options.write_profile << '\n';
  return kNoFailure;
}

int RunSuite(Options& options) {
  const std::filesystem::path folder = DataFolder();
  const Clauses clauses = ReadClauses((folder / "clauses.json").string());
  std::vector<Case> cases = ReadCases((folder / "cases").string(), clauses);
  std::map<std::string, SourceLine> known;  // where each case is from, by name
  if (!options.case_paths.empty()) {
    for (const Case& one : cases) known[one.Name()] = one.where;
  }
  for (const std::string& path : options.case_paths) {
    std::vector<Case> more = ReadCases(path, clauses);
    for (Case& one : more) {
      const auto [first, is_new] = known.emplace(one.Name(), one.where);
      if (!is_new) {
        throw FileError(one.where, "the case " + one.Name() + " is known already, from " +
                                       first->second.file + ":" +
                                       std::to_string(first->second.line));
      }
      cases.push_back(std::move(one));
    }
  }
  std::vector<Waiver> waivers;
  if (!options.waivers.empty() &&
      !(options.update_waivers && !std::filesystem::exists(options.waivers))) {
    waivers = ReadWaivers(options.waivers);
  }
  for (const std::string& name : options.categories) {
    if (std::none_of(cases.begin(), cases.end(),
                     [&](const Case& one) { return one.category == name; })) {
      throw UsageError("no category is called " + name);
    }
  }
  const ConsoleStyle look = [&options] {
    ConsoleStyle l = ConsoleStyleFor(STDOUT_FILENO);
    l.verbose = options.verbose;
    return l;
  }();
  if (!options.replay.empty()) options.replayed = FailuresOf(options.replay);
  if (options.list || options.list_json) {
    PrintList(cases, options);
    return kNoFailure;
  }
  if (!options.explain.empty()) {
    for (const Case& one : cases) {
      if (one.Name() != options.explain && one.catalogue != options.explain) continue;
      PrintCase(std::cout, one, clauses, look);
      return kNoFailure;
    }
    throw UsageError("no case is called " + options.explain + "; --list tells their names");
  }

  RunRecord record = StartRecord(options, clauses);
  const std::unique_ptr<EmbeddedTarget> embedded = StartEmbedded(options);
  const TargetPlace place = PlaceTarget(options, record);
  if (options.plan) {
    PrintPlan(cases, options, place, Redactor(options.profile));
    return kNoFailure;
  }

  CheckReferenceIsThere(options);
  KeepOutputForReport(options);
  Executor executor(options.network, options.load);
  auto run = std::make_unique<SuiteRun>(options.profile, place, executor, record, options.seed);
  run->set_max_failed_logins(options.max_failed_logins);
  run->set_stop_when_refused(!record.embedded);
  EndGentlyOnSignals();
  run->set_keep_going([] { return !WasInterrupted(); });
  const auto begin = std::chrono::steady_clock::now();

  std::vector<Registered> registered;
  for (const Case& one : cases) {
    if (!IsSelected(one, options)) continue;
    const Case* spec = &one;
    const testing::TestInfo* test = testing::RegisterTest(
        one.category.c_str(), one.id.c_str(), nullptr, one.title.c_str(), one.where.file.c_str(),
        one.where.line, [spec, &run]() -> testing::Test* { return new CaseTest(*spec, run); });
    registered.push_back({spec, test});
  }
  if (!options.write_profile.empty()) return Learn(options, cases, record, *run);
  const bool listing = GTEST_FLAG_GET(list_tests);
  if (!listing) {
    if (const auto why = PreflightInTime(*run, options)) {
      record.message = record.stopped = *why;
      record.interrupted = WasInterrupted();
      record.exit_code = record.interrupted ? kInterrupted : kNothingJudged;
      record.fail_on = options.fail_on;
      record.seconds =
          std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
      record.deselected = cases.size();
      PrintHead(std::cout, record, look);
      std::cout << std::flush;
      std::cerr << "grantspec: " << options.url << ": " << record.message << '\n';
      return WriteResults(record, options, waivers, cases);
    }
    testing::AddGlobalTestEnvironment(new ExchangeStride(registered, run));
    auto& listeners = testing::UnitTest::GetInstance()->listeners();
    delete listeners.Release(listeners.default_result_printer());
  }
  const int status = RUN_ALL_TESTS();
  if (listing) return status;
  ExchangeStride::Rethrow();

  record.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  record.counters.requests = executor.requests_sent();
  const auto selected =
      static_cast<std::size_t>(testing::UnitTest::GetInstance()->test_to_run_count());
  record.deselected = cases.size() - selected;
  if (record.cases.size() != selected) throw std::logic_error("a selected case was not recorded");
  // Answers come in any order; a report has the order of the files.
  std::map<const Case*, std::size_t> order;
  for (std::size_t i = 0; i < cases.size(); ++i) order[&cases[i]] = i;
  std::sort(record.cases.begin(), record.cases.end(),
            [&](const auto& a, const auto& b) { return order[a.spec] < order[b.spec]; });
  std::vector<std::string> attention;
  if (!options.update_waivers) {
    attention = ApplyWaivers(waivers, record.started.substr(0, 10), cases, record);
  }
  record.stopped = run->stopped();
  Conclude(record, options, attention);
  PrintHead(std::cout, record, look);
  PrintFindings(std::cout, record, look);
  for (const std::string& one : attention) std::cout << "waiver: " << one << '\n';
  if (!options.reference.empty() && !PrintDifferences(cases, options, record, look) &&
      record.exit_code == kNoFailure) {
    record.exit_code = kIncomplete;
    record.message = "nothing could be compared with the reference";
  }
  PrintSummary(std::cout, record, look);
  std::cout << std::flush;
  return WriteResults(record, options, waivers, cases);
}

int Main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  // Contents of some MiB go back to the system when they have been sent, instead of into the heap.
  mallopt(M_MMAP_THRESHOLD, 256 * 1024);
  try {
    std::string help;
    Options options = ReadOptions(Program::kConformance, argc, argv, help);
    if (!help.empty()) {
      std::cout << help;
      return kNoFailure;
    }
    if (const auto code = RunOnFiles(options)) return *code;
    if (options.list_switches) {
      for (const Switch& one : Switches()) {
        std::cout << one.name << ": " << one.says << " (" << one.clause << ")\n  values:";
        for (std::string_view value : one.values) std::cout << ' ' << value;
        std::cout << "\n  rfc6749 " << one.rfc6749 << ", pyng " << one.pyng << ", oauth21 "
                  << one.oauth21 << ", strict " << one.strict << '\n';
      }
      return kNoFailure;
    }
    if (options.list_answers) {
      for (const ResponseClass& one : ResponseClasses())
        std::cout << one.name << ": " << one.says << '\n';
      return kNoFailure;
    }
    std::vector<char*> arguments = {argv[0]};
    for (std::string& argument : options.gtest_arguments) arguments.push_back(argument.data());
    int count = static_cast<int>(arguments.size());
    arguments.push_back(nullptr);
    testing::InitGoogleTest(&count, arguments.data());
    GTEST_FLAG_SET(recreate_environments_when_repeating, true);
    return RunSuite(options);
  } catch (const UsageError& error) {
    std::cerr << "grantspec: " << Printable(error.what()) << '\n';
    return kUsage;
  } catch (const FileError& error) {
    std::cerr << "grantspec: " << Printable(error.what()) << '\n';
    return kUsage;
  } catch (const WriteError& error) {
    std::cerr << "grantspec: " << Printable(error.what()) << '\n';
    return kUsage;
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
