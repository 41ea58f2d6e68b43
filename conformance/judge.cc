#include "conformance/judge.h"

#include <algorithm>
#include <set>

#include "conformance/analysis.h"
#include "conformance/answer.h"
#include "conformance/check.h"
#include "conformance/expression.h"
#include "conformance/response_summary.h"
#include "fixtures/grammar/ascii.h"
#include "fixtures/grammar/form.h"
#include "fixtures/grammar/json_text.h"
#include "fixtures/grammar/scope.h"
#include "fixtures/http/pace.h"

namespace grantspec {
namespace {

bool Any(const std::vector<std::string>& names, const Exchange& exchange) {
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& name) { return Matches(name, exchange); });
}

void Keep(Verdict& worst, Verdict verdict) {
  if (static_cast<int>(verdict.outcome) > static_cast<int>(worst.outcome)) worst = verdict;
}

// A response in a few words: its class, its status and the start of its body.
std::string Described(const Exchange& exchange) {
  const Response* response = exchange.response();
  if (response == nullptr) {
    if (!exchange.failure) return "nothing";
    return std::string(ToString(exchange.failure->error)) + ": " + exchange.failure->detail;
  }
  const std::string name = NameOf(exchange), status = std::to_string(response->status);
  std::string body;
  if (!response->content.empty() && IsUnreadableSuccess(*response)) {
    body = SummaryOf(*response);
  } else if (!HoldsToken(*response)) {
    body = response->content.substr(0, 4096);
  }
  if (name == status) return "status " + status + (body.empty() ? "" : " (" + body + ")");
  return name + " (status " + status + (body.empty() ? "" : ", " + body) + ")";
}

std::optional<std::string> ScopeReported(const Exchange& exchange) {
  const Response* response = exchange.response();
  if (response == nullptr) return std::nullopt;
  const auto object = ObjectOf(*response);
  const JsonMember* scope = object ? object->Find("scope") : nullptr;
  if (scope == nullptr || scope->kind != JsonKind::kString) return std::nullopt;
  return scope->text;
}

std::set<std::string> Words(std::string_view text) {
  std::set<std::string> words;
  while (!text.empty()) {
    const std::size_t space = text.find(' ');
    if (space != 0) words.insert(std::string(text.substr(0, space)));
    text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
  }
  return words;
}

// The body without members that may differ from response to response.
std::string Comparable(const Exchange& exchange) {
  const Response* response = exchange.response();
  if (response == nullptr) return Described(exchange);
  const auto object = ObjectOf(*response);
  if (!object) return response->content;
  std::string text;
  for (const JsonMember& member : object->members) {
    if (member.name == "timestamp" || member.name == "trace_id" || member.name == "request_id" ||
        member.name == "correlation_id" || member.name == "access_token") {
      continue;
    }
    text += member.name + "=" + member.text + "\n";
  }
  return text;
}

// The same for people: without the values of a response that may contain a token anywhere.
std::string ShownContent(const Exchange& exchange) {
  const Response* response = exchange.response();
  if (response == nullptr || response->status < 200 || response->status > 299) {
    return Comparable(exchange);
  }
  return SummaryOf(*response);
}

std::string FieldNames(const Exchange& exchange) {
  const Response* response = exchange.response();
  if (response == nullptr) return Described(exchange);
  std::set<std::string> names;
  for (const Field& line : response->fields.lines) names.insert(ToLower(line.name));
  for (const char* lawful : {"date", "connection", "keep-alive", "age"}) names.erase(lawful);
  std::string text;
  for (const std::string& name : names) text += name + "\n";
  for (std::string_view challenge : response->fields.All("WWW-Authenticate")) text += challenge;
  return text;
}

std::string ValueOf(const std::string& what, const Exchange& exchange) {
  const Response* response = exchange.response();
  if (what == "status") return response ? std::to_string(response->status) : "none";
  if (what == "answer") return NameOf(exchange);
  if (what == "granted") return response && HoldsToken(*response) ? "a token" : "no token";
  if (what == "content") return Comparable(exchange);
  if (what == "fields") return FieldNames(exchange);
  if (what == "scope") {
    std::string text;
    for (const std::string& word : Words(ScopeReported(exchange).value_or(""))) text += word + " ";
    return text;
  }
  if (response == nullptr) return "";
  const auto object = ObjectOf(*response);
  const JsonMember* token = object ? object->Find("access_token") : nullptr;
  return token != nullptr ? token->text : "";
}

