#include "conformance/engine/bind/client_login.h"

#include <atomic>
#include <ctime>

#include "conformance/engine/bind/request_shape.h"
#include "conformance/engine/case/expression.h"
#include "fixtures/grammar/base64.h"

namespace grantspec {
namespace {

// RFC 7523 section 2.2.
constexpr std::string_view kAssertionType =
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

std::string Assertion(const Client& client, const LoginContext& context) {
  static std::atomic<unsigned long> made{0};
  if (context.masked && context.difference == nullptr) return "redacted-assertion";
  const RightAssertion right{client.id, AudienceOf(context),
                             std::string(context.mark) + "." + std::to_string(++made),
                             std::time(nullptr), kAssertionSeconds};
  return MakeAssertion(*client.signer, right,
                       context.difference != nullptr ? *context.difference : AssertionDifference(),
                       context.masked);
}

std::vector<FormParameter> AssertionParameters(const Client& client, const LoginContext& context) {
  if (client.signer == nullptr && !(context.masked && context.difference == nullptr)) {
    throw NotApplicable("the client has no key to sign assertions with");
  }
  return {{"client_id", client.id},
          {"client_assertion_type", std::string(kAssertionType)},
          {"client_assertion", Assertion(client, context)}};
}

}  // namespace

std::string AudienceOf(const LoginContext& context) {
  if (!context.profile.assertion_audience.empty()) return context.profile.assertion_audience;
  if (!context.profile.issuer.empty()) return context.profile.issuer;
  return std::string(context.token_url);
}

std::string RawPair(const Client& client) {
  return client.id + ":" + client.secret;
}

std::string FormPair(const Client& client) {
  return EncodeFormComponent(client.id) + ":" + EncodeFormComponent(client.secret);
}

std::string PairOf(const Client& client, const Profile& profile) {
  return profile.Get("basic.credential_encoding") == "raw" ? RawPair(client) : FormPair(client);
}

std::string BasicCredentialsOf(const Client& client, const Profile& profile) {
  return "Basic " + EncodeBase64(PairOf(client, profile));
}

LoginParts LoginPartsOf(const Client& client, AuthMethod method, const LoginContext& context) {
  const bool lacks_secret = NeedsSecret(method) && client.secret.empty();
  if (lacks_secret && client.auth != method) {
    throw NotApplicable("the client has no secret to log in with by " +
                        std::string(ToString(method)));
  }
  switch (method) {
    case AuthMethod::kClientSecretBasic:
      return {BasicCredentialsOf(client, context.profile), {}};
    case AuthMethod::kClientSecretPost:
      return {"", {{"client_id", client.id}, {"client_secret", client.secret}}};
    case AuthMethod::kNone:
    case AuthMethod::kTlsClientAuth:
    case AuthMethod::kSelfSignedTlsClientAuth:
      return {"", {{"client_id", client.id}}};
    case AuthMethod::kClientSecretJwt:
    case AuthMethod::kPrivateKeyJwt:
      return {"", AssertionParameters(client, context)};
  }
  return {};
}

KnownClient KnownClientOf(const std::string& role, const Client& client,
                          const LoginContext& context) {
  KnownClient known{role, client.id, client.secret};
  if (IsAssertion(client.auth)) {
    known.assertion_mark = std::string(context.mark);
    return known;
  }
  if (ShowsCertificate(client.auth) && role != "main") return known;
  const LoginParts parts = LoginPartsOf(client, client.auth, context);
  known.authorization = parts.authorization;
  if (!parts.parameters.empty()) known.right_texts = SpelledParameters(parts.parameters);
  return known;
}

}  // namespace grantspec
