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

/// Which cases are run.
struct SelectionOptions {
  std::vector<std::string> categories, levels, requirements, case_paths;
  std::string tier;
  bool quick = false;
  // The cases that show most for a request, the most severe defects first: they are sent first,
  // and --quick selects them alone.
  std::vector<std::string> quick_cases;
  std::string case_set;  // newer cases are not scored; empty: all are
};

/// What is printed instead of a run. Nothing is sent.
struct InspectOptions {
  bool list = false, list_json = false, plan = false;
  bool list_switches = false, list_answers = false;
  std::string explain;
  std::string check_cases;
};

/// Runs that build on an earlier report or a second target, and what is done with reports alone.
struct RerunOptions {
  std::vector<std::string> compare, merge;  // reports
  bool allow_gone = false;                  // with compare
  std::string verify, verified_report;      // a statement, and the report that it is about
  std::string replay;                       // a report whose failures are sent again
  std::set<std::string> replayed;           // the names in that report
  std::string cause;                        // of that report: only what it explains
  std::string reference;                    // a second target
  std::string write_profile;                // where to write what was learned of the target
};

/// The exit code and the waivers.
struct GateOptions {
  std::string fail_on = "must";
  std::string waivers;
  bool update_waivers = false;
  bool no_shrink = false;  // requests of causes are not shortened
  bool fail_fast = false;  // the first failure that was seen twice ends the run
};

/// Where reports are written.
struct ReportOptions {
  std::string report_json, report_junit, report_sarif, report_html, report_markdown;
  std::string badge, statement;
  std::string har;             // a directory
  std::string server_log;      // the target's log file
  std::string sarif_location;  // FILE[:LINE]; empty: the profile
  std::string history;         // a directory
  std::string output_dir;      // where the reports above are written that have no path of their own
};

/// What the properties generate.
struct GenerationOptions {
  int examples = 0;  // of each law at the target; 0: as many as fit the target
  int strength = 2;
  int hostile = 0;  // requests of hostile generation
  std::string save_cases;
};

/// Everything that a program was asked for.
struct Options : SelectionOptions,
                 InspectOptions,
                 RerunOptions,
                 GateOptions,
                 ReportOptions,
                 GenerationOptions {
  std::string url;  // empty: the embedded endpoint
  Profile profile;
  std::string profile_path;      // empty: none was read
  bool auth_given = false;       // the user says how the client logs in
  std::string credentials_from;  // where the main client's credentials were read; for messages
  NetworkOptions network;
  LoadOptions load;
  int max_failed_logins = 0;    // of one client, in a row; 0: no limit
  int max_failed_in_a_row = 0;  // of all clients together; 0: no limit
  int max_failed_total = 0;     // in the run; 0: no limit
  int max_total_s = 0;          // for the run; 0: no limit
  int wait_for_seconds = 0;
  unsigned long seed = 0;
  bool verbose = false, quiet = false;
  bool all_exchanges = false;  // -vv
  std::string command;         // what a person types to run on the same target again, for a shell

  std::vector<std::string> gtest_arguments;
  std::vector<std::string> warnings;

  /// Whether the target is the embedded endpoint, and nobody's server.
  bool IsEmbedded() const { return url.empty() && profile.issuer.empty(); }

  /// Whether the options ask only for what no client is needed for.
  bool NeedsNoClient() const {
    return list || list_json || list_switches || list_answers || !explain.empty();
  }
};

/// Lets the main client log in by a method, with what it needs for that. Throws UsageError or
/// FileError.
void UseAuth(AuthMethod method, Options& options);

/// Reads the command line. Where it is silent, the environment (GRANTSPEC_...) counts, then the
/// profile. Throws UsageError or FileError. `help` receives the text to print and nothing is run,
/// where --help, --version or --option-table was given.
Options ReadOptions(Program program, int argc, char** argv, std::string& help);

}  // namespace grantspec
