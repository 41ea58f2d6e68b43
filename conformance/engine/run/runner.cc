#include "conformance/engine/run/runner.h"

#include <algorithm>
#include <utility>

#include "conformance/engine/case/expression.h"
#include "conformance/engine/record/present.h"

namespace grantspec {
namespace {

constexpr int kBurstMin = 2;         // requests at once, where more of them lose connections
constexpr int kAfterCutOffMs = 500;  // until a limiter has seen connections end
constexpr int kManyWorkers = 8;      // requests that the target has responded to at once

bool HasTimedOut(const Exchange& exchange) {
  return exchange.failure && exchange.failure->error == TransportError::kTimeout;
}

Conversation Into(std::optional<Exchange>& received, Outgoing outgoing) {
  return SingleRequest(std::move(outgoing),
                       [&received](Exchange exchange) { received = std::move(exchange); });
}

// Of several responses on a connection, the last one. A server may close it before: then there is
// nothing to judge.
void KeepLast(Exchange& exchange, const StepSpec& step) {
  const auto wanted = static_cast<std::size_t>(step.responses);
  if (exchange.responses.size() >= wanted) {
    exchange.responses.erase(exchange.responses.begin(), exchange.responses.end() - 1);
  } else if (!exchange.responses.empty()) {
    exchange.responses.clear();
    exchange.failure =
        TransportFailure{TransportError::kClosed, "the connection was closed after a response"};
  }
}

}  // namespace

/// A case while its requests are sent. Without a tag its requests have no X-Request-Id, and no
/// control request follows a timeout.
class Runner::OpenCase {
 public:
  OpenCase(const Case& spec, const Binder& binder, std::string tag, const Arrangement& arrangement,
           const Baseline& baseline)
      : spec_(spec), binder_(binder), tag_(std::move(tag)), arrangement_(arrangement) {
    sent_.sequence = SequenceOf(spec);
    sent_.baseline = baseline;
    sent_.requests.resize(sent_.sequence.size());
    names_ = NamesOf(sent_.sequence);
    if (spec.side_by_side) sent_.exchanges.resize(sent_.sequence.size());
  }

  /// The conversations that send `count` steps from `first` on.
  void AddConversations(std::size_t first, std::size_t count, std::vector<Conversation>& to) {
    if (stopped_) return;
    if (!spec_.side_by_side) return to.push_back(Sequential(first + count));
    for (std::size_t i = first; i < first + count; ++i) to.push_back(Alone(i));
  }

  FinishedCase Take() {
    for (const Exchange& exchange : sent_.exchanges) sent_.seconds += exchange.seconds;
    return {&spec_, std::move(sent_)};
  }

 private:
  // The request of a step, or nothing where an earlier step did not bring what it needs. It can be
  // found again in the logs of the target: the run, the case, the step.
  std::optional<Outgoing> StepAt(std::size_t at, const std::vector<std::string>& names,
                                 const std::vector<Exchange>& so_far) {
    try {
      sent_.requests[at] = binder_.Bind(*sent_.sequence[at], names, so_far);
      Outgoing outgoing = sent_.requests[at]->wire;
      const std::string name = spec_.Name(), number = std::to_string(at + 1);
      auto* request = std::get_if<Request>(&outgoing.message);
      if (request != nullptr && !tag_.empty() && !request->fields.Has(kRequestId)) {
        request->fields.Add(kRequestId, tag_ + "." + name + "." + number);
      }
      outgoing.asked_by = name + ", step " + number;
      const Expectation& expect = sent_.sequence[at]->expect;
      outgoing.options.throttled_is_response = NamesStatus(expect, 429) || NamesStatus(expect, 503);
      // A raw request has a connection of its own anyway.
      const Connections connections = arrangement_.connections;
      if (connections != Connections::kKept && at == 0 && request != nullptr) {
        outgoing.options.fresh_connection = true;
      }
      outgoing.options.alone = connections == Connections::kFreshAlone;
      outgoing.options.delay_ms += arrangement_.delay_ms;
      return outgoing;
    } catch (const UnusableToken& reason) {
      sent_.stopped = reason.what();
      sent_.unusable_token = true;
    } catch (const NotApplicable& reason) {
      sent_.stopped = reason.what();
    }
    stopped_ = true;
    return std::nullopt;
  }

  // Steps one after another, up to `end`. A control request follows where the case asks whether the
  // target is still alive, and where a step timed out: it shows whether the target is silent.
  Conversation Sequential(std::size_t end) {
    Conversation one;
    const std::size_t before = sent_.exchanges.size();
    one.next = [this, before, end](const std::vector<Exchange>& so_far) -> std::optional<Outgoing> {
      const std::size_t at = before + so_far.size();
      if (at < end) {
        // The binder sees the responses to all steps, also to those of earlier parts.
        if (before == 0) return StepAt(at, names_, so_far);
        std::vector<Exchange> all = sent_.exchanges;
        all.insert(all.end(), so_far.begin(), so_far.end());
        return StepAt(at, names_, all);
      }
      if (at > end || stopped_) return std::nullopt;
      const bool last = end == sent_.sequence.size();
      const bool timed_out =
          !tag_.empty() && std::any_of(so_far.begin(), so_far.end(), HasTimedOut);
      if (!timed_out && !(last && spec_.alive)) return std::nullopt;
      return binder_.Control();
    };
    one.done = [this, before, end](std::vector<Exchange> exchanges) {
      if (before + exchanges.size() > end) {
        sent_.KeepControl(std::move(exchanges.back()));
        exchanges.pop_back();
      }
      for (Exchange& exchange : exchanges) {
        if (sent_.sequence[sent_.exchanges.size()]->judges_last) {
          KeepLast(exchange, *sent_.sequence[sent_.exchanges.size()]);
        }
        sent_.exchanges.push_back(std::move(exchange));
      }
    };
    return one;
  }