// A value for people, in quotes.
std::string ShownValue(const std::string& what, const Exchange& exchange) {
  return "\"" + (what == "content" ? ShownContent(exchange) : ValueOf(what, exchange)) + "\"";
}

std::string Expected(const BoundExpectation& bound) {
  std::string text = bound.expect.answer.empty() ? "" : Listed(bound.expect.answer);
  if (!bound.expect.never.empty()) {
    text += (text.empty() ? "not " : "; never ") + Listed(bound.expect.never);
  }
  if (!bound.strict && !bound.expect.warn.empty()) {
    text += "; tolerated: " + Listed(bound.expect.warn);
  }
  return text;
}

class CaseJudge {
 public:
  CaseJudge(const Case& spec, const HeldCase& held, const Binder& binder)
      : spec_(spec), held_(held), binder_(binder), profile_(binder.profile()) {}

  Verdict Run() {
    if (held_.exchanges.empty()) return {Outcome::kInconclusive, "", "", "nothing was sent", 0};
    for (std::size_t i = 0; i < held_.exchanges.size(); ++i) {
      JudgeStep(*held_.sequence[i], held_.exchanges[i], i);
    }
    if (held_.exchanges.size() < held_.sequence.size() && worst_.outcome == Outcome::kPass) {
      if (held_.unusable_token) {
        return {Outcome::kFail, "an access token that a client can send", held_.stopped, "",
                held_.exchanges.size() - 1};
      }
      if (!held_.stopped.empty()) return {Outcome::kNotApplicable, "", "", held_.stopped, 0};
      Keep(worst_, {Outcome::kInconclusive, "", "", "not all steps could be sent", 0});
    }
    const bool complete = worst_.outcome < Outcome::kInconclusive;
    if (complete) JudgeRelations();
    if (complete && !spec_.analysis.empty()) JudgeAnalysis();
    JudgeTime();
    JudgeAlive();
    return worst_;
  }

 private:
  Verdict Miss(Level level, std::string expected, std::string actual, std::size_t at) const {
    return {CostOf(level, profile_), std::move(expected), std::move(actual), "", at};
  }

  void JudgeStep(const StepSpec& step, const Exchange& exchange, std::size_t at) {
    const BoundExpectation bound = ExpectationFor(spec_, step, profile_);
    const Expectation& expect = bound.expect;
    const std::string expected = Expected(bound);
    const std::string actual = Described(exchange);
    const auto verdict = [&](Outcome outcome, std::string why) {
      Keep(worst_, {outcome, expected, actual, std::move(why), at});
    };
    if (worst_.expected.empty()) worst_ = {worst_.outcome, expected, actual, worst_.why, at};

    if (exchange.failure && JudgeFailure(expect, exchange, bound.level, verdict)) return;
    if (IsThrottled(exchange) && !NamesStatus(expect, exchange.response()->status)) {
      return verdict(Outcome::kInconclusive, "the target throttled the request");
    }
    const Response* response = exchange.response();
    if (Any(expect.never, exchange)) return verdict(Outcome::kFail, "this response is never right");
    if (Any(expect.answer, exchange)) {
      JudgeGranted(step, exchange, at, bound.level);
    } else if (Any(expect.warn, exchange)) {
      // What is tolerated cannot cost more than a miss would.
      verdict(
          bound.strict ? Outcome::kFail : std::min(Outcome::kWarn, CostOf(bound.level, profile_)),
          bound.strict ? "the profile has " + spec_.strict + " on" : "tolerated");
    } else if (Any(expect.info, exchange)) {
      verdict(bound.strict ? Outcome::kFail : Outcome::kInfo, "recorded");
    } else if (response != nullptr && response->status >= 500 && response->status != 501 &&
               response->status != 505) {
      verdict(Outcome::kFail, "a server error never passes");
    } else if (!expect.answer.empty()) {
      // An expectation that only rules out a token fails with a token, above.
      verdict(CostOf(bound.level, profile_), "");
    }
    JudgeChecks(step, exchange, at, bound.level);
  }

