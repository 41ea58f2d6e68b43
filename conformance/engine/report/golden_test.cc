// Every report of three runs, compared with files in golden/: a green one, one with findings, one
// of a target that attacks whoever reads the report. GRANTSPEC_UPDATE_GOLDEN=1 writes the files
// anew; read their difference before committing it.

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "conformance/engine/case/testing.h"
#include "conformance/engine/diagnosis/diagnosis.h"
#include "conformance/engine/report/console.h"
#include "conformance/engine/report/report.h"

namespace grantspec {
namespace {

constexpr const char* kRequest =
    "POST /oauth2/token HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n"
    "Authorization: Basic czZCaGRSa3F0MzpyZWRhY3RlZA==\r\n"
    "Content-Type: application/x-www-form-urlencoded\r\n\r\n"
    "grant_type=client_credentials&scope=a";

const std::vector<Case>& GoldenCases() {
  static const std::vector<Case> cases = ParseCases(
      R"({"cases":[
{"id":"baseline","title":"A right request gets a token","clauses":["RFC6749-5.2-12"],
 "response":"token"},
{"id":"quote","title":"A scope with a quote is refused","clauses":["RFC6749-3.3-05"],
 "change":{"form":{"scope":"a\""}},"response":"invalid_scope"},
{"id":"unknown","title":"An unknown scope is refused","clauses":["RFC6749-3.3-05"],
 "change":{"form":{"scope":"zz"}},"response":"invalid_scope"},
{"id":"empty","title":"An empty scope is refused or ignored","clauses":["RFC6749-5.2-12"],
 "change":{"form":{"scope":""}},"response":"invalid_scope","warn":["token"]},
{"id":"resource","title":"A token works at the resource","clauses":["RFC6749-5.2-12"],
 "needs":["resource"],"response":"token"},
{"id":"late","title":"A request after all others","clauses":["RFC6749-5.2-12"],
 "response":"token"}]})",
      "conformance/cases/scope.json", TestClauses());
  return cases;
}

RecordedCase Recorded(std::size_t at, Outcome outcome, const std::string& observed) {
  RecordedCase one;
  one.spec = &GoldenCases()[at];
  one.level = one.spec->level;
  one.verdict.outcome = outcome;
  one.observed = one.responses = observed;
  one.seconds = 0.002;
  return one;
}

RecordedCase Finding(std::size_t at, Outcome outcome, const std::string& observed,
                     RecordedExchange exchange) {
  RecordedCase one = Recorded(at, outcome, observed);
  one.verdict.expected = "invalid_scope";
  one.verdict.actual = observed + " (status 200)";
  one.reproduce =
      "curl -sS -i -u \"$CLIENT_ID:$CLIENT_SECRET\" 'http://127.0.0.1:8080/oauth2/token'";
  exchange.step = "request";
  exchange.has_response = true;
  one.exchanges.push_back(std::move(exchange));
  return one;
}

RecordedExchange Shown(const std::string& status_line, const std::string& content) {
  RecordedExchange exchange;
  exchange.request = kRequest;
  exchange.status_line = status_line;
  exchange.fields = {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}};
  exchange.content = content;
  return exchange;
}

RunRecord EmptyRecord() {
  RunRecord record;
  record.suite_version = "1.2.3";
  record.case_set = "2026.1";
  record.url = "http://127.0.0.1:8080/oauth2/token";
  record.command = "grantspec 'http://127.0.0.1:8080/oauth2/token' --user-env CLIENT";
  record.profile_base = "rfc6749";
  record.switches = {{"scope.unknown", "refused"}};
  record.started = "2026-01-02T03:04:05Z";
  record.seconds = 1.25;
  record.run_id = "r1";
  record.counters = {12, 5, 2};
  record.clauses = &TestClauses();
  record.history =
      std::vector<PastRun>{{"2026-01-01T03:04:05Z", record.url, "2026.1", 1, 2, 0, {"aaaaaaaa"}}};
  return record;
}

RunRecord GreenRecord() {
  RunRecord record = EmptyRecord();
  record.cases = {Recorded(0, Outcome::kPass, "token"),
                  Recorded(1, Outcome::kPass, "invalid_scope")};
  record.cases.push_back(Recorded(4, Outcome::kNotApplicable, ""));
  record.cases.back().verdict.why = "the profile has no resource";
  return record;
}

