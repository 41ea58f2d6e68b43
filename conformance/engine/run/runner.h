// Sends the batches of a schedule and returns what was received.

#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "conformance/engine/bind/binder.h"
#include "conformance/engine/judge/judge.h"
#include "conformance/engine/run/schedule.h"
#include "fixtures/http/executor.h"

namespace grantspec {

/// A case all of whose requests were sent, or were not because the run was ending.
struct FinishedCase {
  const Case* spec = nullptr;
  SentCase sent;
};

/// What was received for one batch.
struct BatchResult {
  std::vector<FinishedCase> finished;
  std::optional<Exchange> control;  // the control request after the batch
  std::vector<Exchange> successes;  // of other roles
};

/// Whose connections the requests of a batch use.
enum class Connections {
  kKept,        // connections of earlier requests, where a case does not say otherwise
  kFresh,       // the first request of each case has a connection of its own
  kFreshAlone,  // the same, and nothing else is in flight
};

/// How the requests of a batch are sent.
struct Arrangement {
  Connections connections = Connections::kKept;
  int at_once = 0;   // at most; 0: as many as the pace allows
  int delay_ms = 0;  // before each of them
};

/// Executes schedules on one target.
class Runner {
 public:
  /// `tag` names the run in X-Request-Id. `keep_going` is called some times a second; once it
  /// returns false, nothing more is sent. `baseline`: what control requests get. Binder and
  /// executor must outlive the runner.
  Runner(const Binder& binder, Executor& executor, std::string tag,
         std::function<bool()> keep_going, Baseline baseline = {});
  ~Runner();

  /// Sends the requests of one batch, waits for all responses, then sends the control request and
  /// the successes that the batch asks for. Where the target has responded to 8 requests at once,
  /// isolated ones are sent three quarters as many at once as it can take; else one by one, without
  /// any kept connection, and a control request follows each of them.
  BatchResult Send(const Schedule& schedule, const Batch& batch,
                   Connections connections = Connections::kKept);

  /// Sends one case without a schedule, through whatever runs its conversations: for examples of
  /// laws, which come one by one.
  using RunConversations = std::function<void(std::vector<Conversation>)>;
  static SentCase SendAlone(const Case& spec, const Binder& binder, const RunConversations& run);

  /// The control request by itself, with nothing else in flight and no kept connection.
  Exchange ControlAlone();

 private:
  class OpenCase;

  OpenCase& Open(const Schedule& schedule, const CasePart& part, const Arrangement& arrangement);
  void SendParts(const Schedule& schedule, const std::vector<CasePart>& parts,
                 const Arrangement& arrangement, BatchResult& result);
  void SendSuccesses(const Batch& batch, BatchResult& result);
  BatchResult SendBurst(const Schedule& schedule, const Batch& batch, Connections connections);
  BatchResult SendOneByOne(const Schedule& schedule, const Batch& batch, Connections connections);

  const Binder& binder_;
  Executor& executor_;
  std::string tag_;
  std::function<bool()> keep_going_;
  Baseline baseline_;
  std::map<std::size_t, std::unique_ptr<OpenCase>> open_;  // by index in the schedule
};

}  // namespace grantspec
