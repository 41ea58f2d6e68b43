// grantspec-properties: checks laws on the model, then on a target.
//
// Examples of a law are drawn; each example is a case, and each case is judged as those of the
// catalogue are. Names: model_scope.order is the law on the model, scope.order the one on the
// target. Exit codes: see the README's table.

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <deque>
#include <iostream>
#include <set>

#include "conformance/engine/case/case_file.h"
#include "conformance/engine/options/case_selection.h"
#include "conformance/engine/program/discovery.h"
#include "conformance/engine/program/embedded.h"
#include "conformance/engine/program/gate.h"
#include "conformance/engine/record/text.h"
#include "conformance/engine/record/waiver.h"
#include "conformance/engine/report/console.h"
#include "conformance/engine/report/report.h"
#include "conformance/engine/run/run.h"
#include "fixtures/files/output.h"
#include "properties/model.h"
#include "properties/runner.h"
#include "properties/save.h"

namespace grantspec {
namespace {

constexpr int kModelExamples = 1'000;
constexpr int kEmbeddedExamples = 100;
constexpr int kTargetExamples = 24;  // somebody else's server

/// One law that can be checked, by name.
struct Item {
  std::string category, id, title, file;
  int line = 0;
  Level level = Level::kMust;
  std::vector<std::string> clauses;
  bool at_target = false;
  int examples = 0;
  long requests = 0;  // at most, without shrinking
  std::function<void(LawRunner&)> check;

  std::string Name() const { return category + "." + id; }
};

std::vector<std::string> Strings(const std::vector<std::string_view>& list) {
  return {list.begin(), list.end()};
}

Item ItemOf(const GrammarLaw& law) {
  return {.category = "grammar",
          .id = std::string(law.id),
          .title = std::string(law.title),
          .file = std::string(law.file),
          .line = law.line,
          .clauses = Strings(law.clauses),
          .examples = kModelExamples,
          .check = [&law](LawRunner& runner) { runner.Check(law, kModelExamples); }};
}

// A law on the model or on the target.
Item ItemOf(const Law& law, bool at_target, int examples) {
  return {.category = (at_target ? "" : "model_") + std::string(law.category),
          .id = std::string(law.id),
          .title = std::string(law.title),
          .file = std::string(law.file),
          .line = law.line,
          .level = law.level,
          .clauses = Strings(law.clauses),
          .at_target = at_target,
          .examples = examples,
          .requests = static_cast<long>(examples) * law.requests_max,
          .check = [&law, examples](LawRunner& runner) { runner.Check(law, examples); }};
}

Item PairwiseItem(const std::vector<Case>& known, bool at_target, int strength) {
  const long requests_max[] = {8, 50, 250};  // by strength
  return {
      .category = at_target ? "pairwise" : "model_pairwise",
      .id = "strength_" + std::to_string(strength),
      .title = "Every combination of " + std::to_string(strength) +
               " parameters of a request gets its response",
      .file = __FILE__,
      .line = __LINE__,
      .clauses = {"RFC6749-4.4.3-01"},
      .at_target = at_target,
      .examples = 1,
      .requests = requests_max[std::clamp(strength, 1, 3) - 1],
      .check = [&known, strength](LawRunner& runner) { runner.CheckPairwise(known, strength); }};
}

Item HostileItem(int count) {
  return {.category = "hostile",
          .id = "requests",
          .title = "Hostile requests do no harm",
          .file = __FILE__,
          .line = __LINE__,
          .clauses = {"RFC6749-10.14-01"},
          .at_target = true,
          .examples = 1,
          .requests = count,
          .check = [count](LawRunner& runner) { runner.CheckHostile(count); }};
}

std::vector<Item> ItemsFor(const Options& options, const std::vector<Case>& known) {
  const bool embedded = options.IsEmbedded();
  const int at_target = options.examples > 0 ? options.examples
                        : embedded           ? kEmbeddedExamples
                                             : kTargetExamples;
  std::vector<Item> items;
  for (const GrammarLaw& law : GrammarLaws()) items.push_back(ItemOf(law));
  for (const bool target : {false, true}) {
    for (const auto* laws : {&ScopeLaws(), &RequestLaws(), &TokenLaws()}) {
      for (const Law& law : *laws) {
        const int examples = target ? at_target : kModelExamples;
        items.push_back(ItemOf(law, target, law.draw == nullptr ? 1 : examples));
      }
    }
    items.push_back(PairwiseItem(known, target, target ? options.strength : 2));
  }
  if (options.hostile > 0) items.push_back(HostileItem(options.hostile));
  return items;
}

bool IsSelected(const Item& item, const Options& options) {
  const auto any = [](const std::vector<std::string>& list, const auto& fits) {
    return list.empty() || std::any_of(list.begin(), list.end(), fits);
  };
  return any(options.categories, [&](const auto& name) { return item.category == name; }) &&
         any(options.levels,
             [&](const auto& name) {
               return name == (item.level == Level::kMust ? "must" : "should");
             }) &&
         any(options.requirements, [&](const auto& prefix) {
           return std::any_of(item.clauses.begin(), item.clauses.end(),
                              [&](const std::string& id) { return id.starts_with(prefix); });
         });
}

/// What a law is checked with: the model's and the target's runner.
struct Bench {
  LawRunner* model = nullptr;
  LawRunner* target = nullptr;
  RunRecord* record = nullptr;
  std::size_t done = 0, all = 0;
  bool live = false;
};

class LawTest : public testing::Test {
 public:
  LawTest(const Item& item, Bench& bench) : item_(item), bench_(bench) {}

