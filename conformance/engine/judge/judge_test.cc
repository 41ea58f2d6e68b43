// The judge against canned exchanges: no network.

#include "conformance/engine/judge/judge.h"

#include <gtest/gtest.h>

#include "conformance/engine/bind/binder.h"
#include "conformance/engine/case/testing.h"
#include "fixtures/text/edit.h"

namespace grantspec {
namespace {

// The members of a case whose two responses have to be alike.
constexpr const char* kTwoAlike =
    R"("steps":[{"name":"x","response":["token","400"]},{"name":"y","response":["token","400"]}],
       "relations":[{"same":"response","of":["x","y"]}])";

class JudgeTest : public testing::Test {
 protected:
  JudgeTest() {
    profile_ = *BuiltInProfile("rfc6749");
    profile_.clients["main"] = {"client", "secret", {"a", "b"}};
  }

  Verdict Of(const std::string& members, std::vector<Exchange> exchanges,
             std::optional<Exchange> control = std::nullopt) {
    const std::vector<Case> cases = Cases(members);
    const Binder binder(profile_, *PlaceOf("http://127.0.0.1/t"), "canary");
    SentCase sent;
    sent.sequence = SequenceOf(cases[0]);
    sent.exchanges = std::move(exchanges);
    if (control) sent.KeepControl(std::move(*control));
    return Judge(cases[0], sent, binder);
  }

  Outcome OutcomeOf(const std::string& members, Exchange exchange) {
    return Of(members, {std::move(exchange)}).outcome;
  }

