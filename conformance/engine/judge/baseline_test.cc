#include "conformance/engine/judge/baseline.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "conformance/engine/run/trouble.h"

namespace grantspec {
namespace {

Exchange Received(int status, std::string content, std::vector<Field> fields = {}) {
  Response response;
  response.status = status;
  response.content = std::move(content);
  for (const Field& field : fields) response.fields.Add(field.name, field.value);
  Exchange exchange;
  exchange.responses.push_back(std::move(response));
  return exchange;
}

constexpr const char* kToken = R"({"access_token":"abc","token_type":"Bearer"})";

TEST(Baseline, ADefectIsJudgedAndARefusalIsNot) {
  const std::pair<Exchange, ControlKind> rows[] = {
      {Received(200, kToken), ControlKind::kToken},
      {Received(201, kToken), ControlKind::kDefective},
      {Received(200, R"({"access_token":"abc",})"), ControlKind::kDefective},
      {Received(200, R"({"access_token":1})"), ControlKind::kDefective},
      {Received(200, "access_token=abc&token_type=bearer"), ControlKind::kDefective},
      {Received(200, kToken, {{"Content-Type", "text/html"}}), ControlKind::kToken},
      {Received(200, R"({"error":"server_error"})"), ControlKind::kNoToken},
      {Received(200, "\x1f\x8b", {{"Content-Encoding", "gzip"}}), ControlKind::kNoToken},
      {Received(200, "", {{"Content-Type", "application/json"}}), ControlKind::kNoToken},
      {Received(204, ""), ControlKind::kRefusal},
      {Received(200, "hi"), ControlKind::kRefusal},
      {Received(500, ""), ControlKind::kNoToken},
      {Received(200, "<!DOCTYPE html><p>Log in"), ControlKind::kRefusal},
      {Received(302, ""), ControlKind::kRefusal},
      {Received(400, R"({"error":"invalid_scope"})"), ControlKind::kRefusal},
      {Received(401, ""), ControlKind::kRefusal},
      {Received(404, ""), ControlKind::kRefusal},
      {Received(429, ""), ControlKind::kRefusal},
      {Received(502, ""), ControlKind::kRefusal},
      {Received(503, ""), ControlKind::kRefusal},
      {Received(504, R"({"message":"upstream timed out"})"), ControlKind::kRefusal},
      {Received(503, R"({"error":"temporarily_unavailable"})"), ControlKind::kNoToken},
      {Received(502, R"({"error":"server_error"})"), ControlKind::kNoToken},
      {Received(503, R"({"error":"x"})", {{"Retry-After", "9"}}), ControlKind::kRefusal},
      {Exchange(), ControlKind::kRefusal}};
  for (const auto& [control, kind] : rows) {
    EXPECT_EQ(ControlKindOf(control), kind)
        << (control.response() != nullptr ? control.response()->status : 0);
  }
}

TEST(Baseline, TheSameDefectIsNoTrouble) {
  const Baseline none(Received(200, R"({"error":"server_error"})"));
  EXPECT_TRUE(none.IsAlive(Received(200, R"({"error":"server_error"})")));
  EXPECT_FALSE(none.IsAlive(Received(401, R"({"error":"invalid_client"})")));
  const Baseline comma(Received(200, R"({"access_token":"abc",})"));
  EXPECT_EQ(TroubleOf(Received(200, R"({"access_token":"def",})"), comma), Trouble::kNone);
  EXPECT_EQ(TroubleOf(Received(401, ""), comma), Trouble::kLockedOut);
  EXPECT_EQ(comma.why_no_token(), "the control request got no valid token response: 200");
}

TEST(Baseline, AnErrorOfTheApplicationWithTheStatusOfAGatewayIsJudged) {
  const Exchange control = Received(503, R"({"error":"temporarily_unavailable"})");
  const Baseline unavailable(control);
  EXPECT_EQ(unavailable.why_no_token(),
            "the control request got no valid token response: 503 with an error of the "
            "application, not of a gateway");
  EXPECT_TRUE(unavailable.IsAlive(control));
}

TEST(Repetitions, WhatALimiterClosesIsRepeated) {
  EXPECT_TRUE(NeedsProof({.outcome = Outcome::kInfo}, true));
  EXPECT_FALSE(NeedsProof({.outcome = Outcome::kInfo}, false));
}

TEST(Baseline, AServerErrorIsNotTheUsualResponseOfATargetThatGrants) {
  const Baseline good(Received(200, kToken));
  EXPECT_EQ(TroubleOf(Received(500, ""), good), Trouble::kServerError);
  EXPECT_FALSE(good.IsAlive(Received(200, R"({"error":"server_error"})")));
}

TEST(Repetitions, AServerErrorByChanceIsNotTheFindingOfACase) {
  const Verdict failed{.outcome = Outcome::kFail, .server_error = true};
  EXPECT_EQ(AfterRepetitions(failed, {}, {3, 22}).outcome, Outcome::kPass);
  EXPECT_EQ(AfterRepetitions(failed, {}, {14, 22}).outcome, Outcome::kFail);
  EXPECT_EQ(AfterRepetitions(failed, failed, {22, 22, 1.4}).outcome, Outcome::kInconclusive);
}

}  // namespace
}  // namespace grantspec