RunRecord RecordWithFindings() {
  RunRecord record = EmptyRecord();
  record.exit_code = 1;
  const RecordedExchange token = Shown("HTTP/1.1 200 OK", R"({"access_token":"[token]"})");
  record.cases = {Recorded(0, Outcome::kPass, "token"), Finding(1, Outcome::kFail, "token", token),
                  Finding(2, Outcome::kWaived, "token", token),
                  Finding(3, Outcome::kWarn, "token", token),
                  Recorded(5, Outcome::kInconclusive, "")};
  record.cases[2].waiver = "ticket 17: the registry is not there yet";
  record.cases[4].verdict.why = "not sent: the run was interrupted";
  record.interrupted = true;
  record.notes = {"certificates are not verified (-k)"};
  return record;
}

// Markup, escape sequences, commands of build systems, ends of CDATA and code fences, controls,
// bytes that are no UTF-8, text that runs from right to left.
RunRecord HostileRecord() {
  const std::string attack =
      "<script>alert(1)</script>]]>&amp;\x1b[2J\x1b]0;title\x07\n::error::owned\n##[error]owned\n"
      "```\n|a|b|\n<!-- @team [link](http://x) -->\xff\xfe\xe2\x80\xae" +
      std::string(1, '\0') + "end";
  RunRecord record = EmptyRecord();
  record.exit_code = 1;
  RecordedExchange exchange = Shown("HTTP/1.1 200 " + attack, attack);
  exchange.fields.emplace_back("X-" + attack, attack);
  record.cases = {Finding(1, Outcome::kFail, "token", exchange)};
  record.cases[0].verdict.actual = "token (status 200, " + attack + ")";
  record.cases[0].verdict.why = attack;
  record.message = attack;
  record.notes = {attack};
  return record;
}

std::string Console(const RunRecord& record, std::size_t width, bool verbose) {
  std::ostringstream out;
  ConsoleStyle style;
  style.width = width;
  style.verbose = verbose;
  PrintHead(out, record, style);
  PrintCauses(out, record, style);
  if (verbose) PrintFindings(out, record, style);
  PrintSummary(out, record, style);
  return out.str();
}

// Style and script are the same in every report, and long.
std::string WithoutAssets(std::string html) {
  for (const std::string tag : {"style", "script"}) {
    for (std::size_t at = 0; (at = html.find("<" + tag + ">", at)) != std::string::npos;) {
      at += tag.size() + 2;
      html.erase(at, html.find("</" + tag + ">", at) - at);
    }
  }
  return html;
}

std::string ReadAll(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void ExpectGolden(const std::string& name, const std::string& text) {
  const std::string path =
      std::string(GRANTSPEC_SOURCE_DIR) + "/conformance/engine/report/golden/" + name;
  if (std::getenv("GRANTSPEC_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << text;
  }
  EXPECT_EQ(text, ReadAll(path)) << path;
}

class Golden : public testing::TestWithParam<std::pair<const char*, RunRecord (*)()>> {};

TEST_P(Golden, Report) {
  const std::string name = GetParam().first;
  RunRecord record = GetParam().second();
  record.causes = Diagnose(record);
  ExpectGolden(name + ".80.txt", Console(record, 80, false));
  ExpectGolden(name + ".120.txt", Console(record, 120, true));
  ExpectGolden(name + ".json", JsonReport(record));
  ExpectGolden(name + ".xml", JunitReport(record));
  ExpectGolden(name + ".sarif", SarifReport(record));
  ExpectGolden(name + ".md", MarkdownReport(record));
  for (const Cause& cause : record.causes) {
    ExpectGolden(name + "." + cause.id + ".har", HarReport(cause, record));
  }
  ExpectGolden(name + ".badge.json", BadgeReport(record));
  ExpectGolden(name + ".github.txt", GithubLines(record));
  ExpectGolden(name + ".html", WithoutAssets(HtmlReport(record)));
}

INSTANTIATE_TEST_SUITE_P(Runs, Golden,
                         testing::Values(std::pair{"green", &GreenRecord},
                                         std::pair{"findings", &RecordWithFindings},
                                         std::pair{"hostile", &HostileRecord}),
                         [](const auto& info) { return std::string(info.param.first); });

}  // namespace
}  // namespace grantspec
