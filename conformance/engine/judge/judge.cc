#include "conformance/engine/judge/judge.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "conformance/engine/bind/expectation.h"
#include "conformance/engine/bind/lawful.h"
#include "conformance/engine/case/analysis.h"
#include "conformance/engine/case/expression.h"
#include "conformance/engine/check/check.h"
#include "conformance/engine/judge/cost.h"
#include "conformance/engine/judge/received.h"
#include "conformance/engine/response/error_dialect.h"
#include "conformance/engine/response/response_class.h"
#include "fixtures/grammar/ascii.h"
#include "fixtures/grammar/form.h"
#include "fixtures/http/pace.h"

namespace grantspec {
namespace {

constexpr std::string_view kStatusClause = "RFC6749-5.1-01";  // success is status 200

void Keep(Verdict& worst, Verdict verdict) {
  if (verdict.outcome > worst.outcome) worst = std::move(verdict);
}

std::string Expected(const BoundExpectation& bound) {
  std::string text = bound.expect.response.empty() ? "" : Listed(bound.expect.response);
  if (!bound.expect.never.empty()) {
    text += (text.empty() ? "not " : "; never ") + Listed(bound.expect.never);
  }
  if (!bound.strict && !bound.expect.warn.empty()) {
    text += "; tolerated: " + Listed(bound.expect.warn);
  }
  return text;
}

// What JudgeStep works on.
struct JudgedStep {
  const StepSpec& step;
  std::size_t at;
  Received received;
  BoundExpectation bound;

  const Expectation& expect() const { return bound.expect; }
  const Exchange& exchange() const { return received.exchange; }
  bool Is(const ResponseClassList& classes) const {
    return MatchesAny(classes, received.inspection);
  }
};

class CaseJudge {
 public:
  CaseJudge(const Case& spec, const SentCase& sent, const Binder& binder)
      : spec_(spec), sent_(sent), binder_(binder), profile_(binder.profile()) {}

  Verdict Run() {
    if (sent_.exchanges.empty()) return {Outcome::kInconclusive, "", "", "nothing was sent", 0};
    for (std::size_t i = 0; i < sent_.exchanges.size(); ++i) {
      const StepSpec& step = *sent_.sequence[i];
      BoundExpectation bound = ExpectationFor(spec_, step, profile_);
      if (AsksBeyondGrant(step)) bound.expect = {.response = {"invalid_scope"}};
      JudgeStep({step, i, At(i), std::move(bound)});
    }
    if (sent_.exchanges.size() < sent_.sequence.size() && worst_.outcome == Outcome::kPass) {
      if (sent_.unusable_token && sent_.baseline.kind() != ControlKind::kToken) {
        return {Outcome::kInconclusive, "", "", sent_.baseline.why_no_token(), 0};
      }
      if (sent_.unusable_token) {
        return {Outcome::kFail, std::string(kUsableToken), sent_.stopped, "",
                sent_.exchanges.size() - 1};
      }
      if (!sent_.stopped.empty()) return {Outcome::kNotApplicable, "", "", sent_.stopped, 0};
      Keep(worst_, {Outcome::kInconclusive, "", "", "not all steps could be sent", 0});
    }
    const bool complete = worst_.outcome < Outcome::kInconclusive;
    if (complete) JudgeRelations();
    if (complete && spec_.analysis != nullptr) JudgeAnalysis();
    JudgeTime();
    JudgeAlive();
    return worst_;
  }

 private:
  Received At(std::size_t at) const { return {sent_.exchanges[at], sent_.InspectionAt(at)}; }

  Verdict Missed(Miss miss, Level level, std::string expected, std::string actual, std::size_t at,
                 Basis basis) const {
    Verdict verdict = {CostOf(miss, level, profile_), std::move(expected), std::move(actual), "",
                       at};
    verdict.basis = basis;
    return verdict;
  }

  void KeepOf(const JudgedStep& one, Outcome outcome, std::string why) {
    if (why.empty()) why = ErrorDialect(one.received.inspection);
    Verdict verdict = {outcome, Expected(one.bound), Described(one.received), std::move(why),
                       one.at};
    verdict.wanted_token = WantsOnlyToken(one.expect());
    Keep(worst_, std::move(verdict));
  }

