// Response classes against canned exchanges.

#include "conformance/engine/response/response_class.h"

#include <gtest/gtest.h>

#include "conformance/engine/response/testing.h"

namespace grantspec {
namespace {

TEST(Answer, NegativesNeedStatusCodeShapeAndNoToken) {
  EXPECT_TRUE(Matches("invalid_scope", Answered(400, R"({"error":"invalid_scope"})")));
  EXPECT_FALSE(Matches("invalid_scope", Answered(401, R"({"error":"invalid_scope"})")));
  EXPECT_FALSE(Matches("invalid_scope", Answered(400, R"({"error":"invalid_request"})")));
  EXPECT_FALSE(Matches("invalid_scope", Answered(400, "invalid_scope")));
  EXPECT_FALSE(
      Matches("invalid_scope", Answered(400, R"({"error":"invalid_scope","access_token":"t"})")));
  EXPECT_FALSE(Matches("400", Answered(400, kToken)));
  EXPECT_TRUE(Matches("token", Answered(200, kToken)));
  EXPECT_FALSE(Matches("token", Answered(201, kToken)));
  EXPECT_TRUE(Matches("closed", Failed(TransportError::kReset)));
  EXPECT_FALSE(Matches("closed", Failed(TransportError::kTimeout)));
  EXPECT_EQ(NameOf(Answered(400, R"({"error":"invalid_scope"})")), "invalid_scope");
  EXPECT_EQ(NameOf(Answered(418, "")), "418");
}

}  // namespace
}  // namespace grantspec
