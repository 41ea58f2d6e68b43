#include "conformance/engine/bind/assertion.h"

#include <nlohmann/json.hpp>

#include "conformance/engine/case/expression.h"
#include "fixtures/grammar/base64.h"
#include "fixtures/jose/fixture_key.h"

namespace grantspec {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kNobodysSecret = "a-secret-of-nobody-with-at-least-32-bytes";

std::shared_ptr<const Signer> NobodysSigner(std::string_view algorithm) {
  if (algorithm == "HS256") return Signer::OfSecret(std::string(kNobodysSecret));
  return FixtureSigner("nobody", algorithm);
}

// Null: the client's own.
std::shared_ptr<const Signer> SignerFor(const Signer& own, const AssertionDifference& difference) {
  switch (difference.key) {
    case AssertionKey::kOfClient:
    case AssertionKey::kNone:
      return nullptr;
    case AssertionKey::kOther:
    case AssertionKey::kInHeader:
      return NobodysSigner(own.algorithm());
    case AssertionKey::kPublicKey:
      if (own.public_pem().empty()) throw NotApplicable("the client's key is a shared secret");
      return Signer::OfSecret(own.public_pem());
    case AssertionKey::kSecond:
      if (difference.second == nullptr) {
        throw NotApplicable("the profile has no second client with a key");
      }
      return difference.second;
    case AssertionKey::kOtherAlgorithm: {
      auto signer = own.WithOtherAlgorithm();
      if (signer == nullptr) throw NotApplicable("the client's key has one algorithm alone");
      return signer;
    }
  }
  return nullptr;
}

Json ValueOf(const AssertionDifference::Member& member) {
  if (member.kind == AssertionMember::Kind::kTexts) return member.values;
  const std::string& text = member.values.front();
  if (member.kind == AssertionMember::Kind::kText) return text;
  Json number = Json::parse(text, nullptr, false);
  if (!number.is_number()) throw NotApplicable(member.name + " is no number: " + text);
  return number;
}

void Apply(const std::vector<AssertionDifference::Member>& members, Json& object) {
  for (const AssertionDifference::Member& member : members) {
    if (member.kind == AssertionMember::Kind::kLeftOut) {
      object.erase(member.name);
    } else {
      object[member.name] = ValueOf(member);
    }
  }
}

// JSON text; bytes that are no UTF-8 are replaced.
std::string TextOf(const Json& object) {
  return object.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string MakeAssertion(const Signer& own, const RightAssertion& right,
                          const AssertionDifference& difference, bool masked) {
  const std::shared_ptr<const Signer> other = SignerFor(own, difference);
  const Signer& signer = other != nullptr ? *other : own;
  const bool is_signed = difference.key != AssertionKey::kNone;
  Json header = {{"alg", is_signed ? signer.algorithm() : "none"}, {"typ", "JWT"}};
  if (!own.key_id().empty()) header["kid"] = own.key_id();
  if (difference.key == AssertionKey::kInHeader) {
    header["jwk"] = masked ? Json() : Json::parse(signer.verifying_jwk(), nullptr, false);
  }
  Apply(difference.header, header);
  Json claims = {{"iss", right.client_id},   {"sub", right.client_id},
                 {"aud", right.audience},    {"jti", right.id},
                 {"iat", right.now_seconds}, {"exp", right.now_seconds + right.valid_seconds}};
  Apply(difference.claims, claims);
  const std::string input = EncodeBase64Url(TextOf(header)) + "." +
                            EncodeBase64Url(difference.payload.value_or(TextOf(claims)));
  if (!is_signed) return input + ".";
  return input + "." + (masked ? "redacted" : EncodeBase64Url(signer.Sign(input)));
}

}  // namespace grantspec
