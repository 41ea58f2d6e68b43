#include "conformance/engine/report/html_parts.h"

#include "conformance/engine/diagnosis/diagnosis.h"
#include "conformance/engine/record/conclusion.h"
#include "conformance/engine/record/text.h"
#include "conformance/engine/record/waiver.h"
#include "conformance/engine/report/parts.h"
#include "conformance/engine/report/report.h"
#include "conformance/engine/report/request_diff.h"

namespace grantspec {
namespace {

using std::string;

string Item(std::string_view name, const string& value) {
  if (value.empty()) return "";
  return "<dt>" + string(name) + "</dt><dd>" + HtmlText(value) + "</dd>";
}

string VerdictMark(Outcome outcome) {
  string name(ToString(outcome));
  const string text = name == "not_applicable" ? "not applicable" : name;
  return "<span class=\"v " + name + "\">" + text + "</span>";
}

string LevelMark(std::string_view level) {
  return "<span class=\"level\">" + HtmlText(level) + "</span>";
}

string CopyButton(std::string_view label, const string& text) {
  if (text.empty()) return "";
  return "<button type=\"button\" class=\"copy\" data-copy=\"" + HtmlText(text) + "\">" +
         string(label) + "</button>";
}

string RequestHtml(const RecordedExchange& exchange, const RunRecord& record) {
  const RequestDiff diff =
      DiffOfRequest(exchange.request, record.control ? record.control->request : "");
  string out = "<pre class=\"request\" tabindex=\"0\">";
  for (const RequestStretch& one : diff.stretches) {
    const string text = HtmlText(WithoutCarriageReturns(one.text));
    out += one.changed ? "<mark>" + text + "</mark>" : text;
  }
  out += "</pre>";
  if (diff.missing.empty()) return out;
  string names;
  for (const string& name : diff.missing) names += (names.empty() ? "" : ", ") + name;
  return out +
         "<p class=\"dim\">Not in this request, unlike the control request: " + HtmlText(names) +
         "</p>";
}

string ResponseHtml(const RecordedExchange& exchange) {
  string text = "(" + exchange.transport + ")";
  if (exchange.has_response) {
    text = ResponseText(exchange);
    if (!exchange.end.empty()) text += "\n(" + exchange.end + ")";
  }
  return "<pre tabindex=\"0\">" + HtmlText(WithoutCarriageReturns(text)) + "</pre>";
}

// Request and response side by side.
string ExchangeHtml(const RecordedExchange& exchange, const RunRecord& record, const string& more) {
  return "<div class=\"exchange\"><div class=\"pair\"><div><h3 class=\"part\">Request" +
         (exchange.step == "request" ? "" : ": " + HtmlText(exchange.step)) + "</h3>" +
         RequestHtml(exchange, record) + "</div><div><h3 class=\"part\">Response</h3>" +
         ResponseHtml(exchange) +
         "</div></div><p class=\"tools\"><button type=\"button\" class=\"copy\">Copy request"
         "</button>" +
         more + "</p></div>";
}

string ExpectedAndGot(const RecordedCase& one) {
  return Item("expected", one.verdict.expected) + Item("got", one.verdict.actual) +
         Item("why", one.verdict.why) + Item("waived", one.waiver);
}

// "expected invalid_client, got token (status 200)", or why there is no verdict.
string Received(const RecordedCase& one) {
  const Verdict& verdict = one.verdict;
  string text = verdict.why;
  if (!verdict.actual.empty()) {
    text = verdict.expected.empty() ? "" : "expected " + verdict.expected + ", ";
    text += "got " + verdict.actual;
  }
  return text.empty() ? "" : "<span class=\"got\">" + HtmlText(text) + "</span>";
}

string SearchTextOf(const RecordedCase& one) {
  string text = one.spec->Name() + " " + one.spec->title;
  for (const string& id : ClauseIds(*one.spec)) text += " " + id;
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return text;
}

}  // namespace

std::string HtmlText(std::string_view text) {
  return XmlText(text);  // markup and controls are escaped; it stands in attributes and text
}

std::string HtmlClause(const Clauses& clauses, const std::string& id) {
  const auto found = clauses.find(id);
  if (found == clauses.end()) return HtmlText(id);
  const Clause& clause = found->second;
  const string url = ClauseUrl(clause);
  string name = HtmlText(clause.source + " section " + clause.section);
  if (!url.empty()) {
    name = "<a href=\"" + HtmlText(url) + "\" rel=\"noreferrer\">" + name + "</a>";
  }
  return HtmlText(id) + " " + LevelMark(clause.level) + " " + HtmlText(clause.says) + " (" + name +
         ")";
}

std::string HtmlCaseLink(const std::string& name) {
  return "<a href=\"#" + HtmlText(name) + "\">" + HtmlText(name) + "</a>";
}

std::string HtmlCause(const Cause& cause, const RunRecord& record) {
  const RecordedCase& example = record.cases[cause.cases.front()];
  const string id = "cause-" + cause.id;
  string out = "<details class=\"cause\" id=\"" + id + "\"><summary>" +
               VerdictMark(cause.severity) + " " + LevelMark(ToString(example.level)) + " <b>" +
               HtmlText(cause.title) + "</b> <span class=\"dim\">" +
               Counted(cause.cases.size(), "case") + "</span>" + Received(example) +
               "</summary><div class=\"body\"><dl>";
  for (const string& clause : cause.clauses) {
    out += "<dt>clause</dt><dd>" + HtmlClause(*record.clauses, clause) + "</dd>";
  }
  out +=
      Item("example", example.spec->Name() + ": " + example.spec->title) + ExpectedAndGot(example);
  const SmallestRequest* smallest = record.SmallestOf(cause);
  if (smallest != nullptr) out += Item("shortened", ChangesOf(*smallest));
  out += "</dl>";
  const string& command = smallest != nullptr ? smallest->reproduce : example.reproduce;
  const string tools =
      CopyButton("Copy command", command) + CopyButton("Copy waiver entry", WaiverEntry(cause));
  const RecordedExchange* exchange = ShownExchange(cause, record);
  out += exchange != nullptr ? ExchangeHtml(*exchange, record, tools)
                             : "<p class=\"tools\">" + tools + "</p>";
  string log;
  for (const string& line : LogOf(cause, record)) log += line + "\n";
  if (!log.empty()) {
    out += "<h3 class=\"part\">Server log</h3><pre tabindex=\"0\">" + HtmlText(log) + "</pre>";
  }
  out += "<h3>Cases</h3><ul class=\"cases\">";
  for (const std::size_t at : cause.cases) {
    const RecordedCase& one = record.cases[at];
    out += "<li>" + HtmlCaseLink(one.spec->Name()) + " " + HtmlText(one.spec->title) + "</li>";
  }
  return out + "</ul><p class=\"dim\"><a href=\"#" + id + "\">Link to cause " + cause.id +
         "</a></p></div></details>\n";
}

std::string HtmlCase(const RecordedCase& one, const RunRecord& record) {
  const string verdict(ToString(one.verdict.outcome));
  const string name = one.spec->Name();
  string out = "<details id=\"" + HtmlText(name) + "\" data-verdict=\"" + verdict +
               "\" data-category=\"" + HtmlText(one.spec->category) + "\" data-text=\"" +
               HtmlText(SearchTextOf(one)) + "\"><summary>" + VerdictMark(one.verdict.outcome) +
               " " + LevelMark(ToString(one.level)) + " <b>" + HtmlText(name) +
               "</b> <span class=\"dim\">" + HtmlText(one.spec->title) + "</span>" + Received(one) +
               "</summary><div class=\"body\"><dl>";
  for (const string& id : ClauseIds(*one.spec)) {
    out += "<dt>clause</dt><dd>" + HtmlClause(*record.clauses, id) + "</dd>";
  }
  out += ExpectedAndGot(one);
  if (!one.cause.empty()) {
    out += "<dt>cause</dt><dd><a href=\"#cause-" + HtmlText(one.cause) + "\">" +
           HtmlText(one.cause) + "</a></dd>";
  }
  out += Item("case", SourcePath(one.spec->where) + ":" + std::to_string(one.spec->where.line)) +
         "</dl>";
  for (const RecordedExchange& exchange : one.exchanges) out += ExchangeHtml(exchange, record, "");
  if (!one.reproduce.empty()) {
    out +=
        "<h3 class=\"part\">Reproduce</h3><pre tabindex=\"0\">" + HtmlText(one.reproduce) +
        "</pre><p class=\"tools\">" + CopyButton("Copy command", one.reproduce) +
        (one.verdict.outcome == Outcome::kFail ? CopyButton("Copy waiver entry", WaiverEntry(one))
                                               : "") +
        "</p>";
  }
  return out + "<p class=\"dim\"><a href=\"#" + HtmlText(name) +
         "\">Link to this case</a></p></div></details>\n";
}

}  // namespace grantspec
