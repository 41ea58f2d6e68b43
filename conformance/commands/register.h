// The cases as tests of GoogleTest.
//
// GoogleTest runs one test body after another, but a target is best sent everything at once. So the
// requests of all cases that the filter left in are sent before the first test body runs; the body
// only reports what was found.

#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "conformance/engine/case/case.h"
#include "conformance/engine/options/options.h"
#include "conformance/engine/run/run.h"

namespace grantspec {

/// A test for each case that the options select.
class CaseTests {
 public:
  /// Registers the tests, which report what `run` found; null: nothing is sent. Cases and run must
  /// outlive every run of the tests.
  CaseTests(const std::vector<Case>& cases, const Options& options, const SuiteRun* run);
  ~CaseTests();

  /// Lists the tests, as --gtest_list_tests asks for. Returns GoogleTest's status.
  static int List();

  using Begin = std::function<void(const std::vector<const Case*>& selected)>;

  /// Calls `begin` with the cases that filter and shards left in, and reports each of them as a
  /// test. Returns how many were selected. Throws what `begin` throws.
  std::size_t Run(const Begin& begin);

 private:
  class Beginning;
  struct Registered;
  std::vector<Registered> registered_;
};

/// Sends the requests of the cases. A terminal shows a line of progress and the first failure that
/// is proven and `counts`: that no waiver accepts.
void SendCases(SuiteRun& run, const std::vector<const Case*>& selected,
               const std::function<bool(const RecordedCase&)>& counts);

}  // namespace grantspec
