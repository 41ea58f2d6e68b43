#include "conformance/engine/record/report_file.h"

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "conformance/engine/record/report_read.h"
#include "conformance/engine/record/text.h"
#include "conformance/engine/record/waiver.h"

namespace grantspec {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kListedMax = 5;  // names in one sentence

bool IsJudged(Outcome outcome) {
  return outcome != Outcome::kInconclusive && outcome != Outcome::kNotApplicable;
}

// Why a report has no result for its target, or nothing.
std::string WhyNotJudged(const StoredReport& report) {
  const Conclusion conclusion = ConclusionOf(StateOf(report));
  const int code = conclusion.exit_code;
  if (code == kInterrupted || code == kNothingJudged || !report.incomplete.empty()) {
    return conclusion.message;
  }
  return JudgedCases(report) == 0 ? "no case was judged" : "";
}

// What keeps two reports from being compared as a whole.
std::vector<std::string> ProblemsOf(const StoredReport& before, const StoredReport& now) {
  std::vector<std::string> problems;
  if (!IsSameTarget(before, now)) {
    const auto name = [](const StoredReport& report) {
      return report.embedded ? "the embedded endpoint" : report.url;
    };
    problems.push_back("different targets: " + name(before) + " and " + name(now));
  }
  if (JudgedCases(before) == 0) {
    problems.push_back(before.path + ": no case was judged, so that there is nothing to compare");
  }
  const std::string why = WhyNotJudged(now);
  if (!why.empty()) {
    problems.push_back(now.path + ": the run was not judged: " + why);
  } else if (ConclusionOf(StateOf(now)).exit_code == kIncomplete &&
             ConclusionOf(StateOf(before)).exit_code != kIncomplete) {
    problems.push_back(now.path + ": " + ConclusionOf(StateOf(now)).message);
  }
  return problems;
}

void CompareCase(const StoredCase& now, Outcome before, Comparison& out) {
  if (before == now.outcome) return;
  const std::string line =
      now.id + ": " + std::string(ToString(before)) + " -> " + std::string(ToString(now.outcome));
  if (now.outcome == Outcome::kFail || (IsJudged(before) && !IsJudged(now.outcome))) {
    out.regressions.push_back(line);
  } else if (before == Outcome::kFail && now.outcome != Outcome::kWaived) {
    out.fixes.push_back(line);
  } else {
    out.others.push_back(line);
  }
}

// Causes of two runs. A report of version 1 names none: they can be neither new nor gone.
void CompareCauses(const StoredReport& before, const StoredReport& now, Comparison& out) {
  if (before.json.Find("causes") == nullptr || now.json.Find("causes") == nullptr) return;
  const auto find = [](const StoredReport& report, const std::string& id) {
    return std::find_if(report.causes.begin(), report.causes.end(),
                        [&id](const StoredCause& one) { return one.id == id; });
  };
  const auto line = [](const StoredCause& one) {
    return one.id + " " + std::string(ToString(one.severity)) + ": " + one.title + " (" +
           Counted(one.explains.size(), "case") + ")";
  };
  for (const StoredCause& one : now.causes) {
    const bool stayed = find(before, one.id) != before.causes.end();
    (stayed ? out.causes_stayed : out.causes_added).push_back(line(one));
  }
  for (const StoredCause& one : before.causes) {
    if (find(now, one.id) == now.causes.end()) out.causes_gone.push_back(line(one));
  }
}

ordered_json JsonOf(const JsonValue& value) {
  switch (value.kind) {
    case JsonValue::Kind::kNull:
      return nullptr;
    case JsonValue::Kind::kBoolean:
      return value.boolean;
    case JsonValue::Kind::kInteger:
      return value.integer;
    case JsonValue::Kind::kNumber:
      return value.number;
    case JsonValue::Kind::kString:
      return value.string;
    case JsonValue::Kind::kArray: {
      ordered_json list = ordered_json::array();
      for (const JsonValue& item : value.items) list.push_back(JsonOf(item));
      return list;
    }
    case JsonValue::Kind::kObject: {
      ordered_json object = ordered_json::object();
      for (const auto& [name, member] : value.members) object[name] = JsonOf(member);
      return object;
    }
  }
  return nullptr;
}

std::string Listed(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < std::min(names.size(), kListedMax); ++i) {
    out += (i > 0 ? ", " : "") + names[i];
  }
  return names.size() > kListedMax ? out + " ..." : out;
}

// Merges reports one by one; each can be dropped afterwards.
class Merger {
 public:
  void Add(StoredReport report);
  MergedReport Finish();

 private:
  struct Source {
    std::string path;
    std::string run_id;
    int shard = 0, shards = 0;
  };

