// One page without outside resources. Everything of the target goes in as text, escaped; the page's
// own script only hides and shows.

#include <algorithm>
#include <set>

#include "conformance/case_file.h"
#include "conformance/conclusion.h"
#include "conformance/report/history.h"
#include "conformance/report/parts.h"
#include "conformance/report/report.h"
#include "conformance/report/text.h"

namespace grantspec {
namespace {

constexpr std::size_t kNamesMax = 6;  // of cases in a line of the table of clauses

constexpr std::string_view kStyle = R"css(
:root{color-scheme:light dark;--bg:#fff;--fg:#1b1f24;--dim:#57606a;--line:#d0d7de;--card:#f6f8fa;
--fail:#b42318;--warn:#8a5a00;--pass:#17692f;--other:#57606a;--mark:#fff3c4}
@media(prefers-color-scheme:dark){:root{--bg:#0f1318;--fg:#e6edf3;--dim:#9aa4af;--line:#30363d;
--card:#171c23;--fail:#ff8f85;--warn:#e3b341;--pass:#6fdd8b;--other:#9aa4af;--mark:#4a3d00}}
*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--fg);
font:15px/1.5 system-ui,sans-serif}main{max-width:72rem;margin:0 auto;padding:1rem}
h1{font-size:1.4rem;margin:.2rem 0}h2{font-size:1.1rem;margin:1.6rem 0 .5rem}
.dim{color:var(--dim)}.bad{color:var(--fail);font-weight:600}
.counts{display:flex;flex-wrap:wrap;gap:.5rem;padding:0;list-style:none}
.counts li{border:1px solid var(--line);border-radius:.5rem;padding:.3rem .7rem;
background:var(--card)}
.counts b{font-size:1.2rem;display:block}
.fail b,.v-fail{color:var(--fail)}.warn b,.v-warn{color:var(--warn)}
.pass b,.v-pass{color:var(--pass)}
.v-info,.v-waived,.v-inconclusive,.v-not_applicable{color:var(--other)}
form{display:flex;flex-wrap:wrap;gap:.6rem;align-items:end;margin:.6rem 0}
label{display:flex;flex-direction:column;font-size:.85rem;color:var(--dim)}
select,input{font:inherit;color:var(--fg);background:var(--bg);border:1px solid var(--line);
border-radius:.3rem;padding:.25rem .4rem;max-width:100%}
details{border:1px solid var(--line);border-radius:.4rem;margin:.3rem 0;background:var(--card)}
summary{padding:.45rem .7rem;cursor:pointer;overflow-wrap:anywhere}
summary .v{display:inline-block;min-width:7.5rem;font-weight:600}
details>div{padding:0 .9rem .7rem}pre{overflow:auto;max-height:28rem;background:var(--bg);
border:1px solid var(--line);border-radius:.3rem;padding:.6rem;font-size:.82rem;
white-space:pre-wrap;overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:6rem 1fr;gap:.2rem .8rem;margin:.4rem 0}
dt{color:var(--dim)}dd{margin:0;overflow-wrap:anywhere}
@media(max-width:40rem){dl{grid-template-columns:1fr}summary .v{min-width:0;margin-right:.5rem}}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.88rem}
th,td{border-bottom:1px solid var(--line);padding:.3rem .5rem;text-align:left;vertical-align:top;
overflow-wrap:anywhere}
:focus-visible{outline:2px solid var(--warn);outline-offset:2px}
)css";

constexpr std::string_view kScript = R"js(
const form=document.forms.filter,all=[...document.querySelectorAll('details[data-verdict]')],
said=document.getElementById('said');
function show(){
const v=form.verdict.value,c=form.category.value,t=form.text.value.toLowerCase();let n=0;
for(const d of all){
const ok=(v==='any'||(v==='findings'?/^(fail|warn|inconclusive)$/.test(d.dataset.verdict):
d.dataset.verdict===v))&&(c==='any'||d.dataset.category===c)&&(!t||d.dataset.text.includes(t));
d.hidden=!ok;if(ok)n++}said.textContent=n+' of '+all.length+' cases shown'}
form.addEventListener('input',show);form.addEventListener('submit',e=>e.preventDefault());
if(location.hash.length>1){const d=document.getElementById(location.hash.slice(1));
if(d){form.verdict.value='any';d.open=true}}show();
)js";

