#include "conformance/engine/options/case_selection.h"

#include <algorithm>

#include "fixtures/text/closest.h"

namespace grantspec {
namespace {

// Whether an option that lists names selects something: an empty list selects everything.
template <typename Fits>
bool Selects(const std::vector<std::string>& list, const Fits& fits) {
  return list.empty() || std::any_of(list.begin(), list.end(), fits);
}

bool IsOfLevel(const Case& one, const std::string& name) {
  if (name == "must") return one.level == Level::kMust;
  if (name == "should") return one.level == Level::kShould || one.level == Level::kSecurity;
  return one.level == Level::kMay || one.level == Level::kProfile;
}

bool HasRequirement(const Case& one, const std::string& prefix) {
  return std::any_of(one.clauses.begin(), one.clauses.end(),
                     [&prefix](const Clause* clause) { return clause->id.starts_with(prefix); });
}

// The clauses of all cases, and their documents and sections: RFC6749-5.2-12, RFC6749-5.2, RFC6749.
std::vector<std::string> RequirementsOf(const std::vector<Case>& cases) {
  std::set<std::string> known;
  for (const Case& one : cases) {
    for (const std::string& id : ClauseIds(one)) {
      known.insert(id);
      for (std::size_t at = id.find('-'); at != std::string::npos; at = id.find('-', at + 1)) {
        known.insert(id.substr(0, at));
      }
    }
  }
  return {known.begin(), known.end()};
}

}  // namespace

std::vector<std::string> ReadQuickCases(const std::string& path, const std::vector<Case>& cases) {
  std::set<std::string> known;
  for (const Case& one : cases) known.insert(one.Name());
  const JsonValue file = ReadJsonFile(path);
  file.AsObject("the file of quick cases").OnlyMembers("the file of quick cases", {"cases"});
  const JsonValue* list = file.Find("cases");
  if (list == nullptr) throw FileError(file.where, "the member \"cases\" is missing");
  std::vector<std::string> names;
  for (const JsonValue& one : list->AsArray("cases")) {
    const std::string& name = one.AsString("a case");
    if (!known.contains(name)) throw FileError(one.where, "there is no case " + name);
    names.push_back(name);
  }
  return names;
}

bool IsSelected(const Case& one, const Options& options) {
  // What all responses have to be costs no request.
  if (options.quick && one.standing == nullptr &&
      std::find(options.quick_cases.begin(), options.quick_cases.end(), one.Name()) ==
          options.quick_cases.end()) {
    return false;
  }
  if (!options.replay.empty() && !options.replayed.contains(one.Name())) return false;
  if (options.tier != "all" && ToString(one.tier) != options.tier) return false;
  return Selects(options.categories,
                 [&one](const std::string& name) { return one.category == name; }) &&
         Selects(options.levels,
                 [&one](const std::string& name) { return IsOfLevel(one, name); }) &&
         Selects(options.requirements,
                 [&one](const std::string& prefix) { return HasRequirement(one, prefix); });
}

std::size_t CountOtherTier(const std::vector<Case>& cases, const Options& options) {
  Options all = options;
  all.tier = "all";
  return static_cast<std::size_t>(std::count_if(cases.begin(), cases.end(), [&](const Case& one) {
    return !IsSelected(one, options) && IsSelected(one, all);
  }));
}

void CheckCategories(const std::vector<std::string>& categories,
                     const std::set<std::string>& known) {
  for (const std::string& name : categories) {
    if (known.contains(name)) continue;
    std::string list;
    for (const std::string& one : known) list += (list.empty() ? "" : ", ") + one;
    const std::string meant = DidYouMean(name, {known.begin(), known.end()});
    throw UsageError("unknown category " + name + (meant.empty() ? "." : meant) +
                     " The categories are: " + list);
  }
}

void ThrowUnknownName(const std::string& what, const std::string& name,
                      const std::vector<std::string>& known) {
  const std::string meant = DidYouMean(name, known);
  throw UsageError("unknown " + what + " " + name +
                   (meant.empty() ? "; --list shows the names" : meant));
}

std::vector<std::string> UnknownRequirements(const std::vector<std::string>& requirements,
                                             const std::vector<Case>& cases) {
  std::vector<std::string> sentences;
  for (const std::string& prefix : requirements) {
    const bool known = std::any_of(cases.begin(), cases.end(), [&prefix](const Case& one) {
      return HasRequirement(one, prefix);
    });
    if (known) continue;
    const std::string meant = DidYouMean(prefix, RequirementsOf(cases));
    sentences.push_back("no case has the requirement " + prefix +
                        (meant.empty() ? "; --list=json shows the requirements" : meant));
  }
  return sentences;
}

}  // namespace grantspec
