#include "conformance/engine/run/standing.h"

#include <algorithm>

#include "conformance/engine/judge/cost.h"

namespace grantspec {
namespace {

constexpr std::size_t kTextsMax = 5, kCasesMax = 200, kCasesShownMax = 5, kExchangesMax = 3;

// Violations that cost less than their level says.
Outcome Mitigated(std::string_view check, Outcome outcome, const Profile& profile,
                  bool allow_plaintext) {
  const bool any_scheme = check == "challenge_basic" && profile.Get("challenge.scheme") == "any";
  const bool no_realm = check == "challenge_realm" && profile.Get("challenge.realm") == "warn";
  if (any_scheme || no_realm) return std::min(outcome, Outcome::kWarn);
  // Plaintext is the user's consent.
  if (check == "transport_protected" && allow_plaintext) return std::min(outcome, Outcome::kInfo);
  return outcome;
}

RecordedCase RecordOf(const Case& spec, const Standing& standing, const Profile& profile,
                      bool allow_plaintext, const std::string& command) {
  RecordedCase recorded;
  recorded.spec = &spec;
  recorded.level = spec.level;
  Verdict& verdict = recorded.verdict;
  verdict.expected = std::string(spec.standing->says);
  if (standing.checked == 0) {
    verdict.outcome = Outcome::kNotApplicable;
    verdict.why = "no response of the run is of the kind that this case is about";
    return recorded;
  }
  if (standing.violated == 0) return recorded;
  verdict.outcome =
      Mitigated(spec.standing->name, CostOf(MissOf(*spec.standing), spec.level, profile), profile,
                allow_plaintext);
  for (const std::string& text : standing.texts) {
    verdict.actual += (verdict.actual.empty() ? "" : "; ") + text;
  }
  verdict.why = std::to_string(standing.violated) + " of " + std::to_string(standing.checked) +
                " responses, first in:";
  for (std::size_t i = 0; i < std::min(standing.cases.size(), kCasesShownMax); ++i) {
    verdict.why += " " + standing.cases[i];
  }
  verdict.basis = Basis::kCheck;
  verdict.check = spec.standing->name;
  recorded.violating = standing.cases;
  recorded.observed = "violated";
  recorded.exchanges = standing.exchanges;
  recorded.reproduce = command + " --gtest_filter=" + spec.Name() + ":" + standing.cases.front();
  return recorded;
}

void Record(const Finding& finding, const StandingSource& source, Standing& standing) {
  ++standing.checked;
  if (finding.kind != Finding::Kind::kViolated) return;
  ++standing.violated;
  if (standing.texts.size() < kTextsMax) standing.texts.insert(source.cleaned(finding.text));
  const bool is_new = standing.cases.empty() || standing.cases.back() != source.case_name;
  if (is_new && standing.cases.size() < kCasesMax) standing.cases.push_back(source.case_name);
  if (standing.exchanges.size() < kExchangesMax) standing.exchanges.push_back(source.shown());
}

}  // namespace

void StandingChecks::Add(const Case& spec) {
  cases_.push_back(&spec);
  standing_[spec.standing];
}

void StandingChecks::Inspect(const CheckedResponse& response, const StandingSource& source,
                             Verdict& verdict) {
  for (auto& [check, standing] : standing_) {
    const Finding finding = check->inspect(response);
    if (finding.kind != Finding::Kind::kDoesNotApply) Record(finding, source, standing);
  }
  for (const Check* check : AlwaysChecks()) {
    if (standing_.contains(check) || verdict.outcome == Outcome::kFail) continue;
    const Finding finding = check->inspect(response);
    if (finding.kind != Finding::Kind::kViolated) continue;
    verdict.outcome = Outcome::kFail;
    verdict.expected = std::string(check->says);
    verdict.actual = finding.text;
    verdict.basis = Basis::kCheck;
    verdict.check = check->name;
    verdict.exchange = source.at;
  }
}

void StandingChecks::AddViolation(const std::string& check, const std::string& case_name,
                                  const std::string& text) {
  const auto found = standing_.find(FindCheck(check));
  if (found == standing_.end()) return;
  Standing& standing = found->second;
  ++standing.violated;
  standing.checked = std::max(standing.checked, standing.violated);
  if (standing.texts.size() < kTextsMax) standing.texts.insert(text);
  if (standing.cases.size() < kCasesMax) standing.cases.push_back(case_name);
}

std::vector<RecordedCase> StandingChecks::Records(const Profile& profile, bool allow_plaintext,
                                                  const std::string& command) const {
  std::vector<RecordedCase> records;
  for (const Case* spec : cases_) {
    records.push_back(
        RecordOf(*spec, standing_.at(spec->standing), profile, allow_plaintext, command));
  }
  return records;
}

const CheckList& AlwaysChecks() {
  static const CheckList checks = {"no_server_error", "no_secret", "no_token_in_error"};
  return checks;
}

void StandingChecks::ForgetResponses() {
  const Check* unsolicited = FindCheck("no_unsolicited_response");
  for (auto& [check, standing] : standing_) {
    if (check != unsolicited) standing = {};
  }
}

void StandingChecks::Clear() {
  standing_.clear();
  cases_.clear();
}

}  // namespace grantspec
