#include "conformance/engine/judge/sent_case.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "conformance/engine/bind/expectation.h"
#include "conformance/engine/response/response_class.h"
#include "fixtures/grammar/ascii.h"
#include "fixtures/grammar/form.h"
#include "fixtures/http/pace.h"

namespace grantspec {

std::optional<std::string> ScopeAsked(const Exchange& exchange) {
  const std::size_t end = exchange.raw ? std::string::npos : exchange.sent.find("\r\n\r\n");
  if (end == std::string::npos) return std::nullopt;
  const std::string head = ToLower(exchange.sent.substr(0, end + 2));
  if (head.find("\ncontent-encoding:") != std::string::npos) return std::nullopt;
  const Form form = ParseFormBody(exchange.sent);
  if (form.Count("scope") > 1) return std::nullopt;
  return std::string(form.First("scope").value_or(""));
}

bool IsUnsent(const Exchange& exchange) {
  return exchange.failure && exchange.failure->error == TransportError::kNotSent;
}

Aftermath AftermathOf(const Exchange& control, const Baseline& baseline) {
  if (baseline.IsAlive(control)) return Aftermath::kAlive;
  const bool says_nothing = IsThrottled(control) || IsUnsent(control);
  return says_nothing ? Aftermath::kUnknown : Aftermath::kSilent;
}

void SentCase::KeepControl(Exchange exchange) {
  aftermath = AftermathOf(exchange, baseline);
  control = std::move(exchange);
}

const Exchange* SentCase::Unsent() const {
  const auto found = std::find_if(exchanges.begin(), exchanges.end(), IsUnsent);
  return found == exchanges.end() ? nullptr : &*found;
}

bool SentCase::IsResponseMissing() const {
  return std::any_of(exchanges.begin(), exchanges.end(),
                     [](const Exchange& one) { return one.failure && !IsUnsent(one); });
}

namespace {

// As limiters and firewalls refuse: it says nothing about what was received beside it.
bool IsRefusalOfOthers(const Response& response) {
  const bool status = response.status == 403 || response.status == 429 || response.status == 503;
  return status && response.content.find("\"error\"") == std::string::npos;
}

bool HasRefusalOfOthers(const Exchange& exchange) {
  return std::any_of(exchange.responses.begin(), exchange.responses.end(), IsRefusalOfOthers);
}

}  // namespace

bool ContainsForeignToken(const Case& spec, const SentCase& sent, const Profile& profile) {
  const bool missing = sent.IsResponseMissing();
  // Silence failed then, and not a token that is right.
  const bool silent = missing || (spec.alive && sent.aftermath == Aftermath::kSilent);
  // Beside a token, a missing response makes a difference: it is what failed.
  const bool refused =
      std::any_of(sent.exchanges.begin(), sent.exchanges.end(), HasRefusalOfOthers);
  if (!spec.relations.empty() && (missing || refused)) return false;
  for (std::size_t i = 0; i < sent.exchanges.size(); ++i) {
    const BoundExpectation bound = ExpectationFor(spec, *sent.sequence[i], profile);
    if (WantsOnlyToken(bound.expect) || (silent && AllowsToken(bound))) continue;
    const Response* response = sent.exchanges[i].response();
    if (response != nullptr && ContainsToken(*response)) return true;
  }
  return false;
}

const Inspection& SentCase::InspectionAt(std::size_t at) const {
  if (inspections_.size() < exchanges.size()) inspections_.resize(exchanges.size());
  if (!inspections_[at]) inspections_[at] = InspectionOf(exchanges[at]);
  return *inspections_[at];
}

}  // namespace grantspec
