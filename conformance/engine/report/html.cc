// One page without outside resources: the verdict, then causes, cases and clauses. Everything of
// the target goes in as text, escaped; the page's own script hides, shows and copies.

#include <algorithm>
#include <set>

#include "conformance/engine/record/conclusion.h"
#include "conformance/engine/report/history.h"
#include "conformance/engine/report/html_assets.h"
#include "conformance/engine/report/html_parts.h"
#include "conformance/engine/report/parts.h"
#include "conformance/engine/report/report.h"

namespace grantspec {
namespace {

constexpr std::size_t kNamesMax = 6;  // of cases in a line of the table of clauses
constexpr Outcome kBySeverity[] = {Outcome::kFail,         Outcome::kWarn, Outcome::kInconclusive,
                                   Outcome::kWaived,       Outcome::kInfo, Outcome::kPass,
                                   Outcome::kNotApplicable};

std::string TargetName(const RunRecord& record) {
  return record.embedded ? "embedded reference endpoint" : record.url;
}

std::string Head(const RunRecord& record) {
  const std::string verdict = VerdictText(record), target = HtmlText(TargetName(record));
  std::string out =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
      "style-src 'unsafe-inline'; script-src 'unsafe-inline'\">"
      "<title>" +
      verdict + ": " + target + " (grantspec)</title><style>" + std::string(kHtmlStyle) +
      "</style></head><body><main>\n<h1><span class=\"" +
      (record.exit_code == kNoFailure ? "pass" : "fail") + "\">" + verdict +
      "</span> <span class=\"target\">" + target + "</span></h1>\n<p class=\"dim\">grantspec " +
      HtmlText(record.suite_version) + ", case set " + HtmlText(record.case_set) + ", profile " +
      HtmlText(record.profile_base) + ", " + HtmlText(record.started) + ", " +
      std::to_string(record.counters.requests) + " requests, " +
      std::to_string(record.counters.tokens_issued) + " tokens issued, " +
      std::to_string(record.counters.failed_logins) + " failed logins, exit code " +
      std::to_string(record.exit_code) + "</p>\n";
  if (!record.message.empty()) {
    out += "<p><b>" + HtmlText(record.message) + "</b></p>\n";
  }
  if (const std::string history = HistorySentence(record); !history.empty()) {
    out += "<p class=\"history\">" + HtmlText(history) + " " + SparklineSvg(record) + "</p>\n";
  }
  for (const std::string& note : record.notes) {
    out += "<p class=\"dim\">note: " + HtmlText(note) + "</p>\n";
  }
  return out;
}

// The numbers of cases, each a button that shows those cases.
std::string CountsHtml(const RunRecord& record) {
  const auto count = record.Count();
  std::string out = "<div class=\"counts\" role=\"group\" aria-label=\"Show cases by verdict\">";
  const auto add = [&out](const std::string& name, std::size_t number) {
    std::string shown = name == "any" ? "all cases" : name;
    std::replace(shown.begin(), shown.end(), '_', ' ');
    out += "<button type=\"button\" aria-pressed=\"false\" data-verdict=\"" + name +
           "\"><b class=\"" + name + "\">" + std::to_string(number) + "</b> " + shown + "</button>";
  };
  for (const Outcome outcome : kBySeverity) {
    add(std::string(ToString(outcome)), CountOf(count, outcome));
  }
  add("any", record.cases.size());
  out += "</div>\n";
  if (record.deselected > 0) {
    out += "<p class=\"dim\">" + Counted(record.deselected, "case") + " deselected</p>\n";
  }
  return out;
}

std::string CausesHtml(const RunRecord& record) {
  if (record.causes.empty()) return "";
  std::string out = "<h2 id=\"causes\">Causes</h2>\n";
  if (record.control) {
    out +=
        "<p class=\"dim\">In requests, <mark>marked bytes</mark> differ from the control "
        "request, which a conforming server grants.</p>\n";
  }
  for (const Cause& cause : record.causes) out += HtmlCause(cause, record);
  return out;
}

// The form that hides and shows cases. It starts with the findings, where there are some.
std::string Filter(const RunRecord& record) {
  const auto count = record.Count();
  const bool findings = CountOf(count, Outcome::kFail) + CountOf(count, Outcome::kWarn) > 0;
  std::string out = "<form name=\"filter\"><label>verdict<select name=\"verdict\">";
  const auto add = [&out](std::string_view value, bool selected) {
    std::string shown(value);
    std::replace(shown.begin(), shown.end(), '_', ' ');
    out += "<option value=\"" + std::string(value) + "\"" + (selected ? " selected" : "") + ">" +
           shown + "</option>";
  };
  add("findings", findings);
  add("any", !findings);
  for (const Outcome outcome : kBySeverity) add(ToString(outcome), false);
  out += "</select></label><label>category<select name=\"category\"><option>any</option>";
  std::set<std::string> categories;
  for (const RecordedCase& one : record.cases) categories.insert(one.spec->category);
  for (const std::string& name : categories) out += "<option>" + HtmlText(name) + "</option>";
  return out +
         "</select></label><label>name, title or clause<input name=\"text\" type=\"search\">"
         "</label><button type=\"reset\">Reset</button>"
         "<span id=\"status\" role=\"status\" aria-live=\"polite\" class=\"dim\"></span></form>\n";
}

// The most severe first.
std::string CasesHtml(const RunRecord& record) {
  std::string out = "<h2 id=\"cases\">Cases</h2>\n" + Filter(record);
  for (const Outcome outcome : kBySeverity) {
    for (const RecordedCase& one : record.cases) {
      if (one.verdict.outcome == outcome) out += HtmlCase(one, record);
    }
  }
  return out;
}

// Links to the first cases of a clause.
std::string FirstOf(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < names.size() && i < kNamesMax; ++i) {
    out += (i > 0 ? ", " : "") + HtmlCaseLink(names[i]);
  }
  if (names.size() > kNamesMax) {
    out += " and " + std::to_string(names.size() - kNamesMax) + " more";
  }
  return out;
}

// What the run says about each clause.
std::string LedgerHtml(const RunRecord& record) {
  std::string out =
      "<h2 id=\"clauses\">Clauses</h2>\n<table><thead><tr><th scope=\"col\">verdict</th>"
      "<th scope=\"col\">clause</th><th scope=\"col\">cases</th></tr></thead><tbody>\n";
  for (const auto& [id, result] : ResultsByClause(record)) {
    std::string verdict(ToString(result.worst));
    const std::string name = verdict;
    std::replace(verdict.begin(), verdict.end(), '_', ' ');
    out += "<tr><td class=\"" + name + "\">" + verdict + "</td><td>" +
           HtmlClause(*record.clauses, id) + "</td><td>" + FirstOf(result.cases) + "</td></tr>\n";
  }
  return out + "</tbody></table>\n";
}

}  // namespace

std::string HtmlReport(const RunRecord& record) {
  return Head(record) + CountsHtml(record) + CausesHtml(record) + CasesHtml(record) +
         LedgerHtml(record) + "</main><script>" + std::string(kHtmlScript) +
         "</script></body></html>\n";
}

}  // namespace grantspec