  Profile profile_;
};

TEST_F(JudgeTest, WeighsWhatCame) {
  const std::string plain = R"("response":"invalid_scope","warn":"token")";
  EXPECT_EQ(OutcomeOf(plain, Responded(400, R"({"error":"invalid_scope"})")), Outcome::kPass);
  EXPECT_EQ(OutcomeOf(plain, Responded(200, kToken)), Outcome::kWarn);
  EXPECT_EQ(OutcomeOf(plain, Responded(403, "")), Outcome::kFail);
  EXPECT_EQ(OutcomeOf(plain, Responded(429, "")), Outcome::kInconclusive);
  EXPECT_EQ(OutcomeOf(plain, Failed(TransportError::kClosed)), Outcome::kFail);
  EXPECT_EQ(OutcomeOf(plain, Failed(TransportError::kUnreachable)), Outcome::kInconclusive);
  EXPECT_EQ(OutcomeOf(plain, Failed(TransportError::kGarbage)), Outcome::kFail);
  const std::string should = R"("response":"invalid_scope","level":"SHOULD")";
  EXPECT_EQ(OutcomeOf(should, Responded(403, "")), Outcome::kWarn);
  EXPECT_EQ(OutcomeOf(R"("response":"invalid_scope","level":"MAY")", Responded(403, "")),
            Outcome::kInfo);
  const std::string never = R"("response":"invalid_scope","level":"SHOULD","never":"token")";
  EXPECT_EQ(OutcomeOf(never, Responded(200, kToken)), Outcome::kFail);
}

// A limiter that closes the connection of the second step says nothing about the token of the
// first.
TEST_F(JudgeTest, ATokenThatMayBeReceivedIsNoSecretBesideAMissingResponse) {
  const std::vector<Case> cases = Cases(R"("steps":[{"name":"a","response":["any","token"]},)"
                                        R"({"name":"b","response":"refused"}])");
  SentCase sent;
  sent.sequence = SequenceOf(cases[0]);
  sent.exchanges = {Responded(200, kToken), Failed(TransportError::kClosed)};
  EXPECT_FALSE(ContainsForeignToken(cases[0], sent, profile_));
  sent.exchanges = {Failed(TransportError::kClosed), Responded(200, kToken)};
  EXPECT_TRUE(ContainsForeignToken(cases[0], sent, profile_));
}

TEST_F(JudgeTest, ATokenThatMayBeReceivedIsNoSecret) {
  const auto foreign = [this](const std::string& members, std::optional<Exchange> control) {
    const std::vector<Case> cases = Cases(members);
    SentCase sent;
    sent.sequence = SequenceOf(cases[0]);
    sent.exchanges = {Responded(200, kToken)};
    if (control) sent.KeepControl(std::move(*control));
    return ContainsForeignToken(cases[0], sent, profile_);
  };
  EXPECT_TRUE(foreign(R"("response":"invalid_client")", std::nullopt));
  EXPECT_FALSE(foreign(R"("response":"token")", std::nullopt));
  EXPECT_TRUE(foreign(R"("response":["token","refused"])", Responded(200, kToken)));
  const std::string alive = R"("response":["token","refused"],"alive":true)";
  EXPECT_FALSE(foreign(alive, Failed(TransportError::kClosed)));
  EXPECT_TRUE(foreign(R"("response":"refused","alive":true)", Failed(TransportError::kClosed)));
}

TEST_F(JudgeTest, AConnectionThatEndsBesideOthersMayBeALimiters) {
  const std::string plain = R"("response":"token")";
  EXPECT_EQ(OutcomeOf(plain, Failed(TransportError::kClosed)), Outcome::kFail);
  const std::string beside = plain + R"(,"side_by_side":true)";
  EXPECT_EQ(OutcomeOf(beside, Failed(TransportError::kClosed)), Outcome::kInconclusive);
  EXPECT_EQ(OutcomeOf(beside, Responded(500, "")), Outcome::kInconclusive)
      << "error_response.no_5xx judges it";
}

TEST_F(JudgeTest, BesideATokenAMissingResponseIsWhatFailed) {
  const std::vector<Case> cases = Cases(kTwoAlike);
  SentCase sent;
  sent.sequence = SequenceOf(cases[0]);
  sent.exchanges = {Responded(200, kToken), Responded(400, "")};
  EXPECT_TRUE(ContainsForeignToken(cases[0], sent, profile_));
  sent.exchanges = {Responded(200, kToken), Failed(TransportError::kClosed)};
  EXPECT_FALSE(ContainsForeignToken(cases[0], sent, profile_));
}

TEST_F(JudgeTest, BesideATokenTheRefusalOfALimiterIsWhatFailed) {
  const std::vector<Case> cases = Cases(kTwoAlike);
  SentCase sent;
  sent.sequence = SequenceOf(cases[0]);
  sent.exchanges = {Responded(200, kToken), Responded(403, "blocked")};
  EXPECT_FALSE(ContainsForeignToken(cases[0], sent, profile_));
  sent.exchanges[1] = Responded(200, "");
  sent.exchanges[1].responses.push_back({.status = 429});  // the second of two on a connection
  EXPECT_FALSE(ContainsForeignToken(cases[0], sent, profile_));
  sent.exchanges[1] = Responded(403, R"({"error":"access_denied"})");
  EXPECT_TRUE(ContainsForeignToken(cases[0], sent, profile_));
}

TEST_F(JudgeTest, AServerErrorNeverPasses) {
  for (const char* level : {"MUST", "SHOULD", "MAY", "PROFILE", "SECURITY"}) {
    const std::string members =
        R"("response":["token","refused"],"level":")" + std::string(level) + "\"";
    EXPECT_EQ(OutcomeOf(members, Responded(500, R"({"error":"invalid_scope"})")), Outcome::kFail);
    EXPECT_EQ(OutcomeOf(members, Responded(503, "")), Outcome::kFail);
    EXPECT_EQ(OutcomeOf(members, Responded(503, "", {{{"Retry-After", "1"}}})),
              Outcome::kInconclusive);
  }
}

TEST_F(JudgeTest, SilenceIsTheTargetsOnlyWhenTheLineLives) {
  const std::string plain = R"("response":["400","closed"])";
  EXPECT_EQ(Of(plain, {Failed(TransportError::kTimeout)}, Responded(200, kToken)).outcome,
            Outcome::kFail);
  EXPECT_EQ(Of(plain, {Failed(TransportError::kTimeout)}, Failed(TransportError::kTimeout)).outcome,
            Outcome::kInconclusive);
  EXPECT_EQ(
      Of(R"("response":"400","alive":true)", {Responded(400, "")}, Failed(TransportError::kReset))
          .outcome,
      Outcome::kFail);
}

TEST(Aftermath, AControlRequestThatWasNotSentShowsNothing) {
  EXPECT_EQ(AftermathOf(Responded(200, kToken)), Aftermath::kAlive);
  EXPECT_EQ(AftermathOf(Failed(TransportError::kTimeout)), Aftermath::kSilent);
  EXPECT_EQ(AftermathOf(Failed(TransportError::kNotSent)), Aftermath::kUnknown);
}

