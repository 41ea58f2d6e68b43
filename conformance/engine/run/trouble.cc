#include "conformance/engine/run/trouble.h"

#include <algorithm>
#include <string>

#include "conformance/engine/response/response_class.h"
#include "fixtures/grammar/lockout.h"
#include "fixtures/http/pace.h"

namespace grantspec {
Trouble TroubleOf(const Exchange& control, const Baseline& baseline) {
  if (baseline.IsAlive(control)) return Trouble::kNone;
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
         (verdict.outcome == Outcome::kInfo || verdict.outcome == Outcome::kWarn ||
          verdict.outcome == Outcome::kInconclusive);
}

Verdict AfterRepetitions(const Verdict& first, const Verdict& again, const Repetitions& seen) {
  const std::string counted = std::to_string(seen.failed) + " of " + std::to_string(seen.sent);
  // A server error that comes now and then is the finding of error_response.no_5xx.
  const auto failed = static_cast<double>(seen.failed), sent = static_cast<double>(seen.sent);
  const bool by_chance = first.server_error && failed < seen.chance * sent;
  Verdict verdict = again;
  std::string why = "failed once and not again: " + counted;
  if (seen.failed > 1 && !by_chance) {
    verdict = first;
    why = "intermittent: " + counted;
  } else if (first.received_secret) {
    verdict = first;
    verdict.outcome = std::min(verdict.outcome, Outcome::kWarn);
    why = "intermittent: " + counted;
  } else if (by_chance) {
    why = "server errors now and then: " + counted;
    verdict.outcome = std::min(verdict.outcome, Outcome::kInconclusive);
  }
  verdict.why += (verdict.why.empty() ? "" : "; ") + why;
  return verdict;
}

}  // namespace grantspec
