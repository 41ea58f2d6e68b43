#include "conformance/engine/report/parts.h"

#include <algorithm>
#include <set>

#include "conformance/engine/diagnosis/diagnosis.h"
#include "conformance/engine/record/conclusion.h"
#include "fixtures/grammar/ascii.h"

namespace grantspec {
namespace {

constexpr std::size_t kLogLinesMax = 40;  // of a cause

}  // namespace

std::size_t CountOf(const std::map<Outcome, std::size_t>& count, Outcome outcome) {
  const auto found = count.find(outcome);
  return found == count.end() ? 0 : found->second;
}

std::string VerdictText(const RunRecord& record) {
  const auto count = record.Count();
  const auto causes = static_cast<std::size_t>(
      std::count_if(record.causes.begin(), record.causes.end(),
                    [](const Cause& one) { return one.severity == Outcome::kFail; }));
  const std::size_t failures = CountOf(count, Outcome::kFail);
  switch (record.exit_code) {
    case kNoFailure:
      return failures == 0 ? "No failure" : Counted(failures, "failure") + " (not counted)";
    case kFailures:
      if (failures == 0) return Counted(CountOf(count, Outcome::kWarn), "warning");
      return Counted(failures, "failure") + " in " + Counted(causes, "cause");
    case kWaivers:
      return "Waivers need attention";
    case kIncomplete:
      return "Incomplete";
    case kInterrupted:
      return "Interrupted";
    default:
      return "Not judged";
  }
}

std::string ClauseText(const Clauses& clauses, const std::string& id) {
  const auto found = clauses.find(id);
  if (found == clauses.end()) return id;
  const Clause& clause = found->second;
  return id + " (" + clause.source + " section " + clause.section + ", " + clause.level +
         "): " + clause.says;
}

std::string ClauseUrl(const Clause& clause) {
  std::string url;
  if (clause.source.starts_with("RFC ")) {
    url = "https://www.rfc-editor.org/rfc/rfc" + clause.source.substr(4);
  } else if (clause.source.starts_with("draft-")) {
    url = "https://datatracker.ietf.org/doc/html/" + clause.source;
  } else if (clause.source == "WHATWG URL Standard") {
    return "https://url.spec.whatwg.org/";
  } else {
    return {};
  }
  const std::string& section = clause.section;
  const bool plain = !section.empty() && std::all_of(section.begin(), section.end(), [](char c) {
    return IsAlpha(c) || IsDigit(c) || c == '.';
  });
  if (!plain) return url;
  return url + (IsDigit(section.front()) ? "#section-" : "#appendix-") + section;
}

std::string ResponseText(const RecordedExchange& exchange) {
  std::string text = exchange.status_line + "\n";
  for (const auto& [name, value] : exchange.fields) text += name + ": " + value + "\n";
  return text + "\n" + exchange.content;
}

const RecordedExchange* ShownExchange(const Cause& cause, const RunRecord& record) {
  const SmallestRequest* smallest = record.SmallestOf(cause);
  if (smallest != nullptr) return &smallest->exchange;
  return DecidingExchange(record.cases[cause.cases.front()]);
}

std::string ChangesOf(const SmallestRequest& smallest) {
  std::string text;
  for (const std::string& one : smallest.changes) text += (text.empty() ? "" : ", ") + one;
  return text + " (from " + smallest.case_name + ")";
}

std::vector<std::string> LogOf(const Cause& cause, const RunRecord& record) {
  std::vector<std::string> lines;
  std::set<std::string> names;
  const auto add = [&](const std::string& name) {
    const auto found = record.server_log.find(name);
    if (found == record.server_log.end() || !names.insert(name).second) return;
    for (const std::string& line : found->second) {
      if (lines.size() < kLogLinesMax) lines.push_back(line);
    }
  };
  for (const std::size_t at : cause.cases) {
    const RecordedCase& one = record.cases[at];
    add(one.spec->Name());
    if (one.spec->standing != nullptr)
      std::for_each(one.violating.begin(), one.violating.end(), add);
  }
  return lines;
}

std::map<std::string, ClauseResult> ResultsByClause(const RunRecord& record) {
  std::map<std::string, ClauseResult> results;
  for (const RecordedCase& one : record.cases) {
    for (const std::string& id : ClauseIds(*one.spec)) {
      ClauseResult& result = results[id];
      result.worst = std::max(result.worst, one.verdict.outcome);
      result.cases.push_back(one.spec->Name());
    }
  }
  return results;
}

std::string WithoutCarriageReturns(std::string text) {
  std::erase(text, '\r');
  return text;
}

}  // namespace grantspec
