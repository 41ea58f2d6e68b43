// The options that say how the target is reached: certificates, proxies, addresses, time limits.

#pragma once

#include <string>

#include "conformance/engine/options/options.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace grantspec {

/// The network options; names and meanings are curl's.
class NetworkGroup {
 public:
  void Declare(CLI::App& app, NetworkOptions& network);

  /// Throws UsageError for an option that could never work.
  void Check(const NetworkOptions& network) const;

  /// Sets what the options say, or else the profile's limits. Throws UsageError.
  void Resolve(const Profile& profile, NetworkOptions& network) const;

 private:
  void DeclareTls(CLI::App& app, NetworkOptions& network);
  void DeclareRoute(CLI::App& app, NetworkOptions& network);

  double max_time_ = 0, connect_timeout_ = 0;
  bool ipv4_ = false, ipv6_ = false;
  const CLI::Option* max_time_option_ = nullptr;
  const CLI::Option* connect_timeout_option_ = nullptr;
};

}  // namespace grantspec