TEST_F(JudgeTest, SwitchesDecide) {
  const std::string strict =
      R"("response":"invalid_request","warn":"token","strict":"strict.repeat")";
  EXPECT_EQ(OutcomeOf(strict, Responded(200, kToken)), Outcome::kWarn);
  profile_.switches["strict.repeat"] = "on";
  EXPECT_EQ(OutcomeOf(strict, Responded(200, kToken)), Outcome::kFail);
  const std::string other =
      R"("response":"invalid_request",)"
      R"("if":[{"switch":"scope.missing","is":"default","response":"token"}])";
  EXPECT_EQ(OutcomeOf(other, Responded(200, kToken)), Outcome::kFail);
  profile_.switches["scope.missing"] = "default";
  EXPECT_EQ(OutcomeOf(other, Responded(200, kToken)), Outcome::kPass);
}

TEST_F(JudgeTest, TheGrantedScopeCounts) {
  EXPECT_EQ(OutcomeOf(R"("response":"token","granted":"a")", Responded(200, kToken)),
            Outcome::kPass);
  EXPECT_EQ(OutcomeOf(R"("response":"token","granted":"b")", Responded(200, kToken)),
            Outcome::kFail);
  const std::string untold = R"({"access_token":"t","token_type":"Bearer"})";
  EXPECT_EQ(OutcomeOf(R"("response":"token","granted":"a")", Responded(200, untold)),
            Outcome::kPass);
  EXPECT_EQ(OutcomeOf(R"("response":"token","granted":"b")", Responded(200, untold)),
            Outcome::kFail);
}

TEST_F(JudgeTest, AScopeThatNobodyKnowsIsNotCompared) {
  profile_.clients["main"].scopes.clear();
  EXPECT_EQ(OutcomeOf(R"("response":"token","granted":"{{scope}}")", Responded(200, kToken)),
            Outcome::kPass);
}

TEST_F(JudgeTest, RelationsCount) {
  EXPECT_EQ(Of(kTwoAlike, {Responded(200, kToken), Responded(200, kToken)}).outcome,
            Outcome::kPass);
  EXPECT_EQ(Of(kTwoAlike, {Responded(200, kToken), Responded(400, "")}).outcome, Outcome::kFail);
  EXPECT_EQ(Of(kTwoAlike, {Responded(200, kToken)}).outcome, Outcome::kInconclusive);
  const std::string or_closed = ReplacedAll(kTwoAlike, "\"400\"", "\"closed\"");
  EXPECT_EQ(Of(or_closed, {Responded(200, kToken), Failed(TransportError::kClosed)}).outcome,
            Outcome::kInconclusive)
      << "a limiter may have closed one of two connections";
}

TEST_F(JudgeTest, AScopeThatIsNotReportedIsTheOneThatWasAskedFor) {
  const std::string same = R"("steps":[{"name":"x","response":"token"},)"
                           R"({"name":"y","response":"token"}],)"
                           R"("relations":[{"same":"scope","of":["x","y"]}])";
  const auto granted = [](const std::string& scope) {
    return Responded(200, R"({"access_token":"t","token_type":"Bearer")" + scope + "}");
  };
  EXPECT_EQ(Of(same, {granted(""), granted(R"(,"scope":"a")")}).outcome, Outcome::kPass);
  EXPECT_EQ(Of(same, {granted(""), granted(R"(,"scope":"b")")}).outcome, Outcome::kFail);
}

TEST_F(JudgeTest, WhereAServerMayTimeOutItMayWait) {
  const Exchange silence = Failed(TransportError::kTimeout), token = Responded(200, kToken);
  EXPECT_EQ(Of(R"("response":"400")", {silence}, token).outcome, Outcome::kFail);
  EXPECT_EQ(Of(R"("response":["400","408"])", {silence}, token).outcome, Outcome::kWarn);
  EXPECT_EQ(Of(R"("response":["400","408"])", {silence}).outcome, Outcome::kInconclusive);
}

