#include "properties/model.h"

#include <gtest/gtest.h>

namespace grantspec {
namespace {

Request Asking(std::string body) {
  Request request{.method = "POST", .target = "/billing/oauth2/token"};
  request.fields.Add("Authorization", "Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW");
  request.fields.Add("Content-Type", "application/x-www-form-urlencoded");
  request.content = std::move(body);
  return request;
}

TEST(ResponseOfModel, IsATokenResponseWithATokenOfItsOwn) {
  const Request request = Asking("grant_type=client_credentials&scope=billing:batches:read");
  const Response one = ResponseOfModel(request, 1), two = ResponseOfModel(request, 2);
  EXPECT_EQ(one.status, 200);
  EXPECT_EQ(one.fields.First("Cache-Control"), "no-store");
  EXPECT_NE(one.content.find("\"scope\":\"billing:batches:read\""), std::string::npos);
  EXPECT_NE(one.content, two.content);
}

TEST(ResponseOfModel, HasTheHeadersThatItsStatusRequires) {
  Request request = Asking("grant_type=client_credentials");
  request.fields.Remove("Authorization");
  EXPECT_TRUE(ResponseOfModel(request, 1).fields.Has("WWW-Authenticate"));
  EXPECT_EQ(ResponseOfModel(request, 1).content, "{\"error\":\"invalid_client\"}");
  request.method = "GET";
  EXPECT_EQ(ResponseOfModel(request, 1).status, 405);
  EXPECT_TRUE(ResponseOfModel(request, 1).fields.Has("Allow"));
}

}  // namespace
}  // namespace grantspec
