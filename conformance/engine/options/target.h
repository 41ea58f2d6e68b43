// The options that say which endpoint is tested, what is known of it, and which client logs in.

#pragma once

#include <string>
#include <vector>

#include "conformance/engine/options/options.h"

namespace CLI {
class App;
}

namespace grantspec {

/// URL, profile, login, parameters and scopes.
class TargetGroup {
 public:
  /// Adds the options. `arguments` is the command line: where it names the client in one way, the
  /// environment is not asked for another one.
  void Declare(CLI::App& app, Options& options, const std::vector<std::string>& arguments);

  /// Reads the profile, `./grantspec.json` where none is named, and decides which URL is tested.
  /// Throws UsageError or FileError.
  void ResolveTarget(Options& options);

  /// Decides which client logs in and which scopes it has. Throws UsageError or FileError.
  void ResolveClient(Options& options) const;

 private:
  void DeclareLogin(CLI::App& app, const std::vector<std::string>& arguments);
  void DeclareRequest(CLI::App& app, Options& options);
  int LoginCount() const;
  Client ReadLogin(Options& options, bool with_secret) const;
  void ResolveAuth(Options& options) const;
  void ResolveParameters(Options& options) const;

  void ReadProfileFile(Options& options);
  void UseCurlRequest(Options& options) const;

  std::string from_curl_, issuer_, profile_path_, base_, user_env_, user_file_, user_, scope_,
      ungranted_;
  std::string auth_, assertion_key_, assertion_alg_, assertion_audience_;
  std::vector<std::string> data_, data_env_, switches_;
};

}  // namespace grantspec
