#include "conformance/conversations.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "conformance/expression.h"
#include "conformance/present.h"
#include "fixtures/http/render.h"

namespace grantspec {
namespace {

// Refusals between two control requests.
constexpr std::size_t kBatchMax = 160, kCarefulBatchMax = 40;

// One case while its requests are sent.
struct OpenCase {
  const Case* spec;
  const Binder* binder;
  std::string tag;
  CaseDone done;
  std::vector<std::string> names;
  HeldCase held;
  std::size_t open = 1;                      // conversations that have not ended
  std::vector<std::vector<Exchange>> parts;  // the exchanges of each conversation
};

// A request that can be found again in the logs of the target: the run, the case, the step.
Outgoing Tagged(Outgoing outgoing, const OpenCase& open, std::size_t step) {
  const std::string name = open.spec->Name(), number = std::to_string(step + 1);
  auto* request = std::get_if<Request>(&outgoing.message);
  if (request != nullptr && !request->fields.Has(kRequestId)) {
    request->fields.Add(kRequestId, open.tag + "." + name + "." + number);
  }
  outgoing.asked_by = name + ", step " + number;
  return outgoing;
}

// One conversation of the case has ended.
void EndOne(OpenCase& open) {
  if (--open.open > 0) return;
  HeldCase& held = open.held;
  for (auto& part : open.parts) {
    for (Exchange& exchange : part) held.exchanges.push_back(std::move(exchange));
  }
  held.seconds = 0;
  for (const Exchange& exchange : held.exchanges) held.seconds += exchange.seconds;
  open.done(*open.spec, std::move(held));
}

// The request of the next step; nothing where an earlier step did not bring what it needs.
std::optional<Outgoing> NextStep(OpenCase& open, const std::vector<Exchange>& so_far) {
  const std::size_t at = so_far.size();
  try {
    return Tagged(open.binder->Build(*open.held.sequence[at], open.names, so_far), open, at);
  } catch (const UnusableToken& reason) {
    open.held.stopped = reason.what();
    open.held.unusable_token = true;
  } catch (const NotApplicable& reason) {
    open.held.stopped = reason.what();
  }
  return std::nullopt;
}

bool TimedOut(const Exchange& exchange) {
  return exchange.failure && exchange.failure->error == TransportError::kTimeout;
}

// Steps one after another. A control request follows where the case asks whether the target is
// still alive, and where a step timed out: it shows whether the target or the line is silent.
Conversation Sequential(const std::shared_ptr<OpenCase>& open) {
  Conversation one;
  one.next = [open](const std::vector<Exchange>& so_far) -> std::optional<Outgoing> {
    const std::size_t steps = open->held.sequence.size();
    if (so_far.size() < steps) return NextStep(*open, so_far);
    if (so_far.size() > steps) return std::nullopt;
    const bool wants_control =
        open->spec->alive || std::any_of(so_far.begin(), so_far.end(), TimedOut);
    if (!wants_control) return std::nullopt;
    return open->binder->Control();
  };
  one.done = [open](std::vector<Exchange> exchanges) {
    if (exchanges.size() > open->held.sequence.size()) {
      open->held.control = std::move(exchanges.back());
      exchanges.pop_back();
    }
    open->parts.push_back(std::move(exchanges));
    EndOne(*open);
  };
  return one;
}

// One step by itself.
Conversation Alone(const std::shared_ptr<OpenCase>& open, std::size_t step) {
  Conversation one;
  one.next = [open, step](const std::vector<Exchange>& so_far) -> std::optional<Outgoing> {
    if (!so_far.empty()) return std::nullopt;
    return Tagged(open->binder->Build(*open->held.sequence[step], {}, {}), *open, step);
  };
  one.done = [open, step](std::vector<Exchange> exchanges) {
    open->parts[step] = std::move(exchanges);
    EndOne(*open);
  };
  return one;
}

}  // namespace

std::vector<Conversation> ConversationsOf(const Case& spec, const Binder& binder,
                                          const std::string& tag, CaseDone done) {
  auto open = std::make_shared<OpenCase>();
  open->spec = &spec;
  open->binder = &binder;
  open->tag = tag;
  open->done = std::move(done);
  open->held.sequence = SequenceOf(spec);
  open->names = NamesOf(open->held.sequence);
  std::vector<Conversation> conversations;
  if (!spec.side_by_side) {
    conversations.push_back(Sequential(open));
    return conversations;
  }
  open->open = open->held.sequence.size();
  open->parts.resize(open->open);
  for (std::size_t i = 0; i < open->open; ++i) conversations.push_back(Alone(open, i));
  return conversations;
}

bool WantsToken(const Case& spec) {
  return std::any_of(spec.steps.begin(), spec.steps.end(), [](const StepSpec& step) {
    const auto& answers = step.expect.answer;
    return answers.size() == 1 && (answers[0] == "token" || answers[0] == "success");
  });
}

bool ControlSchedule::IsDueBefore(const Case& spec) {
  if (WantsToken(spec)) return false;
  any_refusal_ = true;
  if (++refusals_ <= (careful_ ? kCarefulBatchMax : kBatchMax)) return false;
  refusals_ = 1;
  return true;
}

std::size_t FailedLoginsOf(const Case& spec, const Binder& binder) {
  const std::vector<const StepSpec*> sequence = SequenceOf(spec);
  std::vector<std::string> names;
  for (const StepSpec& step : spec.steps) {
    if (!spec.side_by_side) names.push_back(step.name);
  }
  std::map<const StepSpec*, std::vector<Login>> known;
  std::map<std::size_t, std::size_t> failures;  // by client
  for (const StepSpec* step : sequence) {
    auto [found, is_new] = known.emplace(step, std::vector<Login>());
    if (is_new) found->second = LoginsOf(binder.Build(*step, names, {}), binder);
    for (std::size_t i = 0; i < found->second.size(); ++i) {
      if (found->second[i] == Login::kMayFail) ++failures[i];
    }
  }
  std::size_t most = 0;
  for (const auto& [client, count] : failures) most = std::max(most, count);
  return most;
}

std::vector<Login> LoginsOf(const Outgoing& outgoing, const Binder& binder) {
  return LoginsOf(BytesOf(outgoing, binder.place().host), binder.KnownClients(),
                  binder.SurroundingsOfClients());
}

}  // namespace grantspec
