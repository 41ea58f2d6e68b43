// What was received for one case.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "conformance/engine/bind/binder.h"
#include "conformance/engine/case/case.h"
#include "conformance/engine/judge/baseline.h"
#include "conformance/engine/response/inspection.h"
#include "fixtures/http/exchange.h"
#include "fixtures/target/profile.h"

namespace grantspec {

/// Whether the target serves after a case, as far as a control request shows.
enum class Aftermath {
  kUnknown,  // no control request was sent, as after an interrupt, or it was throttled
  kAlive,    // it got a token
  kSilent,   // it got something else, or nothing
};

/// Whether a request was not sent.
bool IsUnsent(const Exchange& exchange);

/// What a control request shows of the target, compared with the first one of the run.
Aftermath AftermathOf(const Exchange& control, const Baseline& baseline = {});

/// What was received for one case, in the order in which requests were sent.
struct SentCase {
  std::vector<const StepSpec*> sequence;
  std::vector<std::optional<BoundRequest>> requests;  // of the steps, as far as they were made
  std::vector<Exchange> exchanges;                    // of the steps
  std::optional<Exchange> control;  // a baseline request afterwards, where one was sent
  Aftermath aftermath = Aftermath::kUnknown;
  std::string stopped;          // why a later step could not be made, where that is so
  Baseline baseline;            // what control requests of the run get
  bool unusable_token = false;  // it could not, since the target's access token cannot be sent
  double seconds = 0;

  /// What the exchange of a step says, read when it is first asked for. Exchanges stay as they are
  /// from then on.
  const Inspection& InspectionAt(std::size_t at) const;

  /// Keeps a control request that followed, and what it shows of the target.
  void KeepControl(Exchange exchange);

  /// The first exchange whose request was not sent, or null.
  const Exchange* Unsent() const;

  /// Whether a request was sent and got no response.
  bool IsResponseMissing() const;

 private:
  mutable std::vector<std::optional<Inspection>> inspections_;  // of the exchanges, by index
};

/// Whether a failed case received a token that may be what failed: once received, it is reported
/// even where no repetition gets another one.
bool ContainsForeignToken(const Case& spec, const SentCase& sent, const Profile& profile);

/// The scope parameter of the form that was sent; empty: none. No value where that is not known:
/// for a raw request, an encoded body, or a duplicate scope (RFC 6749 section 3.2).
std::optional<std::string> ScopeAsked(const Exchange& exchange);

}  // namespace grantspec
