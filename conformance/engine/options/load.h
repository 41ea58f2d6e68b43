// The options that bound what a run does to the target.

#pragma once

#include <string>

#include "conformance/engine/options/options.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace grantspec {

/// Requests in flight and per second, failed logins, time, and the wait for a target.
class LoadGroup {
 public:
  void Declare(CLI::App& app, Options& options);

  /// Sets what the options say, or else the profile's limits, or else a careful default for a
  /// target that is named by URL. Throws UsageError.
  void Resolve(Options& options) const;

 private:
  std::string rate_;
  const CLI::Option* parallel_max_option_ = nullptr;
  const CLI::Option* rate_option_ = nullptr;
  const CLI::Option* max_requests_option_ = nullptr;
  const CLI::Option* max_failed_logins_option_ = nullptr;
  const CLI::Option* max_failed_in_a_row_option_ = nullptr;
  const CLI::Option* max_failed_total_option_ = nullptr;
  const CLI::Option* max_wait_option_ = nullptr;
  const CLI::Option* wait_expiry_option_ = nullptr;
  const CLI::Option* max_total_option_ = nullptr;
  int max_wait_s_ = 30;
  int wait_expiry_s_ = 0;
};

}  // namespace grantspec
