// grantspec-properties: holds laws against the model, then against a target.
//
// A law is drawn examples of, each example is a case, and each case is judged as those of the
// catalogue are. Names: model_scope.order is the law on the model, scope.order the one on the
// target. Exit codes: see the README's table.

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <deque>
#include <iostream>
#include <set>

#include "conformance/case_file.h"
#include "conformance/embedded.h"
#include "conformance/gate.h"
#include "conformance/report/console.h"
#include "conformance/report/report.h"
#include "conformance/report/text.h"
#include "conformance/run.h"
#include "conformance/waiver.h"
#include "fixtures/files/output.h"
#include "properties/model.h"
#include "properties/runner.h"
#include "properties/save.h"

namespace grantspec {
namespace {

constexpr int kModelExamples = 1'000;
constexpr int kEmbeddedExamples = 100;
constexpr int kTargetExamples = 24;  // somebody else's server

/// One law that can be held, by name.
struct Item {
  std::string category, id, title, file;
  int line = 0;
  Level level = Level::kMust;
  std::vector<std::string> clauses;
  bool at_target = false;
  int examples = 0;
  long requests = 0;  // at most, without shrinking
  std::function<void(LawRunner&)> hold;
};

std::vector<std::string> Strings(const std::vector<std::string_view>& list) {
  return {list.begin(), list.end()};
}

std::vector<Item> ItemsFor(const Options& options, const std::vector<Case>& known, bool embedded) {
  std::vector<Item> items;
  const int at_target = options.examples > 0 ? options.examples
                        : embedded           ? kEmbeddedExamples
                                             : kTargetExamples;
  for (const GrammarLaw& law : GrammarLaws()) {
    items.push_back({"grammar", std::string(law.id), std::string(law.title), std::string(law.file),
                     law.line, Level::kMust, Strings(law.clauses), false, kModelExamples, 0,
                     [&law](LawRunner& runner) { runner.Hold(law, kModelExamples); }});
  }
  for (const bool target : {false, true}) {
    for (const auto* laws : {&ScopeLaws(), &RequestLaws(), &TokenLaws()}) {
      for (const Law& law : *laws) {
        const int examples = law.draw == nullptr ? 1 : target ? at_target : kModelExamples;
        items.push_back({(target ? "" : "model_") + std::string(law.category), std::string(law.id),
                         std::string(law.title), std::string(law.file), law.line, law.level,
                         Strings(law.clauses), target, examples,
                         static_cast<long>(examples) * law.requests_max,
                         [&law, examples](LawRunner& runner) { runner.Hold(law, examples); }});
      }
    }
    const int strength = target ? options.strength : 2;
    items.push_back(
        {target ? "pairwise" : "model_pairwise",
         "strength_" + std::to_string(strength),
         "Every combination of " + std::to_string(strength) +
             " parameters of a request gets its answer",
         __FILE__,
         __LINE__,
         Level::kMust,
         {"RFC6749-4.4.3-01"},
         target,
         1,
         strength == 1   ? 8
         : strength == 2 ? 50
                         : 250,
         [&known, strength](LawRunner& runner) { runner.HoldPairwise(known, strength); }});
  }
  if (options.hostile > 0) {
    items.push_back({"hostile",
                     "requests",
                     "Hostile requests do no harm",
                     __FILE__,
                     __LINE__,
                     Level::kMust,
                     {"RFC6749-10.14-01"},
                     true,
                     1,
                     options.hostile,
                     [&options](LawRunner& runner) { runner.HoldHostile(options.hostile); }});
  }
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

/// What a law is held with: the model's and the target's runner.
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
      std::cerr << "\r\x1b[K" << ++bench_.done << " of " << bench_.all << ": " << item_.category
                << '.' << item_.id << std::flush;
    }
    const std::size_t before = bench_.record->cases.size();
    if (WasInterrupted()) {
      // Recorded below, as what was not run.
      GTEST_SKIP() << "interrupted";
    }
    item_.hold(*runner);
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
    std::cout << item.category << '.' << item.id << "  " << item.title << ": " << item.examples
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

int Run(Options& options) {
  const std::filesystem::path folder = DataFolder();
  const Clauses clauses = ReadClauses((folder / "clauses.json").string());
  const std::vector<Case> known = ReadCases((folder / "cases").string(), clauses);
  std::vector<Waiver> waivers;
  if (!options.waivers.empty() &&
      !(options.update_waivers && !std::filesystem::exists(options.waivers))) {
    waivers = ReadWaivers(options.waivers);
  }
  const bool embedded_target = options.url.empty();
  const std::vector<Item> items = ItemsFor(options, known, embedded_target);
  for (const std::string& name : options.categories) {
    if (std::none_of(items.begin(), items.end(),
                     [&](const Item& i) { return i.category == name; })) {
      throw UsageError("no category is called " + name);
    }
  }
  if (options.list || options.list_json) {
    for (const Item& item : items) {
      if (IsSelected(item, options)) {
        std::cout << item.category << '.' << item.id << "  " << item.title << '\n';
      }
    }
    return kNoFailure;
  }
  if (!options.explain.empty()) {
    for (const Item& item : items) {
      if (item.category + "." + item.id != options.explain) continue;
      std::cout << options.explain << "\n  " << item.title << "\n  " << item.file << ':'
                << item.line << '\n';
      for (const std::string& id : item.clauses) {
        std::cout << "  " << id << "  " << clauses.find(id)->second.says << '\n';
      }
      return kNoFailure;
    }
    throw UsageError("no law is called " + options.explain + "; --list tells their names");
  }
  if (options.plan) {
    PrintPlan(items, options);
    return kNoFailure;
  }

  RunRecord record = StartRecord(options, clauses);
  record.case_set = "laws";
  const std::unique_ptr<EmbeddedTarget> embedded = StartEmbedded(options);
  const TargetPlace place = PlaceTarget(options, record);
  const ConsoleStyle look = [&options] {
    ConsoleStyle l = ConsoleStyleFor(STDOUT_FILENO);
    l.verbose = options.verbose;
    return l;
  }();
  KeepOutputForReport(options);
  EndGentlyOnSignals();
  const auto begin = std::chrono::steady_clock::now();
  const auto seconds = [begin] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  };

