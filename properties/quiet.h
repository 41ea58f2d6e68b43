// RapidCheck without its console: the result comes back, nothing is printed, and no configuration
// is read from the environment.

#pragma once

#include <rapidcheck.h>

#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>

namespace grantspec {

/// RapidCheck tells its listener of each example; nobody listens here.
class SilentListener : public rc::detail::TestListener {
 public:
  void onTestCaseFinished(const rc::detail::CaseDescription&) override {}
  void onShrinkTried(const rc::detail::CaseDescription&, bool) override {}
  void onTestFinished(const rc::detail::TestMetadata&, const rc::detail::TestResult&) override {}
};

/// Checks a property with `examples` examples drawn from `seed`, and shrinks what breaks it.
template <typename Testable>
rc::detail::TestResult CheckQuietly(Testable&& testable, std::uint64_t seed, int examples) {
  rc::detail::TestParams params;
  params.seed = seed;
  params.maxSuccess = examples;
  SilentListener silent;
  return rc::detail::checkTestable(std::forward<Testable>(testable), rc::detail::TestMetadata{},
                                   params, silent,
                                   std::unordered_map<std::string, rc::detail::Reproduce>{});
}

}  // namespace grantspec
