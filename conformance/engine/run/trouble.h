// What a control request without a token says about the target.

#pragma once

#include <cstddef>
#include <string>

#include "conformance/engine/case/verdict.h"
#include "conformance/engine/judge/baseline.h"
#include "fixtures/http/exchange.h"

namespace grantspec {

/// Why a control request got no token that got one before.
enum class Trouble {
  kNone,         // it got one
  kNotSent,      // a limit of ours, or the end of the run
  kThrottled,    // 429, or 503 with Retry-After, and no time to wait
  kLockedOut,    // 401, 423, or a text about a lockout: nothing more may be sent
  kServerError,  // 5xx
  kOverloaded,   // 403, no response, or anything else: perhaps too much at once
};

/// What a control exchange says, compared with the first one of the run.
Trouble TroubleOf(const Exchange& control, const Baseline& baseline = {});

/// Whether a failed verdict has to be repeated before it is reported: each failure, and whatever
/// else comes from a missing response.
bool NeedsProof(const Verdict& verdict, bool response_missing);

/// How often a failure was seen.
struct Repetitions {
  std::size_t failed = 0, sent = 0;

  // A server error in a smaller part of them may be chance.
  double chance = 0.5;
};

/// The verdict after a failure did not repeat at first and was asked again many times. `first` is
/// the failure, `again` the verdict of the repetition. Where the failure came back it stays, as
/// "k of n". Where it never did, the repetition counts; but a token or a secret that was received
/// once was received.
Verdict AfterRepetitions(const Verdict& first, const Verdict& again, const Repetitions& seen);

}  // namespace grantspec