  void TestBody() override {
    LawRunner* runner = item_.at_target ? bench_.target : bench_.model;
    if (bench_.live) {
      std::cerr << "\r\x1b[K" << ++bench_.done << " of " << bench_.all << ": " << item_.Name()
                << std::flush;
    }
    const std::size_t before = bench_.record->cases.size();
    if (WasInterrupted()) {
      // Recorded below, as what was not run.
      GTEST_SKIP() << "interrupted";
    }
    item_.check(*runner);
    for (std::size_t i = before; i < bench_.record->cases.size(); ++i) {
      const RecordedCase& one = bench_.record->cases[i];
      if (one.verdict.outcome != Outcome::kFail) continue;
      ADD_FAILURE_AT(item_.file.c_str(), item_.line)
          << one.spec->Name() << "\n  expected: " << Printable(one.verdict.expected)
          << "\n    actual: " << Printable(one.verdict.actual);
    }
  }

 private:
  const Item& item_;
  Bench& bench_;
};

void PrintPlan(const std::vector<Item>& items, const Options& options) {
  long requests = 0;
  for (const Item& item : items) {
    if (!IsSelected(item, options) || !item.at_target) continue;
    std::cout << item.Name() << "  " << item.title << ": " << item.examples
              << (item.examples == 1 ? " example, " : " examples, ") << item.requests
              << " requests at most\n";
    requests += item.requests;
  }
  std::cout
      << "\nAbout " << requests + 1
      << " requests and at most as many tokens, and up to 400 more to make an example smaller "
         "that breaks a law.\nFailed logins of real clients: none; an invented client takes "
         "them. --examples, --max-requests and --rate bound the load.\n";
}

/// All laws by name, selected or not, for waivers; and what was recorded of them.
std::vector<Case> NamesOf(const std::vector<Item>& items, const RunRecord& record) {
  std::vector<Case> names;
  for (const Item& item : items) {
    Case one;
    one.category = item.category;
    one.id = item.id;
    names.push_back(std::move(one));
  }
  for (const RecordedCase& one : record.cases) names.push_back(*one.spec);
  return names;
}

/// The files that a run reads.
struct Inputs {
  Clauses clauses;
  std::vector<Case> known;  // the catalogue
  std::vector<Waiver> waivers;
};

Inputs ReadInputs(const Options& options) {
  const std::filesystem::path folder = DataFolder();
  Inputs inputs;
  inputs.clauses = ReadClauses((folder / "clauses.json").string());
  inputs.known = ReadSuite(folder.string(), inputs.clauses);
  const bool made_now = options.update_waivers && !std::filesystem::exists(options.waivers);
  if (!options.waivers.empty() && !made_now) inputs.waivers = ReadWaivers(options.waivers);
  return inputs;
}

void Explain(const std::string& name, const std::vector<Item>& items, const Clauses& clauses) {
  for (const Item& item : items) {
    if (item.Name() != name) continue;
    std::cout << name << "\n  " << item.title << "\n  " << item.file << ':' << item.line << '\n';
    for (const std::string& id : item.clauses) {
      std::cout << "  " << id << "  " << clauses.find(id)->second.says << '\n';
    }
    return;
  }
  std::vector<std::string> known;
  known.reserve(items.size());
  for (const Item& item : items) known.push_back(item.Name());
  ThrowUnknownName("law", name, known);
}

// --list, --explain and --plan, which send nothing; false: none of them is asked for.
bool Describe(const Options& options, const std::vector<Item>& items, const Clauses& clauses) {
  if (options.list || options.list_json) {
    for (const Item& item : items) {
      if (IsSelected(item, options)) std::cout << item.Name() << "  " << item.title << '\n';
    }
    return true;
  }
  if (!options.explain.empty()) {
    Explain(options.explain, items, clauses);
    return true;
  }
  if (options.plan) PrintPlan(items, options);
  return options.plan;
}

/// What checks laws on the model, which knows exactly the embedded endpoint's clients.
class ModelBench {
 public:
  ModelBench(const Options& options, RunRecord& record, const std::string& command)
      : model_(ResponseOfModel),
        binder_(profile_, *PlaceOf("http://127.0.0.1/billing/oauth2/token"),
                CanaryOf(options.seed)),
        examiner_(model_, binder_, counters_),
        presenter_(binder_, command),
        world_(World::Of(profile_)),
        runner_(world_, examiner_, presenter_, record, options.seed, command, "model_") {}