  void JudgeStep(const JudgedStep& one) {
    if (worst_.expected.empty()) {
      worst_ = {worst_.outcome, Expected(one.bound), Described(one.received), worst_.why, one.at};
    }
    if (one.exchange().failure && JudgeFailure(one)) return;
    if (IsThrottled(one.exchange()) &&
        !NamesStatus(one.expect(), one.exchange().response()->status)) {
      return KeepOf(one, Outcome::kInconclusive, "the target throttled the request");
    }
    if (IsTheControlResponse(one)) return JudgeControlResponse(one);
    const bool defective_token = sent_.baseline.kind() == ControlKind::kDefective &&
                                 sent_.baseline.IsUsual(one.received.inspection);
    if (one.Is(one.expect().never) ||
        (defective_token && one.expect().never.Contains(TokenClass()))) {
      return KeepOf(one, Outcome::kFail, "this response is never right");
    }
    if (JudgeForeign(one)) return;
    JudgeResponse(one);
    JudgeChecks(one);
  }

  // Responses that are not the examined side's. True: judged.
  bool JudgeForeign(const JudgedStep& one) {
    const ResponseClassList& expected = one.expect().response;
    if (one.Is(expected)) return false;
    if (IsFirewallPage(profile_, one.received.inspection) && !IsAtResource(one.step)) {
      const bool wants_token = expected.Contains(TokenClass()) || expected.Contains(SuccessClass());
      KeepOf(one, wants_token ? Outcome::kInconclusive : Outcome::kWarn,
             "a firewall refused the request");
      return true;
    }
    if (LacksScope(one)) {
      KeepOf(one, Outcome::kInconclusive,
             "the profile's client in the role " + one.step.client +
                 " has no granted_scopes, and the target requires a scope");
      return true;
    }
    if (!IsAtResource(one.step) || IsResourceFound()) return false;
    KeepOf(one, Outcome::kInconclusive,
           "nothing was found at the URL of the profile's resource. Is it a protected resource?");
    return true;
  }

  // Whether a request was refused since the profile has no scope that its client could ask for.
  bool LacksScope(const JudgedStep& one) const {
    const Client* client = profile_.Find(one.step.client);
    return client != nullptr && client != profile_.Find("main") && client->scopes.empty() &&
           one.received.inspection.error == "invalid_scope" &&
           one.expect().response.Contains(TokenClass()) && ScopeAsked(one.exchange()) == "";
  }

  // Whether a protected resource of the profile responded with anything but 404.
  bool IsResourceFound() const {
    for (std::size_t i = 0; i < sent_.exchanges.size(); ++i) {
      const Inspection& received = sent_.InspectionAt(i);
      if (IsAtResource(*sent_.sequence[i]) && received.has_response && received.status != 404) {
        return true;
      }
    }
    return false;
  }

  // Whether the contract's literal scopes in a step are more than the profile's client is
  // registered for: the contract refuses them (PYNG-18).
  bool AsksBeyondGrant(const StepSpec& step) const {
    if (step.granted.empty() || profile_.Get("contract") != "pyng") return false;
    const Client* client = profile_.Find(step.client);
    if (client == nullptr) return false;
    for (const std::string& scope : GrantedTo(step).value_or(std::set<std::string>())) {
      const auto& known = client->scopes;
      if (std::find(known.begin(), known.end(), scope) == known.end()) return true;
    }
    return false;
  }

  // The scope that a step is to be granted; nothing where the profile does not know it.
  std::optional<std::set<std::string>> GrantedTo(const StepSpec& step) const {
    std::set<std::string> wanted;
    try {
      for (const std::string& text : step.granted) {
        wanted.merge(ScopeWords(binder_.Text(step, {text, step.where})));
      }
    } catch (const NotApplicable&) {
      return std::nullopt;
    }
    return wanted;
  }

  // SECURITY is advice, unless it was to keep a token from somebody who received it.
  static Miss MissOf(const JudgedStep& one) {
    const bool granted =
        one.received.inspection.contains_token && one.bound.level == Level::kSecurity;
    return granted ? Miss::kGrant : Miss::kExpectation;
  }

