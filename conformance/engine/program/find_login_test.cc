#include "conformance/engine/program/find_login.h"

#include <gtest/gtest.h>

namespace grantspec {
namespace {

Exchange Received(int status, const std::string& content) {
  Exchange exchange;
  exchange.responses.push_back(
      Response{11, status, "", {{{"Content-Type", "application/json"}}}, content, {}, 0, false});
  return exchange;
}

struct Row {
  const char* name;
  int status;
  const char* content;
  OtherWay way;
};

class EachRefusal : public testing::TestWithParam<Row> {};

TEST_P(EachRefusal, LeavesOneWayOpen) {
  Profile profile = *BuiltInProfile("rfc6749");
  profile.clients["main"] = {"id", "secret", {"a"}};
  const Row& row = GetParam();
  EXPECT_EQ(OtherWayAfter(Received(row.status, row.content), profile, false), row.way);
}

INSTANTIATE_TEST_SUITE_P(
    FindLogin, EachRefusal,
    testing::Values(
        Row{"token", 200, R"({"access_token":"x","token_type":"Bearer"})", OtherWay::kNone},
        Row{"invalid_client", 401, R"({"error":"invalid_client"})", OtherWay::kPost},
        Row{"no_error", 401, "", OtherWay::kPost},
        Row{"client_id_missing", 400, R"({"error":"invalid_request"})", OtherWay::kPost},
        Row{"scope", 400, R"({"error":"invalid_scope"})", OtherWay::kWithoutScope},
        Row{"scope_as_request", 400,
            R"({"error":"invalid_request","error_description":"scope is unknown"})",
            OtherWay::kWithoutScope},
        Row{"media_type", 415, "", OtherWay::kJson}, Row{"not_found", 404, "", OtherWay::kNone},
        Row{"server_error", 500, "", OtherWay::kNone}),
    [](const auto& one) { return std::string(one.param.name); });

TEST(FindLogin, KeepsWhatTheUserSays) {
  Profile profile = *BuiltInProfile("rfc6749");
  profile.clients["main"] = {"id", "secret", {}};
  const Exchange refused = Received(401, R"({"error":"invalid_client"})");
  EXPECT_EQ(OtherWayAfter(refused, profile, true), OtherWay::kNone);
}

TEST(FindLogin, TakesTheOtherWay) {
  Profile profile = *BuiltInProfile("rfc6749");
  profile.clients["main"] = {"id", "secret", {"a"}};
  Take(OtherWay::kPost, profile);
  EXPECT_EQ(profile.main().auth, AuthMethod::kClientSecretPost);
  EXPECT_EQ(profile.Get("auth.post"), "on");
  Take(OtherWay::kWithoutScope, profile);
  EXPECT_TRUE(profile.main().scopes.empty());
}

}  // namespace
}  // namespace grantspec
