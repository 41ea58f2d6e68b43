#include "conformance/engine/options/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "conformance/engine/options/command.h"
#include "conformance/engine/options/gtest_flags.h"
#include "conformance/engine/options/load.h"
#include "conformance/engine/options/network.h"
#include "conformance/engine/options/options_check.h"
#include "conformance/engine/options/output.h"
#include "conformance/engine/options/selection.h"
#include "conformance/engine/options/target.h"
#include "fixtures/cli/option_table.h"
#include "fixtures/text/version.h"

namespace grantspec {
namespace {

std::string NameOf(Program program) {
  return program == Program::kProperties ? "grantspec-properties" : "grantspec";
}

std::string PurposeOf(Program program) {
  return program == Program::kProperties
             ? "Checks an OAuth 2.0 token endpoint (client_credentials grant) against laws "
               "of scopes and requests, and shrinks the examples that break one.\nThe laws are "
               "checked against a model first. Without URL the target is the embedded reference "
               "endpoint."
             : "Tests an OAuth 2.0 token endpoint (client_credentials grant). Without URL it "
               "tests the embedded reference endpoint.\nGoogleTest's --gtest_* options work too.";
}

// The arguments that CLI11 reads; the others are stored in the options.
std::vector<std::string> OwnArguments(int argc, char** argv, Options& options) {
  std::vector<std::string> own;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (IsGtestFlag(argument)) {
      options.gtest_arguments.push_back(argument);
    } else if (argument == "--list=json") {
      options.list_json = true;
    } else {
      own.push_back(argument);
    }
  }
  return own;
}

// The groups of options between their declaration and their resolution.
class OptionReader {
 public:
  OptionReader(Program program, Options& options)
      : program_(program), options_(options), app_(PurposeOf(program), NameOf(program)) {}

  /// The text that was asked for instead of a run, or nothing.
  std::string Parse(std::vector<std::string> arguments) {
    Declare(arguments);
    std::reverse(arguments.begin(), arguments.end());
    try {
      app_.parse(arguments);
    } catch (const CLI::CallForHelp&) {
      return app_.help();
    } catch (const CLI::CallForVersion&) {
      return NameOf(program_) + " " + std::string(Version()) + "\n";
    } catch (const CLI::ParseError& error) {
      throw UsageError(UsageMessage(app_, error.what()));
    }
    return option_table_ ? OptionTable(app_) : "";
  }

  void Resolve() {
    Options& options = options_;
    if (options.allow_gone && options.compare.empty()) {
      throw UsageError("--allow-gone goes with --compare OLD NEW");
    }
    CheckVerify(options);
    if (!options.verify.empty()) return;
    if (!options.compare.empty() || !options.merge.empty() || !options.check_cases.empty()) {
      if (!options.report_json.empty()) CheckWritablePath(options.report_json);
      return;  // nothing is sent: no client is needed
    }
    CheckCaseSet(options.case_set);
    gate_.PlaceReports(options);
    CheckOutputPaths(options);
    network_.Check(options.network);
    CheckRerun(options);
    target_.ResolveTarget(options);
    network_.Resolve(options.profile, options.network);
    load_.Resolve(options);
    gate_.Resolve(program_, options);
    target_.ResolveClient(options);
    if (options.tier.empty()) options.tier = options.IsEmbedded() ? "all" : "safe";
  }

 private:
  void Declare(const std::vector<std::string>& arguments) {
    app_.failure_message(CLI::FailureMessage::simple);
    app_.set_version_flag("-V,--version", NameOf(program_) + " " + std::string(Version()));
    app_.add_flag(std::string(kOptionTableFlag), option_table_)->group("");
    target_.Declare(app_, options_, arguments);
    network_.Declare(app_, options_.network);
    load_.Declare(app_, options_);
    DeclareSelection(app_, program_, options_);
    if (program_ == Program::kProperties) DeclareGeneration(app_, options_);
    DeclareInspect(app_, program_, options_);
    if (program_ == Program::kConformance) DeclareRerun(app_, options_);
    gate_.Declare(app_, program_, options_);
  }

  Program program_;
  Options& options_;
  CLI::App app_;
  bool option_table_ = false;
  TargetGroup target_;
  NetworkGroup network_;
  LoadGroup load_;
  GateGroup gate_;
};

}  // namespace

Options ReadOptions(Program program, int argc, char** argv, std::string& help) {
  Options options;
  options.command = CommandOf({argv, argv + argc});
  const std::vector<std::string> arguments = OwnArguments(argc, argv, options);
  OptionReader reader(program, options);
  help = reader.Parse(arguments);
  if (help.empty()) reader.Resolve();
  return options;
}

}  // namespace grantspec
