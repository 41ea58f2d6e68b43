// The judge against canned exchanges: no network.

#include "conformance/judge.h"

#include <gtest/gtest.h>

#include "conformance/plan.h"
#include "conformance/testing.h"

namespace grantspec {
namespace {

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
    HeldCase held;
    held.sequence = SequenceOf(cases[0]);
    held.exchanges = std::move(exchanges);
    if (control) held.aftermath = AftermathOf(*control);
    held.control = std::move(control);
    return Judge(cases[0], held, binder);
  }

  Outcome OutcomeOf(const std::string& members, Exchange exchange) {
    return Of(members, {std::move(exchange)}).outcome;
  }

  Profile profile_;
};

TEST_F(JudgeTest, WeighsWhatCame) {
  const std::string plain = R"("response":"invalid_scope","warn":"token")";
  EXPECT_EQ(OutcomeOf(plain, Answered(400, R"({"error":"invalid_scope"})")), Outcome::kPass);
  EXPECT_EQ(OutcomeOf(plain, Answered(200, kToken)), Outcome::kWarn);
  EXPECT_EQ(OutcomeOf(plain, Answered(403, "")), Outcome::kFail);
  EXPECT_EQ(OutcomeOf(plain, Answered(429, "")), Outcome::kInconclusive);
  EXPECT_EQ(OutcomeOf(plain, Failed(TransportError::kClosed)), Outcome::kFail);
  EXPECT_EQ(OutcomeOf(plain, Failed(TransportError::kUnreachable)), Outcome::kInconclusive);
  EXPECT_EQ(OutcomeOf(plain, Failed(TransportError::kGarbage)), Outcome::kFail);
  const std::string should = R"("response":"invalid_scope","level":"SHOULD")";
  EXPECT_EQ(OutcomeOf(should, Answered(403, "")), Outcome::kWarn);
  EXPECT_EQ(OutcomeOf(R"("response":"invalid_scope","level":"MAY")", Answered(403, "")),
            Outcome::kInfo);
  const std::string never = R"("response":"invalid_scope","level":"SHOULD","never":"token")";
  EXPECT_EQ(OutcomeOf(never, Answered(200, kToken)), Outcome::kFail);
}

TEST_F(JudgeTest, AServerErrorNeverPasses) {
  for (const char* level : {"MUST", "SHOULD", "MAY", "PROFILE", "SECURITY"}) {
    const std::string members =
        R"("response":["token","refused"],"level":")" + std::string(level) + "\"";
    EXPECT_EQ(OutcomeOf(members, Answered(500, R"({"error":"invalid_scope"})")), Outcome::kFail);
    EXPECT_EQ(OutcomeOf(members, Answered(503, "")), Outcome::kFail);
    EXPECT_EQ(OutcomeOf(members, Answered(503, "", {{{"Retry-After", "1"}}})),
              Outcome::kInconclusive);
  }
}

TEST_F(JudgeTest, SilenceIsTheTargetsOnlyWhenTheLineLives) {
  const std::string plain = R"("response":["400","closed"])";
  EXPECT_EQ(Of(plain, {Failed(TransportError::kTimeout)}, Answered(200, kToken)).outcome,
            Outcome::kFail);
  EXPECT_EQ(Of(plain, {Failed(TransportError::kTimeout)}, Failed(TransportError::kTimeout)).outcome,
            Outcome::kInconclusive);
  EXPECT_EQ(
      Of(R"("response":"400","alive":true)", {Answered(400, "")}, Failed(TransportError::kReset))
          .outcome,
      Outcome::kFail);
}

TEST_F(JudgeTest, SwitchesDecide) {
  const std::string strict =
      R"("response":"invalid_request","warn":"token","strict":"strict.repeat")";
  EXPECT_EQ(OutcomeOf(strict, Answered(200, kToken)), Outcome::kWarn);
  profile_.switches["strict.repeat"] = "on";
  EXPECT_EQ(OutcomeOf(strict, Answered(200, kToken)), Outcome::kFail);
  const std::string other =
      R"("response":"invalid_request",)"
      R"("if":[{"switch":"scope.missing","is":"default","response":"token"}])";
  EXPECT_EQ(OutcomeOf(other, Answered(200, kToken)), Outcome::kFail);
  profile_.switches["scope.missing"] = "default";
  EXPECT_EQ(OutcomeOf(other, Answered(200, kToken)), Outcome::kPass);
}

TEST_F(JudgeTest, TheGrantedScopeCounts) {
  EXPECT_EQ(OutcomeOf(R"("response":"token","granted":"a")", Answered(200, kToken)),
            Outcome::kPass);
  EXPECT_EQ(OutcomeOf(R"("response":"token","granted":"b")", Answered(200, kToken)),
            Outcome::kFail);
  const std::string untold = R"({"access_token":"t","token_type":"Bearer"})";
  EXPECT_EQ(OutcomeOf(R"("response":"token","granted":"a")", Answered(200, untold)),
            Outcome::kPass);
  EXPECT_EQ(OutcomeOf(R"("response":"token","granted":"b")", Answered(200, untold)),
            Outcome::kFail);
}

TEST_F(JudgeTest, RelationsCount) {
  const std::string same = R"("steps":[{"name":"x","response":["token","400"]},)"
                           R"({"name":"y","response":["token","400"]}],)"
                           R"("relations":[{"same":"response","of":["x","y"]}])";
  EXPECT_EQ(Of(same, {Answered(200, kToken), Answered(200, kToken)}).outcome, Outcome::kPass);
  EXPECT_EQ(Of(same, {Answered(200, kToken), Answered(400, "")}).outcome, Outcome::kFail);
  EXPECT_EQ(Of(same, {Answered(200, kToken)}).outcome, Outcome::kInconclusive);
}

}  // namespace
}  // namespace grantspec
