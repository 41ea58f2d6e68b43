#include "conformance/need.h"

#include <algorithm>
#include <stdexcept>

namespace grantspec {

const std::vector<Need>& Needs() {
  using P = const Profile&;
  using T = const TargetPlace&;
  static const std::vector<Need> needs = {
      {"https", "the target is not https", [](P, T place) { return place.https; }},
      {"http", "the target is https", [](P, T place) { return !place.https; }},
      {"not_loopback", "the target is on the loopback interface",
       [](P, T place) { return !place.loopback; }},
      {"verified", "the certificate is not verified (-k)",
       [](P, T place) { return place.https && place.verified; }},
      {"http11",
       "the target answers in HTTP/1.0, and no client may send it chunks (RFC 9112 section 6.1)",
       [](P profile, T) { return !profile.answers_in_http_1_0; }},
      {"resource", "the profile has no resource",
       [](P profile, T) { return profile.resource.has_value(); }},
      {"resource_site", "the profile's resource has no site",
       [](P profile, T) { return profile.resource && !profile.resource->site.empty(); }},
      {"resource_other", "the profile has no resource_other",
       [](P profile, T) { return profile.resource_other.has_value(); }},
      {"resource_second_site", "the profile has no resource_second_site",
       [](P profile, T) { return profile.resource_second_site.has_value(); }},
      {"resource_foreign_site", "the profile has no resource_foreign_site",
       [](P profile, T) { return profile.resource_foreign_site.has_value(); }},
      {"scope", "no granted scope is known",
       [](P profile, T) { return !profile.main().scopes.empty(); }},
      {"two_scopes", "fewer than two granted scopes are known",
       [](P profile, T) { return profile.main().scopes.size() >= 2; }},
      {"ungranted", "the profile has no ungranted_scope",
       [](P profile, T) { return !profile.ungranted_scope.empty(); }},
  };
  return needs;
}

const Need* FindNeed(std::string_view name) {
  const auto& needs = Needs();
  const auto found = std::find_if(needs.begin(), needs.end(),
                                  [name](const Need& need) { return need.name == name; });
  return found == needs.end() ? nullptr : &*found;
}

std::optional<std::string> WhyNotMet(const std::string& need, const Profile& profile,
                                     const TargetPlace& place) {
  if (const std::size_t equals = need.find('='); equals != std::string::npos) {
    const std::string name = need.substr(0, equals), values = need.substr(equals + 1);
    const std::string& value = profile.Get(name);
    if (("|" + values + "|").find("|" + value + "|") != std::string::npos) return std::nullopt;
    return "the profile has " + name + " = " + value;
  }
  const Need* known = FindNeed(need);
  if (known == nullptr) throw std::logic_error("a case has an unknown need: " + need);
  if (known->met(profile, place)) return std::nullopt;
  return std::string(known->why_not);
}

}  // namespace grantspec
