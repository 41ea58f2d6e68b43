#include "conformance/engine/record/report_read.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>
#include <set>

namespace grantspec {
namespace {

constexpr std::size_t kReportBytesMax = 256 * 1024 * 1024;
constexpr std::int64_t kCountMax = 1'000'000'000'000;
constexpr std::int64_t kReadShardsMax = 1'000'000;
// The newest version first.
constexpr std::string_view kSchemas[] = {"grantspec-report/2", "grantspec-report/1"};

std::optional<Outcome> OutcomeOf(std::string_view name) {
  for (const Outcome one : {Outcome::kPass, Outcome::kNotApplicable, Outcome::kInfo, Outcome::kWarn,
                            Outcome::kInconclusive, Outcome::kWaived, Outcome::kFail}) {
    if (ToString(one) == name) return one;
  }
  return std::nullopt;
}

const JsonValue& Member(const JsonValue& object, std::string_view name) {
  const JsonValue* value = object.Find(name);
  if (value == nullptr) {
    throw FileError(object.where, "the member \"" + std::string(name) + "\" is missing");
  }
  return *value;
}

const std::string& TextIn(const JsonValue& object, std::string_view name) {
  return Member(object, name).AsString(name);
}

// A text that need not be there. Bytes that are no UTF-8 stand in a member named ..._bytes.
std::string OptionalText(const JsonValue& object, const std::string& name) {
  for (const std::string& spelling : {name, name + "_bytes"}) {
    if (const JsonValue* value = object.Find(spelling)) return value->AsString(spelling);
  }
  return "";
}

bool OptionalFlag(const JsonValue& object, std::string_view name) {
  const JsonValue* value = object.Find(name);
  return value != nullptr && value->AsBoolean(name);
}

std::int64_t CountIn(const JsonValue& object, std::string_view name) {
  return Member(object, name).AsInteger(name, 0, kCountMax);
}

std::vector<std::string> TextsIn(const JsonValue& object, std::string_view name) {
  std::vector<std::string> texts;
  for (const JsonValue& one : Member(object, name).AsArray(name)) {
    texts.push_back(one.AsString(name));
  }
  return texts;
}

double SecondsIn(const JsonValue& object) {
  const JsonValue& value = Member(object, "seconds");
  const bool number =
      value.kind == JsonValue::Kind::kInteger || value.kind == JsonValue::Kind::kNumber;
  if (!number || !std::isfinite(value.number) || value.number < 0) {
    throw FileError(value.where, "seconds has to be a number from 0");
  }
  return value.number;
}

Outcome VerdictIn(const JsonValue& object) {
  const JsonValue& value = Member(object, "verdict");
  const auto outcome = OutcomeOf(value.AsString("verdict"));
  if (!outcome) throw FileError(value.where, "unknown verdict");
  return *outcome;
}

void CheckExchange(const JsonValue& exchange) {
  exchange.AsObject("an exchange");
  TextIn(Member(exchange, "request").AsObject("request"), "step");
  if (const JsonValue* response = exchange.Find("response")) {
    Member(response->AsObject("response"), "fields").AsArray("fields");
  }
  if (const JsonValue* transport = exchange.Find("transport")) transport->AsString("transport");
}

StoredCase ReadCase(const JsonValue& item) {
  item.AsObject("a case");
  StoredCase one;
  one.id = TextIn(item, "id");
  const bool named = !one.id.empty() && std::all_of(one.id.begin(), one.id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
  });
  if (!named) throw FileError(Member(item, "id").where, "the id of a case has [a-z0-9_.] only");
  one.level = TextIn(item, "level");
  const std::vector<std::string_view> levels = {"MUST", "SHOULD", "MAY", "PROFILE", "SECURITY"};
  if (std::find(levels.begin(), levels.end(), one.level) == levels.end()) {
    throw FileError(Member(item, "level").where, "unknown level of a case");
  }
  one.outcome = VerdictIn(item);
  one.requirements = TextsIn(item, "requirements");
  for (const char* name : {"category", "title", "expected", "actual", "why"}) TextIn(item, name);
  for (const JsonValue& exchange : Member(item, "exchanges").AsArray("exchanges")) {
    CheckExchange(exchange);
  }
  one.cause = OptionalText(item, "cause");
  if (item.Find("violating") != nullptr) one.violating = TextsIn(item, "violating");
  return one;
}

void ReadCasesOf(const JsonValue& json, StoredReport& report) {
  std::set<std::string> ids;
  for (const JsonValue& item : Member(json, "cases").AsArray("cases")) {
    report.cases.push_back(ReadCase(item));
    if (!ids.insert(report.cases.back().id).second) {
      throw FileError(item.where, "duplicate case " + report.cases.back().id);
    }
  }
}

void ReadCauses(const JsonValue& json, StoredReport& report) {
  const JsonValue* list = json.Find("causes");
  if (list == nullptr) return;
  for (const JsonValue& item : list->AsArray("causes")) {
    item.AsObject("a cause");
    const JsonValue& severity = Member(item, "severity");
    const auto outcome = OutcomeOf(severity.AsString("severity"));
    if (!outcome) throw FileError(severity.where, "unknown severity");
    report.causes.push_back(
        {TextIn(item, "id"), TextIn(item, "title"), *outcome, TextsIn(item, "explains")});
  }
}

void ReadRequirements(const JsonValue& json, StoredReport& report) {
  for (const JsonValue& item : Member(json, "requirements").AsArray("requirements")) {
    item.AsObject("a requirement");
    VerdictIn(item);
    TextsIn(item, "cases");
    report.clause_levels[TextIn(item, "id")] = TextIn(item, "level");
  }
}

void ReadSummary(const JsonValue& json, StoredReport& report) {
  const JsonValue& summary = Member(json, "summary").AsObject("summary");
  for (const char* name :
       {"pass", "warn", "fail", "info", "waived", "inconclusive", "not_applicable"}) {
    CountIn(summary, name);
  }
  report.deselected = CountIn(summary, "deselected");
  report.counters.requests = CountIn(summary, "requests");
  report.counters.tokens_issued = CountIn(summary, "tokens_issued");
  report.counters.failed_logins = CountIn(summary, "failed_logins");
}

void ReadAttention(const JsonValue& json, StoredReport& report) {
  const JsonValue* list = json.Find("attention");
  if (list == nullptr) return;
  for (const JsonValue& item : list->AsArray("attention")) {
    item.AsObject("an entry of attention");
    WaiverAttention one{TextIn(item, "waiver"), OptionalText(item, "message"),
                        OptionalFlag(item, "unused"), TextsIn(item, "unsettled")};
    report.attention.push_back(std::move(one));
  }
}

void ReadRun(const JsonValue& run, StoredReport& report) {
  run.AsObject("run");
  report.run_id = OptionalText(run, "id");
  report.stopped = OptionalText(run, "stopped");
  report.incomplete = OptionalText(run, "incomplete");
  report.interrupted = OptionalFlag(run, "interrupted");
  const JsonValue *shard = run.Find("shard"), *shards = run.Find("shards");
  if (shard == nullptr && shards == nullptr) return;
  report.shards = static_cast<int>(Member(run, "shards").AsInteger("shards", 2, kReadShardsMax));
  report.shard = static_cast<int>(Member(run, "shard").AsInteger("shard", 0, report.shards - 1));
}

// A report from before reports had a member "run": what it lacks shows in its exit code.
void ReadOldRun(const JsonValue& json, std::int64_t exit_code, StoredReport& report) {
  report.interrupted = exit_code == kInterrupted;
  if (exit_code == kNothingJudged) {
    report.stopped = OptionalText(json, "message");
    if (report.stopped.empty()) report.stopped = "the run was stopped";
  }
  if (exit_code == kWaivers) report.attention.push_back({"*", "waivers need attention"});
}

}  // namespace