  // Whether the control request gets no valid token response either, so that the same response
  // says nothing about the change that the step makes.
  bool IsTheControlResponse(const JudgedStep& one) const {
    const Baseline& baseline = sent_.baseline;
    const ControlKind kind = baseline.kind();
    if (kind == ControlKind::kToken || !baseline.IsUsual(one.received.inspection)) return false;
    if (one.Is(one.expect().response) && !IsAboutControl(spec_)) return false;
    return kind == ControlKind::kNoToken || AllowsToken(one.bound);
  }

  // The defect of the control response is the finding of the case that is about it.
  void JudgeControlResponse(const JudgedStep& one) {
    KeepOf(one, Outcome::kInconclusive, sent_.baseline.why_no_token());
    if (!IsAboutControl(spec_)) return;
    const int status = one.received.inspection.status;
    const bool about_status =
        std::any_of(spec_.clauses.begin(), spec_.clauses.end(),
                    [](const Clause* clause) { return clause->id == kStatusClause; });
    if (about_status && status > 200 && status < 300) {
      KeepOf(one, CostOf(Miss::kExpectation, one.bound.level, profile_), "");
    }
    if (CanBeChecked(one)) JudgeChecks(one);
  }

  // Whether a case about the control response has its one check, and something that it can read: a
  // body that is no JSON object, or has no token, is one finding, not one for each member.
  static bool CanBeChecked(const JudgedStep& one) {
    const CheckList& checks = one.step.checks;
    if (checks.size() != 1) return false;
    const Inspection& inspection = one.received.inspection;
    if (inspection.object && inspection.contains_token) return true;
    const bool malformed =
        !inspection.object && inspection.media_type && inspection.media_type->subtype == "json";
    return checks.Contains(*FindCheck(malformed ? "strict_json" : "access_token_string"));
  }

  // Which list of the expectation the response is in.
  void JudgeResponse(const JudgedStep& one) {
    const Expectation& expect = one.expect();
    const bool strict = one.bound.strict;
    const Outcome cost = CostOf(MissOf(one), one.bound.level, profile_);
    const int status = one.received.inspection.status;
    if (one.Is(expect.response)) return JudgeGranted(one);
    if (spec_.side_by_side && status >= 500) {
      KeepOf(one, Outcome::kInconclusive, "a server error, judged by error_response.no_5xx");
      return;
    }
    if (one.Is(expect.warn)) {
      // What is tolerated cannot cost more than a miss would.
      KeepOf(one, strict ? Outcome::kFail : std::min(Outcome::kWarn, cost),
             strict ? "the profile has " + spec_.strict + " on" : "tolerated");
    } else if (one.Is(expect.info)) {
      KeepOf(one, strict ? Outcome::kFail : Outcome::kInfo, "recorded");
    } else if (status >= 500 && status != 501 && status != 505) {
      KeepOf(one, Outcome::kFail, "a server error never passes");
    } else if (!expect.response.empty()) {
      // An expectation that only rules out a token fails with a token, above.
      KeepOf(one, cost, "");
    }
  }

  // What a missing response means. True: judged; false: the expectation decides.
  bool JudgeFailure(const JudgedStep& one) {
    const bool alive = sent_.aftermath == Aftermath::kAlive;
    const Expectation& expect = one.expect();
    const bool expected = one.Is(expect.response) || one.Is(expect.warn);
    const TransportFailure& failure = *one.exchange().failure;
    switch (failure.error) {
      case TransportError::kNotSent:
        KeepOf(one, Outcome::kInconclusive, failure.detail);
        return true;
      case TransportError::kTimeout:
        // Silence is no refusal. A control request tells it from a dead connection. Where 408 is
        // right, the target may wait for the rest as long as it likes.
        if (alive && NamesStatus(expect, 408)) {
          KeepOf(one, Outcome::kWarn, "no response in time: the target may wait for the rest");
        } else {
          KeepOf(one, alive ? Outcome::kFail : Outcome::kInconclusive,
                 alive ? "no response in time, while a control request got a token"
                       : "no response in time, and none to a control request either");
        }
        return true;
      case TransportError::kUnreachable:
        KeepOf(one, Outcome::kInconclusive, "the target cannot be reached");
        return true;
      case TransportError::kTls:
        if (!expected) KeepOf(one, Outcome::kInconclusive, "the TLS handshake failed");
        return !expected;
      case TransportError::kGarbage:
        if (expected) return false;
        KeepOf(one, Outcome::kFail, "the response is not complete HTTP");
        return true;
      case TransportError::kClosed:
      case TransportError::kReset:
        if (expected || one.Is(expect.info)) return false;
        if (spec_.side_by_side) {
          KeepOf(one, Outcome::kInconclusive,
                 "the connection ended without a response beside others, as a limiter does it");
          return true;
        }
        // Bytes that no client would send may get a close where the clause is a SHOULD; an ordinary
        // request may not.
        KeepOf(one,
               one.exchange().raw && !expect.response.empty()
                   ? CostOf(Miss::kExpectation, one.bound.level, profile_)
                   : Outcome::kFail,
               "the connection ended without a response");
        return true;
    }
    return false;
  }

