#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "conformance/engine/record/conclusion.h"
#include "conformance/engine/record/text.h"
#include "conformance/engine/report/parts.h"
#include "conformance/engine/report/report.h"
#include "fixtures/grammar/ascii.h"

namespace grantspec {
namespace {

using nlohmann::ordered_json;

// What code scanning shows: failures, warnings and what is waived. The rest is no result.
const char* LevelOf(Outcome outcome) {
  switch (outcome) {
    case Outcome::kFail:
    case Outcome::kWaived:
      return "error";
    case Outcome::kWarn:
      return "warning";
    default:
      return nullptr;
  }
}

constexpr std::size_t kCasesNamedMax = 20;

// A path as the reference of a URI has it.
std::string UriOf(const std::string& path) {
  std::string uri;
  for (const char c : path) {
    const bool plain =
        IsAlpha(c) || IsDigit(c) || std::string_view("-._~/").find(c) != std::string::npos;
    std::array<char, 4> escape{};
    std::snprintf(escape.data(), escape.size(), "%%%02X", static_cast<unsigned char>(c));
    uri += plain ? std::string(1, c) : escape.data();
  }
  return uri;
}

ordered_json RuleOf(const std::string& id, const Clauses& clauses) {
  ordered_json rule = {{"id", id}};
  const auto found = clauses.find(id);
  if (found == clauses.end()) return rule;
  const Clause& clause = found->second;
  rule["shortDescription"]["text"] = clause.says;
  rule["fullDescription"]["text"] = ClauseText(clauses, id);
  rule["help"]["text"] = ClauseText(clauses, id);
  if (const std::string url = ClauseUrl(clause); !url.empty()) rule["helpUri"] = url;
  return rule;
}

// The file of the user's repository where the finding is shown, and the cases that show it.
ordered_json LocationOf(const Cause& cause, const RunRecord& record) {
  ordered_json physical;
  physical["artifactLocation"] = {{"uri", UriOf(record.findings_at.file)}};
  if (!record.findings_at.file.starts_with('/')) {
    physical["artifactLocation"]["uriBaseId"] = "SRCROOT";
  }
  physical["region"]["startLine"] = std::max(1, record.findings_at.line);
  ordered_json location;
  location["physicalLocation"] = physical;
  location["logicalLocations"] = ordered_json::array();
  for (const std::size_t at : cause.cases) {
    if (location["logicalLocations"].size() == kCasesNamedMax) break;
    location["logicalLocations"].push_back(
        {{"fullyQualifiedName", record.cases[at].spec->Name()}, {"kind", "function"}});
  }
  return location;
}

ordered_json ResultOf(const Cause& cause, const char* level, const RunRecord& record) {
  const RecordedCase& example = record.cases[cause.cases.front()];
  ordered_json result;
  result["ruleId"] = cause.clauses.front();
  result["level"] = level;
  std::string text = Printable(cause.title) + ". Expected " + Printable(example.verdict.expected) +
                     ", got " + Printable(example.verdict.actual);
  if (!example.verdict.why.empty()) text += " (" + Printable(example.verdict.why) + ")";
  result["message"]["text"] =
      text + ". " + Counted(cause.cases.size(), "case") + ", such as " + example.spec->Name() + ".";
  result["locations"] = {LocationOf(cause, record)};
  // Made of what the cause is, and not of the cases that were selected or of their order.
  result["partialFingerprints"]["cause/v1"] = cause.id;
  if (cause.severity == Outcome::kWaived) {
    result["suppressions"] = {{{"kind", "external"}, {"justification", Printable(example.waiver)}}};
  }
  ordered_json names = ordered_json::array();
  for (const std::size_t at : cause.cases) names.push_back(record.cases[at].spec->Name());
  result["properties"] = {{"cause", cause.id},
                          {"cases", names},
                          {"requirements", cause.clauses},
                          {"reproduce", Printable(example.reproduce)}};
  return result;
}

}  // namespace

std::string SarifReport(const RunRecord& record) {
  ordered_json rules = ordered_json::array(), results = ordered_json::array();
  std::map<std::string, std::size_t> index;
  for (const Cause& cause : record.causes) {
    const char* level = LevelOf(cause.severity);
    if (level == nullptr || cause.clauses.empty()) continue;
    const auto [rule, is_new] = index.emplace(cause.clauses.front(), rules.size());
    if (is_new) rules.push_back(RuleOf(rule->first, *record.clauses));
    ordered_json result = ResultOf(cause, level, record);
    result["ruleIndex"] = rule->second;
    results.push_back(std::move(result));
  }
  ordered_json run;
  run["tool"]["driver"] = {
      {"name", "grantspec"}, {"semanticVersion", record.suite_version}, {"rules", rules}};
  ordered_json invocation = {{"executionSuccessful", record.message.empty()},
                             {"exitCode", record.exit_code},
                             {"startTimeUtc", record.started}};
  ordered_json notifications = ordered_json::array();
  const auto notify = [&notifications](const char* level, const std::string& text) {
    notifications.push_back({{"level", level}, {"message", {{"text", Printable(text)}}}});
  };
  if (!record.message.empty()) notify("error", record.message);
  for (const std::string& note : record.notes) notify("note", note);
  if (!notifications.empty()) invocation["toolExecutionNotifications"] = notifications;
  run["invocations"] = {invocation};
  run["results"] = results;
  run["properties"] = {{"target", record.url}, {"insecure", record.insecure}};
  ordered_json out;
  out["$schema"] = "https://json.schemastore.org/sarif-2.1.0.json";
  out["version"] = "2.1.0";
  out["runs"] = {run};
  return out.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace grantspec
