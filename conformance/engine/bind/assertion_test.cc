#include "conformance/engine/bind/assertion.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "conformance/engine/case/expression.h"
#include "fixtures/grammar/base64.h"
#include "fixtures/jose/fixture_key.h"
#include "fixtures/jose/verifier.h"

namespace grantspec {
namespace {

using Kind = AssertionMember::Kind;

class AssertionMadeTest : public testing::Test {
 protected:
  struct Made {
    nlohmann::json header, claims;
    std::string input, signature;
  };

  Made Make(const AssertionDifference& difference, bool masked = false) const {
    return TakenApart(MakeAssertion(*signer_, right_, difference, masked));
  }

  static Made TakenApart(const std::string& jws) {
    const std::size_t first = jws.find('.'), last = jws.rfind('.');
    return {nlohmann::json::parse(*DecodeBase64Url(jws.substr(0, first))),
            nlohmann::json::parse(*DecodeBase64Url(jws.substr(first + 1, last - first - 1))),
            jws.substr(0, last), jws.substr(last + 1)};
  }

  bool Verifies(const Made& made, std::string_view algorithm) const {
    const auto signature = DecodeBase64Url(made.signature);
    return signature && Verifier::OfPublicPem(signer_->public_pem())
                            ->Verifies(algorithm, made.input, *signature);
  }

  std::shared_ptr<const Signer> signer_ = FixtureSigner("assertion-test", "RS256");
  RightAssertion right_{"partner", "https://as.example", "mark.1", 1'800'000'000, 60};
};

TEST_F(AssertionMadeTest, WithoutADifferenceItIsRight) {
  const Made made = Make({});
  EXPECT_EQ(made.header,
            nlohmann::json::parse(R"({"alg":"RS256","typ":"JWT","kid":"assertion-test"})"));
  EXPECT_EQ(made.claims["aud"], "https://as.example");
  EXPECT_EQ(made.claims["exp"], 1'800'000'060);
  EXPECT_TRUE(Verifies(made, "RS256"));
}

TEST_F(AssertionMadeTest, MembersAreReplacedOrLeftOut) {
  AssertionDifference difference;
  difference.header = {{"kid", Kind::kLeftOut, {}}, {"typ", Kind::kText, {"x"}}};
  difference.claims = {{"aud", Kind::kTexts, {"a", "b"}}, {"exp", Kind::kNumber, {"1.5"}}};
  const Made made = Make(difference);
  EXPECT_EQ(made.header, nlohmann::json::parse(R"({"alg":"RS256","typ":"x"})"));
  EXPECT_EQ(made.claims["aud"], nlohmann::json::parse(R"(["a","b"])"));
  EXPECT_EQ(made.claims["exp"], 1.5);
  EXPECT_TRUE(Verifies(made, "RS256"));
  difference.claims = {{"exp", Kind::kNumber, {"soon"}}};
  EXPECT_THROW(Make(difference), NotApplicable);
}

TEST_F(AssertionMadeTest, OtherKeysSignIt) {
  AssertionDifference difference;
  difference.key = AssertionKey::kOther;
  EXPECT_FALSE(Verifies(Make(difference), "RS256"));
  difference.key = AssertionKey::kOtherAlgorithm;
  EXPECT_TRUE(Verifies(Make(difference), "PS256"));
  difference.key = AssertionKey::kInHeader;
  EXPECT_EQ(Make(difference).header["jwk"]["kty"], "RSA");
  difference.key = AssertionKey::kPublicKey;
  const Made confused = Make(difference);
  EXPECT_EQ(confused.header["alg"], "HS256");
  EXPECT_TRUE(Verifier::OfSecret(signer_->public_pem())
                  ->Verifies("HS256", confused.input, *DecodeBase64Url(confused.signature)));
  difference.key = AssertionKey::kNone;
  EXPECT_EQ(Make(difference).header["alg"], "none");
  EXPECT_EQ(Make(difference).signature, "");
  difference.key = AssertionKey::kSecond;
  EXPECT_THROW(Make(difference), NotApplicable);
}

TEST_F(AssertionMadeTest, ASharedSecretHasNoPublicKey) {
  AssertionDifference difference;
  for (const AssertionKey key : {AssertionKey::kPublicKey, AssertionKey::kOtherAlgorithm}) {
    difference.key = key;
    EXPECT_THROW(MakeAssertion(*Signer::OfSecret("s3cret"), right_, difference, false),
                 NotApplicable);
  }
}

// What a report shows has the claims, and nothing that logs in.
TEST_F(AssertionMadeTest, AMaskedOneIsNotSigned) {
  AssertionDifference difference;
  difference.key = AssertionKey::kInHeader;
  const Made made = Make(difference, true);
  EXPECT_EQ(made.signature, "redacted");
  EXPECT_TRUE(made.header["jwk"].is_null());
  EXPECT_EQ(made.claims["sub"], "partner");
}

}  // namespace
}  // namespace grantspec
