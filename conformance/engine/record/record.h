// Everything a report needs of a run. Plain data, already redacted: reporters only lay it out.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/engine/case/case.h"
#include "conformance/engine/case/clause.h"
#include "conformance/engine/case/verdict.h"
#include "conformance/engine/record/cause.h"
#include "fixtures/files/json_file.h"

namespace grantspec {

/// What reports show in place of a request that cannot be shown, and how such a text begins.
inline constexpr std::string_view kNotShown = "(the request ";
std::string NotShown(std::string_view why);

/// One request and its response, as shown.
struct RecordedExchange {
  std::string step;
  std::string request;  // bytes, secrets replaced
  bool has_response = false;
  std::string status_line;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string content;
  std::string transport;  // why there is no response
  std::string end;        // what became of the connection, where it matters
};

struct RecordedCase {
  const Case* spec = nullptr;
  Level level = Level::kMust;
  Verdict verdict;
  std::vector<RecordedExchange> exchanges;  // where the verdict is not a pass
  std::string reproduce;
  std::string responses;  // the classes of the responses, 8 at most
  std::string observed;   // the class of the response that decided
  std::string waiver;     // the reason of the waiver, where one applied
  std::string cause;      // the id of the cause that explains it; empty: it needs no explanation
  std::vector<std::string> violating;  // of a standing case: cases whose responses violate it
  std::vector<std::string> suspects;   // cases of which one ended the target, this one included
  // What the verdict would be, where the case is newer than the case set and is not scored.
  std::optional<Outcome> held_back;
  double seconds = 0;
};

struct Counters {
  std::int64_t requests = 0;
  std::int64_t tokens_issued = 0;
  std::int64_t failed_logins = 0;
};

/// A waiver that needs attention: its failure is gone or another one, its case is unknown,
/// or its day has passed.
struct WaiverAttention {
  std::string pattern;
  std::string message;  // with file and line
  bool unused = false;  // no failure of the run fits it
  // Cases that fit the pattern and were not judged in this run: they may still need the waiver.
  std::vector<std::string> unsettled;
};

/// The shortest request that still showed the defect of a cause, and the response to it.
struct SmallestRequest {
  std::string case_name;             // the case whose request it was made from
  std::vector<std::string> changes;  // "without header X-Long", in order
  RecordedExchange exchange;
  std::string reproduce;
};

/// An earlier run, as a history has it.
struct PastRun {
  std::string started;  // RFC 3339
  std::string target;
  std::string case_set;
  int exit_code = 0;
  std::int64_t failures = 0, warnings = 0;
  std::vector<std::string> causes;  // ids of those that failed
};

struct RunRecord {
  std::string suite_version;
  std::string case_set;
  std::string url;
  std::string command;  // runs the program on this target again, for a shell; empty: not known
  bool insecure = false;
  bool embedded = false;
  std::string profile_base;
  std::map<std::string, std::string> switches;
  std::string started;  // RFC 3339
  double seconds = 0;
  int exit_code = 0;
  std::string run_id;         // the same in all shards of one run; empty: nothing names it
  int shard = 0, shards = 0;  // shards is 0 in a run that is not sharded
  std::string stopped;        // why the run ended early; empty: it did not
  std::string limited;        // the limit that kept requests from being sent; empty: none
  bool interrupted = false;
  std::string fail_on = "must";
  std::vector<WaiverAttention> attention;
  std::string message;  // why not everything was judged, where that is so
  std::vector<std::string> notes;
  std::optional<RecordedExchange> control;  // the first control request; nothing: not sent
  std::vector<RecordedCase> cases;
  std::vector<Cause> causes;  // of failures, warnings and waived failures, most severe first
  std::map<std::string, SmallestRequest> smallest;  // by the id of a cause; not all have one
  // Lines of the target's log (--server-log), by the name of a case; cleaned.
  std::map<std::string, std::vector<std::string>> server_log;
  std::size_t deselected = 0;
  std::size_t in_other_tier = 0;  // of those deselected, what only another --tier selects
  std::string other_tier;         // its name
  Counters counters;
  // Where code scanning shows findings: a file of the user's repository.
  SourceLine findings_at{"grantspec.json", 1};
  std::optional<std::vector<PastRun>> history;  // earlier runs, oldest first; nothing: not kept
  const Clauses* clauses = nullptr;

  std::map<Outcome, std::size_t> Count() const;

  /// The shortened request of a cause, or null.
  const SmallestRequest* SmallestOf(const Cause& cause) const;
};

/// Takes the score from cases that came after the case set of the record: what they found is
/// reported as info, and kept in `held_back`.
void HoldBackNewCases(RunRecord& record);

}  // namespace grantspec
