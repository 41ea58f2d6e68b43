#include "conformance/engine/options/gtest_flags.h"

#include <algorithm>
#include <vector>

#include "conformance/engine/options/options.h"
#include "fixtures/text/closest.h"

namespace grantspec {
namespace {

const std::vector<std::string>& KnownFlags() {
  static const std::vector<std::string> known = {"--gtest_list_tests",
                                                 "--gtest_filter",
                                                 "--gtest_also_run_disabled_tests",
                                                 "--gtest_repeat",
                                                 "--gtest_shuffle",
                                                 "--gtest_random_seed",
                                                 "--gtest_color",
                                                 "--gtest_brief",
                                                 "--gtest_print_time",
                                                 "--gtest_output",
                                                 "--gtest_stream_result_to",
                                                 "--gtest_death_test_style",
                                                 "--gtest_break_on_failure",
                                                 "--gtest_throw_on_failure",
                                                 "--gtest_catch_exceptions",
                                                 "--gtest_fail_fast",
                                                 "--gtest_recreate_environments_when_repeating",
                                                 "--gtest_print_utf8",
                                                 "--gtest_install_failure_signal_handler"};
  return known;
}

}  // namespace

bool IsGtestFlag(const std::string& argument) {
  // As GoogleTest does, accept one dash as well as two.
  std::string name = argument.substr(0, argument.find('='));
  if (name.starts_with("-gtest")) name.insert(0, "-");
  if (!name.starts_with("--gtest")) return false;
  const std::vector<std::string>& known = KnownFlags();
  if (std::find(known.begin(), known.end(), name) != known.end()) return true;
  const std::string meant = DidYouMean(name, known);
  throw UsageError("unknown option " + argument.substr(0, argument.find('=')) +
                   (meant.empty() ? "; GoogleTest has no such flag" : meant));
}

}  // namespace grantspec
