#include "conformance/engine/report/console.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <map>

#include "conformance/engine/case/case_file.h"
#include "conformance/engine/record/conclusion.h"
#include "conformance/engine/record/text.h"
#include "conformance/engine/record/waiver.h"
#include "conformance/engine/report/console_parts.h"
#include "conformance/engine/report/history.h"
#include "conformance/engine/report/parts.h"
#include "conformance/engine/response/response_class.h"

namespace grantspec {
namespace {

constexpr std::size_t kShownRawMax = 4096;
constexpr std::size_t kReasonsMax = 3;  // why cases were not run, without -v

// A labeled text of a verdict, indented under its first word.
void PrintText(std::ostream& out, std::string_view label, const std::string& text,
               const ConsoleStyle& style, Tone tone = Tone::kPlain) {
  if (text.empty()) return;
  out << label << In(tone, Wrapped(Printable(text), style.width - 16, "                "), style)
      << '\n';
}

void PrintExchanges(std::ostream& out, const RecordedCase& one, const ConsoleStyle& style) {
  if (one.exchanges.size() > 4 && !style.exchanges) {
    const std::size_t decisive = std::min(one.verdict.exchange, one.exchanges.size() - 1);
    PrintExchange(out, one.exchanges[decisive], true, style);
    return;
  }
  for (const RecordedExchange& exchange : one.exchanges) {
    PrintExchange(out, exchange, one.exchanges.size() > 1, style);
  }
}

void PrintOne(std::ostream& out, const RecordedCase& one, const RunRecord& record,
              const ConsoleStyle& style) {
  const Case& spec = *one.spec;
  const Outcome outcome = one.verdict.outcome;
  out << "  " << In(ToneOf(outcome), Mark(outcome), style) << "  "
      << In(Tone::kStrong, spec.Name(), style) << '\n'
      << "        " << Wrapped(spec.title, style.width - 8, "        ") << '\n';
  if (outcome == Outcome::kPass) return;
  for (const std::string& id : ClauseIds(spec)) {
    const std::string text = ClauseText(*record.clauses, id);
    out << "      " << In(Tone::kDim, Wrapped(text, style.width - 8, "        "), style) << '\n';
  }
  PrintText(out, "      expected  ", one.verdict.expected, style);
  PrintText(out, "        actual  ", one.verdict.actual, style, ToneOf(outcome));
  PrintText(out, "           why  ", one.verdict.why, style);
  PrintExchanges(out, one, style);
  if (!one.reproduce.empty()) out << "     reproduce  " << Printable(one.reproduce) << '\n';
  if (outcome == Outcome::kFail) {
    out << In(Tone::kDim, "        waiver  " + Printable(WaiverEntry(one)), style) << '\n';
  }
  if (!one.waiver.empty()) out << "        waived  " << Printable(one.waiver) << '\n';
  out << "          case  "
      << In(Tone::kDim, spec.where.file + ":" + std::to_string(spec.where.line), style) << '\n';
}

void PrintChanges(std::ostream& out, std::string_view label, std::string_view separator,
                  const std::vector<NamedChange>& changes) {
  for (const NamedChange& change : changes) {
    if (change.values.empty()) out << label << change.name.text << " removed\n";
    for (const Text& value : change.values) {
      out << label << change.name.text << separator << Printable(value.text) << '\n';
    }
  }
}

void PrintNames(std::ostream& out, std::string_view label, const std::vector<std::string>& names) {
  if (!names.empty()) out << label << Listed(names) << '\n';
}

void PrintNames(std::ostream& out, std::string_view label, const ResponseClassList& classes) {
  PrintNames(out, label, classes.Names());
}

void PrintStep(std::ostream& out, const StepSpec& step, const ConsoleStyle& style) {
  out << '\n' << In(Tone::kStrong, step.name, style) << "  as " << step.client;
  if (step.at != Place::kToken)
    out << ", at " << (step.at == Place::kPath ? step.path : ToString(step.at));
  if (step.repeat > 1) out << ", " << step.repeat << " times";
  out << '\n';
  if (step.method) out << "  method   " << Printable(step.method->text) << '\n';
  if (step.target) out << "  target   " << Printable(step.target->text) << '\n';
  PrintChanges(out, "  field    ", ": ", step.fields);
  PrintChanges(out, "  form     ", " = ", step.form);
  if (step.content) out << "  content  " << Printable(step.content->text) << '\n';
  for (const RawPart& part : step.raw) {
    PrintLines(out, part.bytes.text, "  raw      ", kShownRawMax, style);
  }
  PrintNames(out, "  passes   ", step.expect.response);
  PrintNames(out, "  never    ", step.expect.never);
  PrintNames(out, "  warns    ", step.expect.warn);
  PrintNames(out, "  recorded ", step.expect.info);
  PrintNames(out, "  granted  ", step.granted);
  PrintNames(out, "  checks   ", step.checks.Names());
}

void PrintAlternative(std::ostream& out, const Alternative& other) {
  out << "\nwhere the profile has " << other.name << " = " << Listed(other.is) << ": passes "
      << Listed(other.expectation.response);
  if (!other.expectation.warn.empty()) out << "; warns " << Listed(other.expectation.warn);
  out << '\n';
}

// Why cases with an outcome have no verdict, the most frequent reason first.
void PrintReasons(std::ostream& out, const RunRecord& record, Outcome outcome,
                  const ConsoleStyle& style) {
  std::map<std::string, std::size_t> reasons;
  for (const RecordedCase& one : record.cases) {
    if (one.verdict.outcome == outcome) ++reasons[one.verdict.why];
  }
  std::vector<std::pair<std::size_t, std::string>> sorted;
  sorted.reserve(reasons.size());
  for (const auto& [reason, number] : reasons) sorted.emplace_back(number, reason);
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  const std::size_t shown = style.verbose ? sorted.size() : std::min(sorted.size(), kReasonsMax);
  for (std::size_t i = 0; i < shown; ++i) {
    const auto& [number, reason] = sorted[i];
    const std::string line = "  " + std::to_string(number) + "  " + Printable(reason);
    // Why an applicable case has no verdict is shown as a whole.
    const bool whole = style.verbose || outcome == Outcome::kInconclusive;
    out << In(Tone::kDim, whole ? line : Fitted(line, style.width), style) << '\n';
  }
  if (shown < sorted.size()) {
    std::string name(ToString(outcome));
    std::replace(name.begin(), name.end(), '_', ' ');
    const std::string more = Counted(sorted.size() - shown, "more reason");
    out << In(Tone::kDim, "  " + more + " for " + name + " (-v)", style) << '\n';
  }
}

std::string LastLine(const RunRecord& record) {
  const auto count = record.Count();
  switch (record.exit_code) {
    case kNoFailure:
      return "no failure";
    case kFailures: {
      const std::string failures = Counted(CountOf(count, Outcome::kFail), "failure");
      const std::string message = record.message.empty() ? "" : "; " + record.message;
      if (record.fail_on != "should") return failures + message;
      return failures + ", " + Counted(CountOf(count, Outcome::kWarn), "warning") + message;
    }
    case kIncomplete:
      return "incomplete: " + record.message;
    default:
      return record.message;
  }
}

// "3 passed, 1 failed", zeros left out.
std::string CountsOf(const std::vector<const RecordedCase*>& cases, const ConsoleStyle& style) {
  static constexpr std::pair<Outcome, std::string_view> kWords[] = {
      {Outcome::kPass, "passed"},
      {Outcome::kFail, "failed"},
      {Outcome::kWarn, "warned"},
      {Outcome::kInfo, "info"},
      {Outcome::kWaived, "waived"},
      {Outcome::kInconclusive, "inconclusive"},
      {Outcome::kNotApplicable, "not applicable"}};
  std::map<Outcome, std::size_t> count;
  for (const RecordedCase* one : cases) ++count[one->verdict.outcome];
  std::string line;
  for (const auto& [outcome, word] : kWords) {
    if (count[outcome] == 0) continue;
    line += (line.empty() ? "" : ", ") +
            In(ToneOf(outcome), std::to_string(count[outcome]) + " " + std::string(word), style);
  }
  return line;
}

}  // namespace

ConsoleStyle ConsoleStyleFor(int file_descriptor) {
  ConsoleStyle style;
  const bool terminal = isatty(file_descriptor) != 0;
  const char* no_color = std::getenv("NO_COLOR");
  const char* force = std::getenv("CLICOLOR_FORCE");
  const char* term = std::getenv("TERM");
  style.color = terminal && term != nullptr && std::string_view(term) != "dumb";
  if (force != nullptr && std::string_view(force) != "0" && *force != '\0') style.color = true;
  if (no_color != nullptr && *no_color != '\0') style.color = false;
  winsize size{};
  if (const char* columns = std::getenv("COLUMNS")) {
    style.width = static_cast<std::size_t>(std::clamp(std::atoi(columns), 40, 200));
  } else if (terminal && ioctl(file_descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    style.width = std::clamp<std::size_t>(size.ws_col, 40, 200);
  }
  return style;
}

void PrintHead(std::ostream& out, const RunRecord& record, const ConsoleStyle& style) {
  out << In(Tone::kStrong, "grantspec " + record.suite_version, style) << "  "
      << (record.embedded ? "embedded reference endpoint" : Printable(record.url)) << "  profile "
      << record.profile_base << '\n';
  for (const std::string& note : record.notes) {
    out << In(Tone::kWarn, "note: " + Wrapped(Printable(note), style.width - 6, "      "), style)
        << '\n';
  }
  if (style.verbose && record.control) PrintExchange(out, *record.control, true, style);
}

void PrintFindings(std::ostream& out, const RunRecord& record, const ConsoleStyle& style) {
  std::map<std::string, std::vector<const RecordedCase*>> categories;
  for (const RecordedCase& one : record.cases) categories[one.spec->category].push_back(&one);
  for (const auto& [category, cases] : categories) {
    out << '\n' << In(Tone::kStrong, category, style) << "  " << CountsOf(cases, style) << '\n';
    for (const RecordedCase* one : cases) PrintOne(out, *one, record, style);
  }
}

void PrintSummary(std::ostream& out, const RunRecord& record, const ConsoleStyle& style) {
  auto count = record.Count();
  const auto part = [&](Outcome outcome, const std::string& word) {
    const std::string text = std::to_string(count[outcome]) + " " + word;
    return count[outcome] > 0 ? In(ToneOf(outcome), text, style) : text;
  };
  out << '\n'
      << part(Outcome::kPass, "passed") << ", " << part(Outcome::kFail, "failed") << ", "
      << part(Outcome::kWarn, "warned") << ", " << part(Outcome::kInfo, "info") << ", "
      << part(Outcome::kWaived, "waived") << '\n';
  out << "not run: " << part(Outcome::kNotApplicable, "not applicable") << ", "
      << part(Outcome::kInconclusive, "inconclusive") << ", "
      << record.deselected - record.in_other_tier << " deselected";
  if (record.in_other_tier > 0) {
    out << ", " << record.in_other_tier << " in tier " << record.other_tier << ": --tier all";
  }
  out << '\n';
  PrintReasons(out, record, Outcome::kInconclusive, style);
  PrintReasons(out, record, Outcome::kNotApplicable, style);
  out << record.counters.requests << " requests, " << record.counters.tokens_issued
      << " tokens issued, " << record.counters.failed_logins << " failed logins, "
      << Seconds(record.seconds) << '\n';
  if (const std::string history = HistorySentence(record); !history.empty()) {
    const std::string bars = Sparkline(record);
    out << history << (bars.empty() ? "" : "  " + bars) << '\n';
  }
  PrintVerdictLine(out, record, style);
}

void PrintVerdictLine(std::ostream& out, const RunRecord& record, const ConsoleStyle& style) {
  out << In(record.exit_code == 0 ? Tone::kGood : Tone::kBad,
            Printable(LastLine(record)) + " (exit code " + std::to_string(record.exit_code) + ")",
            style)
      << '\n';
}

void PrintCase(std::ostream& out, const Case& spec, const Clauses& clauses,
               const ConsoleStyle& style) {
  out << In(Tone::kStrong, spec.Name(), style) << "  " << ToString(spec.level) << '\n'
      << Wrapped(spec.title, style.width, "") << '\n';
  if (!spec.note.empty()) out << Wrapped(spec.note, style.width, "") << '\n';
  out << '\n';
  for (const std::string& id : ClauseIds(spec)) {
    if (!clauses.contains(id)) continue;
    out << Wrapped(ClauseText(clauses, id), style.width, "  ") << '\n';
  }
  if (spec.standing != nullptr)
    out << "\nchecked on every response of the run: " << spec.standing->name << '\n';
  for (const StepSpec& step : spec.steps) PrintStep(out, step, style);
  for (const Alternative& other : spec.alternatives) PrintAlternative(out, other);
  if (!spec.strict.empty()) {
    out << "\nwhere the profile has " << spec.strict << " on, what would warn fails\n";
  }
  out << '\n' << spec.where.file << ':' << spec.where.line << '\n';
}

}  // namespace grantspec
