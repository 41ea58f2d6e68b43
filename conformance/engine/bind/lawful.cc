#include "conformance/engine/bind/lawful.h"

#include <algorithm>

#include "conformance/engine/response/response_class.h"

namespace grantspec {
namespace {

constexpr double kLatencyMsMax = 5'000;
constexpr double kLingerLatencies = 2;  // a second response, and the close after it

// Some call a failed login unauthorized_client: RFC 6749 section 5.2 has that code for a client
// that may not use the grant, and no contract forbids it here.
void TolerateUnauthorizedClient(const Profile& profile, Expectation& expect) {
  const auto wants = [&expect](std::string_view name) {
    return expect.response.Contains(*FindResponseClass(name));
  };
  if (profile.Get("contract") != "none" ||
      !(wants("invalid_client") || wants("invalid_client_400")))
    return;
  for (std::string_view name : {"unauthorized_client", "unauthorized_client_401"}) {
    if (!wants(name)) expect.warn.Add(name);
  }
}

}  // namespace

void AddLawfulResponses(const Profile& profile, Expectation& expect) {
  TolerateUnauthorizedClient(profile, expect);
  static const ResponseClass& unsupported = *FindResponseClass("unsupported_grant_type");
  if (profile.Get("grant.unknown") != "either" || !expect.response.Contains(unsupported)) return;
  expect.response.Add("unauthorized_client");
}

bool IsFirewallPage(const Profile& profile, const Inspection& received) {
  if (!received.has_response || received.object || received.contains_token) return false;
  return (profile.Get("waf") == "present" && received.status == 403) || received.names_firewall;
}

bool IsAtResource(const StepSpec& step) {
  return step.at == Place::kResource || step.at == Place::kResourceOther ||
         step.at == Place::kResourceSecondSite || step.at == Place::kResourceForeignSite;
}

int LingerFor(const Profile& profile, int linger_ms) {
  if (linger_ms == 0) return 0;
  const double latency_ms = std::min(profile.latency_seconds * 1e3, kLatencyMsMax);
  return linger_ms + static_cast<int>(kLingerLatencies * latency_ms);
}

double AllowedMs(const Profile& profile, int within_ms, std::size_t requests) {
  return within_ms + profile.latency_seconds * 1e3 * static_cast<double>(requests);
}

bool IsReportedAddition(const Profile& profile, const std::set<std::string>& wanted,
                        const std::set<std::string>& granted) {
  return profile.Get("scope.additions") == "reported" &&
         !granted.contains(profile.ungranted_scope) &&
         std::includes(granted.begin(), granted.end(), wanted.begin(), wanted.end());
}

}  // namespace grantspec