StoredReport ReadReport(const std::string& path) {
  StoredReport report;
  report.path = path;
  report.json = ReadJsonFile(path, kReportBytesMax);
  const JsonValue& json = report.json;
  const JsonValue* schema = json.Find("schema");
  const bool known =
      schema != nullptr && schema->kind == JsonValue::Kind::kString &&
      std::find(std::begin(kSchemas), std::end(kSchemas), schema->string) != std::end(kSchemas);
  if (!known) {
    throw FileError({path, json.where.line},
                    "this is not a report of grantspec (" + std::string(kSchemas[0]) + ")");
  }
  const JsonValue& suite = Member(json, "suite").AsObject("suite");
  report.version = TextIn(suite, "version");
  report.case_set = TextIn(suite, "case_set");
  const JsonValue& target = Member(json, "target").AsObject("target");
  report.url = TextIn(target, "url");
  report.insecure = Member(target, "insecure").AsBoolean("insecure");
  report.embedded = OptionalFlag(target, "embedded");
  for (const auto& [name, value] : Member(json, "profile").AsObject("profile").members) {
    value.AsString("a value of profile");
  }
  TextIn(json, "started");
  OptionalText(json, "message");
  if (json.Find("notes") != nullptr) TextsIn(json, "notes");
  report.seconds = SecondsIn(json);
  const std::int64_t exit_code = Member(json, "exit_code").AsInteger("exit_code", 0, 255);
  ReadSummary(json, report);
  ReadCasesOf(json, report);
  ReadCauses(json, report);
  ReadRequirements(json, report);
  if (const JsonValue* fail_on = json.Find("fail_on")) {
    report.fail_on = fail_on->AsString("fail_on");
    if (report.fail_on != "must" && report.fail_on != "should" && report.fail_on != "never") {
      throw FileError(fail_on->where, "fail_on has to be must, should or never");
    }
  }
  ReadAttention(json, report);
  if (const JsonValue* run = json.Find("run")) {
    ReadRun(*run, report);
  } else {
    ReadOldRun(json, exit_code, report);
  }
  return report;
}

bool IsSameTarget(const StoredReport& a, const StoredReport& b) {
  if (a.embedded || b.embedded) return a.embedded == b.embedded;
  return a.url == b.url;
}

RunState StateOf(const StoredReport& report) {
  RunState state;
  state.interrupted = report.interrupted;
  state.stopped = report.stopped;
  state.fail_on = report.fail_on;
  state.incomplete = report.incomplete;
  for (const StoredCase& one : report.cases) {
    ++state.count[one.outcome];
    if (one.outcome == Outcome::kInconclusive && one.level == "MUST") ++state.missed;
  }
  for (const WaiverAttention& one : report.attention) {
    if (one.unsettled.empty()) ++state.attention;
  }
  return state;
}

std::size_t JudgedCases(const StoredReport& report) {
  return static_cast<std::size_t>(
      std::count_if(report.cases.begin(), report.cases.end(), [](const StoredCase& one) {
        return one.outcome != Outcome::kInconclusive && one.outcome != Outcome::kNotApplicable;
      }));
}

}  // namespace grantspec