  void JudgeGranted(const JudgedStep& one) {
    const Inspection& inspection = one.received.inspection;
    const Exchange& exchange = one.exchange();
    if (one.step.granted.empty() || !TokenClass().Matches(inspection)) return;
    if (exchange.raw && !inspection.scope) return;  // the requested scope is not known here
    const auto known = GrantedTo(one.step);
    if (!known) return;
    const std::set<std::string>& wanted = *known;
    // RFC 6749 section 5.1: scope left out means granted as requested.
    const std::string reported = inspection.scope.value_or(ScopeAsked(exchange).value_or(""));
    const std::set<std::string> granted = ScopeWords(reported);
    if (granted == wanted) return;
    if (inspection.scope && IsReportedAddition(profile_, wanted, granted)) return;
    std::string list;
    for (const std::string& word : wanted) list += (list.empty() ? "" : " ") + word;
    const bool more = !std::includes(wanted.begin(), wanted.end(), granted.begin(), granted.end());
    // RFC 6749 section 3.3: the server may ignore a part of what was asked for, if it reports the
    // rest.
    const bool part =
        inspection.scope && !granted.empty() && profile_.Get("contract") == "none" && !more;
    const bool grants = more && one.bound.level != Level::kProfile;
    Verdict miss =
        Missed(grants ? Miss::kGrant : Miss::kExpectation, one.bound.level,
               "the granted scope is \"" + list + "\"",
               (inspection.scope ? "the granted scope is \""
                                 : "no scope in the response, which means as requested: \"") +
                   reported + "\"",
               one.at, Basis::kScope);
    if (part) miss.outcome = std::min(miss.outcome, Outcome::kWarn);
    miss.wanted_token = !more;  // less than was to be granted
    Keep(worst_, std::move(miss));
  }

  // Whether the case is one request for a token with one check, so that it says nothing where the
  // check does not apply.
  bool IsAboutOneCheck(const StepSpec& step) const {
    const ResponseClassList& classes = step.expect.response;
    return step.checks.size() == 1 && spec_.steps.size() == 1 && classes.size() == 1 &&
           classes.Contains(TokenClass());
  }

  void JudgeChecks(const JudgedStep& one) {
    const Response* response = one.exchange().response();
    if (response == nullptr) return;
    const Client* client = nullptr;
    try {
      client = binder_.ClientOf(one.step);
    } catch (const NotApplicable&) {
    }
    const CheckedResponse checked = {one.received.inspection,
                                     *response,
                                     one.exchange(),
                                     one.step.at == Place::kToken,
                                     ScopeAsked(one.exchange()),
                                     client != nullptr ? &client->scopes : nullptr,
                                     &binder_.secrets(),
                                     &profile_,
                                     one.step.at == Place::kToken && !one.step.target};
    for (const Check* check : one.step.checks) {
      const Finding finding = check->inspect(checked);
      if (finding.kind == Finding::Kind::kViolated) {
        Verdict miss = Missed(grantspec::MissOf(*check), one.bound.level, std::string(check->says),
                              finding.text, one.at, Basis::kCheck);
        miss.check = check->name;
        Keep(worst_, std::move(miss));
      } else if (finding.kind == Finding::Kind::kDoesNotApply && IsAboutOneCheck(one.step) &&
                 worst_.outcome == Outcome::kPass) {
        worst_ = {Outcome::kNotApplicable, std::string(check->says), Described(one.received),
                  "the response has nothing that this is about", one.at};
      }
    }
  }

