// What the command line, the environment and the profile ask for.

#pragma once

#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "fixtures/http/executor.h"
#include "fixtures/target/profile.h"

namespace grantspec {

/// A mistake in how the program was called: exit code 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Which of the suite's programs reads its options. They share most.
enum class Program { kConformance, kProperties };

struct Options {
  std::string url;  // empty: the embedded endpoint
  Profile profile;
  NetworkOptions network;
  LoadOptions load;
  int max_failed_logins = 0;

  std::vector<std::string> categories, levels, requirements, case_paths;
  bool list = false, list_json = false, plan = false, verbose = false, version = false;
  bool list_switches = false, list_answers = false;
  std::string explain;
  std::string fail_on = "must";
  std::string tier;
  std::string case_set;  // cases that came later do not count; empty: all count
  std::string report_json, report_junit, report_sarif, report_html, report_markdown;
  std::string waivers;
  bool update_waivers = false;
  unsigned long seed = 0;
  int wait_for_seconds = 0;

  // Instead of a run.
  std::vector<std::string> compare, merge;  // reports
  bool allow_gone = false;                  // with compare
  std::string check_cases;
  // Other ways of a run.
  std::string replay;              // a report whose failures are sent again
  std::string reference;           // a second target
  std::string write_profile;       // where to write what was learned of the target
  std::set<std::string> replayed;  // the names in that report

  // The properties' own.
  int examples = 0;  // of each law at the target; 0: as many as fit the target
  int strength = 2;
  int hostile = 0;  // requests of hostile generation
  std::string save_cases;

  std::vector<std::string> gtest_arguments;
  std::vector<std::string> warnings;
};

/// Reads the command line; the environment (GRANTSPEC_...) stands behind it, the profile behind
/// both. Throws UsageError or FileError. `help` receives the text to print, where that was asked.
Options ReadOptions(Program program, int argc, char** argv, std::string& help);

}  // namespace grantspec
