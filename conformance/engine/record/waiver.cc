#include "conformance/engine/record/waiver.h"

#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "conformance/engine/record/text.h"
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
  if (!waiver.cause().empty()) {
    return {{"cause", waiver.cause()},
            {"reason", waiver.reason},
            {"owner", waiver.owner},
            {"expires", waiver.expires}};
  }
  return {{"case", name},
          {"reason", waiver.reason},
          {"owner", waiver.owner},
          {"expires", waiver.expires},
          {"observed", waiver.observed}};
}

bool IsSettled(const RecordedCase& one) {
  return one.verdict.outcome != Outcome::kInconclusive && !one.held_back;
}

// Whether a case fails, whatever the waivers and the case set make of that.
bool Fails(const RecordedCase& one) {
  return one.verdict.outcome == Outcome::kFail || one.verdict.outcome == Outcome::kWaived ||
         one.held_back == Outcome::kFail;
}

bool WasJudged(const RecordedCase& one) {
  return IsSettled(one) && one.verdict.outcome != Outcome::kNotApplicable;
}

std::set<std::string> NamesOf(const std::vector<Case>& cases) {
  std::set<std::string> names;
  for (const Case& one : cases) names.insert(one.Name());
  return names;
}

// The cases that fit a pattern and have no verdict in the run.
std::vector<std::string> Unsettled(const std::string& pattern, const std::set<std::string>& names,
                                   const RunRecord& record) {
  std::set<std::string> left;
  for (const std::string& name : names) {
    if (FitsPattern(name, pattern)) left.insert(name);
  }
  for (const RecordedCase& one : record.cases) {
    if (IsSettled(one)) left.erase(one.spec->Name());
  }
  return {left.begin(), left.end()};
}

// Applies a waiver that names a cause: whatever cases it explains in this run are waived.
std::optional<WaiverAttention> ApplyToCause(const Waiver& waiver, std::string_view today,
                                            const std::set<std::string>& names, RunRecord& record) {
  if (waiver.expires < today) {
    return WaiverAttention{waiver.pattern,
                           "the waiver of " + waiver.pattern + " ended on " + waiver.expires};
  }
  bool is_there = false;
  for (RecordedCase& one : record.cases) {
    if (one.cause != waiver.cause()) continue;
    is_there = true;
    if (one.verdict.outcome != Outcome::kFail) continue;
    one.verdict.outcome = Outcome::kWaived;
    one.waiver = waiver.reason + " (" + waiver.owner + ", until " + waiver.expires + ")";
  }
  if (is_there) return std::nullopt;
  return WaiverAttention{waiver.pattern, waiver.pattern + " is gone", true,
                         Unsettled("*", names, record)};
}

// Applies one waiver; what needs attention, if anything does, without file and line.
std::optional<WaiverAttention> Apply(const Waiver& waiver, std::string_view today,
                                     const std::set<std::string>& names, RunRecord& record) {
  if (!waiver.cause().empty()) return ApplyToCause(waiver, today, names, record);
  const bool any = std::any_of(names.begin(), names.end(), [&waiver](const std::string& name) {
    return FitsPattern(name, waiver.pattern);
  });
  if (!any) return WaiverAttention{waiver.pattern, "no case is called " + waiver.pattern};
  if (waiver.expires < today) {
    return WaiverAttention{waiver.pattern,
                           "the waiver of " + waiver.pattern + " ended on " + waiver.expires};
  }
  std::size_t used = 0, judged = 0;
  std::string other;
  for (RecordedCase& one : record.cases) {
    if (!FitsPattern(one.spec->Name(), waiver.pattern) || !WasJudged(one)) continue;
    ++judged;
    if (one.verdict.outcome != Outcome::kFail) continue;
    if (one.observed != waiver.observed) {
      other = one.spec->Name() + " fails with " + one.observed + ", not with " + waiver.observed;
      continue;
    }
    ++used;
    one.verdict.outcome = Outcome::kWaived;
    one.waiver = waiver.reason + " (" + waiver.owner + ", until " + waiver.expires + ")";
  }
  if (used > 0 || judged == 0) return std::nullopt;
  return WaiverAttention{waiver.pattern, other.empty() ? waiver.pattern + " passes now" : other,
                         true, Unsettled(waiver.pattern, names, record)};
}

// What becomes of one entry: whether it stays, and what it observes then.
struct Kept {
  bool kept = false;
  std::string observed;
};

Kept KeepEntry(const Waiver& waiver, const std::set<std::string>& names, const RunRecord& record) {
  if (!waiver.cause().empty()) {
    const bool is_there =
        std::any_of(record.cases.begin(), record.cases.end(), [&waiver](const RecordedCase& one) {
          return one.cause == waiver.cause() && one.verdict.outcome != Outcome::kWarn;
        });
    return {is_there || !Unsettled("*", names, record).empty(), ""};
  }
  std::vector<const RecordedCase*> failing;
  for (const RecordedCase& one : record.cases) {
    if (Fails(one) && FitsPattern(one.spec->Name(), waiver.pattern)) failing.push_back(&one);
  }
  const bool as_before = std::any_of(failing.begin(), failing.end(), [&waiver](const auto* one) {
    return one->observed == waiver.observed;
  });
  if (as_before) return {true, waiver.observed};
  const bool pattern = waiver.pattern.find('*') != std::string::npos;
  if (!failing.empty() && !pattern) return {true, failing.front()->observed};
  // A name that no case has may be one of cases that this run did not read.
  const bool known = std::any_of(names.begin(), names.end(), [&waiver](const std::string& name) {
    return FitsPattern(name, waiver.pattern);
  });
  const bool judged =
      std::any_of(record.cases.begin(), record.cases.end(), [&waiver](const RecordedCase& one) {
        return WasJudged(one) && FitsPattern(one.spec->Name(), waiver.pattern);
      });
  const bool settled = known && judged && Unsettled(waiver.pattern, names, record).empty();
  return {!settled, waiver.observed};
}

