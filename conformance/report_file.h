// JSON reports read again: compared, joined, and their failures named.

#pragma once

#include <ostream>
#include <set>
#include <string>
#include <vector>

namespace grantspec {

/// What differs between two runs, by case.
struct Comparison {
  std::vector<std::string> regressions;  // fails now, or could be judged before and cannot now
  std::vector<std::string> fixes;        // failed before
  std::vector<std::string> others;       // another verdict, neither of the two
  std::vector<std::string> added, gone;  // cases of one run alone
};

/// Compares two reports (`grantspec-report/1`). Each line names the case and both verdicts. Throws
/// FileError for a file that is no such report.
Comparison CompareReports(const std::string& old_path, const std::string& new_path);

/// Prints a comparison; returns the exit code: 1 where there is a regression, else 0.
int PrintComparison(std::ostream& out, const Comparison& comparison);

/// Joins the reports of shards into one. A case that was run in several counts once, with its
/// gravest verdict; counters are added up; the exit code is the gravest in the order of the
/// README's table. Throws FileError.
std::string MergeReports(const std::vector<std::string>& paths);

/// The exit code that a report tells.
int ExitCodeOf(const std::string& report);

/// The names of the cases that failed or were inconclusive. Throws FileError.
std::set<std::string> FailuresOf(const std::string& path);

}  // namespace grantspec
