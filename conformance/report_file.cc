#include "conformance/report_file.h"

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>

#include "conformance/gate.h"
#include "conformance/report/text.h"
#include "fixtures/files/json_file.h"

namespace grantspec {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kReportBytesMax = 256 * 1024 * 1024;

ordered_json ReadReport(const std::string& path) {
  ordered_json report = ordered_json::parse(ReadFile(path, kReportBytesMax), nullptr, false);
  const auto fits = [&report] {
    if (!report.is_object() || report.value("schema", "") != "grantspec-report/1") return false;
    if (!report.contains("cases") || !report["cases"].is_array()) return false;
    return std::all_of(report["cases"].begin(), report["cases"].end(), [](const auto& one) {
      return one.is_object() && one.contains("id") && one["id"].is_string() &&
             one.contains("verdict") && one["verdict"].is_string();
    });
  };
  if (report.is_discarded() || !fits()) {
    throw FileError({path, 1}, "this is no report of grantspec (grantspec-report/1)");
  }
  return report;
}

std::map<std::string, std::string> VerdictsOf(const std::string& path) {
  std::map<std::string, std::string> verdicts;
  const ordered_json report = ReadReport(path);
  for (const auto& one : report["cases"]) verdicts[one["id"]] = one["verdict"];
  return verdicts;
}

bool IsJudged(const std::string& verdict) {
  return verdict != "inconclusive" && verdict != "not_applicable";
}

// Later ones are graver.
constexpr std::array<std::string_view, 7> kByWeight = {"not_applicable", "pass",   "info", "warn",
                                                       "inconclusive",   "waived", "fail"};

std::size_t WeightOf(const std::string& verdict) {
  return static_cast<std::size_t>(std::find(kByWeight.begin(), kByWeight.end(), verdict) -
                                  kByWeight.begin());
}

}  // namespace

Comparison CompareReports(const std::string& old_path, const std::string& new_path) {
  const auto before = VerdictsOf(old_path), now = VerdictsOf(new_path);
  Comparison out;
  for (const auto& [name, verdict] : now) {
    const auto found = before.find(name);
    if (found == before.end()) {
      out.added.push_back(name + ": " + verdict);
      continue;
    }
    if (found->second == verdict) continue;
    const std::string line = name + ": " + found->second + " -> " + verdict;
    if (verdict == "fail" || (IsJudged(found->second) && !IsJudged(verdict))) {
      out.regressions.push_back(line);
    } else if (found->second == "fail" && verdict != "waived") {
      out.fixes.push_back(line);
    } else {
      out.others.push_back(line);
    }
  }
  for (const auto& [name, verdict] : before) {
    if (!now.contains(name)) out.gone.push_back(name + ": " + verdict);
  }
  return out;
}

int PrintComparison(std::ostream& out, const Comparison& comparison) {
  const auto print = [&out](const char* title, const std::vector<std::string>& lines) {
    if (lines.empty()) return;
    out << title << " (" << lines.size() << ")\n";
    for (const std::string& line : lines) out << "  " << Printable(line) << '\n';
  };
  print("regressions", comparison.regressions);
  print("fixes", comparison.fixes);
  print("other changes", comparison.others);
  print("new cases", comparison.added);
  print("gone cases", comparison.gone);
  const bool same = comparison.regressions.empty() && comparison.fixes.empty() &&
                    comparison.others.empty() && comparison.added.empty() &&
                    comparison.gone.empty();
  if (same) out << "no case differs\n";
  return comparison.regressions.empty() ? kNoFailure : kFailures;
}

std::string MergeReports(const std::vector<std::string>& paths) {
  static constexpr std::array<int, 7> kGravest = {kInternal, kUsage,      kNothingJudged, kFailures,
                                                  kWaivers,  kIncomplete, kNoFailure};
  ordered_json merged;
  std::map<std::string, std::size_t> index;
  ordered_json cases = ordered_json::array();
  std::map<std::string, std::int64_t> counters;
  std::size_t gravest = kGravest.size() - 1;
  std::size_t selected_elsewhere = 0;
  double seconds = 0;
  for (const std::string& path : paths) {
    const ordered_json report = ReadReport(path);
    if (merged.is_null()) merged = report;
    if (report["target"] != merged["target"] || report["suite"] != merged["suite"]) {
      throw FileError({path, 1}, "another target or another version than that of " + paths.front());
    }
    const int code = report.value("exit_code", kInternal);
    // A shard that got no case is no news.
    const bool empty = code == kIncomplete && report["cases"].empty();
    if (!empty) {
      gravest = std::min<std::size_t>(
          gravest, static_cast<std::size_t>(std::find(kGravest.begin(), kGravest.end() - 1, code) -
                                            kGravest.begin()));
    }
    seconds = std::max(seconds, report.value("seconds", 0.0));
    for (const char* name : {"requests", "tokens_issued", "failed_logins"}) {
      counters[name] += report["summary"].value(name, std::int64_t{0});
    }
    selected_elsewhere += report["cases"].size();
    const std::size_t all =
        report["cases"].size() + report["summary"].value("deselected", std::size_t{0});
    counters["all"] = std::max(counters["all"], static_cast<std::int64_t>(all));
    for (const auto& one : report["cases"]) {
      const std::string name = one["id"];
      if (!index.contains(name)) {
        index[name] = cases.size();
        cases.push_back(one);
      } else if (WeightOf(one["verdict"]) > WeightOf(cases[index[name]]["verdict"])) {
        cases[index[name]] = one;
      }
    }
  }
  ordered_json summary;
  for (const char* name :
       {"pass", "warn", "fail", "info", "waived", "inconclusive", "not_applicable"}) {
    summary[name] = std::count_if(cases.begin(), cases.end(),
                                  [name](const auto& one) { return one["verdict"] == name; });
  }
  summary["deselected"] =
      std::max<std::int64_t>(0, counters["all"] - static_cast<std::int64_t>(cases.size()));
  for (const char* name : {"requests", "tokens_issued", "failed_logins"}) {
    summary[name] = counters[name];
  }
  std::map<std::string, ordered_json> requirements;
  for (const std::string& path : paths) {
    for (const auto& one : ReadReport(path).value("requirements", ordered_json::array())) {
      ordered_json& entry = requirements[one.value("id", "")];
      if (entry.is_null()) {
        entry = one;
        continue;
      }
      if (WeightOf(one["verdict"]) > WeightOf(entry["verdict"])) entry["verdict"] = one["verdict"];
      for (const auto& name : one["cases"]) {
        if (std::find(entry["cases"].begin(), entry["cases"].end(), name) == entry["cases"].end()) {
          entry["cases"].push_back(name);
        }
      }
    }
  }
  merged["seconds"] = seconds;
  merged["exit_code"] = selected_elsewhere == 0 ? kIncomplete : kGravest[gravest];
  merged.erase("message");
  merged["summary"] = summary;
  merged["cases"] = cases;
  merged["requirements"] = ordered_json::array();
  for (const auto& [id, entry] : requirements) merged["requirements"].push_back(entry);
  return merged.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

int ExitCodeOf(const std::string& report) {
  return ordered_json::parse(report).value("exit_code", kInternal);
}

std::set<std::string> FailuresOf(const std::string& path) {
  std::set<std::string> names;
  for (const auto& [name, verdict] : VerdictsOf(path)) {
    if (verdict == "fail" || verdict == "inconclusive") names.insert(name);
  }
  return names;
}

}  // namespace grantspec
