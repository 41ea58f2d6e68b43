// Response classes against canned exchanges.

#include "conformance/engine/response/response_class.h"

#include <gtest/gtest.h>

#include "conformance/engine/response/testing.h"

namespace grantspec {
namespace {

TEST(ResponseClass, ATokenInAFormIsHandedOut) {
  EXPECT_TRUE(ContainsToken(*Responded(200, "access_token=abc&token_type=bearer").response()));
  EXPECT_TRUE(ContainsToken(*Responded(400, "scope=a&access_token=abc").response()));
  EXPECT_FALSE(ContainsToken(*Responded(200, "<a href=x?a=b&access_token=c>").response()));
  EXPECT_FALSE(ContainsToken(*Responded(200, "error=x&no_access_token=abc").response()));
}

TEST(ResponseClass, NegativesNeedStatusCodeShapeAndNoToken) {
  EXPECT_TRUE(Matches("invalid_scope", Responded(400, R"({"error":"invalid_scope"})")));
  EXPECT_FALSE(Matches("invalid_scope", Responded(401, R"({"error":"invalid_scope"})")));
  EXPECT_FALSE(Matches("invalid_scope", Responded(400, R"({"error":"invalid_request"})")));
  EXPECT_FALSE(Matches("invalid_scope", Responded(400, "invalid_scope")));
  EXPECT_FALSE(
      Matches("invalid_scope", Responded(400, R"({"error":"invalid_scope","access_token":"t"})")));
  EXPECT_FALSE(Matches("400", Responded(400, kToken)));
  EXPECT_TRUE(Matches("token", Responded(200, kToken)));
  EXPECT_FALSE(Matches("token", Responded(201, kToken)));
  EXPECT_TRUE(Matches("closed", Failed(TransportError::kReset)));
  EXPECT_FALSE(Matches("closed", Failed(TransportError::kTimeout)));
  EXPECT_EQ(NameOf(Responded(400, R"({"error":"invalid_scope"})")), "invalid_scope");
  EXPECT_EQ(NameOf(Responded(418, "")), "418");
}

}  // namespace
}  // namespace grantspec
