#include "conformance/engine/diagnosis/diagnosis.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <map>
#include <set>
#include <tuple>

#include "conformance/engine/diagnosis/decision.h"
#include "conformance/engine/diagnosis/fingerprint.h"
#include "conformance/engine/diagnosis/merge.h"
#include "conformance/engine/diagnosis/sentence.h"
#include "conformance/engine/judge/cost.h"
#include "conformance/engine/judge/judge.h"
#include "fixtures/text/hash.h"

namespace grantspec {
namespace {

constexpr std::size_t kClausesMax = 5;

// How early in a report a cause stands.
int RankOf(Outcome outcome) {
  return outcome == Outcome::kFail ? 2 : outcome == Outcome::kWarn ? 1 : 0;
}

int StatusOf(const RecordedExchange& exchange) {
  const std::size_t space = exchange.status_line.find(' ');
  return space == std::string::npos ? 0 : std::atoi(exchange.status_line.c_str() + space + 1);
}

MissKind KindOfCheck(std::string_view name) {
  if (name == "no_server_error") return MissKind::kServerError;
  const Check* check = FindCheck(name);
  const Miss miss = check == nullptr ? Miss::kExpectation : MissOf(*check);
  if (miss == Miss::kDisclosure) return MissKind::kDisclosed;
  return miss == Miss::kGrant ? MissKind::kOverGranted : MissKind::kCheckFailed;
}

// The kind of miss where the class of a response decided.
MissKind KindOfResponse(const RecordedCase& recorded, const RecordedExchange& exchange) {
  if (!exchange.has_response) {
    return exchange.transport.starts_with("timeout") ? MissKind::kSilent : MissKind::kDisconnected;
  }
  const int status = StatusOf(exchange);
  const Verdict& verdict = recorded.verdict;
  if (verdict.expected == kUsableToken) return MissKind::kCheckFailed;
  if (verdict.server_error || status >= 500) return MissKind::kServerError;
  if (verdict.wanted_token) return MissKind::kRefused;
  const bool resource = DecisionOf(*recorded.spec).id.starts_with("resource.");
  const bool served = resource && status >= 200 && status < 300;
  return recorded.observed == "token" || served ? MissKind::kTokenIssued : MissKind::kWrongError;
}

bool NeedsDecision(MissKind kind) {
  switch (kind) {
    case MissKind::kServerError:
    case MissKind::kWrongError:
    case MissKind::kDisclosed:
    case MissKind::kCheckFailed:
    case MissKind::kOverGranted:
    case MissKind::kUnderGranted:
    case MissKind::kDisconnected:
      return false;
    default:
      return true;
  }
}

// Status and error code of a fingerprint, without the description.
std::string HeadOf(const std::string& fingerprint) {
  return fingerprint.substr(0, fingerprint.find(": "));
}

// Whether the error code of a response is one that passes, so that its status is the miss.
bool IsStatusWrong(const RecordedCase& recorded, const std::string& fingerprint) {
  const std::string head = HeadOf(fingerprint);
  const std::size_t space = head.find(' ');
  if (space == std::string::npos) return false;
  const std::string code = head.substr(space + 1);
  const std::string_view passing = PassingOf(recorded);
  for (std::size_t at = 0; (at = passing.find(code, at)) != std::string::npos; ++at) {
    const char next = at + code.size() < passing.size() ? passing[at + code.size()] : ' ';
    if (next == ' ' || next == ',') return true;
  }
  return false;
}

// Whether an error of the client comes with a status that RFC 6749 and RFC 6750 have for none: the
// status is the miss then, whatever the error.
bool IsUnusualErrorStatus(const std::string& fingerprint) {
  const std::string head = HeadOf(fingerprint);
  if (head.size() < 5 || head.starts_with("400") || head.starts_with("401")) return false;
  const std::string code = head.substr(4);
  for (std::string_view known :
       {"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client",
        "unsupported_grant_type", "invalid_scope", "invalid_token", "insufficient_scope"}) {
    if (code == known) return true;
  }
  return false;
}

// What a check of disclosure is about: checks of one thing are one cause.
std::string_view DisclosedBy(std::string_view check) {
  for (std::string_view of_token : {"no_token_in_error", "no_token_in_fields"}) {
    if (check == of_token) return "token";
  }
  return check == "cors" ? "cors" : "secret";
}

// What of its decision is in the key of a finding.
std::string_view PartOfKey(const RecordedCase& recorded, MissKind kind) {
  // A second response shows that `close` was not read, or that a length was: two defects.
  const bool second_response =
      kind == MissKind::kCheckFailed && recorded.verdict.check == "one_answer";
  if (!NeedsDecision(kind) && !second_response) return {};
  const std::string_view decision = DecisionIn(recorded, kind).id;
  // Without a response there is nothing to tell decisions of one part of a request apart by.
  const bool part = kind == MissKind::kSilent || second_response;
  return part ? decision.substr(0, decision.find('.')) : decision;
}

std::vector<FindingGroup> GroupsOf(const RunRecord& record) {
  std::map<std::tuple<MissKind, std::string_view, std::string>, std::size_t> index;
  std::vector<FindingGroup> groups;
  for (std::size_t i = 0; i < record.cases.size(); ++i) {
    const RecordedCase& recorded = record.cases[i];
    if (!NeedsCause(recorded)) continue;
    const MissKind kind = KindOf(recorded);
    const std::string_view decision = PartOfKey(recorded, kind);
    std::string symptom = SymptomOf(kind, recorded);
    const auto [at, is_new] = index.try_emplace({kind, decision, symptom}, groups.size());
    if (is_new) groups.push_back({kind, decision, std::move(symptom)});
    groups[at->second].cases.push_back(i);
  }
  return groups;
}

std::string IdOf(const FindingGroup& group) {
  const std::string key = std::string(ToString(group.kind)) + '\n' + std::string(group.decision) +
                          '\n' +
                          (group.rule != nullptr ? std::string(group.rule->id) : group.symptom);
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%08x", Fnv1a(key));
  return text.data();
}

// Distinct values, the most frequent one first; of equals, the one that came first.
template <typename Value>
std::vector<Value> MostFrequentFirst(const std::vector<Value>& values) {
  std::vector<std::pair<Value, std::size_t>> counts;
  for (const Value& value : values) {
    const auto found = std::find_if(counts.begin(), counts.end(),
                                    [&value](const auto& one) { return one.first == value; });
    if (found == counts.end()) {
      counts.emplace_back(value, 1);
    } else {
      ++found->second;
    }
  }
  std::stable_sort(counts.begin(), counts.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::vector<Value> sorted;
  sorted.reserve(counts.size());
  for (const auto& [value, count] : counts) sorted.push_back(value);
  return sorted;
}

// Decisions of a group's cases, the most frequent one first.
std::vector<const Decision*> DecisionsOf(const FindingGroup& group, const RunRecord& record) {
  std::vector<const Decision*> decisions;
  decisions.reserve(group.cases.size());
  for (const std::size_t at : group.cases) {
    decisions.push_back(&DecisionIn(record.cases[at], group.kind));
  }
  return MostFrequentFirst(decisions);
}

// The clause that a response misses whatever its request is about, or nothing.
std::string ClauseOfMiss(const FindingGroup& group, const RunRecord& record, std::size_t example) {
  const Verdict& verdict = record.cases[example].verdict;
  for (const RecordedCase& one : record.cases) {
    const bool same = one.spec->standing != nullptr && one.spec->standing->name == verdict.check;
    if (same && !one.spec->clauses.empty()) return one.spec->clauses.front()->id;
  }
  if (group.symptom.starts_with("50") && group.kind != MissKind::kTokenIssued) {
    return "RFC9110-15-01";
  }
  if (group.symptom.starts_with("400 invalid_client")) return "RFC6749-5.2-05";
  return "";
}

// The clause that is missed, those of the example, then those that most cases cite.
std::vector<std::string> ClausesOf(const FindingGroup& group, const RunRecord& record,
                                   std::size_t example) {
  std::vector<std::string> cited;
  for (const std::size_t at : group.cases) {
    for (const Clause* clause : record.cases[at].spec->clauses) cited.push_back(clause->id);
  }
  std::vector<std::string> candidates = ClauseIds(*record.cases[example].spec);
  const std::string missed = ClauseOfMiss(group, record, example);
  if (!missed.empty()) candidates.insert(candidates.begin(), missed);
  for (std::string& id : MostFrequentFirst(cited)) candidates.push_back(std::move(id));
  std::vector<std::string> clauses;
  for (std::string& id : candidates) {
    if (clauses.size() >= kClausesMax) break;
    if (std::find(clauses.begin(), clauses.end(), id) == clauses.end()) {
      clauses.push_back(std::move(id));
    }
  }
  return clauses;
}

// The case that shows a defect best: of the most severe ones, the one with the fewest exchanges and
// the shortest request that can be shown. A case about all responses has requests of others: it
// comes last.
std::size_t ExampleOf(const FindingGroup& group, const RunRecord& record) {
  const auto effort = [&](std::size_t at) {
    const RecordedCase& one = record.cases[at];
    const RecordedExchange* exchange = DecidingExchange(one);
    const bool hidden = exchange == nullptr || exchange->request.starts_with(kNotShown);
    const bool beside = group.rule != nullptr && DecisionOf(*one.spec).id != group.decision;
    return std::tuple(-static_cast<int>(one.verdict.outcome), beside, one.spec->standing != nullptr,
                      hidden, one.exchanges.size(),
                      hidden ? std::size_t{0} : exchange->request.size(), at);
  };
  return *std::min_element(
      group.cases.begin(), group.cases.end(),
      [&effort](std::size_t a, std::size_t b) { return effort(a) < effort(b); });
}

// A waived failure is more severe than a warning, although it comes last in a report.
Outcome SeverityOf(const FindingGroup& group, const RunRecord& record) {
  Outcome severity = Outcome::kWarn;
  for (const std::size_t at : group.cases) {
    severity = std::max(severity, record.cases[at].verdict.outcome);
  }
  return severity;
}

Cause CauseOf(const FindingGroup& group, const RunRecord& record) {
  Cause cause;
  cause.id = IdOf(group);
  cause.kind = group.kind;
  cause.decision = std::string(group.decision);
  cause.fingerprint = group.symptom;
  cause.cases = group.cases;
  const std::size_t example = ExampleOf(group, record);
  const auto at = std::find(cause.cases.begin(), cause.cases.end(), example);
  std::rotate(cause.cases.begin(), at, at + 1);
  cause.severity = SeverityOf(group, record);
  cause.clauses = ClausesOf(group, record, example);
  cause.title = group.rule != nullptr ? std::string(group.rule->title)
                                      : SentenceFor(group.kind, DecisionsOf(group, record),
                                                    record.cases[example], group.symptom);
  return cause;
}

}  // namespace

std::string_view ToString(MissKind kind) {
  switch (kind) {
    case MissKind::kTokenIssued:
      return "token_issued";
    case MissKind::kDisclosed:
      return "disclosed";
    case MissKind::kOverGranted:
      return "over_granted";
    case MissKind::kMixedUp:
      return "mixed_up";
    case MissKind::kStopped:
      return "stopped";
    case MissKind::kServerError:
      return "server_error";
    case MissKind::kSilent:
      return "silent";
    case MissKind::kDisconnected:
      return "disconnected";
    case MissKind::kRefused:
      return "refused";
    case MissKind::kUnderGranted:
      return "under_granted";
    case MissKind::kCheckFailed:
      return "check_failed";
    case MissKind::kWrongError:
      return "wrong_error";
    case MissKind::kInconsistent:
      return "inconsistent";
    case MissKind::kSlow:
      return "slow";
  }
  return "?";
}

const RecordedExchange* DecidingExchange(const RecordedCase& recorded) {
  if (recorded.exchanges.empty()) return nullptr;
  return &recorded.exchanges[std::min(recorded.verdict.exchange, recorded.exchanges.size() - 1)];
}

std::string_view PassingOf(const RecordedCase& recorded) {
  const std::string_view expected = recorded.verdict.expected;
  return expected.substr(0, expected.find(';'));
}

const Decision& DecisionIn(const RecordedCase& recorded, MissKind kind) {
  if (kind != MissKind::kTokenIssued) return DecisionOf(*recorded.spec);
  return DecisionForPassing(*recorded.spec, PassingOf(recorded));
}

bool NeedsCause(const RecordedCase& recorded) {
  const Outcome outcome = recorded.verdict.outcome;
  return outcome == Outcome::kFail || outcome == Outcome::kWarn || outcome == Outcome::kWaived;
}

MissKind KindOf(const RecordedCase& recorded) {
  const Verdict& verdict = recorded.verdict;
  switch (verdict.basis) {
    case Basis::kCheck:
      return KindOfCheck(verdict.check);
    case Basis::kScope:
      return verdict.wanted_token ? MissKind::kUnderGranted : MissKind::kOverGranted;
    case Basis::kRelation:
      return MissKind::kInconsistent;
    case Basis::kTokens:
      return MissKind::kMixedUp;
    case Basis::kTime:
      return MissKind::kSlow;
    case Basis::kAftermath:
      return MissKind::kStopped;
    case Basis::kResponse:
      break;
  }
  const RecordedExchange* exchange = DecidingExchange(recorded);
  return exchange == nullptr ? MissKind::kCheckFailed : KindOfResponse(recorded, *exchange);
}

std::string SymptomOf(MissKind kind, const RecordedCase& recorded) {
  if (kind == MissKind::kOverGranted || kind == MissKind::kUnderGranted) return "";
  if (kind == MissKind::kDisclosed) return std::string(DisclosedBy(recorded.verdict.check));
  const bool by_response = kind == MissKind::kServerError || kind == MissKind::kRefused ||
                           kind == MissKind::kWrongError || kind == MissKind::kDisconnected;
  const RecordedExchange* exchange = DecidingExchange(recorded);
  if (by_response && exchange != nullptr && recorded.spec->standing == nullptr) {
    std::string fingerprint = FingerprintOf(*exchange);
    if (kind != MissKind::kRefused && IsUnusualErrorStatus(fingerprint)) {
      return fingerprint.substr(0, 3) + " with an OAuth error";
    }
    // The decision says what is refused, and how: the texts of its refusals may be many.
    const bool head = kind == MissKind::kRefused ||
                      (kind == MissKind::kWrongError && IsStatusWrong(recorded, fingerprint));
    return head ? HeadOf(fingerprint) : fingerprint;
  }
  return std::string(recorded.verdict.check);
}

std::vector<Cause> Diagnose(const RunRecord& record) {
  std::vector<FindingGroup> groups = GroupsOf(record);
  MergeGroups(record, groups);
  std::vector<Cause> causes;
  causes.reserve(groups.size());
  for (const FindingGroup& group : groups) causes.push_back(CauseOf(group, record));
  const auto order = [](const Cause& one) {
    return std::tuple(-RankOf(one.severity), one.kind,
                      -static_cast<std::ptrdiff_t>(one.cases.size()), std::string_view(one.id));
  };
  std::sort(causes.begin(), causes.end(),
            [&order](const Cause& a, const Cause& b) { return order(a) < order(b); });
  return causes;
}

void AttributeCauses(RunRecord& record) {
  record.causes = Diagnose(record);
  for (RecordedCase& one : record.cases) one.cause.clear();
  for (const Cause& cause : record.causes) {
    for (const std::size_t at : cause.cases) record.cases[at].cause = cause.id;
  }
}

}  // namespace grantspec
