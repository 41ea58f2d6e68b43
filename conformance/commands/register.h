// The cases as tests of GoogleTest.
//
// GoogleTest runs one test body after another, but a target is best sent everything at once. So the
// requests of all cases that the filter left in are sent before the first test body runs; the body
// only reports what was found.

#pragma once

#include <cstddef>
#include <vector>

#include "conformance/engine/case/case.h"
#include "conformance/engine/options/options.h"
#include "conformance/engine/run/run.h"

namespace grantspec {

/// A test for each case that the options select.
class CaseTests {
 public:
  /// Registers the tests. Cases and run must outlive every run of the tests.
  CaseTests(const std::vector<Case>& cases, const Options& options, SuiteRun& run);
  ~CaseTests();

  /// Lists the tests, as --gtest_list_tests asks for. Returns GoogleTest's status.
  static int List();

  /// Sends the requests of the cases that filter and shards left in, and reports each case as a
  /// test. Returns how many were selected. Throws what broke the run.
  std::size_t Run();

 private:
  class Sender;
  struct Registered;
  std::vector<Registered> registered_;
  SuiteRun& run_;
};

}  // namespace grantspec
