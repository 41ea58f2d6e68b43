// How the requests of one case are sent, and where control requests go among the cases.

#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "conformance/case.h"
#include "conformance/judge.h"
#include "conformance/plan.h"
#include "fixtures/http/exchange.h"

namespace grantspec {

/// Receives the exchanges of a case when its last conversation has ended.
using CaseDone = std::function<void(const Case& spec, HeldCase held)>;

/// The conversations of a case: one, or one for each step where the case says side by side. `tag`
/// names the run in X-Request-Id. The case and the binder must outlive them.
std::vector<Conversation> ConversationsOf(const Case& spec, const Binder& binder,
                                          const std::string& tag, CaseDone done);

/// Whether a case passes only where it gets a token.
bool WantsToken(const Case& spec);

/// Decides where control requests go among the cases. A refusal proves something only between two
/// control requests that get a token: one follows each batch of refusals.
class ControlSchedule {
 public:
  /// `careful`: batches are small, so that a target in trouble is soon left alone.
  explicit ControlSchedule(bool careful) : careful_(careful) {}

  /// Counts a case. Whether a control request goes before it.
  bool IsDueBefore(const Case& spec);

  /// Whether a control request goes after the last case.
  bool IsDueAtEnd() const { return any_refusal_; }

 private:
  bool careful_;
  bool any_refusal_ = false;
  std::size_t refusals_ = 0;  // of the batch
};

/// The failed logins in a row that a case may cause for one client, at most.
std::size_t FailedLoginsOf(const Case& spec, const Binder& binder);

/// What a request means for the login of each client of the binder, decided from its bytes.
std::vector<Login> LoginsOf(const Outgoing& outgoing, const Binder& binder);

}  // namespace grantspec
