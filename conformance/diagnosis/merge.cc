#include "conformance/diagnosis/merge.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "conformance/diagnosis/diagnosis.h"
#include "conformance/diagnosis/fingerprint.h"

namespace grantspec {
namespace {

bool HasPrefix(std::string_view decision, const std::vector<std::string_view>& beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(),
                     [decision](std::string_view one) { return decision.starts_with(one); });
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
  for (FindingGroup& one : groups) {
    if (rule.also && one.kind == *rule.also) MoveCases(one, merged);
  }
  EraseEmpty(groups);
  groups.push_back(std::move(merged));
}

// The fingerprint of the response that decided a case.
std::string FingerprintIn(const RunRecord& record, std::size_t at) {
  const RecordedExchange* exchange = DecidingExchange(record.cases[at]);
  return exchange == nullptr ? "" : FingerprintOf(*exchange);
}

bool HasOnly(const FindingGroup& group, const std::string& fingerprint, const RunRecord& record) {
  return std::all_of(group.cases.begin(), group.cases.end(),
                     [&](std::size_t at) { return FingerprintIn(record, at) == fingerprint; });
}

bool IsAboutResources(const FindingGroup& group, const RunRecord& record) {
  return std::all_of(group.cases.begin(), group.cases.end(), [&](std::size_t at) {
    return DecisionOf(*record.cases[at].spec).id.starts_with("resource.");
  });
}

// What is left over of a refusal: the same response, where another refusal was right.
void JoinWrongErrors(const RunRecord& record, FindingGroup& refused, const std::string& fingerprint,
                     std::vector<FindingGroup>& groups) {
  for (FindingGroup& one : groups) {
    if (one.kind != MissKind::kWrongError || !HasOnly(one, fingerprint, record)) continue;
    const bool resource = IsAboutResources(one, record) && IsAboutResources(refused, record);
    if (resource || one.cases.size() < refused.cases.size()) MoveCases(one, refused);
  }
}

// Valid requests of many kinds that are refused by one response are one defect: so is the baseline
// request with anything else.
void MergeRefusals(const RunRecord& record, std::vector<FindingGroup>& groups) {
  constexpr std::size_t kDecisionsMin = 3;
  std::map<std::string, std::vector<FindingGroup*>> by_fingerprint;
  for (FindingGroup& group : groups) {
    if (group.kind != MissKind::kRefused) continue;
    const std::string fingerprint = FingerprintIn(record, group.cases.front());
    if (HasOnly(group, fingerprint, record)) by_fingerprint[fingerprint].push_back(&group);
  }
  for (auto& [fingerprint, refused] : by_fingerprint) {
    const bool baseline = std::any_of(refused.begin(), refused.end(), [](const FindingGroup* one) {
      return one->decision == "baseline";
    });
    FindingGroup& first = *refused.front();
    if (refused.size() >= kDecisionsMin || (baseline && refused.size() > 1)) {
      for (std::size_t i = 1; i < refused.size(); ++i) MoveCases(*refused[i], first);
      first.decision = "";
      first.look = fingerprint;
    }
    for (FindingGroup* one : refused) {
      if (!one->cases.empty()) JoinWrongErrors(record, *one, fingerprint, groups);
    }
  }
  EraseEmpty(groups);
}

// Checks that fail since a failed login gets a wrong response.
void JoinFollowers(const RunRecord& record, std::vector<FindingGroup>& groups) {
  constexpr std::string_view kFollowers[] = {"second_refused", "not_invalid_grant"};
  FindingGroup* logins = nullptr;
  for (FindingGroup& one : groups) {
    if (one.kind != MissKind::kWrongError && one.kind != MissKind::kTokenIssued) continue;
    const bool has_login = std::any_of(one.cases.begin(), one.cases.end(), [&](std::size_t at) {
      return DecisionIn(record.cases[at], MissKind::kTokenIssued).id == "secret.value";
    });
    if (has_login && (logins == nullptr || one.cases.size() > logins->cases.size())) logins = &one;
  }
  if (logins == nullptr) return;
  for (FindingGroup& one : groups) {
    const bool follows =
        std::find(std::begin(kFollowers), std::end(kFollowers), one.look) != std::end(kFollowers);
    if (one.kind == MissKind::kCheckFailed && follows) MoveCases(one, *logins);
  }
  EraseEmpty(groups);
}

// What a case says of the response, in words that two checks may have in common.
std::string TextOf(const RecordedCase& recorded) {
  const std::string& actual = recorded.verdict.actual;
  return Masked(actual.substr(0, actual.find("; ")), "");
}

// What checks of one header or member have in common; the check itself where there are no others.
std::string_view SubjectOfCheck(std::string_view check) {
  struct Member {
    std::string_view beginning, subject;
  };
  static constexpr Member kMembers[] = {
      {"expires_in_", "expires_in"},
      {"no_nulls", "expires_in"},
      {"metadata_", "metadata"},
      {"access_token_string", "access_token"},
      {"strings_are_strings", "access_token"},
      {"challenge_realm", "challenge"},
      {"challenge_grammar", "challenge"},
      {"content_type_json", "html"},
      {"not_html", "html"},
      {"exact_length", "length"},
      {"no_content", "length"},
      {"two_or_closed", "length"},
  };
  for (const Member& one : kMembers) {
    if (check.starts_with(one.beginning)) return one.subject;
  }
  return check;
}

// A defect of one header or member makes several checks say the same, or fail together.
void MergeChecks(const RunRecord& record, std::vector<FindingGroup>& groups) {
  std::map<std::string, FindingGroup*> first;  // by a text, or by the subject after a line end
  for (FindingGroup& group : groups) {
    if (group.kind != MissKind::kCheckFailed) continue;
    std::set<std::string> names = {"\n" + std::string(SubjectOfCheck(group.look))};
    for (const std::size_t at : group.cases) names.insert(TextOf(record.cases[at]));
    FindingGroup* target = &group;
    for (const std::string& name : names) {
      if (const auto found = first.find(name); found != first.end()) target = found->second;
    }
    if (target != &group) MoveCases(group, *target);
    for (const std::string& name : names) first.try_emplace(name, target);
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
      {"login_missing",
       MissKind::kTokenIssued,
       {"login.missing", "secret.value"},
       {"login.missing", "secret.value", "login.place"},
       "A token is issued although the request has no client authentication",
       "invalid_client"},
      {"credentials_malformed",
       MissKind::kTokenIssued,
       {"login.header", "login.base64", "login.pair"},
       {"login.", "secret.exact"},
       "A token is issued although the Basic credentials are malformed"},
      {"secret_loosely_compared",
       MissKind::kTokenIssued,
       {"secret.exact", "login.colon"},
       {"secret.exact", "login.colon", "login.characters"},
       "The secret is compared loosely: a changed secret gets a token"},
      {"scope_unchecked",
       MissKind::kTokenIssued,
       {"scope.known", "scope.grammar"},
       {"scope.known", "scope.grammar", "scope.exact", "scope.granted", "scope.separator"},
       "Scopes are not checked: any scope gets a token",
       "invalid_scope",
       MissKind::kOverGranted},
      {"grant_missing",
       MissKind::kTokenIssued,
       {"grant.missing", "form.name"},
       {"grant.missing", "form.name", "form.names"},
       "A token is issued although grant_type is missing"},
      {"repeated_accepted",
       MissKind::kTokenIssued,
       {"form.repeated", "scope.repeated"},
       {"form.repeated", "scope.repeated"},
       "A token is issued although a parameter is repeated"},
      {"incomplete_accepted",
       MissKind::kTokenIssued,
       {"framing.length", "framing.chunks"},
       {"framing.length", "framing.chunks"},
       "A token is issued although the body is incomplete or its length is invalid"},
      {"resource_unchecked",
       MissKind::kTokenIssued,
       {"resource.token", "resource.site"},
       {"resource."},
       "Access tokens are not checked: the resource is served with any token"},
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
      const auto most =
          std::max_element(held.begin(), held.end(),
                           [](const auto& a, const auto& b) { return a.second < b.second; });
      if (most == held.end() || most->second * 2 < named.size() || most->first == g) continue;
      std::erase(groups[g].cases, at);
      groups[most->first].cases.push_back(at);
    }
  }
  EraseEmpty(groups);
}

void MergeGroups(const RunRecord& record, std::vector<FindingGroup>& groups) {
  for (const MergeRule& rule : MergeRules()) Apply(rule, record, groups);
  MergeRefusals(record, groups);
  JoinFollowers(record, groups);
  MergeChecks(record, groups);
}

}  // namespace grantspec