TEST_F(JudgeTest, EachKindOfVerdictHasItsWords) {
  struct Row {
    const char* members;
    Exchange received;
    Outcome outcome;
    const char *expected, *actual, *why;
  };
  const std::string scope = R"({"error":"invalid_scope"})";
  Exchange raw = Failed(TransportError::kClosed);
  raw.raw = true;
  const std::vector<Row> rows = {
      {R"("response":"token")", Responded(200, kToken), Outcome::kPass, "token",
       "token (status 200)", ""},
      {R"("response":["token","400"],"never":"403")", Responded(403, ""), Outcome::kFail,
       "token or 400; never 403", "status 403", "this response is never right"},
      {R"("response":"token","warn":"invalid_scope")", Responded(400, scope), Outcome::kWarn,
       "token; tolerated: invalid_scope",
       R"(invalid_scope (status 400, {"error":"invalid_scope"}))", "tolerated"},
      {R"("response":"token","warn":"400","level":"MAY")", Responded(400, ""), Outcome::kInfo,
       "token; tolerated: 400", "status 400", "tolerated"},
      {R"("response":"token","info":"400")", Responded(400, "x"), Outcome::kInfo, "token",
       "status 400 (x)", "recorded"},
      {R"("response":"token")", Responded(400, ""), Outcome::kFail, "token", "status 400", ""},
      {R"("response":"token","level":"MAY")", Responded(500, ""), Outcome::kFail, "token",
       "status 500", "a server error never passes"},
      {R"("response":"token","level":"MAY")", Responded(501, ""), Outcome::kInfo, "token",
       "status 501", ""},
      {R"("response":"token")", Responded(429, ""), Outcome::kInconclusive, "token", "status 429",
       "the target throttled the request"},
      {R"("response":"429")", Responded(429, ""), Outcome::kPass, "429", "status 429", ""},
      {R"("response":"token")", Failed(TransportError::kNotSent), Outcome::kInconclusive, "token",
       "", "why"},
      {R"("response":"token")", Failed(TransportError::kTimeout), Outcome::kInconclusive, "token",
       "", "no response in time, and none to a control request either"},
      {R"("response":"token")", Failed(TransportError::kUnreachable), Outcome::kInconclusive,
       "token", "", "the target cannot be reached"},
      {R"("response":"token")", Failed(TransportError::kTls), Outcome::kInconclusive, "token", "",
       "the TLS handshake failed"},
      {R"("response":"tls_refused")", Failed(TransportError::kTls), Outcome::kPass, "tls_refused",
       "", ""},
      {R"("response":"token")", Failed(TransportError::kGarbage), Outcome::kFail, "token", "",
       "the response is not complete HTTP"},
      {R"("response":"token","level":"MAY")", Failed(TransportError::kClosed), Outcome::kFail,
       "token", "", "the connection ended without a response"},
      {R"("response":"token","level":"MAY")", raw, Outcome::kInfo, "token", "",
       "the connection ended without a response"},
      {R"("response":"closed")", Failed(TransportError::kReset), Outcome::kPass, "closed", "", ""},
  };
  for (const Row& row : rows) {
    const Verdict verdict = Of(row.members, {row.received});
    const std::string what = std::string(row.members) + " " + row.actual + row.why;
    EXPECT_EQ(verdict.outcome, row.outcome) << what;
    EXPECT_EQ(verdict.expected, row.expected) << what;
    EXPECT_EQ(verdict.why, row.why) << what;
    const std::string failure =
        row.received.failure ? std::string(ToString(row.received.failure->error)) + ": why" : "";
    EXPECT_EQ(verdict.actual, row.received.failure ? failure : row.actual) << what;
  }
}

TEST_F(JudgeTest, RelationsSayWhatDiffers) {
  const std::string members =
      R"("steps":[{"name":"x","response":["token","400"]},)"
      R"({"name":"y","response":["token","400"]}],"relations":[{"same":"WHAT","of":["x","y"]}])";
  const auto verdict = [&](const std::string& what, const Exchange& first, const Exchange& other) {
    std::string one = members;
    return Of(one.replace(one.find("WHAT"), 4, what), {first, other});
  };
  const Exchange token = Responded(200, kToken), refused = Responded(400, "no");
  EXPECT_EQ(verdict("status", token, refused).expected, "the same status for x and y");
  EXPECT_EQ(verdict("status", token, refused).actual, "\"200\" and \"400\"");
  EXPECT_EQ(verdict("response", token, refused).actual, "\"token\" and \"400\"");
  EXPECT_EQ(verdict("granted", token, refused).actual, "\"a token\" and \"no token\"");
  EXPECT_EQ(verdict("scope", token, refused).actual, "\"a \" and \"\"");
  EXPECT_EQ(verdict("content", refused, Responded(400, "x")).actual, "\"no\" and \"x\"");
  EXPECT_EQ(verdict("token", token, refused).actual, "the same token");
  EXPECT_EQ(verdict("token", token, token).outcome, Outcome::kPass);
  EXPECT_EQ(verdict("fields", refused, Responded(400, "no", {{{"X-A", "1"}}})).exchange, 1U);
  EXPECT_EQ(verdict("fields", refused, Responded(400, "no", {{{"Date", "1"}}})).outcome,
            Outcome::kPass);
}

