#include "conformance/diagnosis/merge.h"

#include <algorithm>
#include <map>
#include <set>

#include "conformance/diagnosis/diagnosis.h"
#include "conformance/diagnosis/fingerprint.h"

namespace grantspec {
namespace {

bool HasPrefix(std::string_view decision, const std::vector<std::string_view>& beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(), [decision](std::string_view one) {
    return decision.starts_with(one);
  });
}

void MoveCases(FindingGroup& from, FindingGroup& to) {
  to.cases.insert(to.cases.end(), from.cases.begin(), from.cases.end());
  std::sort(to.cases.begin(), to.cases.end());
  from.cases.clear();
}

void EraseEmpty(std::vector<FindingGroup>& groups) {
  std::erase_if(groups, [](const FindingGroup& one) { return one.cases.empty(); });
}

// Moves the cases of a group in which a response passes.
void MovePassing(std::string_view passing, const RunRecord& record, FindingGroup& from,
                 FindingGroup& to) {
  if (passing.empty()) return;
  FindingGroup part;
  std::erase_if(from.cases, [&](std::size_t at) {
    const bool moves = PassingOf(record.cases[at]).find(passing) != std::string_view::npos;
    if (moves) part.cases.push_back(at);
    return moves;
  });
  MoveCases(part, to);
}

void Apply(const MergeRule& rule, const RunRecord& record, std::vector<FindingGroup>& groups) {
  const auto is_there = [&](std::string_view decision) {
    return std::any_of(groups.begin(), groups.end(), [&](const FindingGroup& one) {
      return one.kind == rule.kind && one.rule == nullptr && one.decision == decision;
    });
  };
  if (!std::all_of(rule.needs.begin(), rule.needs.end(), is_there)) return;
  FindingGroup merged{rule.kind, rule.needs.front(), "", {}, &rule};
  for (FindingGroup& one : groups) {
    if (one.kind != rule.kind || one.rule != nullptr) continue;
    if (HasPrefix(one.decision, rule.absorbs)) {
      MoveCases(one, merged);
    } else {
      MovePassing(rule.absorbs_passing, record, one, merged);
    }
  }
  EraseEmpty(groups);
  groups.push_back(std::move(merged));
}

// What a case says of the response, in words that two checks may have in common.
std::string TextOf(const RecordedCase& recorded) {
  const std::string& actual = recorded.verdict.actual;
  return Masked(actual.substr(0, actual.find("; ")), "");
}

// A defect of one header or member makes several checks say the same.
void MergeEqualTexts(const RunRecord& record, std::vector<FindingGroup>& groups) {
  std::map<std::string, FindingGroup*> first;
  for (FindingGroup& group : groups) {
    if (group.kind != MissKind::kCheckFailed) continue;
    FindingGroup* target = nullptr;
    for (const std::size_t at : group.cases) {
      const auto found = first.find(TextOf(record.cases[at]));
      if (found != first.end() && found->second != &group) target = found->second;
    }
    if (target != nullptr) {
      const std::vector<std::size_t> moved = group.cases;
      MoveCases(group, *target);
      for (const std::size_t at : moved) first.try_emplace(TextOf(record.cases[at]), target);
    } else {
      for (const std::size_t at : group.cases) {
        first.try_emplace(TextOf(record.cases[at]), &group);
      }
    }
  }
  EraseEmpty(groups);
}

}  // namespace

std::span<const MergeRule> MergeRules() {
  static const std::vector<MergeRule> rules = {
      {"credentials_unchecked",
       MissKind::kTokenIssued,
       {"secret.value", "client.lookup"},
       {"login.", "secret.", "client."},
       "Credentials are not checked: any client identifier and any secret get a token",
       "invalid_client"},
      {"secret_unchecked",
       MissKind::kTokenIssued,
       {"secret.value", "secret.exact"},
       {"secret.", "login.colon", "login.characters", "login.form_coding", "login.empty"},
       "The secret is not checked: any secret gets a token"},
      {"scope_unchecked",
       MissKind::kTokenIssued,
       {"scope.known", "scope.grammar"},
       {"scope.known", "scope.grammar", "scope.exact", "scope.granted", "scope.separator"},
       "Scopes are not checked: any scope gets a token"},
  };
  return rules;
}

void JoinStandingCases(const RunRecord& record, std::vector<FindingGroup>& groups) {
  std::map<std::string, std::size_t> group_of;  // by the name of a case
  for (std::size_t g = 0; g < groups.size(); ++g) {
    for (const std::size_t at : groups[g].cases) {
      const Case& spec = *record.cases[at].spec;
      if (spec.standing == nullptr) group_of[spec.Name()] = g;
    }
  }
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const std::vector<std::size_t> cases = groups[g].cases;
    for (const std::size_t at : cases) {
      if (record.cases[at].spec->standing == nullptr) continue;
      const std::vector<std::string>& named = record.cases[at].violating;
      std::map<std::size_t, std::size_t> held;
      for (const std::string& name : named) {
        if (const auto found = group_of.find(name); found != group_of.end()) ++held[found->second];
      }
      const auto most = std::max_element(
          held.begin(), held.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
      if (most == held.end() || most->second * 2 < named.size() || most->first == g) continue;
      std::erase(groups[g].cases, at);
      groups[most->first].cases.push_back(at);
    }
  }
  EraseEmpty(groups);
}

void MergeGroups(const RunRecord& record, std::vector<FindingGroup>& groups) {
  for (const MergeRule& rule : MergeRules()) Apply(rule, record, groups);
  MergeEqualTexts(record, groups);
}

}  // namespace grantspec
