// Checks against canned responses.

#include "conformance/engine/check/check.h"

#include <gtest/gtest.h>

#include "conformance/engine/response/testing.h"
#include "fixtures/grammar/base64.h"

namespace grantspec {
namespace {

Finding Inspected(const char* name, int status, Fields fields, std::string content = "") {
  Exchange exchange = Responded(status, std::move(content), std::move(fields));
  exchange.sent = "POST / HTTP/1.1\r\nAuthorization: Basic x\r\n\r\n";
  static const SpellingIndex secrets = [] {
    SpellingIndex index("[secret]");
    index.AddSecret("gX1fBat3bV");
    return index;
  }();
  static const std::vector<std::string> registered = {"a"};
  const Check* check = FindCheck(name);
  return check->inspect({InspectionOf(exchange), exchange.responses[0], exchange, true, "",
                         &registered, &secrets, nullptr});
}

TEST(Checks, HoldAndAreViolated) {
  using Kind = Finding::Kind;
  EXPECT_EQ(
      Inspected("no_store_on_tokens", 200, {{{"Cache-Control", "private, No-Store"}}}, kToken).kind,
      Kind::kSatisfied);
  EXPECT_EQ(Inspected("no_store_on_tokens", 200, {{{"Cache-Control", "no-cache"}}}, kToken).kind,
            Kind::kViolated);
  EXPECT_EQ(Inspected("no_store_on_tokens", 400, {}).kind, Kind::kDoesNotApply);
  EXPECT_EQ(
      Inspected("challenge_basic", 401, {{{"WWW-Authenticate", "Bearer, bASIC realm=\"x\""}}}).kind,
      Kind::kSatisfied);
  EXPECT_EQ(Inspected("challenge_basic", 401, {{{"WWW-Authenticate", "Bearer"}}}).kind,
            Kind::kViolated);
  EXPECT_EQ(Inspected("challenge_present", 401, {}).kind, Kind::kViolated);
  EXPECT_EQ(Inspected("challenge_realm", 401, {{{"WWW-Authenticate", "Basic"}}}).kind,
            Kind::kViolated);
  EXPECT_EQ(Inspected("allow_on_405", 405, {{{"Allow", "GET, POST"}}}).kind, Kind::kSatisfied);
  EXPECT_EQ(Inspected("allow_on_405", 405, {{{"Allow", "POSTX"}}}).kind, Kind::kViolated);
  EXPECT_EQ(
      Inspected("expires_in_number", 200, {}, R"({"access_token":"t","expires_in":"9"})").kind,
      Kind::kViolated);
  EXPECT_EQ(Inspected("no_bom", 200, {}, "\xEF\xBB\xBF{}").kind, Kind::kViolated);
  EXPECT_EQ(Inspected("unique_names", 400, {}, R"({"error":"a","error":"b"})").kind,
            Kind::kViolated);
  EXPECT_EQ(Inspected("strict_json", 400, {}, R"({"error":"a"} x)").kind, Kind::kViolated);
  EXPECT_EQ(
      Inspected("description_charset", 400, {}, R"({"error":"a","error_description":"\n"})").kind,
      Kind::kViolated);
  EXPECT_EQ(
      Inspected("granted_within_registered", 200, {}, R"({"access_token":"t","scope":"a z"})").kind,
      Kind::kViolated);
  EXPECT_EQ(Inspected("no_secret", 400, {}, "you sent gX1fBat3bV").kind, Kind::kViolated);
  EXPECT_EQ(Inspected("no_secret", 400, {}, "Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW").kind,
            Kind::kViolated);
  EXPECT_EQ(Inspected("no_secret", 400, {}, "nothing").kind, Kind::kSatisfied);
  EXPECT_EQ(Inspected("jwt_alg", 200, {},
                      "{\"access_token\":\"" + EncodeBase64Url("{\"alg\":\"none\"}") + "." +
                          EncodeBase64Url("{}") + ".\"}")
                .kind,
            Kind::kViolated);
}

}  // namespace
}  // namespace grantspec
