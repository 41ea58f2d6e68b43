#include "conformance/engine/bind/expectation.h"

#include <algorithm>

#include "conformance/engine/bind/lawful.h"
#include "conformance/engine/bind/request_shape.h"
#include "conformance/engine/response/response_class.h"
#include "fixtures/grammar/ascii.h"

namespace grantspec {
namespace {

// The way to log in that a step is about.
AuthMethod MethodOf(const StepSpec& step, const Profile& profile) {
  if (step.auth) return *step.auth;
  const Client* client = profile.Find(step.client);
  if (client == nullptr) client = profile.Find("main");
  return client != nullptr ? client->auth : AuthMethod::kClientSecretBasic;
}

}  // namespace

ClientCertificate CertificateOf(const StepSpec& step, const Profile& profile) {
  const Client* main = profile.Find("main");
  const bool of_nobody = step.client == "none" && step.at == Place::kToken && main != nullptr &&
                         ShowsCertificate(main->auth);
  return of_nobody ? ClientCertificate::kNone : step.certificate;
}

bool IsAboutMissingBasic(const StepSpec& step, const Profile& profile) {
  const Client* main = profile.Find("main");
  return step.writes_authorization && step.auth == AuthMethod::kClientSecretBasic &&
         main != nullptr && main->auth != AuthMethod::kClientSecretBasic &&
         profile.Get("auth.basic") != "on";
}

namespace {

// Whether the target may fail to find the login of a step among its parameters.
bool MayHideLogin(const StepSpec& step) {
  const auto changes_content = [](const NamedChange& change) {
    return EqualsFolded(change.name.text, "Content-Type") ||
           EqualsFolded(change.name.text, "Content-Encoding");
  };
  return step.content.has_value() || step.method.has_value() || !step.raw.empty() ||
         std::any_of(step.fields.begin(), step.fields.end(), changes_content);
}

// RFC 6749 section 5.2 has 401 for a client that tried the Authorization field; a login among the
// parameters may be refused with 400, and what cannot be read has no login in it.
void AllowForLogin(const StepSpec& step, Expectation& expect) {
  const auto has = [&expect](const char* name) {
    return expect.response.Contains(*FindResponseClass(name));
  };
  if (has("invalid_client")) expect.response.Add("invalid_client_400");
  const bool refused = has("invalid_request") || has("media_type_refused");
  if (!refused || step.client == "none" || !MayHideLogin(step)) return;
  expect.response.Add("invalid_client");
  expect.response.Add("invalid_client_400");
}

}  // namespace

BoundExpectation ExpectationFor(const Case& spec, const StepSpec& step, const Profile& profile) {
  BoundExpectation bound{step.expect, spec.level, false};
  for (const Alternative& alternative : spec.alternatives) {
    const std::string& value = profile.Get(alternative.name);
    if (std::find(alternative.is.begin(), alternative.is.end(), value) == alternative.is.end()) {
      continue;
    }
    bound.expect = alternative.expectation;
    if (alternative.level) bound.level = *alternative.level;
    break;
  }
  AddLawfulResponses(profile, bound.expect);
  if (IsAboutMissingBasic(step, profile)) {
    bound.expect.response.Add("refused");
  } else if (step.at == Place::kToken && IsAmongParameters(MethodOf(step, profile))) {
    AllowForLogin(step, bound.expect);
  }
  // A server may want a certificate that it trusts before it reads any request.
  if (CertificateOf(step, profile) != ClientCertificate::kOfClient &&
      !WantsOnlyToken(bound.expect)) {
    bound.expect.response.Add("tls_refused");
  }
  // A query has less room than content.
  if (step.at == Place::kToken && ShapeOf(profile) == RequestShape::kQuery &&
      !WantsOnlyToken(bound.expect)) {
    bound.expect.response.Add("414");
  }
  bound.strict = !spec.strict.empty() && profile.On(spec.strict);
  return bound;
}

bool AllowsToken(const BoundExpectation& bound) {
  const auto names_token = [](const ResponseClassList& classes) {
    return classes.Contains(TokenClass()) || classes.Contains(SuccessClass());
  };
  if (names_token(bound.expect.response)) return true;
  return !bound.strict && (names_token(bound.expect.warn) || names_token(bound.expect.info));
}

bool WantsOnlyToken(const Expectation& expect) {
  const ResponseClassList& classes = expect.response;
  return classes.size() == 1 &&
         (classes.Contains(TokenClass()) || classes.Contains(SuccessClass()));
}

}  // namespace grantspec