  // What a missing response means. True: judged; false: the expectation decides.
  template <typename Say>
  bool JudgeFailure(const Expectation& expect, const Exchange& exchange, Level level,
                    const Say& verdict) {
    const bool alive = held_.control && Matches("token", *held_.control);
    switch (exchange.failure->error) {
      case TransportError::kNotSent:
        verdict(Outcome::kInconclusive, exchange.failure->detail);
        return true;
      case TransportError::kTimeout:
        // Silence is no refusal. A control request tells it from a dead connection.
        verdict(alive ? Outcome::kFail : Outcome::kInconclusive,
                alive ? "no response in time, while a control request got a token"
                      : "no response in time, and none to a control request either");
        return true;
      case TransportError::kUnreachable:
        verdict(Outcome::kInconclusive, "the target cannot be reached");
        return true;
      case TransportError::kTls:
        if (Any(expect.answer, exchange) || Any(expect.warn, exchange)) return false;
        verdict(Outcome::kInconclusive, "the TLS handshake failed");
        return true;
      case TransportError::kGarbage:
        verdict(Outcome::kFail, "the response is not complete HTTP");
        return true;
      case TransportError::kClosed:
      case TransportError::kReset:
        if (Any(expect.answer, exchange) || Any(expect.warn, exchange) ||
            Any(expect.info, exchange)) {
          return false;
        }
        // Bytes that no client would send may be answered by a close where the clause is a
        // SHOULD; an ordinary request may not.
        verdict(exchange.raw && !expect.answer.empty() ? CostOf(level, profile_) : Outcome::kFail,
                "the connection ended without a response");
        return true;
    }
    return false;
  }

  void JudgeGranted(const StepSpec& step, const Exchange& exchange, std::size_t at, Level level) {
    if (step.granted.empty() || !Matches("token", exchange)) return;
    if (exchange.raw && !ScopeReported(exchange)) return;  // the requested scope is not known here
    std::set<std::string> wanted;
    for (const std::string& text : step.granted) {
      for (const std::string& word : Words(binder_.Text(step, {text, step.where}))) {
        wanted.insert(word);
      }
    }
    // RFC 6749 section 5.1: scope left out means granted as requested.
    const bool left_out = !ScopeReported(exchange).has_value();
    const std::string reported =
        ScopeReported(exchange).value_or(ScopeAsked(exchange).value_or(""));
    std::string list;
    for (const std::string& word : wanted) list += (list.empty() ? "" : " ") + word;
    if (Words(reported) != wanted) {
      // RFC 6749 section 3.3: the server may ignore a part of what was asked for, if it reports the
      // rest.
      const std::set<std::string> granted = Words(reported);
      const bool part = !left_out && !granted.empty() && profile_.Get("contract") == "none" &&
                        std::includes(wanted.begin(), wanted.end(), granted.begin(), granted.end());
      Verdict miss = Miss(level, "the granted scope is \"" + list + "\"",
                          (left_out ? "no scope in the response, which means as requested: \""
                                    : "the granted scope is \"") +
                              reported + "\"",
                          at);
      if (part) miss.outcome = std::min(miss.outcome, Outcome::kWarn);
      Keep(worst_, std::move(miss));
    }
  }

  void JudgeChecks(const StepSpec& step, const Exchange& exchange, std::size_t at, Level level) {
    const Response* response = exchange.response();
    if (response == nullptr) return;
    const Client* client = nullptr;
    try {
      client = binder_.ClientOf(step);
    } catch (const NotApplicable&) {
    }
    for (const std::string& name : step.checks) {
      const Check* check = FindCheck(name);
      const Finding finding = check->inspect(
          {*response, exchange, step.at == "token", ScopeAsked(exchange),
           client != nullptr ? &client->scopes : nullptr, &binder_.secrets(), &profile_});
      if (finding.kind == Finding::Kind::kViolated) {
        Keep(worst_, Miss(level, std::string(check->says), finding.text, at));
      } else if (finding.kind == Finding::Kind::kDoesNotApply && step.checks.size() == 1 &&
                 spec_.steps.size() == 1 && worst_.outcome == Outcome::kPass &&
                 step.expect.answer == std::vector<std::string>{"token"}) {
        worst_ = {Outcome::kNotApplicable, std::string(check->says), Described(exchange),
                  "the response has nothing that this is about", at};
      }
    }
  }

