#include "properties/examiner.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "conformance/engine/check/check.h"
#include "conformance/engine/response/response_class.h"
#include "conformance/engine/run/runner.h"
#include "conformance/engine/run/standing.h"

namespace grantspec {
namespace {

bool IsEnd(const Exchange& exchange) {
  if (!exchange.failure) return false;
  switch (exchange.failure->error) {
    case TransportError::kUnreachable:
    case TransportError::kClosed:
    case TransportError::kReset:
    case TransportError::kTimeout:
      return true;
    default:
      return false;
  }
}

}  // namespace

Case Named(Case spec) {
  for (std::size_t i = 0; i < spec.steps.size(); ++i) {
    if (spec.steps[i].name.empty()) spec.steps[i].name = "step_" + std::to_string(i + 1);
  }
  return spec;
}

SentCase Examiner::Send(const Case& spec) {
  return Runner::SendAlone(spec, binder_, [this](std::vector<Conversation> conversations) {
    subject_.Run(std::move(conversations));
  });
}

bool Examiner::IsAlive() {
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (attempt > 0) std::this_thread::sleep_for(std::chrono::milliseconds(500));
    std::optional<Exchange> control;
    std::vector<Conversation> one;
    one.push_back(SingleRequest(binder_.Control(),
                                [&control](Exchange exchange) { control = std::move(exchange); }));
    subject_.Run(std::move(one));
    if (!control) return false;
    if (control->response() != nullptr) return true;  // throttling or refusing is not dead
    if (control->failure && control->failure->error == TransportError::kNotSent) return true;
  }
  return false;
}

void Examiner::InspectStanding(Trial& trial) const {
  for (std::size_t i = 0; i < trial.sent.exchanges.size(); ++i) {
    const Exchange& exchange = trial.sent.exchanges[i];
    const Response* response = exchange.response();
    if (response == nullptr || trial.verdict.outcome == Outcome::kFail) return;
    const CheckedResponse checked{
        trial.sent.InspectionAt(i), *response,         exchange, true, std::nullopt, nullptr,
        &binder_.secrets(),         &binder_.profile()};
    for (const Check* check : AlwaysChecks()) {
      const Finding finding = check->inspect(checked);
      if (finding.kind != Finding::Kind::kViolated) continue;
      trial.verdict = {Outcome::kFail, std::string(check->says), finding.text, "", i};
      return;
    }
  }
}

Trial Examiner::Try(Case spec) {
  Trial trial;
  trial.spec = std::make_shared<const Case>(Named(std::move(spec)));
  if (killer_) {
    trial.verdict = {Outcome::kInconclusive, "", "", "the target does not serve any more", 0};
    return trial;
  }
  trial.sent = Send(*trial.spec);
  for (const Exchange& exchange : trial.sent.exchanges) {
    for (const Response& response : exchange.responses) {
      if (response.status == 200 && ContainsToken(response)) ++counters_.tokens_issued;
      if (response.status == 401) ++counters_.failed_logins;
    }
  }
  const auto& exchanges = trial.sent.exchanges;
  const auto end = std::find_if(exchanges.begin(), exchanges.end(), IsEnd);
  if (end != exchanges.end()) {
    if (!IsAlive()) {
      // Where not even a connection was made, it was the example before that did it.
      const bool before =
          end == exchanges.begin() && last_ && end->failure->error == TransportError::kUnreachable;
      if (before) trial = *last_;
      trial.verdict = {Outcome::kFail, "the target serves on",
                       "no response to a control request afterwards: the target has ended or hangs",
                       "nothing was sent after this",
                       before ? trial.sent.exchanges.size() - 1
                              : static_cast<std::size_t>(end - exchanges.begin())};
      killer_ = trial;
      return trial;
    }
    trial.sent.aftermath = Aftermath::kAlive;
  }
  trial.verdict = Judge(*trial.spec, trial.sent, binder_);
  InspectStanding(trial);
  last_ = trial;
  return trial;
}

}  // namespace grantspec