TEST_F(JudgeTest, AChallengeThatTellsClientsApartIsEnumeration) {
  const std::string members =
      R"("level":"SECURITY","steps":[{"name":"x","response":"401"},{"name":"y","response":"401"}],)"
      R"("relations":[{"same":"fields","of":["x","y"]}])";
  const auto challenged = [](const char* with) {
    return Responded(401, "no", {{{"WWW-Authenticate", with}}});
  };
  const std::vector<Exchange> apart = {challenged("Basic realm=\"a\""),
                                       challenged("Basic realm=\"unknown\"")};
  EXPECT_EQ(Of(members, apart).outcome, Outcome::kWarn);
  profile_ = *BuiltInProfile("pyng");
  profile_.clients["main"] = {"client", "secret", {"a", "b"}};
  EXPECT_EQ(Of(members, apart).outcome, Outcome::kFail);
  EXPECT_EQ(Of(members, {apart[0], apart[0]}).outcome, Outcome::kPass);
}

TEST_F(JudgeTest, WhatIsNotTheTargetsIsNotHeldAgainstIt) {
  const std::string refused = R"("response":"invalid_scope")", wants = R"("response":"token")";
  EXPECT_EQ(OutcomeOf(refused, Responded(403, "<html>")), Outcome::kFail);
  profile_.switches["waf"] = "present";
  EXPECT_EQ(OutcomeOf(refused, Responded(403, "<html>")), Outcome::kWarn);
  EXPECT_EQ(OutcomeOf(wants, Responded(403, "<html>")), Outcome::kInconclusive);
  EXPECT_EQ(OutcomeOf(wants, Responded(403, R"({"error":"access_denied"})")), Outcome::kFail);

  profile_.clients["pad1"] = {"padded", "secret", {}};
  const std::string pad1 = R"("client":"pad1","response":"token")";
  Exchange without_scope = Responded(400, R"({"error":"invalid_scope"})");
  EXPECT_EQ(OutcomeOf(pad1, without_scope), Outcome::kFail);
  without_scope.sent = "POST / HTTP/1.1\r\n\r\ngrant_type=client_credentials";
  const Verdict verdict = Of(pad1, {without_scope});
  EXPECT_EQ(verdict.outcome, Outcome::kInconclusive);
  EXPECT_EQ(verdict.why,
            "the profile's client in the role pad1 has no granted_scopes, and the target requires "
            "a scope");
}

TEST_F(JudgeTest, AResourceThatIsNowhereIsNotJudged) {
  profile_.resource = Resource{"http://127.0.0.1/r", "GET", "a", ""};
  const std::string one = R"("at":"resource","response":"401")";
  EXPECT_EQ(OutcomeOf(one, Responded(404, "")), Outcome::kInconclusive);
  EXPECT_EQ(OutcomeOf(one, Responded(403, "")), Outcome::kFail);
  const std::string two = R"("steps":[{"name":"x","at":"resource","response":"success"},)"
                          R"({"name":"y","at":"resource","response":"401"}])";
  EXPECT_EQ(Of(two, {Responded(200, ""), Responded(404, "")}).outcome, Outcome::kFail);
}

TEST_F(JudgeTest, AContractIsCheckedWithTheScopesOfTheClient) {
  profile_.switches["contract"] = "pyng";
  const std::string beyond = R"("response":"token","granted":["a c"])";
  EXPECT_EQ(OutcomeOf(beyond, Responded(400, R"({"error":"invalid_scope"})")), Outcome::kPass);
  EXPECT_EQ(OutcomeOf(beyond, Responded(200, kToken)), Outcome::kFail);
  profile_.switches["contract"] = "none";
  EXPECT_EQ(OutcomeOf(beyond, Responded(400, R"({"error":"invalid_scope"})")), Outcome::kFail);
}

TEST_F(JudgeTest, ATokenOrASecretFailsWhereSecurityOnlyWarns) {
  const std::string security = R"("response":"invalid_scope","level":"SECURITY")";
  EXPECT_EQ(OutcomeOf(security, Responded(403, "")), Outcome::kWarn);
  EXPECT_EQ(OutcomeOf(security, Responded(200, kToken)), Outcome::kFail);
  const std::string canary = R"("response":"refused","level":"SECURITY","checks":["no_canary"])";
  EXPECT_EQ(OutcomeOf(canary, Responded(400, "CANARY-1")), Outcome::kFail);
  const std::string store = R"("response":"refused","level":"SECURITY","checks":["no_store"])";
  EXPECT_EQ(OutcomeOf(store, Responded(400, "")), Outcome::kWarn);
}

}  // namespace
}  // namespace grantspec
