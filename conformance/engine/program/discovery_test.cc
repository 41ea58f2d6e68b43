#include "conformance/engine/program/discovery.h"

#include <gtest/gtest.h>

#include "fixtures/target/client_file.h"

namespace grantspec {
namespace {

TEST(Discovery, AsksWhereTheTextsSay) {
  EXPECT_EQ(MetadataUrls("https://h"),
            (std::vector<std::string>{"https://h/.well-known/oauth-authorization-server",
                                      "https://h/.well-known/openid-configuration"}));
  EXPECT_EQ(
      MetadataUrls("https://h/realms/a/"),
      (std::vector<std::string>{"https://h/.well-known/oauth-authorization-server/realms/a",
                                "https://h/realms/a/.well-known/openid-configuration",
                                "https://h/.well-known/openid-configuration/realms/a",
                                "https://h/realms/a/.well-known/oauth-authorization-server"}));
}

TEST(Discovery, ReadsMetadata) {
  const auto metadata = ReadMetadata(
      R"({"issuer":"https://h","token_endpoint":"https://h/t","scopes_supported":["a",7]})");
  ASSERT_TRUE(metadata);
  EXPECT_EQ(metadata->token_endpoint, "https://h/t");
  EXPECT_EQ(metadata->auth_methods, (std::vector<std::string>{"client_secret_basic"}));
  EXPECT_EQ(metadata->scopes, (std::vector<std::string>{"a"}));
}

TEST(Discovery, PassesOverWhatIsNone) {
  for (const char* text : {"", "<html>", "[]", "{}", R"({"token_endpoint":"/t"})",
                           R"({"token_endpoint":7})", R"({"token_endpoint":"ftp://h/t"})"}) {
    EXPECT_FALSE(ReadMetadata(text)) << text;
  }
}

TEST(Discovery, ChoosesWhatTheCredentialsAllow) {
  ServerMetadata metadata{"", "", {"client_secret_post", "client_secret_jwt", "tls_client_auth"}};
  Client client{"id", "secret", {}};
  EXPECT_EQ(ChooseAuth(metadata, client, false), AuthMethod::kClientSecretPost);
  EXPECT_EQ(ChooseAuth(metadata, client, true), AuthMethod::kTlsClientAuth);
  metadata.auth_methods = {"client_secret_jwt"};
  EXPECT_EQ(ChooseAuth(metadata, client, false), AuthMethod::kClientSecretJwt);
  metadata.auth_methods = {"private_key_jwt"};
  EXPECT_EQ(ChooseAuth(metadata, client, false), std::nullopt);
}

}  // namespace
}  // namespace grantspec
