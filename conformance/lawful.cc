#include "conformance/lawful.h"

#include <algorithm>

#include "conformance/response_class.h"

namespace grantspec {

void AddLawfulResponses(const Profile& profile, Expectation& expect) {
  static const ResponseClass& unsupported = *FindResponseClass("unsupported_grant_type");
  static const ResponseClass& unauthorized = *FindResponseClass("unauthorized_client");
  if (profile.Get("grant.unknown") != "either" || !expect.response.Contains(unsupported)) return;
  if (!expect.response.Contains(unauthorized)) expect.response.Add(unauthorized);
}

bool IsFirewallPage(const Profile& profile, const Inspection& received) {
  return profile.Get("waf") == "present" && received.has_response && received.status == 403 &&
         !received.object && !received.holds_token;
}

bool IsAtResource(const StepSpec& step) {
  return step.at == Place::kResource || step.at == Place::kResourceOther ||
         step.at == Place::kResourceSecondSite || step.at == Place::kResourceForeignSite;
}

bool IsReportedAddition(const Profile& profile, const std::set<std::string>& wanted,
                        const std::set<std::string>& granted) {
  return profile.Get("scope.additions") == "reported" &&
         !granted.contains(profile.ungranted_scope) &&
         std::includes(granted.begin(), granted.end(), wanted.begin(), wanted.end());
}

}  // namespace grantspec
