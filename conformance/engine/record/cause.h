// A cause: what one defect of a target looks like in a run. Plain data.

#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "conformance/engine/case/verdict.h"

namespace grantspec {

/// What a target did wrong, the most severe kind first. `<` compares severity.
enum class MissKind {
  kTokenIssued,   // a token, or a protected resource, for a request that must not get it
  kDisclosed,     // a secret or a token where none may be
  kOverGranted,   // more scope than was asked for, registered or reported
  kMixedUp,       // a response that depends on another client's request, or the same token twice
  kStopped,       // no service afterwards
  kServerError,   // a 5xx
  kSilent,        // no response in time
  kDisconnected,  // the connection ended without a complete response
  kRefused,       // no token for a request that must get one
  kUnderGranted,  // less scope than was asked for
  kCheckFailed,   // a response without a property that it must have
  kWrongError,    // a refusal with another status or error code than the right one
  kInconsistent,  // two responses that have to be alike are not, or the other way around
  kSlow,          // a response that takes too long
};

/// The name in reports: "token_issued", "server_error" ...
std::string_view ToString(MissKind kind);

/// Findings of a run that one defect explains.
struct Cause {
  std::string id;  // eight hexadecimal digits; the same in every run that shows the same defect
  std::string title;
  MissKind kind = MissKind::kCheckFailed;
  Outcome severity = Outcome::kFail;  // of its most severe case: fail, warn or waived
  std::string decision;               // what the target decided wrongly, where that is known
  std::string fingerprint;            // of the response that shows the defect
  std::vector<std::string> clauses;   // those that most of its cases cite first
  std::vector<std::size_t> cases;     // indices into the cases of the run, the example first
};

}  // namespace grantspec
