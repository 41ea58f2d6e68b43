#include <cstdint>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "conformance/report/report.h"
#include "conformance/report/text.h"

namespace grantspec {
namespace {

using nlohmann::ordered_json;

// FNV-1a, in hexadecimal: stays the same as long as the case fails in the same way.
std::string Fingerprint(const std::string& text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  std::string hex(17, '\0');
  hex.resize(static_cast<std::size_t>(
      std::snprintf(hex.data(), hex.size(), "%016llx", static_cast<unsigned long long>(hash))));
  return hex;
}

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

}  // namespace

std::string SarifReport(const RunRecord& record) {
  ordered_json rules = ordered_json::array(), results = ordered_json::array();
  std::map<std::string, std::size_t> index;
  for (const RecordedCase& one : record.cases) {
    const char* level = LevelOf(one.verdict.outcome);
    if (level == nullptr) continue;
    const std::string& id = one.spec->clauses.front()->id;
    if (!index.contains(id)) {
      index[id] = rules.size();
      ordered_json rule = {{"id", id}};
      const auto clause = record.clauses->find(id);
      if (clause != record.clauses->end()) {
        rule["shortDescription"]["text"] = clause->second.says;
        rule["fullDescription"]["text"] = clause->second.source + " section " +
                                          clause->second.section + " (" + clause->second.level +
                                          "): " + clause->second.says;
      }
      rules.push_back(rule);
    }
    ordered_json result;
    result["ruleId"] = id;
    result["ruleIndex"] = index[id];
    result["level"] = level;
    std::string text = one.spec->Name() + ": expected " + Printable(one.verdict.expected) +
                       ", got " + Printable(one.verdict.actual);
    if (!one.verdict.why.empty()) text += " (" + Printable(one.verdict.why) + ")";
    result["message"]["text"] = text;
    ordered_json physical;
    physical["artifactLocation"] = {{"uri", SourcePath(one.spec->where)}, {"uriBaseId", "SRCROOT"}};
    physical["region"]["startLine"] = std::max(1, one.spec->where.line);
    ordered_json location;
    location["physicalLocation"] = physical;
    location["logicalLocations"] = {{{"fullyQualifiedName", one.spec->Name()}}};
    result["locations"] = {location};
    result["partialFingerprints"]["caseAndAnswer/v1"] =
        Fingerprint(one.spec->Name() + " " + one.observed);
    if (one.verdict.outcome == Outcome::kWaived) {
      result["suppressions"] = {{{"kind", "external"}, {"justification", Printable(one.waiver)}}};
    }
    result["properties"] = {{"case", one.spec->Name()},
                            {"reproduce", Printable(one.reproduce)},
                            {"requirements", ClauseIds(*one.spec)},
                            {"cause", one.cause}};
    results.push_back(result);
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