  LawRunner& runner() { return runner_; }

 private:
  const Profile profile_ = EmbeddedProfile();
  ModelSubject model_;
  Binder binder_;
  Counters counters_;
  Examiner examiner_;
  Presenter presenter_;
  World world_;
  LawRunner runner_;
};

/// What checks laws on the target. It learns each token that the executor receives from now on, and
/// those of the preflight.
class TargetBench {
 public:
  TargetBench(const Options& options, const TargetPlace& place, Executor& executor,
              const SuiteRun& preflight, RunRecord& record, const std::string& command)
      : target_(executor, [] { return !WasInterrupted(); }),
        binder_(options.profile, place, CanaryOf(options.seed)),
        examiner_(target_, binder_, record.counters),
        presenter_(binder_, command),
        world_(World::Of(options.profile)),
        runner_(world_, examiner_, presenter_, record, options.seed, command) {
    presenter_.LearnTokensOf(preflight.presenter());
    executor.Observe([this](const Exchange& exchange) { presenter_.LearnTokens(exchange); });
  }

  LawRunner& runner() { return runner_; }
  Presenter& presenter() { return presenter_; }

 private:
  TargetSubject target_;
  Binder binder_;
  Examiner examiner_;
  Presenter presenter_;
  World world_;
  LawRunner runner_;
};

// The control request did not get a token: no law can be checked.
int EndWithout(const std::string& why, const Options& options, const Inputs& inputs,
               const std::vector<Item>& items, const ConsoleStyle& style, RunRecord& record) {
  record.message = record.stopped = why;
  record.interrupted = WasInterrupted();
  record.exit_code = record.interrupted ? kInterrupted : kNothingJudged;
  record.fail_on = options.fail_on;
  PrintHead(std::cout, record, style);
  std::cout << std::flush;
  std::cerr << "grantspec-properties: " << options.url << ": " << record.message << '\n';
  return WriteResults(record, options, inputs.waivers, NamesOf(items, record));
}

void RegisterLaws(const std::vector<Item>& items, const Options& options, Bench& bench) {
  for (const Item& item : items) {
    if (!IsSelected(item, options)) continue;
    testing::RegisterTest(item.category.c_str(), item.id.c_str(), nullptr, item.title.c_str(),
                          item.file.c_str(), item.line,
                          [&item, &bench]() -> testing::Test* { return new LawTest(item, bench); });
    ++bench.all;
  }
}

void SaveFailed(const Options& options, const LawRunner& runner, const RunRecord& record) {
  if (options.save_cases.empty()) return;
  std::vector<std::shared_ptr<const Case>> failed = runner.failed();
  for (const std::string& path : SaveCases(options.save_cases, failed)) {
    std::cout << "saved: " << path << "; grantspec "
              << (record.embedded ? "" : ShellQuoted(record.url) + " ") << "--cases "
              << ShellQuoted(path) << " sends it again\n";
  }
}

// Waivers, exit code and reports of a run that is over.
int Report(const Options& options, const Inputs& inputs, const std::vector<Item>& items,
           const LawRunner& runner, const ConsoleStyle& style, RunRecord& record) {
  const std::vector<Case> names = NamesOf(items, record);
  const std::vector<std::string> attention = Settle(record, options, inputs.waivers, names);
  record.notes.push_back("seed " + std::to_string(options.seed));
  if (style.quiet) {
    PrintVerdictLine(std::cout, record, style);
    std::cout << std::flush;
    return WriteResults(record, options, inputs.waivers, names);
  }
  PrintHead(std::cout, record, style);
  if (style.verbose) PrintFindings(std::cout, record, style);
  PrintCauses(std::cout, record, style);
  for (const std::string& one : attention) std::cout << "waiver: " << one << '\n';
  SaveFailed(options, runner, record);
  PrintSummary(std::cout, record, style);
  std::cout << std::flush;
  return WriteResults(record, options, inputs.waivers, names);
}

// Runs the registered laws; they print nothing by themselves.
int RunTests(const Bench& bench, bool listing) {
  if (!listing) {
    auto& listeners = testing::UnitTest::GetInstance()->listeners();
    delete listeners.Release(listeners.default_result_printer());
  }
  const int status = RUN_ALL_TESTS();
  if (bench.live && !listing) std::cerr << "\r\x1b[K" << std::flush;
  return status;
}

int RunLaws(Options& options, const Inputs& inputs, const std::vector<Item>& items) {
  Discover(options);
  RunRecord record = StartRecord(options, inputs.clauses);
  record.case_set = "laws";
  const std::unique_ptr<EmbeddedTarget> embedded = StartEmbedded(options);
  const TargetPlace place = PlaceTarget(options, record);
  const ConsoleStyle style = ConsoleStyleOf(options);
  KeepOutputForReport(options);
  EndGentlyOnSignals();
  const auto begin = std::chrono::steady_clock::now();
  const auto seconds = [begin] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  };
  const std::string command =
      "grantspec-properties" + (record.embedded ? "" : " " + ShellQuoted(record.url));
  ModelBench model(options, record, command);
  Executor executor(options.network, options.load);
  // The control request: without a token no law can be checked. Its login guard is the executor's,
  // for every request from now on.
  SuiteRun preflight(options.profile, place, executor, record, options.seed);
  preflight.set_rules(RulesOf(options, record.embedded));
  const bool listing = GTEST_FLAG_GET(list_tests);
  const bool any_at_target = std::any_of(items.begin(), items.end(), [&](const Item& item) {
    return item.at_target && IsSelected(item, options);
  });
  if (!listing && any_at_target) {
    if (const auto why = PreflightInTime(preflight, options)) {
      record.seconds = seconds();
      return EndWithout(*why, options, inputs, items, style, record);
    }
  }
  TargetBench target(options, place, executor, preflight, record, command);
  Bench bench{&model.runner(), &target.runner(), &record};
  bench.live = isatty(STDERR_FILENO) != 0 && std::getenv("CI") == nullptr;
  RegisterLaws(items, options, bench);
  const int status = RunTests(bench, listing);
  if (listing) return status;
  target.presenter().CleanAgain(record.cases);
  CleanControl(target.presenter(), record);
  const auto selected =
      static_cast<std::size_t>(testing::UnitTest::GetInstance()->test_to_run_count());
  record.deselected = items.size() - selected;
  record.seconds = seconds();
  record.counters.requests = executor.requests_sent();
  return Report(options, inputs, items, target.runner(), style, record);
}

int Run(Options& options) {
  const Inputs inputs = ReadInputs(options);
  const std::vector<Item> items = ItemsFor(options, inputs.known);
  std::set<std::string> categories;
  for (const Item& item : items) categories.insert(item.category);
  CheckCategories(options.categories, categories);
  if (Describe(options, items, inputs.clauses)) return kNoFailure;
  return RunLaws(options, inputs, items);
}

int Main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  try {
    std::string help;
    Options options = ReadOptions(Program::kProperties, argc, argv, help);
    if (!help.empty()) {
      std::cout << help;
      return kNoFailure;
    }
    std::vector<char*> arguments = {argv[0]};
    for (std::string& argument : options.gtest_arguments) arguments.push_back(argument.data());
    int count = static_cast<int>(arguments.size());
    arguments.push_back(nullptr);
    testing::InitGoogleTest(&count, arguments.data());
    return Run(options);
  } catch (const UsageError& error) {
    std::cerr << "grantspec-properties: " << Printable(error.what()) << '\n';
    return kUsage;
  } catch (const FileError& error) {
    std::cerr << "grantspec-properties: " << Printable(error.what()) << '\n';
    return kUsage;
  } catch (const WriteError& error) {
    std::cerr << "grantspec-properties: " << Printable(error.what()) << '\n';
    return kUsage;
  } catch (const std::exception& error) {
    std::cerr << "grantspec-properties: internal error: " << Printable(error.what()) << '\n';
    return kInternal;
  }
}

}  // namespace
}  // namespace grantspec

int main(int argc, char** argv) {
  return grantspec::CheckedExit("grantspec-properties", grantspec::Main(argc, argv));
}
