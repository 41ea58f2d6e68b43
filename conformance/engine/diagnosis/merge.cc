#include "conformance/engine/diagnosis/merge.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "conformance/engine/diagnosis/diagnosis.h"
#include "conformance/engine/diagnosis/fingerprint.h"

namespace grantspec {
namespace {

const MergeRule kMergeRules[] = {
    {"credentials_unchecked",
     MissKind::kTokenIssued,
     {"secret.value", "client.lookup"},
     {"login.", "secret.", "client.", "ordinary.field"},
     "Credentials are not checked: any client identifier and any secret get a token",
     "invalid_client"},
    {"secret_unchecked",
     MissKind::kTokenIssued,
     {"secret.value", "secret.exact"},
     {"secret.", "login.colon", "login.characters", "login.form_coding", "login.empty",
      "login.pair"},
     "The secret is not checked: any secret gets a token"},
    {"body_login",
     MissKind::kTokenIssued,
     {"login.body"},
     {"login.", "secret.", "client.", "form.repeated"},
     "Credentials in the body log a client in, which the profile excludes",
     "",
     std::nullopt,
     "client_auth_post"},
    {"login_missing",
     MissKind::kTokenIssued,
     {"login.missing"},
     {"login.missing", "login.place"},
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
    {"scope_ungranted",
     MissKind::kTokenIssued,
     {"scope.granted"},
     {"scope.granted"},
     "A scope is granted that the client is not registered for",
     "",
     MissKind::kOverGranted},
    {"scope_separators",
     MissKind::kTokenIssued,
     {"scope.grammar", "scope.separator"},
     {"scope.grammar", "scope.separator"},
     "A token is issued although the scope is malformed or not separated by spaces"},
    {"scope_missing",
     MissKind::kTokenIssued,
     {"scope.missing"},
     {"scope.missing", "form.names"},
     "A token is issued although no scope is requested",
     "",
     MissKind::kInconsistent},
    {"credentials_empty",
     MissKind::kTokenIssued,
     {"login.empty", "login.pair"},
     {"login.empty", "login.pair", "login.header"},
     "A token is issued although the client identifier or the secret is empty"},
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
    {"resource_open",
     MissKind::kTokenIssued,
     {"resource.missing"},
     {"resource."},
     "The resource is served although there is no access token"},
};

bool HasPrefix(std::string_view decision, std::initializer_list<std::string_view> beginnings) {
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

// Whether a rule takes a case out of a group of its kind.
bool Absorbs(const MergeRule& rule, const FindingGroup& group, const RecordedCase& recorded) {
  if (!rule.category.empty() && recorded.spec->category != rule.category) return false;
  if (HasPrefix(group.decision, rule.absorbs)) return true;
  // What is about credentials has a decision of its own.
  const bool own = HasPrefix(group.decision, {"login.", "secret.", "client."});
  return !rule.absorbs_passing.empty() && !own &&
         PassingOf(recorded).find(rule.absorbs_passing) != std::string_view::npos;
}

void Apply(const MergeRule& rule, const RunRecord& record, std::vector<FindingGroup>& groups) {
  const auto is_there = [&](std::string_view decision) {
    return std::any_of(groups.begin(), groups.end(), [&](const FindingGroup& one) {
      return one.kind == rule.kind && one.rule == nullptr && one.decision == decision;
    });
  };
  if (!std::all_of(rule.needs.begin(), rule.needs.end(), is_there)) return;
  FindingGroup merged{rule.kind, *rule.needs.begin(), "", {}, &rule};
  for (FindingGroup& one : groups) {
    if (one.kind != rule.kind || one.rule != nullptr) continue;
    FindingGroup part;
    std::erase_if(one.cases, [&](std::size_t at) {
      const bool moves = Absorbs(rule, one, record.cases[at]);
      if (moves) part.cases.push_back(at);
      return moves;
    });
    MoveCases(part, merged);
  }
  for (FindingGroup& one : groups) {
    const bool fits = one.decision.empty() || HasPrefix(one.decision, rule.absorbs);
    if (rule.also && one.kind == *rule.also && fits) MoveCases(one, merged);
  }
  EraseEmpty(groups);
  groups.push_back(std::move(merged));
}

// A target that falls silent for requests of many kinds has one defect.
void MergeSilent(std::vector<FindingGroup>& groups) {
  constexpr std::size_t kGroupsMin = 3;
  std::vector<FindingGroup*> silent;
  for (FindingGroup& one : groups) {
    if (one.kind == MissKind::kSilent) silent.push_back(&one);
  }
  if (silent.size() < kGroupsMin) return;
  for (std::size_t i = 1; i < silent.size(); ++i) MoveCases(*silent[i], *silent[0]);
  silent[0]->decision = "";
  EraseEmpty(groups);
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
// request with anything else. A few kinds are not: a server has one response for all failed logins.
void MergeRefusals(const RunRecord& record, std::vector<FindingGroup>& groups) {
  constexpr std::size_t kDecisionsMin = 5;
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
      first.symptom = fingerprint;
    }
    for (FindingGroup* one : refused) {
      if (!one->cases.empty()) JoinWrongErrors(record, *one, fingerprint, groups);
    }
  }
  EraseEmpty(groups);
}

// In which group each case with requests of its own is, by its name.
std::map<std::string, std::size_t> GroupsByCase(const RunRecord& record,
                                                const std::vector<FindingGroup>& groups) {
  std::map<std::string, std::size_t> group_of;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    for (const std::size_t at : groups[g].cases) {
      const Case& spec = *record.cases[at].spec;
      if (spec.standing == nullptr) group_of[spec.Name()] = g;
    }
  }
  return group_of;
}

// The group that has most of the cases which a case about all responses names, where that group and
// those of the case's own kind have half of them or more; else its own.
std::size_t GroupForStanding(const RecordedCase& recorded, std::size_t own,
                             const std::map<std::string, std::size_t>& group_of,
                             const std::vector<FindingGroup>& groups) {
  std::map<std::size_t, std::size_t> counts;
  for (const std::string& name : recorded.violating) {
    if (const auto found = group_of.find(name); found != group_of.end()) ++counts[found->second];
  }
  const auto most =
      std::max_element(counts.begin(), counts.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most == counts.end()) return own;
  // Groups of its own kind count together: they are parts of what the case is about.
  std::size_t sum = 0;
  for (const auto& [group, part] : counts) {
    if (group == most->first || groups[group].kind == groups[own].kind) sum += part;
  }
  return sum * 2 < recorded.violating.size() ? own : most->first;
}

void JoinStandingCases(const RunRecord& record, std::vector<FindingGroup>& groups) {
  const std::map<std::string, std::size_t> group_of = GroupsByCase(record, groups);
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const std::vector<std::size_t> cases = groups[g].cases;
    for (const std::size_t at : cases) {
      if (record.cases[at].spec->standing == nullptr) continue;
      const std::size_t to = GroupForStanding(record.cases[at], g, group_of, groups);
      if (to == g) continue;
      std::erase(groups[g].cases, at);
      groups[to].cases.push_back(at);
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
    const bool follows = std::find(std::begin(kFollowers), std::end(kFollowers), one.symptom) !=
                         std::end(kFollowers);
    if (one.kind == MissKind::kCheckFailed && follows) MoveCases(one, *logins);
  }
  EraseEmpty(groups);
}

// What a case says of the response, in words that two checks may have in common.
std::string TextOf(const RecordedCase& recorded) {
  const std::string& actual = recorded.verdict.actual;
  return Masked(actual.substr(0, actual.find("; ")), "");
}

// The member that a text is about: "expires_in is ...", "no member token_type". Empty: none.
std::string MemberIn(std::string_view text) {
  constexpr std::string_view kNoMember = "no member ";
  if (text.starts_with(kNoMember)) text.remove_prefix(kNoMember.size());
  if (text.starts_with('"')) text.remove_prefix(1);
  for (std::string_view name :
       {"access_token", "token_type", "expires_in", "scope", "error_description", "error_uri"}) {
    const bool whole =
        text.size() == name.size() ||
        (text.size() > name.size() && (text[name.size()] == ' ' || text[name.size()] == '"'));
    if (text.starts_with(name) && whole) return std::string(name);
  }
  return "";
}

// What checks of one header have in common; the check itself where there are no others.
std::string_view SubjectOfCheck(std::string_view check) {
  struct Entry {
    std::string_view beginning, subject;
  };
  static constexpr Entry kEntries[] = {
      {"metadata_", "metadata"},
      {"challenge_realm", "challenge"},
      {"challenge_grammar", "challenge"},
      {"content_type_json", "html"},
      {"not_html", "html"},
      {"exact_length", "length"},
      {"no_content", "length"},
      {"two_or_closed", "length"},
      {"token_vschar", "characters"},
      {"token_b64", "characters"},
  };
  for (const Entry& one : kEntries) {
    if (check.starts_with(one.beginning)) return one.subject;
  }
  return check;
}

// A defect of one header or member makes several checks say the same, or fail together.
void MergeChecks(const RunRecord& record, std::vector<FindingGroup>& groups) {
  std::map<std::string, FindingGroup*> first;  // by a text, or by the subject after a line end
  for (FindingGroup& group : groups) {
    // What its decision tells apart is not joined again.
    if (group.kind != MissKind::kCheckFailed || !group.decision.empty()) continue;
    std::set<std::string> names = {"\n" + std::string(SubjectOfCheck(group.symptom))};
    for (const std::size_t at : group.cases) {
      names.insert(TextOf(record.cases[at]));
      const std::string member = MemberIn(record.cases[at].verdict.actual);
      if (!member.empty()) names.insert("\n" + member);
    }
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
  return kMergeRules;
}

void MergeGroups(const RunRecord& record, std::vector<FindingGroup>& groups) {
  for (const MergeRule& rule : MergeRules()) Apply(rule, record, groups);
  MergeRefusals(record, groups);
  MergeSilent(groups);
  JoinStandingCases(record, groups);
  JoinFollowers(record, groups);
  MergeChecks(record, groups);
}

}  // namespace grantspec