// An entry for a failure that no entry accepts; reason, owner and day of one that fits it are kept.
Waiver NewEntry(const RecordedCase& one, const std::vector<Waiver>& known,
                std::string_view expires) {
  const std::string name = one.spec->Name();
  Waiver waiver{name,
                one.spec->clauses.front()->id + ": " + Printable(one.verdict.actual).substr(0, 120),
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
  return waiver;
}

// The members of a waiver file other than its waivers, as lines.
std::string OtherMembers(const std::string& path) {
  std::string text;
  if (access(path.c_str(), F_OK) != 0) return text;
  const JsonValue file = ReadJsonFile(path);
  for (const char* name : {"$schema", "note"}) {
    const JsonValue* value = file.Find(name);
    if (value == nullptr || value->kind != JsonValue::Kind::kString) continue;
    text += "  " + ordered_json(name).dump() + ": " + ordered_json(value->string).dump() + ",\n";
  }
  return text;
}

}  // namespace

std::vector<Waiver> ReadWaivers(const std::string& path) {
  const JsonValue file = ReadJsonFile(path);
  file.OnlyMembers("the file of waivers", {"$schema", "note", "waivers"});
  const JsonValue* list = file.Find("waivers");
  if (list == nullptr) throw FileError(file.where, "the member \"waivers\" is missing");
  std::vector<Waiver> waivers;
  for (const JsonValue& item : list->AsArray("waivers")) {
    item.OnlyMembers("a waiver", {"case", "cause", "reason", "owner", "expires", "observed"});
    const JsonValue* cause = item.Find("cause");
    if (cause != nullptr && item.Find("case") != nullptr) {
      throw FileError(item.where, "a waiver has \"case\" or \"cause\", not both");
    }
    const auto text = [&item](std::string_view name) {
      const JsonValue* value = item.Find(name);
      if (value == nullptr || value->AsString(name).empty()) {
        throw FileError(item.where, "a waiver needs \"" + std::string(name) + "\"");
      }
      return value->string;
    };
    Waiver waiver{cause != nullptr ? std::string(kCausePrefix) + text("cause") : text("case"),
                  text("reason"),
                  text("owner"),
                  text("expires"),
                  cause != nullptr ? "" : text("observed"),
                  item.where};
    if (!IsDay(waiver.expires)) {
      throw FileError(item.Find("expires")->where, "expires is a day, such as 2027-01-31");
    }
    waivers.push_back(std::move(waiver));
  }
  return waivers;
}

std::string_view Waiver::cause() const {
  const std::string_view text = pattern;
  return text.starts_with(kCausePrefix) ? text.substr(kCausePrefix.size()) : std::string_view();
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
  const std::set<std::string> names = NamesOf(known);
  for (const Waiver& waiver : waivers) {
    if (auto one = Apply(waiver, today, names, record)) {
      one->message =
          waiver.where.file + ":" + std::to_string(waiver.where.line) + ": " + one->message;
      record.attention.push_back(std::move(*one));
    }
  }
  std::vector<std::string> attention;
  for (const WaiverAttention& one : record.attention) {
    if (one.unsettled.empty()) attention.push_back(one.message);
  }
  return attention;
}

std::string WaiverEntry(const RecordedCase& failure) {
  const Waiver waiver{"",           "why it is accepted", "who accepts it",
                      "2027-01-31", failure.observed,     {}};
  return Entry(failure.spec->Name(), waiver).dump();
}

std::string WaiverEntry(const Cause& cause) {
  const std::string pattern = std::string(kCausePrefix) + cause.id;
  return Entry(pattern, {pattern, "why it is accepted", "who accepts it", "2027-01-31", "", {}})
      .dump();
}

std::string WaiverFile(const std::string& path, const std::vector<Waiver>& known,
                       const RunRecord& record, const std::vector<Case>& cases,
                       std::string_view expires) {
  const std::set<std::string> names = NamesOf(cases);
  std::vector<Waiver> kept;
  const auto is_accepted = [&kept](const RecordedCase& failure) {
    return std::any_of(kept.begin(), kept.end(), [&](const Waiver& one) {
      if (!one.cause().empty()) return one.cause() == failure.cause;
      return one.observed == failure.observed && FitsPattern(failure.spec->Name(), one.pattern);
    });
  };
  for (const Waiver& waiver : known) {
    const Kept keep = KeepEntry(waiver, names, record);
    const bool twice = std::any_of(kept.begin(), kept.end(), [&](const Waiver& one) {
      return one.pattern == waiver.pattern && one.observed == keep.observed;
    });
    if (!keep.kept || twice) continue;
    kept.push_back(waiver);
    kept.back().observed = keep.observed;
  }
  std::vector<Waiver> added;
  for (const RecordedCase& one : record.cases) {
    const bool fails = Fails(one) && !one.held_back;
    if (fails && !is_accepted(one)) {
      added.push_back(NewEntry(one, known, expires));
    }
  }
  std::sort(added.begin(), added.end(),
            [](const Waiver& a, const Waiver& b) { return a.pattern < b.pattern; });
  kept.insert(kept.end(), added.begin(), added.end());
  std::string text = "{\n" + OtherMembers(path) + "  \"waivers\": [\n";
  for (std::size_t i = 0; i < kept.size(); ++i) {
    text += "    " +
            Entry(kept[i].pattern, kept[i])
                .dump(-1, ' ', false, ordered_json::error_handler_t::replace) +
            (i + 1 < kept.size() ? ",\n" : "\n");
  }
  return text + "  ]\n}\n";
}

}  // namespace grantspec
