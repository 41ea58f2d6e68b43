// What a step expects under a profile.

#pragma once

#include "conformance/engine/case/case.h"
#include "fixtures/target/profile.h"

namespace grantspec {

/// The expectation of a step under a profile: the first alternative whose switch fits, or its own.
struct BoundExpectation {
  Expectation expect;
  Level level = Level::kMust;
  bool strict = false;  // what would be tolerated fails
};
BoundExpectation ExpectationFor(const Case& spec, const StepSpec& step, const Profile& profile);

/// The certificate that the client of a step shows. A step of nobody at the token endpoint shows
/// none where certificates log in: it would be a login.
ClientCertificate CertificateOf(const StepSpec& step, const Profile& profile);

/// Whether a step is about Basic at a target that does not offer it: any refusal is right then.
bool IsAboutMissingBasic(const StepSpec& step, const Profile& profile);

/// Whether a token may be received, required or tolerated.
bool AllowsToken(const BoundExpectation& bound);

/// Whether nothing but a token, or a success, will do.
bool WantsOnlyToken(const Expectation& expect);

}  // namespace grantspec
