// JSON reports read again: compared, merged, and their failures named.

#pragma once

#include <ostream>
#include <set>
#include <string>
#include <vector>

namespace grantspec {

/// What differs between two runs, by case.
struct Comparison {
  std::vector<std::string> problems;     // why the runs cannot be compared as a whole
  std::vector<std::string> regressions;  // fails now, or could be judged before and cannot now
  std::vector<std::string> fixes;        // failed before
  std::vector<std::string> others;       // another verdict, neither of the two
  std::vector<std::string> added, gone;  // cases of one run alone
  std::vector<std::string> causes_added, causes_gone, causes_stayed;
};

/// Compares two reports. Each line names the case and both verdicts. Reports
/// of different targets, and runs that were not judged, are problems. Throws FileError for a file
/// that is no such report.
Comparison CompareReports(const std::string& old_path, const std::string& new_path);

/// Prints a comparison; returns the exit code: 1 where there is a problem, a regression or, unless
/// `allow_gone`, a case that is gone; else 0.
int PrintComparison(std::ostream& out, const Comparison& comparison, bool allow_gone);

/// The reports of several shards as one.
struct MergedReport {
  std::string text;
  int exit_code = 0;
  std::string message;  // what there is to say about the exit code; may be empty
};

/// Merges the reports of the shards of one run, or of runs of different cases. Exit code and
/// message are computed from the cases, never taken from the files. A shard that is missing or
/// given twice, a case that two reports have and reports of different runs make the result
/// incomplete (5). A case that several reports have counts with its most severe verdict. Throws
/// FileError for a file that is no report, or one of another target or suite.
MergedReport MergeReports(const std::vector<std::string>& paths);

/// The names of the cases that failed or were inconclusive. With the id of a cause, those that it
/// explains, and cases whose responses show it. Throws FileError, also where there is no such
/// cause.
std::set<std::string> FailuresOf(const std::string& path, const std::string& cause = "");

}  // namespace grantspec
