#include "conformance/report/console.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>

#include "conformance/answer.h"
#include "conformance/case_file.h"
#include "conformance/report/text.h"
#include "conformance/waiver.h"

namespace grantspec {
namespace {

constexpr std::size_t kShownContentMax = 600;
constexpr std::size_t kShownRequestMax = 1200;

enum class Tone { kGood, kBad, kWarn, kDim, kStrong };

std::string In(Tone tone, const std::string& text, const Look& look) {
  if (!look.colour) return text;
  switch (tone) {
    case Tone::kGood:
      return "\x1b[32m" + text + "\x1b[0m";
    case Tone::kBad:
      return "\x1b[31m" + text + "\x1b[0m";
    case Tone::kWarn:
      return "\x1b[33m" + text + "\x1b[0m";
    case Tone::kDim:
      return "\x1b[2m" + text + "\x1b[0m";
    case Tone::kStrong:
      return "\x1b[1m" + text + "\x1b[0m";
  }
  return text;
}

Tone ToneOf(Outcome outcome) {
  switch (outcome) {
    case Outcome::kPass:
      return Tone::kGood;
    case Outcome::kFail:
      return Tone::kBad;
    case Outcome::kWarn:
    case Outcome::kInconclusive:
      return Tone::kWarn;
    default:
      return Tone::kDim;
  }
}

std::string Mark(Outcome outcome) {
  switch (outcome) {
    case Outcome::kPass:
      return "ok  ";
    case Outcome::kFail:
      return "FAIL";
    case Outcome::kWarn:
      return "warn";
    case Outcome::kInfo:
      return "info";
    case Outcome::kWaived:
      return "wvd ";
    case Outcome::kInconclusive:
      return "????";
    case Outcome::kNotApplicable:
      return "n/a ";
  }
  return "    ";
}

std::string Seconds(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f s", value);
  return text.data();
}

void PrintLines(std::ostream& out, std::string_view text, std::string_view prefix,
                std::size_t bytes_max, const Look& look) {
  const bool cut = text.size() > bytes_max;
  text = text.substr(0, bytes_max);
  while (!text.empty()) {
    const std::size_t newline = text.find('\n');
    std::string_view line = text.substr(0, newline);
    text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    out << In(Tone::kDim, std::string(prefix) + Printable(line), look) << '\n';
  }
  if (cut) out << In(Tone::kDim, std::string(prefix) + "... (cut)", look) << '\n';
}

void PrintExchange(std::ostream& out, const RecordedExchange& exchange, bool named,
                   const Look& look) {
  if (named) out << In(Tone::kDim, "      -- " + Printable(exchange.step), look) << '\n';
  PrintLines(out, exchange.request, "      > ", kShownRequestMax, look);
  if (!exchange.has_response) {
    out << In(Tone::kDim, "      < (" + Printable(exchange.transport) + ")", look) << '\n';
    return;
  }
  std::string text = exchange.status_line + "\n";
  for (const auto& [name, value] : exchange.fields) text += name + ": " + value + "\n";
  if (!exchange.content.empty()) text += "\n" + exchange.content;
  PrintLines(out, text, "      < ", kShownContentMax, look);
  if (!exchange.end.empty()) out << In(Tone::kDim, "      < (" + exchange.end + ")", look) << '\n';
}

void PrintOne(std::ostream& out, const RecordedCase& one, const RunRecord& record,
              const Look& look) {
  const Case& spec = *one.spec;
  const Outcome outcome = one.verdict.outcome;
  out << "  " << In(ToneOf(outcome), Mark(outcome), look) << "  "
      << In(Tone::kStrong, spec.Name(), look) << '\n'
      << "        " << Wrapped(spec.title, look.width - 8, "        ") << '\n';
  if (outcome == Outcome::kPass) return;
  for (const std::string& id : spec.clauses) {
    const auto clause = record.clauses->find(id);
    std::string text = id;
    if (clause != record.clauses->end()) {
      text += " (" + clause->second.source + " section " + clause->second.section + ", " +
              clause->second.level + "): " + clause->second.says;
    }
    out << "      " << In(Tone::kDim, Wrapped(text, look.width - 8, "        "), look) << '\n';
  }
  if (!one.verdict.expected.empty()) {
    out << "      expected  "
        << Wrapped(Printable(one.verdict.expected), look.width - 16, "                ") << '\n';
  }
  if (!one.verdict.actual.empty()) {
    out << "        actual  "
        << In(ToneOf(outcome),
              Wrapped(Printable(one.verdict.actual), look.width - 16, "                "), look)
        << '\n';
  }
  if (!one.verdict.why.empty()) {
    out << "           why  "
        << Wrapped(Printable(one.verdict.why), look.width - 16, "                ") << '\n';
  }
  if (outcome == Outcome::kInfo && !look.verbose) return;
  if (one.exchanges.size() > 4 && !look.verbose) {
    PrintExchange(out, one.exchanges[std::min(one.verdict.exchange, one.exchanges.size() - 1)],
                  true, look);
  } else {
    for (const RecordedExchange& exchange : one.exchanges) {
      PrintExchange(out, exchange, one.exchanges.size() > 1, look);
    }
  }
  if (!one.reproduce.empty()) out << "         again  " << Printable(one.reproduce) << '\n';
  if (outcome == Outcome::kFail) {
    out << In(Tone::kDim, "        waiver  " + Printable(WaiverEntry(one)), look) << '\n';
  }
  if (!one.waiver.empty()) out << "        waived  " << Printable(one.waiver) << '\n';
  out << "          case  "
      << In(Tone::kDim, spec.where.file + ":" + std::to_string(spec.where.line), look) << '\n';
}

}  // namespace

Look LookFor(int file_descriptor) {
  Look look;
  const bool terminal = isatty(file_descriptor) != 0;
  const char* no_color = std::getenv("NO_COLOR");
  const char* force = std::getenv("CLICOLOR_FORCE");
  const char* term = std::getenv("TERM");
  look.colour = terminal && term != nullptr && std::string_view(term) != "dumb";
  if (force != nullptr && std::string_view(force) != "0" && *force != '\0') look.colour = true;
  if (no_color != nullptr && *no_color != '\0') look.colour = false;
  winsize size{};
  if (const char* columns = std::getenv("COLUMNS")) {
    look.width = static_cast<std::size_t>(std::clamp(std::atoi(columns), 40, 200));
  } else if (terminal && ioctl(file_descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    look.width = std::clamp<std::size_t>(size.ws_col, 40, 200);
  }
  return look;
}

void PrintHead(std::ostream& out, const RunRecord& record, const Look& look) {
  out << In(Tone::kStrong, "grantspec " + record.suite_version, look) << "  "
      << (record.embedded ? "embedded reference endpoint" : Printable(record.url)) << "  profile "
      << record.profile_base << '\n';
  for (const std::string& note : record.notes) {
    out << In(Tone::kWarn, "note: " + Wrapped(Printable(note), look.width - 6, "      "), look)
        << '\n';
  }
  if (look.verbose && record.control) PrintExchange(out, *record.control, true, look);
}

void PrintFindings(std::ostream& out, const RunRecord& record, const Look& look) {
  std::map<std::string, std::vector<const RecordedCase*>> categories;
  for (const RecordedCase& one : record.cases) categories[one.spec->category].push_back(&one);
  for (const auto& [category, cases] : categories) {
    std::map<Outcome, std::size_t> count;
    for (const RecordedCase* one : cases) ++count[one->verdict.outcome];
    std::string line;
    const auto add = [&](Outcome outcome, const char* word) {
      if (count[outcome] == 0) return;
      line += (line.empty() ? "" : ", ") +
              In(ToneOf(outcome), std::to_string(count[outcome]) + " " + word, look);
    };
    add(Outcome::kPass, "passed");
    add(Outcome::kFail, "failed");
    add(Outcome::kWarn, "warned");
    add(Outcome::kInfo, "info");
    add(Outcome::kWaived, "waived");
    add(Outcome::kInconclusive, "inconclusive");
    add(Outcome::kNotApplicable, "not applicable");
    out << '\n' << In(Tone::kStrong, category, look) << "  " << line << '\n';
    for (const RecordedCase* one : cases) {
      const Outcome outcome = one->verdict.outcome;
      const bool quiet = outcome == Outcome::kPass || outcome == Outcome::kNotApplicable;
      if (!quiet || look.verbose) PrintOne(out, *one, record, look);
    }
  }
}

void PrintSummary(std::ostream& out, const RunRecord& record, const Look& look) {
  auto count = record.Count();
  const auto part = [&](Outcome outcome, const std::string& word) {
    const std::string text = std::to_string(count[outcome]) + " " + word;
    return count[outcome] > 0 ? In(ToneOf(outcome), text, look) : text;
  };
  out << '\n'
      << part(Outcome::kPass, "passed") << ", " << part(Outcome::kFail, "failed") << ", "
      << part(Outcome::kWarn, "warned") << ", " << part(Outcome::kInfo, "info") << ", "
      << part(Outcome::kWaived, "waived") << '\n';
  out << "not run: " << part(Outcome::kNotApplicable, "not applicable") << ", "
      << part(Outcome::kInconclusive, "inconclusive") << ", " << record.deselected
      << " deselected\n";
  std::map<std::string, std::size_t> reasons;
  for (const RecordedCase& one : record.cases) {
    if (one.verdict.outcome == Outcome::kNotApplicable ||
        one.verdict.outcome == Outcome::kInconclusive) {
      ++reasons[one.verdict.why];
    }
  }
  std::vector<std::pair<std::size_t, std::string>> sorted;
  for (const auto& [reason, number] : reasons) sorted.emplace_back(number, reason);
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  for (const auto& [number, reason] : sorted) {
    out << In(Tone::kDim, "  " + std::to_string(number) + "  " + Printable(reason), look) << '\n';
  }
  out << record.counters.requests << " requests, " << record.counters.tokens_issued
      << " tokens issued, " << record.counters.failed_logins << " failed logins, "
      << Seconds(record.seconds) << '\n';
  std::string line;
  switch (record.exit_code) {
    case 0:
      line = "no failure";
      break;
    case 1:
      line = "the target fails " + std::to_string(count[Outcome::kFail]) + " cases";
      break;
    case 5:
      line = "incomplete: " + record.message;
      break;
    default:
      line = record.message;
      break;
  }
  out << In(record.exit_code == 0 ? Tone::kGood : Tone::kBad,
            line + " (exit code " + std::to_string(record.exit_code) + ")", look)
      << '\n';
}

void PrintCase(std::ostream& out, const Case& spec, const Clauses& clauses, const Look& look) {
  out << In(Tone::kStrong, spec.Name(), look) << "  " << ToString(spec.level) << '\n'
      << Wrapped(spec.title, look.width, "") << '\n';
  if (!spec.note.empty()) out << Wrapped(spec.note, look.width, "") << '\n';
  out << '\n';
  for (const std::string& id : spec.clauses) {
    const auto clause = clauses.find(id);
    if (clause == clauses.end()) continue;
    out << Wrapped(id + " (" + clause->second.source + " section " + clause->second.section + ", " +
                       clause->second.level + "): " + clause->second.says,
                   look.width, "  ")
        << '\n';
  }
  if (!spec.standing.empty())
    out << "\nheld against every answer of the run: " << spec.standing << '\n';
  for (const StepSpec& step : spec.steps) {
    out << '\n' << In(Tone::kStrong, step.name, look) << "  as " << step.client;
    if (step.at != "token") out << ", at " << step.at;
    if (step.repeat > 1) out << ", " << step.repeat << " times";
    out << '\n';
    if (step.method) out << "  method   " << Printable(step.method->text) << '\n';
    if (step.target) out << "  target   " << Printable(step.target->text) << '\n';
    for (const NamedChange& change : step.fields) {
      if (change.values.empty()) out << "  field    " << change.name.text << " taken away\n";
      for (const Text& value : change.values) {
        out << "  field    " << change.name.text << ": " << Printable(value.text) << '\n';
      }
    }
    for (const NamedChange& change : step.form) {
      if (change.values.empty()) out << "  form     " << change.name.text << " taken away\n";
      for (const Text& value : change.values) {
        out << "  form     " << change.name.text << " = " << Printable(value.text) << '\n';
      }
    }
    if (step.content) out << "  content  " << Printable(step.content->text) << '\n';
    for (const RawPart& part : step.raw) {
      PrintLines(out, part.octets.text, "  raw      ", 4096, look);
    }
    const auto list = [&](const char* word, const std::vector<std::string>& names) {
      if (!names.empty()) out << "  " << word << Listed(names) << '\n';
    };
    list("passes   ", step.expect.answer);
    list("never    ", step.expect.never);
    list("warns    ", step.expect.warn);
    list("recorded ", step.expect.info);
    list("granted  ", step.granted);
    list("checks   ", step.checks);
  }
  for (const Alternative& other : spec.alternatives) {
    out << "\nwhere the profile has " << other.name << " = " << Listed(other.is) << ": passes "
        << Listed(other.expectation.answer);
    if (!other.expectation.warn.empty()) out << "; warns " << Listed(other.expectation.warn);
    out << '\n';
  }
  if (!spec.strict.empty()) {
    out << "\nwhere the profile has " << spec.strict << " on, what would warn fails\n";
  }
  out << '\n' << spec.where.file << ':' << spec.where.line << '\n';
}

}  // namespace grantspec
