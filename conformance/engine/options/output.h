// The options of what a program does instead of a run, and of what a run leaves behind.

#pragma once

#include <string>

#include "conformance/engine/options/options.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace grantspec {

/// The options that print something and send nothing.
void DeclareInspect(CLI::App& app, Program program, InspectOptions& options);

/// Runs that build on an earlier report or a second target.
void DeclareRerun(CLI::App& app, RerunOptions& options);

/// Throws UsageError for a report without the statement that it is compared with.
void CheckVerify(const RerunOptions& options);

/// Throws UsageError for re-run options that exclude each other or cannot work.
void CheckRerun(const Options& options);

/// The exit code, the waivers, the reports and the seed.
class GateGroup {
 public:
  void Declare(CLI::App& app, Program program, Options& options);

  /// Gives each report a path in --output-dir that has none, and makes that directory. Throws
  /// UsageError.
  void PlaceReports(Options& options) const;

  /// Sets the seed. Throws UsageError.
  void Resolve(Program program, Options& options) const;

 private:
  std::string seed_;
  int verbose_ = 0;
  const CLI::Option* seed_option_ = nullptr;
};

}  // namespace grantspec