  const std::string command =
      "grantspec-properties" + (record.embedded ? "" : " " + ShellQuoted(record.url));
  // The model knows exactly the embedded endpoint's clients.
  const Profile model_profile = EmbeddedProfile();
  ModelSubject model([&model_profile](const Request& request, unsigned serial) {
    return AnswerOfModel(model_profile, request, serial);
  });
  const TargetPlace model_place = *PlaceOf("http://127.0.0.1/billing/oauth2/token");
  const Binder model_binder(model_profile, model_place, CanaryOf(options.seed));
  Counters model_counters;
  Examiner model_examiner(model, model_binder, model_counters);
  Presenter model_presenter(model_binder, options.seed, command);
  const World model_world = World::Of(model_profile);
  LawRunner model_runner(model_world, model_examiner, model_presenter, record, options.seed,
                         command, "model_");

  Executor executor(options.network, options.load);
  // The control request: without a token there is nothing to hold laws against.
  // Its login guard holds for every request of the executor.
  SuiteRun preflight(options.profile, place, executor, record, options.seed);
  preflight.set_max_failed_logins(options.max_failed_logins);
  const bool listing = GTEST_FLAG_GET(list_tests);
  const bool any_at_target = std::any_of(items.begin(), items.end(), [&](const Item& item) {
    return item.at_target && IsSelected(item, options);
  });
  if (!listing && any_at_target) {
    if (const auto why = PreflightInTime(preflight, options)) {
      record.message = record.stopped = *why;
      record.interrupted = WasInterrupted();
      record.exit_code = record.interrupted ? kInterrupted : kNothingJudged;
      record.fail_on = options.fail_on;
      record.seconds = seconds();
      PrintHead(std::cout, record, look);
      std::cout << std::flush;
      std::cerr << "grantspec-properties: " << options.url << ": " << record.message << '\n';
      return WriteResults(record, options, waivers, NamesOf(items, record));
    }
  }
  TargetSubject target(executor, [] { return !WasInterrupted(); });
  const Binder binder(options.profile, place, CanaryOf(options.seed));
  Examiner examiner(target, binder, record.counters);
  Presenter presenter(binder, options.seed, command);
  presenter.LearnTokensOf(preflight.presenter());
  executor.Observe([&presenter](const Exchange& exchange) { presenter.LearnTokens(exchange); });
  const World world = World::Of(options.profile);
  LawRunner runner(world, examiner, presenter, record, options.seed, command);

  Bench bench{&model_runner,
              &runner,
              &record,
              0,
              0,
              isatty(STDERR_FILENO) != 0 && std::getenv("CI") == nullptr};
  for (const Item& item : items) {
    if (!IsSelected(item, options)) continue;
    testing::RegisterTest(item.category.c_str(), item.id.c_str(), nullptr, item.title.c_str(),
                          item.file.c_str(), item.line,
                          [&item, &bench]() -> testing::Test* { return new LawTest(item, bench); });
    ++bench.all;
  }
  if (!listing) {
    auto& listeners = testing::UnitTest::GetInstance()->listeners();
    delete listeners.Release(listeners.default_result_printer());
  }
  const int status = RUN_ALL_TESTS();
  if (listing) return status;
  if (bench.live) std::cerr << "\r\x1b[K" << std::flush;
  presenter.CleanAgain(record.cases);

  const auto selected =
      static_cast<std::size_t>(testing::UnitTest::GetInstance()->test_to_run_count());
  record.deselected = items.size() - selected;
  record.seconds = seconds();
  record.counters.requests = executor.requests_sent();
  const std::vector<Case> names = NamesOf(items, record);
  std::vector<std::string> attention;
  if (!options.update_waivers) {
    attention = ApplyWaivers(waivers, record.started.substr(0, 10), names, record);
  }
  Conclude(record, options, attention);
  record.notes.push_back("seed " + std::to_string(options.seed));
  PrintHead(std::cout, record, look);
  PrintFindings(std::cout, record, look);
  for (const std::string& one : attention) std::cout << "waiver: " << one << '\n';
  if (!options.save_cases.empty()) {
    std::vector<std::shared_ptr<const Case>> failed = runner.failed();
    for (const std::string& path : SaveCases(options.save_cases, failed)) {
      std::cout << "saved: " << path << "; grantspec "
                << (record.embedded ? "" : ShellQuoted(record.url) + " ") << "--cases "
                << ShellQuoted(path) << " sends it again\n";
    }
  }
  PrintSummary(std::cout, record, look);
  std::cout << std::flush;
  return WriteResults(record, options, waivers, names);
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
