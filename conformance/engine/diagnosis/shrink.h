// Makes the request of a failing case shorter, step by step towards the control request.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "conformance/engine/case/case.h"
#include "conformance/engine/record/cause.h"
#include "conformance/engine/record/record.h"

namespace grantspec {

/// Which changes of a request keep the response to it wrong. A shorter request may be lawful: then
/// the token, or the refusal, that the example must not get is right.
enum class Freedom {
  // The response is wrong for every request: a 5xx, a disclosed secret, an error that is not JSON.
  kAny,
  // A property of the response is wrong; what it has to have may depend on how the client logs in
  // (RFC 6749 section 5.2, WWW-Authenticate).
  kKeepsLogin,
  // The request must get a token. Headers and parameters that the endpoint has to ignore may go
  // (RFC 6749 section 3.2), and nothing that the login or the body depends on.
  kLawful,
  // The request must be refused. Headers that the endpoint has to ignore may go, for they are no
  // reason to refuse. Of a parameter that is repeated two values stay: that alone is invalid
  // (RFC 6749 section 3.2).
  kRefused,
};

/// A step that differs less from the control request, and what was changed.
struct Simplification {
  StepSpec step;
  std::string what;  // "without header X-Long", "half of parameter scope"
};

/// How the request of a finding may be changed, or nothing where it must stay: findings of several
/// requests, of time, of all responses, of another place, and of raw requests that are sent in
/// parts or read several responses.
std::optional<Freedom> FreedomOf(const RecordedCase& recorded);

/// The next simplifications of a step, those that remove most first: a part is as in the control
/// request, is left out, is repeated less often, or is half as long.
///
///     {"X-A": "1", "X-B": "2"}  // {"X-B": "2"}, then {"X-A": "1"}
std::vector<Simplification> SimplificationsOf(const StepSpec& step, Freedom freedom);

/// Whether a shorter request shows the defect of a finding: the same severity, kind of miss and
/// fingerprint, and for an error the same status.
bool ShowsSameDefect(const RecordedCase& finding, const RecordedCase& shorter);

}  // namespace grantspec
