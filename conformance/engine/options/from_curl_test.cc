#include "conformance/engine/options/from_curl.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "conformance/engine/options/options.h"

namespace grantspec {
namespace {

TEST(FromCurl, ReadsBasic) {
  setenv("FROM_CURL_SECRET", "s3cr:et", 1);
  const CurlRequest request = ReadCurlCommand(
      "curl -sS -u \"partner:$FROM_CURL_SECRET\" \\\n  -d grant_type=client_credentials "
      "-d 'scope=a:b c' https://h.example/token");
  EXPECT_EQ(request.url, "https://h.example/token");
  EXPECT_EQ(request.auth, AuthMethod::kClientSecretBasic);
  EXPECT_EQ(request.id, "partner");
  EXPECT_EQ(request.secret, "s3cr:et");
  EXPECT_EQ(request.scopes, (std::vector<std::string>{"a:b", "c"}));
  EXPECT_TRUE(request.parameters.empty());
}

TEST(FromCurl, ReadsABasicHeader) {
  const CurlRequest request = ReadCurlCommand(
      "curl https://h/t -H 'Authorization: Basic cGFydG5lcjpz' -H 'X-Tenant: 7' "
      "--data-urlencode grant_type=client_credentials");
  EXPECT_EQ(request.id, "partner");
  EXPECT_EQ(request.secret, "s");
  EXPECT_EQ(request.headers, (std::vector<std::string>{"X-Tenant: 7"}));
}

TEST(FromCurl, ReadsCredentialsInAForm) {
  const CurlRequest request = ReadCurlCommand(
      "curl -X POST https://h/t -d 'grant_type=client_credentials&client_id=p&client_secret=x%26y"
      "&audience=https%3A%2F%2Fapi&scope=a,b'");
  EXPECT_EQ(request.auth, AuthMethod::kClientSecretPost);
  EXPECT_EQ(request.secret, "x&y");
  EXPECT_EQ(request.scope_separator, "comma");
  EXPECT_EQ(request.scopes, (std::vector<std::string>{"a", "b"}));
  ASSERT_EQ(request.parameters.size(), 1U);
  EXPECT_EQ(request.parameters[0].name, "audience");
  EXPECT_EQ(request.parameters[0].value, "https://api");
}

TEST(FromCurl, ReadsJson) {
  const CurlRequest request = ReadCurlCommand(
      R"(curl --request POST --url https://h/t --header 'content-type: application/json' )"
      R"(--data '{"client_id":"p","client_secret":"s","audience":"a","grant_type":)"
      R"("client_credentials"}')");
  EXPECT_EQ(request.body, "json");
  EXPECT_EQ(request.secret, "s");
  EXPECT_EQ(request.parameters.size(), 1U);
  EXPECT_TRUE(request.headers.empty());
}

TEST(FromCurl, ReadsAQuery) {
  const CurlRequest request = ReadCurlCommand(
      "curl -X POST -u p:s 'https://h/t?grant_type=account_credentials&account_id=7'");
  EXPECT_EQ(request.url, "https://h/t");
  EXPECT_EQ(request.parameters_in, "query");
  EXPECT_EQ(request.grant_type, "account_credentials");
  EXPECT_EQ(request.parameters[0].name, "account_id");
}

TEST(FromCurl, ReadsACertificate) {
  const CurlRequest request =
      ReadCurlCommand("curl --cert c.pem --key k.pem -d client_id=p -d grant_type=x https://h/t");
  EXPECT_EQ(request.auth, AuthMethod::kTlsClientAuth);
  EXPECT_EQ(request.cert, "c.pem");
  EXPECT_EQ(request.key, "k.pem");
}

TEST(FromCurl, HidesParametersThatAreNamedLikeSecrets) {
  const CurlRequest request =
      ReadCurlCommand("curl -u p:s -d grant_type=password -d password=x -d username=u https://h/t");
  EXPECT_TRUE(request.parameters[0].is_secret);
  EXPECT_FALSE(request.parameters[1].is_secret);
}

struct Refused {
  const char* command;
  const char* why;
};

class RefusedCommands : public testing::TestWithParam<Refused> {};

TEST_P(RefusedCommands, SayWhatIsWrongAndNoSecret) {
  unsetenv("FROM_CURL_UNSET");
  try {
    ReadCurlCommand(GetParam().command);
    FAIL() << "was read";
  } catch (const UsageError& error) {
    EXPECT_NE(std::string(error.what()).find(GetParam().why), std::string::npos) << error.what();
    EXPECT_EQ(std::string(error.what()).find("s3cret"), std::string::npos) << error.what();
  }
}

INSTANTIATE_TEST_SUITE_P(
    FromCurl, RefusedCommands,
    testing::Values(Refused{"wget https://h/t", "begin with curl"},
                    Refused{"curl --frob -u p:s3cret https://h/t", "--frob is not known"},
                    Refused{"curl -u p:s3cret", "one URL"},
                    Refused{"curl -u p:s3cret -X PUT https://h/t", "POST, not a PUT"},
                    Refused{"curl -u p:$FROM_CURL_UNSET https://h/t", "not set"},
                    Refused{"curl -u p:$(cat s3cret) https://h/t", "are not run"},
                    Refused{"curl -u p:s3cret 'https://h/t", "quotes"},
                    Refused{"curl -u p:s3cret https://h/t | jq", "outside quotes"},
                    Refused{"curl -d @body https://h/t", "in a file"},
                    Refused{"curl -d client_assertion=s3cret -d client_id=p https://h/t",
                            "cannot be sent twice"},
                    Refused{"curl -d grant_type=client_credentials https://h/t",
                            "names no client"}));

}  // namespace
}  // namespace grantspec
