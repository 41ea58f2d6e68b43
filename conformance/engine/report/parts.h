// What several reports lay out alike.

#pragma once

#include <map>
#include <string>
#include <vector>

#include "conformance/engine/record/record.h"

namespace grantspec {

/// The number of cases with an outcome.
std::size_t CountOf(const std::map<Outcome, std::size_t>& count, Outcome outcome);

/// The verdict on a run in words: "3 failures in 2 causes".
std::string VerdictText(const RunRecord& record);

/// A clause with its source and what it says; the id alone where the clause is not known.
std::string ClauseText(const Clauses& clauses, const std::string& id);

/// Where a clause can be read: its section at the RFC editor or in the datatracker; empty where the
/// source has no address.
std::string ClauseUrl(const Clause& clause);

/// The head and the body of a response.
std::string ResponseText(const RecordedExchange& exchange);

/// The exchange that shows a cause: that of its shortened request, else the one that decided its
/// example; null where none is recorded.
const RecordedExchange* ShownExchange(const Cause& cause, const RunRecord& record);

/// How a request was shortened: "without header X-A, half of parameter foo (from a.b)".
std::string ChangesOf(const SmallestRequest& smallest);

/// The lines of the target's log about the cases of a cause, 40 at most. A case about all responses
/// has those of the cases that it names.
std::vector<std::string> LogOf(const Cause& cause, const RunRecord& record);

/// What a run says about a clause.
struct ClauseResult {
  Outcome worst = Outcome::kNotApplicable;
  std::vector<std::string> cases;
};

/// The clauses that the cases of a run cite, each with the most severe outcome of its cases.
std::map<std::string, ClauseResult> ResultsByClause(const RunRecord& record);

/// Text without CR: lines end as they do in text files.
std::string WithoutCarriageReturns(std::string text);

}  // namespace grantspec
