#include <algorithm>
#include <vector>

#include "conformance/engine/diagnosis/diagnosis.h"
#include "conformance/engine/diagnosis/sentence.h"
#include "conformance/engine/record/conclusion.h"
#include "conformance/engine/record/text.h"
#include "conformance/engine/record/waiver.h"
#include "conformance/engine/report/console.h"
#include "conformance/engine/report/console_parts.h"
#include "conformance/engine/report/parts.h"
#include "fixtures/text/edit.h"

namespace grantspec {
namespace {

constexpr std::size_t kDetailedMax = 8;      // causes with all details, without -v
constexpr std::size_t kFailedNamesMax = 20;  // failed cases that are named at the end
constexpr std::size_t kRequestLinesMax = 4;  // of the request
constexpr std::size_t kRequestLineBytesMax = 400;
constexpr std::size_t kShownValueBytesMax = 160;  // of what was expected and received
constexpr std::string_view kIndent = "      ";

// A text after its label, on as many lines as fit.
void PrintLabeled(std::ostream& out, std::string_view label, const std::string& text,
                  std::size_t lines_max, Tone tone, const ConsoleStyle& style) {
  if (text.empty()) return;
  const std::string indent(16, ' ');
  std::string lines =
      Wrapped(Shortened(Printable(text), kShownValueBytesMax), style.width - 16, indent);
  std::size_t at = 0;
  for (std::size_t line = 0; line < lines_max && at != std::string::npos; ++line) {
    at = lines.find('\n', at + (line > 0 ? 1 : 0));
  }
  if (at != std::string::npos) lines = lines.substr(0, at) + " ...";
  // A word that is wider than the line is cut.
  std::string out_text;
  for (std::size_t begin = 0; begin <= lines.size();) {
    const std::size_t end = std::min(lines.find('\n', begin), lines.size());
    const std::size_t columns = begin == 0 ? style.width - 16 : style.width;
    out_text += Fitted(std::string_view(lines).substr(begin, end - begin), columns) +
                (end < lines.size() ? "\n" : "");
    begin = end + 1;
  }
  out << label << In(tone, out_text, style) << '\n';
}

// Whether a line of a request is what the control request has, too, and says nothing of the defect.
bool IsUsualLine(std::string_view line, const RunRecord& record) {
  if (line.starts_with("X-Request-Id:")) return true;
  if (line.starts_with("Content-Length: ")) {
    return line.find_first_not_of("0123456789", 16) == std::string_view::npos;
  }
  if (!record.control || line.starts_with("Authorization:")) return false;
  return record.control->request.find("\r\n" + std::string(line) + "\r\n") != std::string::npos;
}

// The lines of a request that matter: the first, the body, and headers that are not usual.
std::vector<std::string> TellingLines(const RecordedExchange& exchange, const RunRecord& record) {
  std::vector<std::string> lines;
  std::string_view text = exchange.request;
  bool in_head = true;
  while (!text.empty()) {
    const std::string_view line = NextLine(text);
    if (line.empty()) in_head = false;
    if (line.empty() || (in_head && !lines.empty() && IsUsualLine(line, record))) continue;
    lines.push_back(Shortened(Printable(line), kRequestLineBytesMax));
  }
  return lines;
}

void PrintRequest(std::ostream& out, const Cause& cause, const RunRecord& record,
                  const ConsoleStyle& style) {
  const SmallestRequest* smallest = record.SmallestOf(cause);
  const RecordedExchange* exchange = ShownExchange(cause, record);
  if (exchange == nullptr) return;
  const std::vector<std::string> lines = TellingLines(*exchange, record);
  // The last line is the body, which often has the defect.
  const std::size_t lines_max = kRequestLinesMax - (smallest != nullptr ? 1 : 0);
  const std::size_t shown = std::min(lines.size(), lines_max);
  for (std::size_t i = 0; i < shown; ++i) {
    const bool last = i + 1 == shown && lines.size() > shown;
    const std::string& line = last ? lines.back() : lines[i];
    out << kIndent << In(Tone::kDim, Fitted("> " + line, style.width - kIndent.size()), style)
        << '\n';
  }
}

// "RFC6749-5.2-05 (MUST): what it says"
std::string ShortClause(const Clauses& clauses, const std::string& id) {
  const auto found = clauses.find(id);
  if (found == clauses.end()) return id;
  return id + " (" + found->second.level + "): " + found->second.says;
}

std::string ReproductionOf(const RecordedCase& example, const RunRecord& record) {
  if (record.command.empty()) return example.reproduce;
  std::string filter = example.spec->Name();
  for (const std::string& suspect : example.suspects) {
    if (suspect != example.spec->Name()) filter += ":" + suspect;
  }
  // A case about all responses needs one of a case that it names; a control request is none.
  const auto is_case = [](const std::string& name) { return name.find('.') != std::string::npos; };
  const auto named = std::find_if(example.violating.begin(), example.violating.end(), is_case);
  if (example.spec->standing != nullptr && named != example.violating.end()) {
    filter += ":" + *named;
  }
  return record.command + " --gtest_filter=" + filter;
}

// What the target wrote to its log; all of it with -v.
void PrintLog(std::ostream& out, const Cause& cause, const RunRecord& record,
              const ConsoleStyle& style) {
  const std::vector<std::string> lines = LogOf(cause, record);
  if (lines.empty()) return;
  if (!style.verbose) {
    out << "    server log  " << Counted(lines.size(), "line") << " (-v)\n";
    return;
  }
  out << "    server log\n";
  for (const std::string& line : lines) PrintLines(out, line, "      | ", line.size(), style);
}

std::string NumberOf(const Cause& cause) {
  return Counted(cause.cases.size(), "case") + ", cause " + cause.id;
}

void PrintCause(std::ostream& out, const Cause& cause, const RunRecord& record,
                const ConsoleStyle& style) {
  const RecordedCase& example = record.cases[cause.cases.front()];
  const Tone tone = ToneOf(cause.severity);
  out << '\n'
      << In(tone, Mark(cause.severity), style) << "  "
      << In(Tone::kStrong,
            Wrapped(Shortened(Printable(cause.title), 2 * style.width - 20), style.width - 6,
                    kIndent),
            style)
      << '\n';
  std::string clauses;
  if (!cause.clauses.empty()) {
    clauses =
        Fitted(ShortClause(*record.clauses, cause.clauses.front()), style.width - kIndent.size());
  }
  if (!clauses.empty()) out << kIndent << In(Tone::kDim, clauses, style) << '\n';
  PrintRequest(out, cause, record, style);
  if (const SmallestRequest* smallest = record.SmallestOf(cause)) {
    PrintLabeled(out, "     shortened  ", ChangesOf(*smallest), 1, Tone::kPlain, style);
  }
  PrintLabeled(out, "      expected  ", example.verdict.expected, 1, Tone::kPlain, style);
  PrintLabeled(out, "           got  ", example.verdict.actual, 2, tone, style);
  if (cause.kind == MissKind::kStopped) {
    PrintLabeled(out, "       because  ", example.verdict.why, 6, Tone::kPlain, style);
  }
  PrintLog(out, cause, record, style);
  out << "     reproduce  " << Printable(ReproductionOf(example, record)) << '\n'
      << "      explains  " << NumberOf(cause) << '\n';
}

void PrintOneLine(std::ostream& out, const Cause& cause, const ConsoleStyle& style) {
  const std::string end = " (" + NumberOf(cause) + ")";
  const std::size_t mark = Mark(cause.severity).size() + 2;
  const std::size_t room =
      style.width > end.size() + mark + 20 ? style.width - end.size() - mark : style.width;
  out << In(ToneOf(cause.severity), Mark(cause.severity), style) << "  "
      << Fitted(Printable(cause.title), room) << In(Tone::kDim, end, style) << '\n';
}

void PrintFailedNames(std::ostream& out, const RunRecord& record, const ConsoleStyle& style) {
  std::vector<std::string> names;
  std::size_t failed = 0;
  for (const RecordedCase& one : record.cases) {
    if (one.verdict.outcome != Outcome::kFail) continue;
    ++failed;
    if (names.size() < kFailedNamesMax) names.push_back(one.spec->Name());
  }
  if (failed == 0) return;
  std::string text = "failed:";
  for (const std::string& name : names) text += " " + name;
  if (failed > names.size()) {
    text += " and " + std::to_string(failed - names.size()) + " more (-v)";
  }
  out << '\n' << In(Tone::kDim, Wrapped(text, style.width, "  "), style) << '\n';
}

// Cases that would fail or warn, but are newer than the case set of the run.
void PrintHeldBack(std::ostream& out, const RunRecord& record, const ConsoleStyle& style) {
  std::string names;
  std::size_t count = 0;
  for (const RecordedCase& one : record.cases) {
    if (one.held_back != Outcome::kFail && one.held_back != Outcome::kWarn) continue;
    if (++count <= kFailedNamesMax) names += " " + one.spec->Name();
  }
  if (count == 0) return;
  const std::string text = Counted(count, "finding") + " not scored, newer than case set " +
                           record.case_set + " (-v):" + names;
  out << '\n' << In(Tone::kDim, Wrapped(text, style.width, "  "), style) << '\n';
}

// Causes of a severity, in their order.
std::vector<const Cause*> CausesOf(const RunRecord& record, Outcome severity) {
  std::vector<const Cause*> causes;
  for (const Cause& one : record.causes) {
    if (one.severity == severity) causes.push_back(&one);
  }
  return causes;
}

// What to do after a run with failures.
void PrintNext(std::ostream& out, const RunRecord& record, const ConsoleStyle& style) {
  std::string text = "next: fix the first cause, then run its reproduce line";
  if (record.command.find("$CLIENT_SECRET") != std::string::npos) {
    text += ", with CLIENT_ID and CLIENT_SECRET set";
  }
  if (record.command.find("[secret]") != std::string::npos) {
    text += ", with each [secret] filled in";
  }
  text += ". --waivers FILE --update-waivers accepts known failures.";
  out << '\n' << Wrapped(text, style.width, "  ") << '\n';
}

void PrintWarnings(std::ostream& out, const std::vector<const Cause*>& warning,
                   const RunRecord& record, const ConsoleStyle& style) {
  const auto count = record.Count();
  const std::size_t warnings = CountOf(count, Outcome::kWarn);
  if (style.verbose || record.fail_on == "should") {
    for (const Cause* one : warning) PrintCause(out, *one, record, style);
    return;
  }
  if (warnings == 0) return;
  // Where nothing fails, the warnings are what there is to read.
  if (CountOf(count, Outcome::kFail) == 0) {
    out << '\n';
    const std::size_t shown = std::min(warning.size(), kDetailedMax);
    for (std::size_t i = 0; i < shown; ++i) PrintOneLine(out, *warning[i], style);
  }
  const bool more = CountOf(count, Outcome::kFail) > 0;
  out << '\n'
      << In(Tone::kWarn,
            Counted(warnings, more ? "more warning" : "warning") + " in " +
                (warning.empty() ? "the causes above" : Counted(warning.size(), "cause")) + " (-v)",
            style)
      << '\n';
}

}  // namespace

void PrintCauses(std::ostream& out, const RunRecord& record, const ConsoleStyle& style) {
  const std::vector<const Cause*> failing = CausesOf(record, Outcome::kFail);
  const std::vector<const Cause*> waived = CausesOf(record, Outcome::kWaived);
  const std::size_t detailed =
      style.verbose ? failing.size() : std::min(failing.size(), kDetailedMax);
  for (std::size_t i = 0; i < detailed; ++i) PrintCause(out, *failing[i], record, style);
  if (failing.size() > detailed) {
    out << '\n' << "also, in one line each (-v shows more):\n";
    for (std::size_t i = detailed; i < failing.size(); ++i) PrintOneLine(out, *failing[i], style);
  }
  if (!waived.empty()) out << '\n';
  for (const Cause* one : waived) PrintOneLine(out, *one, style);
  PrintWarnings(out, CausesOf(record, Outcome::kWarn), record, style);
  PrintHeldBack(out, record, style);
  PrintFailedNames(out, record, style);
  if (failing.empty()) return;
  PrintNext(out, record, style);
}

}  // namespace grantspec
