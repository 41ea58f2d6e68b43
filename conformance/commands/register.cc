#include "conformance/commands/register.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>

#include "conformance/engine/options/case_selection.h"
#include "conformance/engine/record/conclusion.h"
#include "conformance/engine/record/text.h"

namespace grantspec {
namespace {

class CaseTest : public testing::Test {
 public:
  CaseTest(const Case& spec, const SuiteRun* run) : spec_(spec), run_(run) {}

  void TestBody() override {
    const RecordedCase* recorded = run_ != nullptr ? run_->RecordOf(spec_) : nullptr;
    if (recorded == nullptr) GTEST_SKIP() << "not run";
    const Verdict& verdict = recorded->verdict;
    RecordProperty("verdict", std::string(ToString(verdict.outcome)));
    RecordProperty("clause", spec_.clauses.front()->id);
    switch (verdict.outcome) {
      case Outcome::kFail:
        // The case's own line, not this one: that is where an editor should jump to.
        ADD_FAILURE_AT(spec_.where.file.c_str(), spec_.where.line)
            << spec_.clauses.front()->id << "\n  expected: " << Printable(verdict.expected)
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
  const SuiteRun* run_;
};

// "412 of 553 cases, 98 per second, 4 s, 3 failures"
std::string ProgressLine(std::size_t done, std::size_t all, double seconds, std::size_t failures) {
  const auto whole = [](double value) { return std::to_string(static_cast<long>(value)); };
  const double rate = seconds > 0 ? static_cast<double>(done) / seconds : 0;
  return std::to_string(done) + " of " + Counted(all, "case") + ", " + whole(rate) +
         " per second, " + whole(seconds) + " s, " + Counted(failures, "failure");
}

constexpr std::string_view kClearLine = "\r\x1b[K";
constexpr std::size_t kColumns = 79;

// "first failure, the run goes on: scope.unknown", and what was expected and received.
std::string FirstFailureText(const RecordedCase& failure) {
  const auto line = [](const std::string& label, const std::string& text) {
    return Fitted(label + Printable(text), kColumns) + "\n";
  };
  return line("first failure, the run goes on: ", failure.spec->Name()) +
         line("  expected  ", failure.verdict.expected) +
         line("       got  ", failure.verdict.actual);
}

// How many of the cases have failed so far.
std::size_t FailuresIn(const SuiteRun& run, const std::vector<const Case*>& cases) {
  return static_cast<std::size_t>(std::count_if(cases.begin(), cases.end(), [&](const Case* one) {
    const RecordedCase* recorded = run.RecordOf(*one);
    return recorded != nullptr && recorded->verdict.outcome == Outcome::kFail;
  }));
}

}  // namespace

void SendCases(SuiteRun& run, const std::vector<const Case*>& selected,
               const std::function<bool(const RecordedCase&)>& counts) {
  if (isatty(STDERR_FILENO) == 0 || std::getenv("CI") != nullptr) return run.Ask(selected, {});
  const auto begin = std::chrono::steady_clock::now();
  auto last = begin;
  bool has_seen_failure = false;
  run.Ask(selected, [&](std::size_t done, std::size_t all) {
    const auto now = std::chrono::steady_clock::now();
    const RecordedCase* failure = has_seen_failure ? nullptr : run.FirstFailure();
    if (failure == nullptr && now - last < std::chrono::milliseconds(100)) return;
    last = now;
    if (failure != nullptr) {
      has_seen_failure = true;
      if (counts(*failure)) std::cerr << kClearLine << FirstFailureText(*failure);
    }
    const double seconds = std::chrono::duration<double>(now - begin).count();
    std::cerr << kClearLine << ProgressLine(done, all, seconds, FailuresIn(run, selected))
              << std::flush;
  });
  std::cerr << kClearLine << std::flush;
}

struct CaseTests::Registered {
  const Case* spec;
  const testing::TestInfo* test;
};

class CaseTests::Beginning : public testing::Environment {
 public:
  Beginning(const std::vector<Registered>& cases, const Begin& begin, std::exception_ptr& broken)
      : cases_(cases), begin_(begin), broken_(broken) {}

  void SetUp() override {
    std::vector<const Case*> selected;
    for (const Registered& one : cases_) {
      if (one.test->should_run()) selected.push_back(one.spec);
    }
    try {
      begin_(selected);
    } catch (...) {
      // GoogleTest would swallow it: what broke the run has to end it.
      broken_ = std::current_exception();
    }
  }

 private:
  const std::vector<Registered>& cases_;
  const Begin& begin_;
  std::exception_ptr& broken_;
};

CaseTests::CaseTests(const std::vector<Case>& cases, const Options& options, const SuiteRun* run) {
  for (const Case& one : cases) {
    if (!IsSelected(one, options)) continue;
    const Case* spec = &one;
    const testing::TestInfo* test = testing::RegisterTest(
        one.category.c_str(), one.id.c_str(), nullptr, one.title.c_str(), one.where.file.c_str(),
        one.where.line, [spec, run]() -> testing::Test* { return new CaseTest(*spec, run); });
    registered_.push_back({spec, test});
  }
}

CaseTests::~CaseTests() = default;

int CaseTests::List() {
  return RUN_ALL_TESTS();
}

std::size_t CaseTests::Run(const Begin& begin) {
  std::exception_ptr broken;
  testing::AddGlobalTestEnvironment(new Beginning(registered_, begin, broken));
  auto& listeners = testing::UnitTest::GetInstance()->listeners();
  delete listeners.Release(listeners.default_result_printer());
  [[maybe_unused]] const int status = RUN_ALL_TESTS();  // the verdicts decide the exit code
  if (broken) std::rethrow_exception(broken);
  return static_cast<std::size_t>(testing::UnitTest::GetInstance()->test_to_run_count());
}

}  // namespace grantspec
