#include "conformance/waiver.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "conformance/report/text.h"
#include "fixtures/grammar/ascii.h"

namespace grantspec {
namespace {

using nlohmann::ordered_json;

bool IsDay(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i != 4 && i != 7 && !IsDigit(text[i])) return false;
  }
  return true;
}

ordered_json Entry(const std::string& name, const Waiver& waiver) {
  return {{"case", name},
          {"reason", waiver.reason},
          {"owner", waiver.owner},
          {"expires", waiver.expires},
          {"observed", waiver.observed}};
}

}  // namespace

std::vector<Waiver> ReadWaivers(const std::string& path) {
  const JsonValue file = ReadJsonFile(path);
  file.OnlyMembers("the file of waivers", {"$schema", "note", "waivers"});
  const JsonValue* list = file.Find("waivers");
  if (list == nullptr) throw FileError(file.where, "the member \"waivers\" is missing");
  std::vector<Waiver> waivers;
  for (const JsonValue& item : list->AsArray("waivers")) {
    item.OnlyMembers("a waiver", {"case", "reason", "owner", "expires", "observed"});
    const auto text = [&item](std::string_view name) {
      const JsonValue* value = item.Find(name);
      if (value == nullptr || value->AsString(name).empty()) {
        throw FileError(item.where, "a waiver needs \"" + std::string(name) + "\"");
      }
      return value->string;
    };
    Waiver waiver{text("case"),    text("reason"),   text("owner"),
                  text("expires"), text("observed"), item.where};
    if (!IsDay(waiver.expires)) {
      throw FileError(item.Find("expires")->where, "expires is a day, such as 2027-01-31");
    }
    waivers.push_back(std::move(waiver));
  }
  return waivers;
}

bool FitsPattern(std::string_view name, std::string_view pattern) {
  std::size_t n = 0, p = 0, star = std::string_view::npos, mark = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++n;
      ++p;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

std::vector<std::string> ApplyWaivers(const std::vector<Waiver>& waivers, std::string_view today,
                                      const std::vector<Case>& known, RunRecord& record) {
  std::vector<std::string> attention;
  for (const Waiver& waiver : waivers) {
    const std::string where = waiver.where.file + ":" + std::to_string(waiver.where.line) + ": ";
    const bool any = std::any_of(known.begin(), known.end(), [&](const Case& one) {
      return FitsPattern(one.Name(), waiver.pattern);
    });
    if (!any) {
      attention.push_back(where + "no case is called " + waiver.pattern);
      continue;
    }
    if (waiver.expires < today) {
      attention.push_back(where + "the waiver of " + waiver.pattern + " ended on " +
                          waiver.expires);
      continue;
    }
    std::size_t used = 0, judged = 0;
    std::string other;
    for (RecordedCase& one : record.cases) {
      if (!FitsPattern(one.spec->Name(), waiver.pattern)) continue;
      const Outcome outcome = one.verdict.outcome;
      if (outcome == Outcome::kNotApplicable || outcome == Outcome::kInconclusive) continue;
      if (one.held_back) continue;  // not scored: neither waived nor passed
      ++judged;
      if (outcome != Outcome::kFail) continue;
      if (one.observed != waiver.observed) {
        other = one.spec->Name() + " fails with " + one.observed + ", not with " + waiver.observed;
        continue;
      }
      ++used;
      one.verdict.outcome = Outcome::kWaived;
      one.waiver = waiver.reason + " (" + waiver.owner + ", until " + waiver.expires + ")";
    }
    if (used > 0 || judged == 0) continue;
    attention.push_back(where + (other.empty() ? waiver.pattern + " passes now" : other));
  }
  return attention;
}

std::string WaiverEntry(const RecordedCase& failure) {
  const Waiver waiver{"",           "why it is accepted", "who accepts it",
                      "2027-01-31", failure.observed,     {}};
  return Entry(failure.spec->Name(), waiver).dump();
}

std::string WaiverFile(const std::vector<Waiver>& known, const RunRecord& record,
                       std::string_view expires) {
  std::vector<std::string> lines;
  for (const RecordedCase& one : record.cases) {
    const bool held = one.held_back == Outcome::kFail &&
                      std::any_of(known.begin(), known.end(), [&one](const Waiver& old) {
                        return FitsPattern(one.spec->Name(), old.pattern);
                      });
    if (one.verdict.outcome != Outcome::kFail && one.verdict.outcome != Outcome::kWaived && !held) {
      continue;
    }
    const std::string name = one.spec->Name();
    Waiver waiver{name,
                  one.spec->clauses.front() + ": " + Printable(one.verdict.actual).substr(0, 120),
                  "unassigned",
                  std::string(expires),
                  one.observed,
                  {}};
    for (const Waiver& old : known) {
      if (!FitsPattern(name, old.pattern)) continue;
      waiver.reason = old.reason;
      waiver.owner = old.owner;
      waiver.expires = old.expires;
    }
    lines.push_back(
        "    " + Entry(name, waiver).dump(-1, ' ', false, ordered_json::error_handler_t::replace));
  }
  std::sort(lines.begin(), lines.end());
  std::string text = "{\n  \"waivers\": [\n";
  for (std::size_t i = 0; i < lines.size(); ++i) {
    text += lines[i] + (i + 1 < lines.size() ? ",\n" : "\n");
  }
  return text + "  ]\n}\n";
}

}  // namespace grantspec