  void AddCase(const StoredReport& report, std::size_t index, bool shard_given_before);
  void CheckShards(std::vector<std::string>& problems) const;
  void AddCauses(const StoredReport& report);
  void SettleAttention();
  ordered_json SummaryJson() const;
  ordered_json RequirementsJson() const;

  StoredReport all_;  // what the exit code is computed from
  ordered_json json_;
  ordered_json cases_ = ordered_json::array();
  ordered_json causes_ = ordered_json::array();
  std::vector<Source> sources_;
  std::map<std::string, std::pair<std::size_t, std::string>> index_;  // of a case; its report
  std::vector<std::string> doubled_;                                  // cases of two reports
  std::int64_t known_ = 0;                                            // cases that there are
};

void Merger::Add(StoredReport report) {
  if (sources_.empty()) {
    all_.url = report.url;
    all_.embedded = report.embedded;
    all_.insecure = report.insecure;
    all_.version = report.version;
    all_.case_set = report.case_set;
    all_.fail_on = report.fail_on;
    for (const auto& [name, value] : report.json.members) {
      if (name != "cases" && name != "requirements" && name != "causes") {
        json_[name] = JsonOf(value);
      }
    }
  } else if (!IsSameTarget(all_, report) || all_.insecure != report.insecure ||
             all_.version != report.version || all_.case_set != report.case_set) {
    throw FileError({report.path, 1},
                    "another target or another version than that of " + sources_.front().path);
  }
  const bool again = std::any_of(sources_.begin(), sources_.end(), [&report](const Source& one) {
    return report.shards > 0 && one.shard == report.shard && one.shards == report.shards;
  });
  sources_.push_back({report.path, report.run_id, report.shard, report.shards});
  for (std::size_t i = 0; i < report.cases.size(); ++i) AddCase(report, i, again);
  AddCauses(report);
  known_ = std::max(known_, report.deselected + static_cast<std::int64_t>(report.cases.size()));
  all_.seconds = std::max(all_.seconds, report.seconds);
  all_.counters.requests += report.counters.requests;
  all_.counters.tokens_issued += report.counters.tokens_issued;
  all_.counters.failed_logins += report.counters.failed_logins;
  all_.interrupted = all_.interrupted || report.interrupted;
  if (all_.stopped.empty()) all_.stopped = report.stopped;
  if (all_.incomplete.empty()) all_.incomplete = report.incomplete;
  const auto strictness = [](const std::string& fail_on) {
    return fail_on == "should" ? 2 : fail_on == "must" ? 1 : 0;
  };
  if (strictness(report.fail_on) > strictness(all_.fail_on)) all_.fail_on = report.fail_on;
  for (WaiverAttention& one : report.attention) {
    const bool known = std::any_of(
        all_.attention.begin(), all_.attention.end(), [&one](const WaiverAttention& other) {
          return other.pattern == one.pattern && other.message == one.message;
        });
    if (!known) all_.attention.push_back(std::move(one));
  }
  all_.clause_levels.merge(report.clause_levels);
}

void Merger::AddCase(const StoredReport& report, std::size_t index, bool shard_given_before) {
  const StoredCase& one = report.cases[index];
  const JsonValue& json = report.json.Find("cases")->items[index];
  const auto found = index_.find(one.id);
  if (found == index_.end()) {
    index_[one.id] = {all_.cases.size(), report.path};
    all_.cases.push_back(one);
    cases_.push_back(JsonOf(json));
    return;
  }
  const auto& [at, path] = found->second;
  if (!shard_given_before) doubled_.push_back(one.id + " (" + path + ", " + report.path + ")");
  if (one.outcome > all_.cases[at].outcome) {
    all_.cases[at] = one;
    cases_[at] = JsonOf(json);
  }
}

// Two shards may see one cause in different cases.
void Merger::AddCauses(const StoredReport& report) {
  for (std::size_t i = 0; i < report.causes.size(); ++i) {
    const StoredCause& one = report.causes[i];
    const auto found =
        std::find_if(all_.causes.begin(), all_.causes.end(),
                     [&one](const StoredCause& other) { return other.id == one.id; });
    if (found == all_.causes.end()) {
      all_.causes.push_back(one);
      causes_.push_back(JsonOf(report.json.Find("causes")->items[i]));
      continue;
    }
    ordered_json& json = causes_[static_cast<std::size_t>(found - all_.causes.begin())];
    for (const std::string& name : one.explains) {
      auto& names = found->explains;
      if (std::find(names.begin(), names.end(), name) != names.end()) continue;
      names.push_back(name);
      json["explains"].push_back(name);
    }
    if (one.severity > found->severity) {
      found->severity = one.severity;
      json["severity"] = ToString(one.severity);
    }
  }
}