  void JudgeTime() {
    if (spec_.within_ms > 0 && held_.seconds * 1000 > spec_.within_ms) {
      Keep(worst_, Miss(spec_.level, "within " + std::to_string(spec_.within_ms) + " ms",
                        std::to_string(static_cast<int>(held_.seconds * 1000)) + " ms", 0));
    }
  }

  // Whether the target still serves after the case.
  void JudgeAlive() {
    if (spec_.alive && held_.control && !Matches("token", *held_.control) &&
        !IsThrottled(*held_.control)) {
      Keep(worst_,
           {Outcome::kFail, "a baseline request afterwards gets a token", Described(*held_.control),
            "the target stopped serving after this case", held_.exchanges.size() - 1});
    }
  }

  void JudgeRelations() {
    for (const RelationSpec& relation : spec_.relations) {
      std::vector<std::size_t> related;
      for (std::size_t i = 0; i < held_.exchanges.size(); ++i) {
        const auto& of = relation.of;
        if (std::find(of.begin(), of.end(), held_.sequence[i]->name) != of.end()) {
          related.push_back(i);
        }
      }
      for (const std::string& what : relation.what) {
        for (std::size_t k = 1; k < related.size(); ++k) {
          JudgePair(relation.same, what, related.front(), related[k]);
        }
      }
    }
  }

  // Whether a property is the same in two exchanges, or differs.
  void JudgePair(bool same, const std::string& what, std::size_t first, std::size_t other) {
    const Exchange& a = held_.exchanges[first];
    const Exchange& b = held_.exchanges[other];
    if ((ValueOf(what, a) == ValueOf(what, b)) == same) return;
    std::string actual = "the same token";
    if (what != "token") actual = ShownValue(what, a) + " and " + ShownValue(what, b);
    Keep(worst_, Miss(spec_.level,
                      std::string(same ? "the same " : "another ") + what + " for " +
                          held_.sequence[first]->name + " and " + held_.sequence[other]->name,
                      std::move(actual), other));
  }

  void JudgeAnalysis() {
    std::vector<std::string> names;
    for (const StepSpec* step : held_.sequence) names.push_back(step->name);
    Verdict verdict = Analyse(spec_.analysis, held_.exchanges, names);
    if (verdict.outcome == Outcome::kFail) verdict.outcome = CostOf(spec_.level, profile_);
    if (worst_.outcome == Outcome::kPass) worst_ = verdict;
  }

  const Case& spec_;
  const HeldCase& held_;
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

Outcome CostOf(Level level, const Profile& profile) {
  switch (level) {
    case Level::kMust:
      return Outcome::kFail;
    case Level::kShould:
      return Outcome::kWarn;
    case Level::kMay:
      return Outcome::kInfo;
    case Level::kProfile:
      return profile.Get("contract") == "pyng" ? Outcome::kFail : Outcome::kInfo;
    case Level::kSecurity:
      return profile.Get("security") == "fail" ? Outcome::kFail : Outcome::kWarn;
  }
  return Outcome::kFail;
}

bool NamesStatus(const Expectation& expect, int status) {
  const std::string name = std::to_string(status);
  for (const auto* list : {&expect.answer, &expect.warn, &expect.info}) {
    if (std::find(list->begin(), list->end(), name) != list->end()) return true;
  }
  return false;
}

std::optional<std::string> ScopeAsked(const Exchange& exchange) {
  const std::size_t end = exchange.raw ? std::string::npos : exchange.sent.find("\r\n\r\n");
  if (end == std::string::npos) return std::nullopt;
  const std::string head = ToLower(exchange.sent.substr(0, end + 2));
  if (head.find("\ncontent-encoding:") != std::string::npos) return std::nullopt;
  const Form form = ParseFormWhatwg(std::string_view(exchange.sent).substr(end + 4));
  if (form.Count("scope") > 1) return std::nullopt;
  return std::string(form.First("scope").value_or(""));
}

Verdict Judge(const Case& spec, const HeldCase& held, const Binder& binder) {
  return CaseJudge(spec, held, binder).Run();
}

}  // namespace grantspec