std::string H(std::string_view text) {
  return XmlText(text);  // markup and controls are escaped; it stands in attributes and text
}

std::string Item(std::string_view name, const std::string& value) {
  return value.empty() ? "" : "<dt>" + std::string(name) + "</dt><dd>" + H(value) + "</dd>";
}

std::string ExchangeOf(const RecordedExchange& exchange) {
  const std::string request = WithoutCarriageReturns(exchange.request);
  std::string response = "(" + exchange.transport + ")";
  if (exchange.has_response) {
    response = ResponseText(exchange);
    if (!exchange.end.empty()) response += "\n(" + exchange.end + ")";
  }
  return "<h4>" + H(exchange.step) + "</h4><pre aria-label=\"request\">" + H(request) +
         "</pre><pre aria-label=\"answer\">" + H(response) + "</pre>";
}

std::string CaseOf(const RecordedCase& one, const RunRecord& record) {
  const std::string verdict(ToString(one.verdict.outcome));
  std::string text = one.spec->Name() + " " + one.spec->title;
  for (const std::string& id : ClauseIds(*one.spec)) text += " " + id;
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  std::string out = "<details id=\"" + H(one.spec->Name()) + "\" data-verdict=\"" + verdict +
                    "\" data-category=\"" + H(one.spec->category) + "\" data-text=\"" + H(text) +
                    "\"><summary><span class=\"v v-" + verdict + "\">" + verdict + "</span> <b>" +
                    H(one.spec->Name()) + "</b> <span class=\"dim\">" + H(one.spec->title) +
                    "</span></summary><div><dl>";
  for (const std::string& id : ClauseIds(*one.spec))
    out += Item("clause", ClauseText(*record.clauses, id));
  out += Item("expected", one.verdict.expected) + Item("actual", one.verdict.actual) +
         Item("why", one.verdict.why) + Item("waived", one.waiver) +
         Item("case", SourcePath(one.spec->where) + ":" + std::to_string(one.spec->where.line)) +
         "</dl>";
  for (const RecordedExchange& exchange : one.exchanges) out += ExchangeOf(exchange);
  if (!one.reproduce.empty()) {
    out += "<h4>reproduce</h4><pre aria-label=\"command\">" + H(one.reproduce) + "</pre>";
  }
  return out + "</div></details>\n";
}

std::string Head(const RunRecord& record) {
  const std::string target = record.embedded ? "embedded reference endpoint" : record.url;
  return "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
         "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
         "style-src 'unsafe-inline'; script-src 'unsafe-inline'\">"
         "<title>grantspec: " +
         H(target) + "</title><style>" + std::string(kStyle) +
         "</style></head><body><main>\n<h1>grantspec " + H(record.suite_version) + "</h1>\n<p>" +
         H(target) + " <span class=\"dim\">profile " + H(record.profile_base) + ", " +
         H(record.started) + ", " + std::to_string(record.counters.requests) + " requests, " +
         std::to_string(record.counters.tokens_issued) + " tokens issued, " +
         std::to_string(record.counters.failed_logins) + " failed logins</span></p>\n";
}

std::string ConclusionHtml(const RunRecord& record) {
  std::string out = record.exit_code == 0
                        ? "<p class=\"v-pass\"><b>No failure</b> (exit code 0)</p>\n"
                        : "<p class=\"bad\">Exit code " + std::to_string(record.exit_code) +
                              (record.message.empty() ? "" : ": " + H(record.message)) + "</p>\n";
  if (const std::string history = HistorySentence(record); !history.empty()) {
    out += "<p class=\"history\">" + H(history) + " " + SparklineSvg(record) + "</p>\n";
  }
  for (const std::string& note : record.notes) {
    out += "<p class=\"dim\">note: " + H(note) + "</p>\n";
  }
  return out;
}

