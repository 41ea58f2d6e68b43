#include "conformance/trouble.h"

#include <algorithm>
#include <string>

#include "conformance/answer.h"
#include "fixtures/grammar/lockout.h"
#include "fixtures/http/pace.h"

namespace grantspec {
Trouble TroubleOf(const Exchange& control) {
  if (Matches("token", control)) return Trouble::kNone;
  if (control.failure && control.failure->error == TransportError::kNotSent) {
    return Trouble::kNotSent;
  }
  const Response* response = control.response();
  if (response == nullptr) return Trouble::kOverloaded;
  if (IsThrottled(control)) return Trouble::kThrottled;
  if (response->status == 401 || response->status == 423 || SpeaksOfLockout(response->content)) {
    return Trouble::kLockedOut;
  }
  return response->status >= 500 ? Trouble::kServerError : Trouble::kOverloaded;
}

bool NeedsProof(const Verdict& verdict, bool response_missing) {
  if (verdict.outcome == Outcome::kFail) return true;
  return response_missing &&
         (verdict.outcome == Outcome::kWarn || verdict.outcome == Outcome::kInconclusive);
}

Verdict AfterRepetitions(const Verdict& first, const Verdict& again, const Repetitions& seen) {
  const std::string counted = std::to_string(seen.failed) + " of " + std::to_string(seen.sent);
  Verdict verdict = seen.failed > 1 || first.received_secret ? first : again;
  verdict.why = (verdict.why.empty() ? "" : verdict.why + "; ");
  if (seen.failed > 1) {
    verdict.why += "intermittent: " + counted;
  } else if (first.received_secret) {
    verdict.outcome = std::min(verdict.outcome, Outcome::kWarn);
    verdict.why += "intermittent: " + counted;
  } else {
    verdict.why += "failed once and not again: " + counted;
  }
  return verdict;
}

}  // namespace grantspec
