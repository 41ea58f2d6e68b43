// A JSON report that was written earlier, read strictly.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "conformance/engine/case/verdict.h"
#include "conformance/engine/record/conclusion.h"
#include "conformance/engine/record/record.h"
#include "fixtures/files/json_file.h"

namespace grantspec {

/// One case of a report.
struct StoredCase {
  std::string id;
  std::string level;
  Outcome outcome = Outcome::kPass;
  std::vector<std::string> requirements;
  std::string cause;                   // its id; empty: none, or a report of version 1
  std::vector<std::string> violating;  // of a case about all responses: cases that violate it
};

/// One cause of a report.
struct StoredCause {
  std::string id, title;
  Outcome severity = Outcome::kFail;
  std::vector<std::string> explains;  // names of cases
};

/// A report (`grantspec-report/2`, or 1, which has no causes) whose members have the types of its
/// schema.
struct StoredReport {
  std::string path;
  JsonValue json;  // all of it; its cases are in the order of `cases`
  std::string url, version, case_set;
  bool insecure = false, embedded = false;
  double seconds = 0;
  std::int64_t deselected = 0;
  Counters counters;
  std::vector<StoredCase> cases;
  std::vector<StoredCause> causes;
  std::map<std::string, std::string> clause_levels;  // by clause
  // What the exit code is computed from, besides the cases.
  std::string run_id;         // empty: the report has none
  int shard = 0, shards = 0;  // shards is 0 in a report of a whole run
  bool interrupted = false;
  std::string stopped, incomplete;
  std::string fail_on = "must";
  std::vector<WaiverAttention> attention;
};

/// Reads a report of at most 256 MiB. Throws FileError with file and line.
StoredReport ReadReport(const std::string& path);

/// Whether two reports are of one target: the same URL, or the embedded endpoint on any port.
bool IsSameTarget(const StoredReport& a, const StoredReport& b);

/// What the exit code of the report's run depends on, computed from its cases: the stored code is
/// not trusted.
RunState StateOf(const StoredReport& report);

/// How many cases have a verdict: all but those that are inconclusive or not applicable.
std::size_t JudgedCases(const StoredReport& report);

}  // namespace grantspec