std::string CountsHtml(const RunRecord& record) {
  const auto count = record.Count();
  std::string out = "<ul class=\"counts\">";
  for (Outcome outcome : {Outcome::kFail, Outcome::kWarn, Outcome::kPass, Outcome::kInfo,
                          Outcome::kWaived, Outcome::kInconclusive, Outcome::kNotApplicable}) {
    std::string name(ToString(outcome));
    out += "<li class=\"" + name + "\"><b>" + std::to_string(CountOf(count, outcome)) + "</b>";
    std::replace(name.begin(), name.end(), '_', ' ');
    out += name + "</li>";
  }
  return out + "<li><b>" + std::to_string(record.deselected) + "</b>deselected</li></ul>\n";
}

// Each cause with a link to the case that shows it best.
std::string CausesHtml(const RunRecord& record) {
  if (record.causes.empty()) return "";
  std::string out = "<h2>Causes</h2>\n<ul>";
  for (const Cause& cause : record.causes) {
    const std::string verdict(ToString(cause.severity));
    const std::string name = record.cases[cause.cases.front()].spec->Name();
    out += "<li><span class=\"v v-" + verdict + "\">" + verdict + "</span> " + H(cause.title) +
           " <span class=\"dim\">" + Counted(cause.cases.size(), "case") + ", cause " + cause.id +
           ", <a href=\"#" + H(name) + "\">" + H(name) + "</a></span></li>\n";
  }
  return out + "</ul>\n";
}

// The form that hides and shows cases. It starts with the findings, where there are some.
std::string Filter(const RunRecord& record) {
  const auto count = record.Count();
  const bool findings = CountOf(count, Outcome::kFail) + CountOf(count, Outcome::kWarn) > 0;
  std::string out = "<form name=\"filter\"><label>verdict<select name=\"verdict\">";
  for (std::string_view value : {"findings", "any", "fail", "warn", "pass", "info", "waived",
                                 "inconclusive", "not_applicable"}) {
    out += value == (findings ? "findings" : "any") ? "<option selected>" : "<option>";
    out.append(value).append("</option>");
  }
  out += "</select></label><label>category<select name=\"category\"><option>any</option>";
  std::set<std::string> categories;
  for (const RecordedCase& one : record.cases) categories.insert(one.spec->category);
  for (const std::string& name : categories) out += "<option>" + H(name) + "</option>";
  return out +
         "</select></label><label>name, title or clause<input name=\"text\" type=\"search\">"
         "</label><span id=\"said\" role=\"status\" class=\"dim\"></span></form>\n";
}

// The most severe first.
std::string CasesOf(const RunRecord& record) {
  std::string out;
  for (Outcome outcome : {Outcome::kFail, Outcome::kWarn, Outcome::kInconclusive, Outcome::kWaived,
                          Outcome::kInfo, Outcome::kPass, Outcome::kNotApplicable}) {
    for (const RecordedCase& one : record.cases) {
      if (one.verdict.outcome == outcome) out += CaseOf(one, record);
    }
  }
  return out;
}

std::string FirstOf(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < names.size() && i < kNamesMax; ++i) {
    out += (i > 0 ? ", " : "") + names[i];
  }
  if (names.size() > kNamesMax) {
    out += " and " + std::to_string(names.size() - kNamesMax) + " more";
  }
  return out;
}

std::string ClauseTable(const RunRecord& record) {
  std::string out =
      "<div class=\"wide\"><table><thead><tr><th scope=\"col\">clause</th>"
      "<th scope=\"col\">verdict</th><th scope=\"col\">what it says</th><th scope=\"col\">cases"
      "</th></tr></thead><tbody>\n";
  for (const auto& [id, result] : ResultsByClause(record)) {
    const auto clause = record.clauses->find(id);
    const std::string verdict(ToString(result.worst));
    out += "<tr><th scope=\"row\">" + H(id) + "</th><td class=\"v-" + verdict + "\">" + verdict +
           "</td><td>" + (clause == record.clauses->end() ? "" : H(clause->second.says)) +
           "</td><td>" + H(FirstOf(result.cases)) + "</td></tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

}  // namespace

std::string HtmlReport(const RunRecord& record) {
  return Head(record) + ConclusionHtml(record) + CountsHtml(record) + CausesHtml(record) +
         "<h2>Cases</h2>\n" + Filter(record) + CasesOf(record) + "<h2>Clauses</h2>\n" +
         ClauseTable(record) + "</main><script>" + std::string(kScript) +
         "</script></body></html>\n";
}

}  // namespace grantspec