  // One step by itself.
  Conversation Alone(std::size_t at) {
    Conversation one;
    one.next = [this, at](const std::vector<Exchange>& so_far) -> std::optional<Outgoing> {
      if (!so_far.empty()) return std::nullopt;
      return StepAt(at, {}, {});
    };
    one.done = [this, at](std::vector<Exchange> exchanges) {
      if (!exchanges.empty()) sent_.exchanges[at] = std::move(exchanges.front());
    };
    return one;
  }

  const Case& spec_;
  const Binder& binder_;
  std::string tag_;
  Arrangement arrangement_;
  std::vector<std::string> names_;
  SentCase sent_;
  bool stopped_ = false;  // a later step could not be made
};

Runner::Runner(const Binder& binder, Executor& executor, std::string tag,
               std::function<bool()> keep_going, Baseline baseline)
    : binder_(binder),
      executor_(executor),
      tag_(std::move(tag)),
      keep_going_(std::move(keep_going)),
      baseline_(std::move(baseline)) {}

Runner::~Runner() = default;

Runner::OpenCase& Runner::Open(const Schedule& schedule, const CasePart& part,
                               const Arrangement& arrangement) {
  std::unique_ptr<OpenCase>& open = open_[part.at];
  if (!open || part.first == 0) {
    open = std::make_unique<OpenCase>(*schedule.cases[part.at].spec, binder_, tag_, arrangement,
                                      baseline_);
  }
  return *open;
}

void Runner::SendParts(const Schedule& schedule, const std::vector<CasePart>& parts,
                       const Arrangement& arrangement, BatchResult& result) {
  std::vector<Conversation> conversations;
  for (const CasePart& part : parts) {
    Open(schedule, part, arrangement).AddConversations(part.first, part.count, conversations);
  }
  executor_.Run(std::move(conversations), keep_going_, arrangement.at_once);
  for (const CasePart& part : parts) {
    const auto found = open_.find(part.at);
    if (part.first + part.count < schedule.cases[part.at].steps.size()) continue;
    result.finished.push_back(found->second->Take());
    open_.erase(found);
  }
}

void Runner::SendSuccesses(const Batch& batch, BatchResult& result) {
  std::vector<Conversation> conversations;
  std::vector<std::optional<Exchange>> received(batch.successes.size());
  if (batch.control) {
    Outgoing control = binder_.Control();
    control.options.fresh_connection = false;
    conversations.push_back(Into(result.control, std::move(control)));
  }
  for (std::size_t i = 0; i < batch.successes.size(); ++i) {
    conversations.push_back(
        Into(received[i], binder_.Login(batch.successes[i], "a login after failed logins")));
  }
  if (conversations.empty()) return;
  executor_.Run(std::move(conversations), keep_going_);
  for (std::optional<Exchange>& one : received) {
    if (one) result.successes.push_back(std::move(*one));
  }
}

BatchResult Runner::Send(const Schedule& schedule, const Batch& batch, Connections connections) {
  if (batch.burst) return SendBurst(schedule, batch, connections);
  int at_once = connections == Connections::kFreshAlone ? 1 : 0;
  if (batch.isolated) {
    // A target that has responded to many requests at once has workers for some slow ones.
    const int parallel = executor_.pace().parallel();
    if (parallel < kManyWorkers || batch.parts.size() == 1) {
      return SendOneByOne(schedule, batch, connections);
    }
    at_once = parallel * 3 / 4;
  }
  if (executor_.pace().has_few_workers()) executor_.CloseConnections();
  BatchResult result;
  SendParts(schedule, batch.parts, {connections, at_once}, result);
  SendSuccesses(batch, result);
  return result;
}

// All requests of a case at once; fewer where connections are closed without a response: a limiter
// does that, too.
BatchResult Runner::SendBurst(const Schedule& schedule, const Batch& batch,
                              Connections connections) {
  BatchResult result;
  const std::size_t requests = schedule.cases[batch.parts.front().at].steps.size();
  Arrangement arrangement{connections, std::max(kBurstMin, static_cast<int>(requests))};
  for (; arrangement.at_once >= kBurstMin; arrangement.at_once /= 2) {
    result = {};
    executor_.CloseConnections();
    SendParts(schedule, batch.parts, arrangement, result);
    const SentCase& sent = result.finished.front().sent;
    if (std::none_of(sent.exchanges.begin(), sent.exchanges.end(), WasCutOff)) break;
    arrangement.delay_ms = kAfterCutOffMs;
  }
  SendSuccesses(batch, result);
  SentCase& sent = result.finished.front().sent;
  if (std::any_of(sent.exchanges.begin(), sent.exchanges.end(), HasTimedOut)) {
    sent.KeepControl(ControlAlone());
  }
  return result;
}

// Isolated requests of a target with few workers: nothing else is in flight or kept.
BatchResult Runner::SendOneByOne(const Schedule& schedule, const Batch& batch,
                                 Connections connections) {
  BatchResult result;
  executor_.CloseConnections();
  for (const CasePart& part : batch.parts) {
    SendParts(schedule, {part}, {connections, 1}, result);
    executor_.CloseConnections();
    SendSuccesses(batch, result);
  }
  return result;
}

SentCase Runner::SendAlone(const Case& spec, const Binder& binder, const RunConversations& run) {
  OpenCase open(spec, binder, "", {}, {});
  std::vector<Conversation> conversations;
  open.AddConversations(0, SequenceOf(spec).size(), conversations);
  run(std::move(conversations));
  return open.Take().sent;
}

Exchange Runner::ControlAlone() {
  executor_.CloseConnections();
  return executor_.Ask(binder_.Control());
}

}  // namespace grantspec
