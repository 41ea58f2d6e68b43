// The control requests of a run: whether the target can be judged, and whether it still serves.

#include <algorithm>
#include <thread>
#include <utility>

#include "conformance/engine/case/expression.h"
#include "conformance/engine/record/conclusion.h"
#include "conformance/engine/record/text.h"
#include "conformance/engine/response/response_class.h"
#include "conformance/engine/run/control_message.h"
#include "conformance/engine/run/run.h"
#include "fixtures/grammar/json_text.h"

namespace grantspec {
namespace {

using std::chrono::milliseconds;

constexpr int kControlAsksMax = 4;  // of a control request that gets a server error
constexpr int kRefusedAsksMax = 3;  // of one that a limiter may have refused
constexpr int kSilentAsksMax = 2;   // of one without a response
constexpr std::chrono::duration<double> kColdStartMin{1.0};
constexpr milliseconds kTroublePause{1'000}, kErrorPause{200}, kTickPause{50};

std::vector<std::string> WordsOf(const std::string& text) {
  std::vector<std::string> words;
  std::string word;
  for (char c : text + " ") {
    if (c != ' ') {
      word += c;
    } else if (!word.empty()) {
      words.push_back(std::exchange(word, {}));
    }
  }
  return words;
}

// The step that stands for the control request in reports.
StepSpec ControlStep() {
  StepSpec step;
  step.name = "control";
  return step;
}

}  // namespace

std::optional<std::string> SuiteRun::WhyNotReady() {
  const Exchange exchange = executor_.Ask(binder_->Probe());
  record_.counters.requests = executor_.requests_sent();
  if (exchange.failure && exchange.failure->error != TransportError::kGarbage) {
    return std::string(ToString(exchange.failure->error)) + ": " +
           Printable(Clipped(presenter_->Clean(exchange.failure->detail)));
  }
  const Response* response = exchange.response();
  if (response == nullptr) return std::nullopt;
  for (int status : {404, 502, 503, 504}) {
    if (response->status == status) return "status " + std::to_string(status);
  }
  return std::nullopt;
}

std::optional<std::string> SuiteRun::Preflight(Profile& profile) {
  const Exchange exchange = AskFirstControl();
  baseline_ = Baseline(exchange);
  control_asked_ = true;
  control_unsent_ = IsUnsent(exchange);
  if (!control_unsent_) {
    const StepSpec step = ControlStep();
    record_.control = presenter_->Shown(step, ControlRequest(), exchange);
  }
  if (judges_control()) {
    profile.responds_in_http_1_0 = exchange.response()->version == 10;
    profile.latency_seconds = exchange.seconds;
    if (profile.main().scopes.empty()) LearnScope(profile, exchange);
  }
  if (baseline_.kind() != ControlKind::kToken) {
    if (judges_control()) {
      record_.notes.push_back(baseline_.summary() + "; cases that need one are inconclusive");
    }
    ControlContext context;
    context.client_id = profile.main().id;
    context.credentials_from = rules_.credentials_from;
    context.by_basic = profile.main().auth == AuthMethod::kClientSecretBasic;
    context.has_scope = !profile.main().scopes.empty();
    context.clean = [this](std::string_view text) { return presenter_->Clean(text); };
    return ControlMessage(exchange, context);
  }
  return std::nullopt;
}

// The first control request; a server error may be one of many good responses.
Exchange SuiteRun::AskFirstControl() {
  first_controls_.clear();
  for (int asked = 1;; ++asked) {
    Exchange exchange = executor_.Ask(binder_->Control());
    Count(exchange);
    const Trouble trouble = TroubleOf(exchange);
    if (asked == 1 && exchange.failure && exchange.failure->error == TransportError::kGarbage) {
      record_.notes.push_back("libcurl does not read the responses of the target: " +
                              Printable(Clipped(presenter_->Clean(exchange.failure->detail))));
      executor_.SendRaw();
      continue;
    }
    if (exchange.response() != nullptr) first_controls_.push_back(exchange);
    const bool cold = asked == 1 && exchange.seconds > kColdStartMin.count();
    if (cold && trouble == Trouble::kNone) return AskWarmControl(std::move(exchange));
    if (trouble != Trouble::kServerError || asked == kControlAsksMax || !IsGoing()) return exchange;
    Pause(kErrorPause * asked);
  }
}

// The first request may have started the target: how long the second one takes is its latency.
Exchange SuiteRun::AskWarmControl(Exchange first) {
  if (!IsGoing()) return first;
  const Exchange second = executor_.Ask(binder_->Control());
  Count(second);
  if (second.response() == nullptr) return first;
  first_controls_.push_back(second);
  first.seconds = std::min(first.seconds, second.seconds);
  return first;
}

void SuiteRun::LearnScope(Profile& profile, const Exchange& control) {
  const auto object = ObjectOf(*control.response());
  const JsonMember* scope = object ? object->Find("scope") : nullptr;
  if (scope == nullptr || scope->kind != JsonKind::kString) {
    record_.notes.push_back(
        "no --scope was given and the target states none: cases about scopes are not applicable");
    return;
  }
  profile.clients["main"].scopes = WordsOf(scope->text);
  record_.notes.push_back(
      "no --scope was given; the scope of the control response counts as granted: " +
      Clipped(presenter_->Clean(scope->text)));
  Bind(profile, TargetPlace(binder_->place()));
  presenter_->LearnTokens(control);
  GuardLogins();
}

// What the control request after a batch means for the run.
SuiteRun::Next SuiteRun::AfterBatch(Runner& runner, const BatchResult& result) {
  InspectControls(result);
  if (!result.control) return Next::kGoOn;
  const Trouble trouble = TroubleOf(*result.control, baseline_);
  if (trouble == Trouble::kNone || trouble == Trouble::kNotSent) return Next::kGoOn;
  if (!rules_.careful) return Next::kStop;  // stops nothing: the batch alone is not judged
  if (trouble == Trouble::kLockedOut || trouble == Trouble::kThrottled) {
    return Stop(*result.control);
  }
  return AskControlAgain(runner, trouble, result);
}

// A server error may be one of many good responses, and a refusal the sign of too much at once.
SuiteRun::Next SuiteRun::AskControlAgain(Runner& runner, Trouble trouble,
                                         const BatchResult& result) {
  const Exchange& first = *result.control;
  const bool overloaded = trouble == Trouble::kOverloaded;
  if (overloaded) {
    executor_.SlowDown();
    // Before the pause: a limiter counts those that it has not closed.
    executor_.CloseConnections();
  }
  const int overloaded_asks_max = first.response() != nullptr ? kRefusedAsksMax : kSilentAsksMax;
  BatchResult again;
  for (int asked = 1; asked < (overloaded ? overloaded_asks_max : kControlAsksMax); ++asked) {
    // An error that comes now and then needs no pause; one that stays for a moment does.
    Pause(overloaded ? kTroublePause : kErrorPause * 2 * (asked - 1));
    if (!IsGoing()) return Next::kStop;
    again.control = runner.ControlAlone();
    InspectControls(again);
    const Trouble now = TroubleOf(*again.control, baseline_);
    if (now == Trouble::kNone) return overloaded ? Next::kAskAgain : Next::kGoOn;
    if (now == Trouble::kLockedOut) break;
  }
  const Exchange& last = again.control ? *again.control : first;
  // Who sends garbage has not ended.
  const bool silent = last.failure && last.failure->error != TransportError::kGarbage;
  if (silent && IsGoing()) return AfterDeath(runner, result);
  return Stop(last);
}

SuiteRun::Next SuiteRun::Stop(const Exchange& control) {
  if (!IsGoing()) return Next::kStop;
  stopped_ = "stopped early: the control request got " + NameOf(control) + " after " +
             Counted(static_cast<std::size_t>(record_.counters.failed_logins), "failed login") +
             ", although it got a token before";
  return Next::kStop;
}

void SuiteRun::Pause(milliseconds how_long) {
  const auto until = std::chrono::steady_clock::now() + how_long;
  while (std::chrono::steady_clock::now() < until && IsGoing()) {
    std::this_thread::sleep_for(kTickPause);
  }
}

// What reports show of the control request: the same for each of them.
const BoundRequest& SuiteRun::ControlRequest() {
  if (!control_request_) control_request_ = binder_->Bind(ControlStep(), {}, {});
  return *control_request_;
}

// Control responses are checked, too: a server error in one of forty shows there.
void SuiteRun::InspectControl(const Exchange& exchange) {
  if (IsUnsent(exchange)) return;
  static const StepSpec step = ControlStep();
  ++controls_.sent;
  if (TroubleOf(exchange) == Trouble::kServerError) ++controls_.failed;
  SentCase sent;
  sent.sequence = {&step};
  sent.requests = {ControlRequest()};
  sent.exchanges = {exchange};
  Verdict nowhere;
  InspectStanding("control", sent, 0, nowhere);
}

void SuiteRun::InspectControls(const BatchResult& result) {
  if (result.control) {
    Count(*result.control);
    InspectControl(*result.control);
  }
  for (const Exchange& exchange : result.successes) Count(exchange);
}

}  // namespace grantspec