  void JudgeTime() {
    const double allowed_ms = AllowedMs(profile_, spec_.within_ms, sent_.exchanges.size());
    if (spec_.within_ms > 0 && sent_.seconds * 1000 > allowed_ms) {
      Keep(worst_,
           Missed(Miss::kExpectation, spec_.level,
                  "within " + std::to_string(static_cast<int>(allowed_ms)) + " ms",
                  std::to_string(static_cast<int>(sent_.seconds * 1000)) + " ms", 0, Basis::kTime));
    }
  }

  // Whether the target still serves after the case.
  void JudgeAlive() {
    if (!spec_.alive || sent_.aftermath != Aftermath::kSilent) return;
    const std::string got =
        sent_.control ? Described({*sent_.control, InspectionOf(*sent_.control)}) : "nothing";
    Verdict miss = {Outcome::kFail, "a baseline request afterwards gets a token",
                    std::string(kStopsServing),
                    "the target stopped serving after this case: the baseline request got " + got,
                    sent_.exchanges.size() - 1};
    miss.basis = Basis::kAftermath;
    Keep(worst_, std::move(miss));
  }

  void JudgeRelations() {
    for (const RelationSpec& relation : spec_.relations) {
      std::vector<std::size_t> related;
      for (std::size_t i = 0; i < sent_.exchanges.size(); ++i) {
        const auto& of = relation.of;
        if (std::find(of.begin(), of.end(), sent_.sequence[i]->name) != of.end()) {
          related.push_back(i);
        }
      }
      for (const Related what : relation.what) {
        for (std::size_t k = 1; k < related.size(); ++k) {
          JudgePair(relation.same, what, related.front(), related[k]);
        }
      }
    }
  }

  // Whether a property is the same in two exchanges, or differs.
  void JudgePair(bool same, Related what, std::size_t first, std::size_t other) {
    const Received a = At(first), b = At(other);
    // A connection that was closed before it came to the last request shows nothing.
    if (sent_.sequence[other]->judges_last && b.exchange.responses.empty()) return;
    if (IsSame(what, a, b) == same) return;
    // A limiter may have closed one of two connections: that is no word of the target about both.
    if (WasCutOff(a.exchange) != WasCutOff(b.exchange)) {
      Keep(worst_, {Outcome::kInconclusive, "", "",
                    "one of the connections that are compared ended without a response", other});
      return;
    }
    std::string actual = "the same token";
    if (what != Related::kToken) actual = ShownValue(what, a) + " and " + ShownValue(what, b);
    const Miss miss = grantspec::MissOf(what, same, spec_.level, HaveSameChallenges(a, b));
    const bool of_tokens = what == Related::kToken || what == Related::kGranted;
    Keep(worst_, Missed(miss, spec_.level,
                        (same ? "the same " : "another ") + std::string(ToString(what)) + " for " +
                            sent_.sequence[first]->name + " and " + sent_.sequence[other]->name,
                        std::move(actual), other, of_tokens ? Basis::kTokens : Basis::kRelation));
  }

  void JudgeAnalysis() {
    std::vector<std::string> names;
    for (const StepSpec* step : sent_.sequence) names.push_back(step->name);
    Verdict verdict = spec_.analysis->analyze(sent_.exchanges, names);
    if (verdict.outcome == Outcome::kFail)
      verdict.outcome = CostOf(Miss::kExpectation, spec_.level, profile_);
    verdict.basis = Basis::kRelation;
    if (worst_.outcome == Outcome::kPass) worst_ = verdict;
  }

  const Case& spec_;
  const SentCase& sent_;
  const Binder& binder_;
  const Profile& profile_;
  Verdict worst_;
};

}  // namespace

std::string_view ToString(Outcome outcome) {
  switch (outcome) {
    case Outcome::kPass:
      return "pass";
    case Outcome::kNotApplicable:
      return "not_applicable";
    case Outcome::kInfo:
      return "info";
    case Outcome::kWarn:
      return "warn";
    case Outcome::kInconclusive:
      return "inconclusive";
    case Outcome::kWaived:
      return "waived";
    case Outcome::kFail:
      return "fail";
  }
  return "?";
}

bool NamesStatus(const Expectation& expect, int status) {
  return ListsStatus(expect.response, status) || ListsStatus(expect.warn, status) ||
         ListsStatus(expect.info, status);
}

Verdict Judge(const Case& spec, const SentCase& sent, const Binder& binder) {
  return CaseJudge(spec, sent, binder).Run();
}

}  // namespace grantspec
