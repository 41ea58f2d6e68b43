#include "conformance/engine/bind/client_login.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "conformance/engine/case/expression.h"
#include "fixtures/grammar/base64.h"
#include "fixtures/target/client_file.h"

namespace grantspec {
namespace {

class ClientLoginTest : public testing::Test {
 protected:
  ClientLoginTest() { profile_.clients["main"] = client_; }

  LoginParts Of(AuthMethod method) {
    client_.auth = method;
    SetSigner(client_, "", "");
    return LoginPartsOf(client_, method, context_);
  }

  static nlohmann::json PayloadOf(const LoginParts& parts) {
    const std::string& jws = parts.parameters.back().value;
    const std::size_t first = jws.find('.');
    return nlohmann::json::parse(
        *DecodeBase64Url(jws.substr(first + 1, jws.rfind('.') - first - 1)));
  }

  Client client_{"partner:7", "s3cr&t", {"a"}};
  Profile profile_ = *BuiltInProfile("rfc6749");
  LoginContext context_{profile_, "https://as.example/token", "mark"};
};

TEST_F(ClientLoginTest, BasicEncodesBothHalves) {
  const LoginParts parts = Of(AuthMethod::kClientSecretBasic);
  EXPECT_EQ(parts.authorization, "Basic " + EncodeBase64("partner%3A7:s3cr%26t"));
  EXPECT_TRUE(parts.parameters.empty());
}

TEST_F(ClientLoginTest, OtherMethodsAreParameters) {
  EXPECT_EQ(Of(AuthMethod::kClientSecretPost).parameters,
            (std::vector<FormParameter>{{"client_id", "partner:7"}, {"client_secret", "s3cr&t"}}));
  EXPECT_EQ(Of(AuthMethod::kTlsClientAuth).parameters,
            (std::vector<FormParameter>{{"client_id", "partner:7"}}));
  EXPECT_EQ(Of(AuthMethod::kNone).parameters,
            (std::vector<FormParameter>{{"client_id", "partner:7"}}));
}

// RFC 7523 section 3: iss and sub are the client, aud the server; each assertion is new.
TEST_F(ClientLoginTest, AssertionsSayWhoAndForWhom) {
  const auto first = PayloadOf(Of(AuthMethod::kClientSecretJwt));
  EXPECT_EQ(first["iss"], "partner:7");
  EXPECT_EQ(first["sub"], "partner:7");
  EXPECT_EQ(first["aud"], "https://as.example/token");
  EXPECT_EQ(first["exp"].get<long>() - first["iat"].get<long>(), kAssertionSeconds);
  EXPECT_NE(first["jti"], PayloadOf(Of(AuthMethod::kClientSecretJwt))["jti"]);
  profile_.issuer = "https://as.example";
  EXPECT_EQ(PayloadOf(Of(AuthMethod::kClientSecretJwt))["aud"], "https://as.example");
  profile_.assertion_audience = "urn:audience";
  EXPECT_EQ(PayloadOf(Of(AuthMethod::kClientSecretJwt))["aud"], "urn:audience");
}

TEST_F(ClientLoginTest, AMaskedAssertionIsNotSigned) {
  context_.masked = true;
  EXPECT_EQ(Of(AuthMethod::kClientSecretJwt).parameters.back().value, "redacted-assertion");
}

TEST_F(ClientLoginTest, AMethodThatLacksItsCredentialsDoesNotApply) {
  client_.secret = "";
  client_.auth = AuthMethod::kTlsClientAuth;
  EXPECT_THROW(LoginPartsOf(client_, AuthMethod::kClientSecretPost, context_), NotApplicable);
  EXPECT_THROW(LoginPartsOf(client_, AuthMethod::kPrivateKeyJwt, context_), NotApplicable);
}

// What the login guard knows of a client is how that client logs in.
TEST_F(ClientLoginTest, TheGuardKnowsEachLogin) {
  const auto login = [this](AuthMethod method, const std::string& text) {
    client_.auth = method;
    SetSigner(client_, "", "");
    return LoginsOf("POST / HTTP/1.1\r\n\r\n" + text, {KnownClientOf("main", client_, context_)},
                    {})[0];
  };
  const std::string pair = "client_id=partner%3A7&client_secret=s3cr%26t";
  EXPECT_EQ(login(AuthMethod::kClientSecretPost, "a=b&" + pair), Login::kRight);
  EXPECT_EQ(login(AuthMethod::kClientSecretPost, "a=b&" + pair + "x"), Login::kMayFail);
  EXPECT_EQ(login(AuthMethod::kClientSecretPost, pair + "&client_id=partner%3A7"), Login::kMayFail);
  EXPECT_EQ(login(AuthMethod::kClientSecretBasic, pair), Login::kMayFail);
  EXPECT_EQ(login(AuthMethod::kClientSecretPost,
                  R"({"a":"b","client_id":"partner:7","client_secret":"s3cr&t"})"),
            Login::kRight);
  EXPECT_EQ(login(AuthMethod::kTlsClientAuth, "client_id=partner%3A7"), Login::kRight);
}

TEST_F(ClientLoginTest, TheGuardKnowsAssertionsOfThisRunAlone) {
  const auto login = [this](std::string_view mark) {
    LoginContext context = context_;
    context.mark = mark;
    const LoginParts parts = LoginPartsOf(client_, AuthMethod::kClientSecretJwt, context);
    return LoginsOf("POST / HTTP/1.1\r\n\r\na=b&" + FormatForm({parts.parameters}),
                    {KnownClientOf("main", client_, context_)}, {})[0];
  };
  client_.auth = AuthMethod::kClientSecretJwt;
  SetSigner(client_, "", "");
  EXPECT_EQ(login("mark"), Login::kRight);
  EXPECT_EQ(login("not-mark"), Login::kMayFail);
}

}  // namespace
}  // namespace grantspec
