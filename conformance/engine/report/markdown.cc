#include <algorithm>

#include "conformance/engine/diagnosis/diagnosis.h"
#include "conformance/engine/record/conclusion.h"
#include "conformance/engine/record/text.h"
#include "conformance/engine/report/history.h"
#include "conformance/engine/report/parts.h"
#include "conformance/engine/report/report.h"

namespace grantspec {
namespace {

constexpr std::size_t kShownMax = 50;             // causes with their exchange
constexpr std::size_t kBytesMax = 60 * 1024;      // a comment may have 65,536 characters
constexpr std::size_t kHeadBytesMax = 16 * 1024;  // of notes and counts
constexpr std::size_t kLinesBytesMax = 8 * 1024;  // of warnings, and of what is waived
constexpr std::size_t kCasesShownMax = 10;        // names of a cause
constexpr std::size_t kExchangeBytesMax = 2'000;  // of one exchange

// Text inside a line: nothing in it is markup, nor ends the cell of a table.
std::string Inline(std::string_view text) {
  std::string out;
  const std::string plain = Printable(text);
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const char c = plain[i];
    switch (c) {
      case ':':
        // A forge makes links of what looks like one.
        out += plain.compare(i, 3, "://") == 0 ? "&#58;" : ":";
        break;
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '|':
      case '`':
      case '*':
      case '_':
      case '[':
      case ']':
      case '#':
      case '!':
      case '~':
      case '\\':
      case '@':
        out += "&#" + std::to_string(static_cast<int>(c)) + ";";
        break;
      default:
        out += c;
    }
  }
  return out;
}

// A block of code whose fence is longer than any run of backticks inside.
std::string Block(const std::string& text, const std::string& language) {
  std::size_t longest = 0, run = 0;
  for (char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  const std::string fence(std::max<std::size_t>(3, longest + 1), '`');
  return fence + language + "\n" + text + (text.ends_with('\n') ? "" : "\n") + fence + "\n";
}

std::string ExchangeText(const RecordedExchange& exchange) {
  std::string text = WithoutCarriageReturns(exchange.request) + "\n\n";
  text += exchange.has_response ? ResponseText(exchange) : "(" + exchange.transport + ")";
  text = Printable(text, true);
  if (text.size() > kExchangeBytesMax) text = text.substr(0, kExchangeBytesMax) + "\n...";
  return Printable(text, true);  // a cut may have gone through a character
}

std::string Heading(const RunRecord& record) {
  std::string out = "## grantspec: " + VerdictText(record) + "\n\n";
  out += "Target " + Inline(record.embedded ? "embedded reference endpoint" : record.url) +
         ", profile " + Inline(record.profile_base) + ", " + Inline(record.started) + ".\n\n";
  if (const std::string history = HistorySentence(record); !history.empty()) {
    const std::string bars = Sparkline(record);
    out += history + (bars.empty() ? "" : " `" + bars + "`") + "\n\n";
  }
  if (!record.message.empty()) out += "**" + Inline(record.message) + "**\n\n";
  for (const std::string& note : record.notes) out += "> " + Inline(note) + "\n";
  if (!record.notes.empty()) out += "\n";
  return out;
}

// The lines of a text that fit.
std::string CutAtLine(const std::string& text, std::size_t bytes_max) {
  const std::size_t end = text.rfind('\n', bytes_max);
  return text.substr(0, end == std::string::npos ? 0 : end + 1);
}

std::string Counts(const RunRecord& record) {
  std::string out =
      "| pass | fail | warn | info | waived | inconclusive | not applicable | deselected |\n"
      "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n|";
  const auto count = record.Count();
  for (Outcome outcome : {Outcome::kPass, Outcome::kFail, Outcome::kWarn, Outcome::kInfo,
                          Outcome::kWaived, Outcome::kInconclusive, Outcome::kNotApplicable}) {
    out += " " + std::to_string(CountOf(count, outcome)) + " |";
  }
  return out + " " + std::to_string(record.deselected) + " |\n\n" +
         std::to_string(record.counters.requests) + " requests, " +
         std::to_string(record.counters.tokens_issued) + " tokens issued, " +
         std::to_string(record.counters.failed_logins) + " failed logins.\n";
}

std::string ClauseItem(const Clauses& clauses, const std::string& id) {
  const auto clause = clauses.find(id);
  if (clause == clauses.end()) return "- " + Inline(id) + "\n";
  return "- " + Inline(id) + " (" +
         Inline(clause->second.source + " section " + clause->second.section) + ", " +
         clause->second.level + "): " + Inline(clause->second.says) + "\n";
}

std::string CauseDetails(const Cause& cause, const RunRecord& record) {
  const RecordedCase& one = record.cases[cause.cases.front()];
  std::string out = "\n<details><summary><b>" + Inline(cause.title) + "</b> (" +
                    Counted(cause.cases.size(), "case") + ", cause " + cause.id + ")</summary>\n\n";
  for (const std::string& id : cause.clauses) out += ClauseItem(*record.clauses, id);
  out += "- expected: " + Inline(one.verdict.expected) + "\n- got: " + Inline(one.verdict.actual) +
         "\n";
  if (!one.verdict.why.empty()) out += "- why: " + Inline(one.verdict.why) + "\n";
  const SmallestRequest* smallest = record.SmallestOf(cause);
  if (smallest != nullptr) out += "- shortened: " + Inline(ChangesOf(*smallest)) + "\n";
  out += "- cases: ";
  for (std::size_t i = 0; i < std::min(cause.cases.size(), kCasesShownMax); ++i) {
    out += (i > 0 ? ", " : "") + Inline(record.cases[cause.cases[i]].spec->Name());
  }
  if (cause.cases.size() > kCasesShownMax) {
    out += " and " + std::to_string(cause.cases.size() - kCasesShownMax) + " more";
  }
  out += "\n\n";
  if (const RecordedExchange* exchange = ShownExchange(cause, record)) {
    out += Block(ExchangeText(*exchange), "http");
  }
  const std::string& command = smallest != nullptr ? smallest->reproduce : one.reproduce;
  if (!command.empty()) out += Block(Printable(command), "sh");
  return out + "</details>\n";
}

// One line for each cause of a severity, as far as they fit.
std::string CauseLines(const RunRecord& record, Outcome severity, std::string_view heading,
                       std::size_t bytes_max) {
  std::string out;
  std::size_t left_out = 0;
  for (const Cause& cause : record.causes) {
    if (cause.severity != severity) continue;
    const std::string line =
        "- " + Inline(cause.title) + " (" + Counted(cause.cases.size(), "case") + ")\n";
    if (out.size() + line.size() > bytes_max) {
      ++left_out;
    } else {
      out += line;
    }
  }
  if (left_out > 0) out += "- and " + std::to_string(left_out) + " more\n";
  return out.empty() ? "" : "\n### " + std::string(heading) + "\n\n" + out;
}

}  // namespace

std::string MarkdownReport(const RunRecord& record) {
  std::string out = Heading(record) + Counts(record);
  if (out.size() > kHeadBytesMax) out = CutAtLine(out, kHeadBytesMax);
  // The lines are made first: they are few, and what is left is for the details of failures.
  const std::string lines = CauseLines(record, Outcome::kWarn, "Warnings", kLinesBytesMax) +
                            CauseLines(record, Outcome::kWaived, "Waived", kLinesBytesMax);
  std::size_t shown = 0, left_out = 0;
  for (const Cause& cause : record.causes) {
    if (cause.severity != Outcome::kFail) continue;
    const std::string part = CauseDetails(cause, record);
    if (shown >= kShownMax || out.size() + lines.size() + part.size() > kBytesMax) {
      ++left_out;
      continue;
    }
    out += part;
    ++shown;
  }
  if (left_out > 0) {
    out += "\n" + Counted(left_out, "more cause") + " of failures " +
           (left_out == 1 ? "is" : "are") + " in the other reports.\n";
  }
  return out + lines;
}

std::string GithubLines(const RunRecord& record) {
  // Workflow commands: percent, CR and LF are escaped; in properties colon and comma too.
  const auto data = [](std::string_view text, bool property) {
    std::string out;
    for (char c : Printable(text)) {
      if (c == '%') {
        out += "%25";
      } else if (property && c == ':') {
        out += "%3A";
      } else if (property && c == ',') {
        out += "%2C";
      } else {
        out += c;
      }
    }
    return out;
  };
  std::string out;
  std::size_t errors = 0;
  for (const Cause& cause : record.causes) {
    if (cause.severity != Outcome::kFail) continue;
    if (++errors > 10) break;  // the forge shows ten
    const RecordedCase& one = record.cases[cause.cases.front()];
    out += "::error file=" + data(SourcePath(one.spec->where), true) +
           ",line=" + std::to_string(std::max(1, one.spec->where.line)) +
           ",title=" + data(cause.title, true) + "::" +
           data(one.spec->Name() + ": expected " + one.verdict.expected + ", got " +
                    one.verdict.actual + " (" + Counted(cause.cases.size(), "case") + ", cause " +
                    cause.id + ")",
                false) +
           "\n";
  }
  if (!record.message.empty())
    out += "::error title=grantspec::" + data(record.message, false) + "\n";
  return out;
}

}  // namespace grantspec
