#include <nlohmann/json.hpp>

#include "conformance/engine/case/case_file.h"
#include "conformance/engine/diagnosis/diagnosis.h"
#include "conformance/engine/record/text.h"
#include "conformance/engine/report/parts.h"
#include "conformance/engine/report/report.h"

namespace grantspec {
namespace {

using nlohmann::ordered_json;

// Text as a member; bytes that are no text as \xNN in a member whose name ends in _bytes.
void Put(ordered_json& object, const std::string& name, const std::string& text) {
  if (IsPlainText(text)) {
    object[name] = text;
  } else {
    object[name + "_bytes"] = Printable(text, true);
  }
}

ordered_json ExchangeJson(const RecordedExchange& exchange) {
  ordered_json request;
  request["step"] = exchange.step;
  const std::string& bytes = exchange.request;
  Put(request, "line", bytes.substr(0, bytes.find("\r\n")));
  Put(request, "octets", bytes);
  ordered_json out;
  out["request"] = request;
  if (exchange.has_response) {
    ordered_json response;
    Put(response, "status_line", exchange.status_line);
    response["fields"] = ordered_json::array();
    for (const auto& [name, value] : exchange.fields) {
      ordered_json field;
      Put(field, "name", name);
      Put(field, "value", value);
      response["fields"].push_back(field);
    }
    Put(response, "content", exchange.content);
    if (!exchange.end.empty()) response["connection"] = exchange.end;
    out["response"] = response;
  } else {
    out["transport"] = exchange.transport;
  }
  return out;
}

ordered_json RunOf(const RunRecord& record) {
  ordered_json run;
  if (!record.run_id.empty()) run["id"] = record.run_id;
  if (record.shards > 0) {
    run["shard"] = record.shard;
    run["shards"] = record.shards;
  }
  run["interrupted"] = record.interrupted;
  if (!record.stopped.empty()) Put(run, "stopped", record.stopped);
  return run;
}

ordered_json AttentionOf(const RunRecord& record) {
  ordered_json list = ordered_json::array();
  for (const WaiverAttention& one : record.attention) {
    ordered_json item;
    item["waiver"] = one.pattern;
    item["message"] = Printable(one.message);
    item["unused"] = one.unused;
    item["unsettled"] = one.unsettled;
    list.push_back(std::move(item));
  }
  return list;
}

ordered_json SummaryOf(const RunRecord& record) {
  const auto count = record.Count();
  ordered_json summary;
  for (Outcome outcome : {Outcome::kPass, Outcome::kWarn, Outcome::kFail, Outcome::kInfo,
                          Outcome::kWaived, Outcome::kInconclusive, Outcome::kNotApplicable}) {
    summary[std::string(ToString(outcome))] = CountOf(count, outcome);
  }
  summary["deselected"] = record.deselected;
  summary["requests"] = record.counters.requests;
  summary["tokens_issued"] = record.counters.tokens_issued;
  summary["failed_logins"] = record.counters.failed_logins;
  return summary;
}

ordered_json CaseOf(const RecordedCase& one) {
  ordered_json item;
  item["id"] = one.spec->Name();
  item["category"] = one.spec->category;
  item["title"] = one.spec->title;
  item["level"] = ToString(one.level);
  item["requirements"] = ClauseIds(*one.spec);
  if (!one.spec->catalogue.empty()) item["catalogue"] = one.spec->catalogue;
  item["file"] = one.spec->where.file;
  item["line"] = one.spec->where.line;
  item["verdict"] = ToString(one.verdict.outcome);
  item["expected"] = Printable(one.verdict.expected);
  item["actual"] = Printable(one.verdict.actual);
  item["why"] = Printable(one.verdict.why);
  if (!one.waiver.empty()) item["waiver"] = one.waiver;
  if (!one.responses.empty()) item["answers"] = Printable(one.responses);
  item["seconds"] = one.seconds;
  item["exchanges"] = ordered_json::array();
  for (const RecordedExchange& exchange : one.exchanges) {
    item["exchanges"].push_back(ExchangeJson(exchange));
  }
  Put(item, "reproduce", one.reproduce);
  if (!one.cause.empty()) item["cause"] = one.cause;
  if (!one.violating.empty()) item["violating"] = one.violating;
  return item;
}

ordered_json SmallestJson(const SmallestRequest& smallest) {
  ordered_json item;
  item["case"] = smallest.case_name;
  item["changes"] = smallest.changes;
  item["exchange"] = ExchangeJson(smallest.exchange);
  Put(item, "reproduce", smallest.reproduce);
  return item;
}

ordered_json CauseJson(const Cause& cause, const RunRecord& record) {
  ordered_json item;
  item["id"] = cause.id;
  item["title"] = Printable(cause.title);
  item["severity"] = ToString(cause.severity);
  item["kind"] = ToString(cause.kind);
  if (!cause.decision.empty()) item["decision"] = cause.decision;
  if (!cause.fingerprint.empty()) item["fingerprint"] = Printable(cause.fingerprint);
  item["clauses"] = cause.clauses;
  item["explains"] = ordered_json::array();
  for (const std::size_t at : cause.cases) {
    item["explains"].push_back(record.cases[at].spec->Name());
  }
  const RecordedCase& example = record.cases[cause.cases.front()];
  item["expected"] = Printable(example.verdict.expected);
  item["actual"] = Printable(example.verdict.actual);
  if (const RecordedExchange* exchange = DecidingExchange(example)) {
    item["exchange"] = ExchangeJson(*exchange);
  }
  Put(item, "reproduce", example.reproduce);
  if (const SmallestRequest* smallest = record.SmallestOf(cause)) {
    item["smallest"] = SmallestJson(*smallest);
  }
  const std::vector<std::string> log = LogOf(cause, record);
  if (!log.empty()) item["server_log"] = ordered_json::array();
  for (const std::string& line : log) item["server_log"].push_back(Printable(line));
  return item;
}

ordered_json RequirementsOf(const RunRecord& record) {
  ordered_json requirements = ordered_json::array();
  for (const auto& [id, result] : ResultsByClause(record)) {
    const auto clause = record.clauses->find(id);
    requirements.push_back({{"id", id},
                            {"level", clause == record.clauses->end() ? "" : clause->second.level},
                            {"verdict", ToString(result.worst)},
                            {"cases", result.cases}});
  }
  return requirements;
}

}  // namespace

std::string JsonReport(const RunRecord& record) {
  ordered_json out;
  out["schema"] = "grantspec-report/2";
  out["suite"] = {{"version", record.suite_version}, {"case_set", record.case_set}};
  out["target"] = {
      {"url", record.url}, {"insecure", record.insecure}, {"embedded", record.embedded}};
  out["run"] = RunOf(record);
  out["fail_on"] = record.fail_on;
  out["attention"] = AttentionOf(record);
  out["profile"] = ordered_json::object();
  out["profile"]["base"] = record.profile_base;
  for (const auto& [name, value] : record.switches) out["profile"][name] = value;
  out["started"] = record.started;
  out["seconds"] = record.seconds;
  out["exit_code"] = record.exit_code;
  if (!record.message.empty()) Put(out, "message", record.message);
  if (!record.notes.empty()) out["notes"] = record.notes;
  out["summary"] = SummaryOf(record);
  if (record.control) out["control"] = ExchangeJson(*record.control);
  out["causes"] = ordered_json::array();
  for (const Cause& cause : record.causes) out["causes"].push_back(CauseJson(cause, record));
  out["cases"] = ordered_json::array();
  for (const RecordedCase& one : record.cases) out["cases"].push_back(CaseOf(one));
  out["requirements"] = RequirementsOf(record);
  return out.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace grantspec
