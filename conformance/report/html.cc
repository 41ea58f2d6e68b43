// One page without outside resources. Everything of the target goes in as text, escaped; the page's
// own script only hides and shows.

#include <algorithm>
#include <map>

#include "conformance/case_file.h"
#include "conformance/report/report.h"
#include "conformance/report/text.h"

namespace grantspec {
namespace {

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

std::string ClauseText(const RunRecord& record, const std::string& id) {
  const auto clause = record.clauses->find(id);
  if (clause == record.clauses->end()) return id;
  return id + " (" + clause->second.source + " section " + clause->second.section + ", " +
         clause->second.level + "): " + clause->second.says;
}

std::string ExchangeOf(const RecordedExchange& exchange) {
  std::string request = exchange.request;
  std::erase(request, '\r');
  std::string out =
      "<h4>" + H(exchange.step) + "</h4><pre aria-label=\"request\">" + H(request) + "</pre>";
  std::string answer;
  if (!exchange.has_response) {
    answer = "(" + exchange.transport + ")";
  } else {
    answer = exchange.status_line + "\n";
    for (const auto& [name, value] : exchange.fields) answer += name + ": " + value + "\n";
    answer += "\n" + exchange.content;
    if (!exchange.end.empty()) answer += "\n(" + exchange.end + ")";
  }
  return out + "<pre aria-label=\"answer\">" + H(answer) + "</pre>";
}

std::string CaseOf(const RecordedCase& one, const RunRecord& record) {
  const std::string verdict(ToString(one.verdict.outcome));
  std::string text = one.spec->Name() + " " + one.spec->title;
  for (const std::string& id : one.spec->clauses) text += " " + id;
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  std::string out = "<details id=\"" + H(one.spec->Name()) + "\" data-verdict=\"" + verdict +
                    "\" data-category=\"" + H(one.spec->category) + "\" data-text=\"" + H(text) +
                    "\"><summary><span class=\"v v-" + verdict + "\">" + verdict + "</span> <b>" +
                    H(one.spec->Name()) + "</b> <span class=\"dim\">" + H(one.spec->title) +
                    "</span></summary><div><dl>";
  for (const std::string& id : one.spec->clauses) out += Item("clause", ClauseText(record, id));
  out += Item("expected", one.verdict.expected) + Item("actual", one.verdict.actual) +
         Item("why", one.verdict.why) + Item("waived", one.waiver) +
         Item("case", SourcePath(one.spec->where) + ":" + std::to_string(one.spec->where.line)) +
         "</dl>";
  for (const RecordedExchange& exchange : one.exchanges) out += ExchangeOf(exchange);
  if (!one.reproduce.empty()) {
    out += "<h4>again</h4><pre aria-label=\"command\">" + H(one.reproduce) + "</pre>";
  }
  return out + "</div></details>\n";
}

}  // namespace

std::string HtmlReport(const RunRecord& record) {
  const auto count = record.Count();
  const auto number = [&count](Outcome outcome) {
    const auto found = count.find(outcome);
    return found == count.end() ? std::size_t{0} : found->second;
  };
  const std::string target = record.embedded ? "embedded reference endpoint" : record.url;
  std::string out =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
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
  out += record.exit_code == 0
             ? "<p class=\"v-pass\"><b>No failure</b> (exit code 0)</p>\n"
             : "<p class=\"bad\">Exit code " + std::to_string(record.exit_code) +
                   (record.message.empty() ? "" : ": " + H(record.message)) + "</p>\n";
  for (const std::string& note : record.notes)
    out += "<p class=\"dim\">note: " + H(note) + "</p>\n";
  out += "<ul class=\"counts\">";
  for (Outcome outcome : {Outcome::kFail, Outcome::kWarn, Outcome::kPass, Outcome::kInfo,
                          Outcome::kWaived, Outcome::kInconclusive, Outcome::kNotApplicable}) {
    std::string name(ToString(outcome));
    out += "<li class=\"" + name + "\"><b>" + std::to_string(number(outcome)) + "</b>";
    std::replace(name.begin(), name.end(), '_', ' ');
    out += name + "</li>";
  }
  out += "<li><b>" + std::to_string(record.deselected) + "</b>deselected</li></ul>\n";

  std::map<std::string, std::size_t> categories;
  for (const RecordedCase& one : record.cases) ++categories[one.spec->category];
  const bool findings = number(Outcome::kFail) + number(Outcome::kWarn) > 0;
  out += "<h2>Cases</h2>\n<form name=\"filter\"><label>verdict<select name=\"verdict\">";
  for (const char* value : {"findings", "any", "fail", "warn", "pass", "info", "waived",
                            "inconclusive", "not_applicable"}) {
    const bool chosen = std::string_view(value) == (findings ? "findings" : "any");
    out += "<option" + std::string(chosen ? " selected" : "") + ">" + value + "</option>";
  }
  out += "</select></label><label>category<select name=\"category\"><option>any</option>";
  for (const auto& [name, cases] : categories) out += "<option>" + H(name) + "</option>";
  out +=
      "</select></label><label>name, title or clause<input name=\"text\" type=\"search\"></label>"
      "<span id=\"said\" role=\"status\" class=\"dim\"></span></form>\n";
  // The gravest first: summary before detail.
  for (Outcome outcome : {Outcome::kFail, Outcome::kWarn, Outcome::kInconclusive, Outcome::kWaived,
                          Outcome::kInfo, Outcome::kPass, Outcome::kNotApplicable}) {
    for (const RecordedCase& one : record.cases) {
      if (one.verdict.outcome == outcome) out += CaseOf(one, record);
    }
  }

  std::map<std::string, std::pair<Outcome, std::vector<std::string>>> ledger;
  for (const RecordedCase& one : record.cases) {
    for (const std::string& id : one.spec->clauses) {
      auto& [worst, names] = ledger[id];
      worst = std::max(worst, one.verdict.outcome);
      names.push_back(one.spec->Name());
    }
  }
  out +=
      "<h2>Clauses</h2>\n<div class=\"wide\"><table><thead><tr><th scope=\"col\">clause</th>"
      "<th scope=\"col\">verdict</th><th scope=\"col\">what it says</th><th scope=\"col\">cases"
      "</th></tr></thead><tbody>\n";
  for (const auto& [id, entry] : ledger) {
    const auto clause = record.clauses->find(id);
    const std::string verdict(ToString(entry.first));
    std::string names;
    for (std::size_t i = 0; i < entry.second.size() && i < 6; ++i) {
      names += (i > 0 ? ", " : "") + entry.second[i];
    }
    if (entry.second.size() > 6)
      names += " and " + std::to_string(entry.second.size() - 6) + " more";
    out += "<tr><th scope=\"row\">" + H(id) + "</th><td class=\"v-" + verdict + "\">" + verdict +
           "</td><td>" + (clause == record.clauses->end() ? "" : H(clause->second.says)) +
           "</td><td>" + H(names) + "</td></tr>\n";
  }
  return out + "</tbody></table></div>\n</main><script>" + std::string(kScript) +
         "</script></body></html>\n";
}

}  // namespace grantspec