void Merger::CheckShards(std::vector<std::string>& problems) const {
  const Source* first = nullptr;
  std::map<int, std::string> given;  // path by shard
  std::string other_run;
  for (const Source& one : sources_) {
    if (one.shards == 0) continue;
    if (first == nullptr) first = &one;
    if (one.shards != first->shards) {
      problems.push_back(first->path + " is of " + Counted(first->shards, "shard") + ", " +
                         one.path + " of " + std::to_string(one.shards));
      return;
    }
    const bool named = !one.run_id.empty() && !first->run_id.empty();
    if (named && one.run_id != first->run_id && other_run.empty()) other_run = one.path;
    const auto [at, is_new] = given.emplace(one.shard, one.path);
    if (!is_new) {
      problems.push_back("shard " + std::to_string(one.shard) + " is given twice: " + at->second +
                         ", " + one.path);
    }
  }
  if (first == nullptr) return;
  if (!other_run.empty()) {
    problems.push_back(first->path + " and " + other_run + " are of different runs");
  }
  std::vector<std::string> missing;
  for (int i = 0; i < first->shards && missing.size() <= kListedMax; ++i) {
    if (!given.contains(i)) missing.push_back(std::to_string(i));
  }
  if (!missing.empty()) {
    problems.push_back("no report of shard " + Listed(missing) + " (of " +
                       std::to_string(first->shards) + ", counted from 0)");
  }
}

// A waiver that one shard had no use for may be used by another one, or wait for its cases.
void Merger::SettleAttention() {
  for (WaiverAttention& one : all_.attention) {
    std::erase_if(one.unsettled, [this](const std::string& name) {
      const auto found = index_.find(name);
      return found != index_.end() &&
             all_.cases[found->second.first].outcome != Outcome::kInconclusive;
    });
  }
  std::erase_if(all_.attention, [this](const WaiverAttention& one) {
    return one.unused && std::any_of(all_.cases.begin(), all_.cases.end(), [&](const auto& known) {
             return known.outcome == Outcome::kWaived &&
                    (FitsPattern(known.id, one.pattern) ||
                     one.pattern == std::string(kCausePrefix) + known.cause);
           });
  });
}

ordered_json Merger::SummaryJson() const {
  ordered_json summary;
  for (const Outcome outcome :
       {Outcome::kPass, Outcome::kWarn, Outcome::kFail, Outcome::kInfo, Outcome::kWaived,
        Outcome::kInconclusive, Outcome::kNotApplicable}) {
    summary[std::string(ToString(outcome))] =
        std::count_if(all_.cases.begin(), all_.cases.end(),
                      [outcome](const StoredCase& one) { return one.outcome == outcome; });
  }
  summary["deselected"] =
      std::max<std::int64_t>(0, known_ - static_cast<std::int64_t>(all_.cases.size()));
  summary["requests"] = all_.counters.requests;
  summary["tokens_issued"] = all_.counters.tokens_issued;
  summary["failed_logins"] = all_.counters.failed_logins;
  return summary;
}

ordered_json Merger::RequirementsJson() const {
  std::map<std::string, std::pair<Outcome, std::vector<std::string>>> requirements;
  for (const StoredCase& one : all_.cases) {
    for (const std::string& clause : one.requirements) {
      auto& [worst, names] =
          requirements.try_emplace(clause, Outcome::kNotApplicable, std::vector<std::string>())
              .first->second;
      worst = std::max(worst, one.outcome);
      names.push_back(one.id);
    }
  }
  ordered_json list = ordered_json::array();
  for (const auto& [id, entry] : requirements) {
    const auto level = all_.clause_levels.find(id);
    list.push_back({{"id", id},
                    {"level", level == all_.clause_levels.end() ? "" : level->second},
                    {"verdict", ToString(entry.first)},
                    {"cases", entry.second}});
  }
  return list;
}

MergedReport Merger::Finish() {
  std::vector<std::string> problems;
  if (!all_.incomplete.empty()) problems.push_back(all_.incomplete);
  CheckShards(problems);
  if (!doubled_.empty()) {
    problems.push_back(Counted(doubled_.size(), "case") + " in two reports: " + Listed(doubled_));
  }
  all_.incomplete.clear();
  for (const std::string& one : problems) {
    all_.incomplete += (all_.incomplete.empty() ? "" : "; ") + one;
  }
  SettleAttention();
  const Conclusion conclusion = ConclusionOf(StateOf(all_));
  json_["seconds"] = all_.seconds;
  json_["exit_code"] = conclusion.exit_code;
  json_.erase("message");
  json_.erase("message_bytes");
  if (!conclusion.message.empty()) json_["message"] = conclusion.message;
  ordered_json run = {{"interrupted", all_.interrupted}};
  if (!sources_.front().run_id.empty()) run["id"] = sources_.front().run_id;
  if (!all_.stopped.empty()) run["stopped"] = all_.stopped;
  if (!all_.incomplete.empty()) run["incomplete"] = all_.incomplete;
  json_["run"] = run;
  json_["fail_on"] = all_.fail_on;
  json_["attention"] = ordered_json::array();
  for (const WaiverAttention& one : all_.attention) {
    json_["attention"].push_back({{"waiver", one.pattern},
                                  {"message", one.message},
                                  {"unused", one.unused},
                                  {"unsettled", one.unsettled}});
  }
  json_["summary"] = SummaryJson();
  std::stable_sort(causes_.begin(), causes_.end(), [](const auto& a, const auto& b) {
    const auto rank = [](const ordered_json& one) {
      return one["severity"] == "fail" ? 2 : one["severity"] == "warn" ? 1 : 0;
    };
    return rank(a) > rank(b);
  });
  json_["schema"] = "grantspec-report/2";
  json_["causes"] = std::move(causes_);
  json_["cases"] = std::move(cases_);
  json_["requirements"] = RequirementsJson();
  return {json_.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n",
          conclusion.exit_code, conclusion.message};
}

}  // namespace

Comparison CompareReports(const std::string& old_path, const std::string& new_path) {
  const StoredReport before = ReadReport(old_path), now = ReadReport(new_path);
  Comparison out;
  out.problems = ProblemsOf(before, now);
  std::map<std::string, Outcome> earlier;
  for (const StoredCase& one : before.cases) earlier[one.id] = one.outcome;
  std::set<std::string> names;
  for (const StoredCase& one : now.cases) {
    names.insert(one.id);
    const auto found = earlier.find(one.id);
    if (found == earlier.end()) {
      out.added.push_back(one.id + ": " + std::string(ToString(one.outcome)));
    } else {
      CompareCase(one, found->second, out);
    }
  }
  for (const auto& [name, outcome] : earlier) {
    if (!names.contains(name)) out.gone.push_back(name + ": " + std::string(ToString(outcome)));
  }
  CompareCauses(before, now, out);
  return out;
}

int PrintComparison(std::ostream& out, const Comparison& comparison, bool allow_gone) {
  bool same = true;
  const auto print = [&](const char* title, const std::vector<std::string>& lines) {
    if (lines.empty()) return;
    same = false;
    out << title << " (" << lines.size() << ")\n";
    for (const std::string& line : lines) out << "  " << Printable(line) << '\n';
  };
  print("not comparable", comparison.problems);
  print("new causes", comparison.causes_added);
  print("causes that are gone", comparison.causes_gone);
  print("regressions", comparison.regressions);
  print("fixes", comparison.fixes);
  print("other changes", comparison.others);
  print("new cases", comparison.added);
  print(allow_gone ? "gone cases" : "gone cases, which --allow-gone would accept", comparison.gone);
  if (same) out << "no case differs\n";
  print("causes that stayed", comparison.causes_stayed);
  const bool bad = !comparison.problems.empty() || !comparison.regressions.empty() ||
                   (!comparison.gone.empty() && !allow_gone);
  return bad ? kFailures : kNoFailure;
}

MergedReport MergeReports(const std::vector<std::string>& paths) {
  Merger merger;
  for (const std::string& path : paths) merger.Add(ReadReport(path));
  return merger.Finish();
}

std::set<std::string> FailuresOf(const std::string& path, const std::string& cause) {
  const StoredReport report = ReadReport(path);
  std::set<std::string> names;
  if (!cause.empty()) {
    const auto found = std::find_if(report.causes.begin(), report.causes.end(),
                                    [&cause](const StoredCause& one) { return one.id == cause; });
    if (found == report.causes.end()) {
      throw FileError({path, 1}, "no cause of the report has the id " + cause);
    }
    names.insert(found->explains.begin(), found->explains.end());
    // A case about all responses needs some.
    for (const StoredCase& one : report.cases) {
      if (!names.contains(one.id)) continue;
      const auto end = one.violating.begin() +
                       static_cast<std::ptrdiff_t>(std::min(one.violating.size(), kListedMax));
      names.insert(one.violating.begin(), end);
    }
    return names;
  }
  for (const StoredCase& one : report.cases) {
    if (one.outcome == Outcome::kFail || one.outcome == Outcome::kInconclusive) {
      names.insert(one.id);
    }
  }
  return names;
}

}  // namespace grantspec
