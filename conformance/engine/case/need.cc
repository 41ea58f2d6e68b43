#include "conformance/engine/case/need.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

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
      {"http11", "the target answers in HTTP/1.0, and is not bound by what came with HTTP/1.1",
       [](P profile, T) { return !profile.responds_in_http_1_0; }},
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
      {"other_auth", "the client logs in by Basic itself",
       [](P profile, T) {
         return profile.main().auth != AuthMethod::kClientSecretBasic &&
                !profile.main().secret.empty();
       }},
      {"credential", "the client logs in by its identifier alone",
       [](P profile, T) { return profile.main().auth != AuthMethod::kNone; }},
      {"certificate", "the client does not log in by a certificate",
       [](P profile, T) { return ShowsCertificate(profile.main().auth); }},
      {"content_login", "the right credentials in the body log nobody in here",
       [](P profile, T) { return !profile.refuses_content_login; }},
      {"resource_indicators", "the profile has no resource_indicators",
       [](P profile, T) { return !profile.resource_indicators.empty(); }},
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

std::optional<CaseNeed> FindCaseNeed(std::string_view text) {
  CaseNeed found;
  found.text = std::string(text);
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) {
    found.need = FindNeed(text);
    return found.need != nullptr ? std::optional(std::move(found)) : std::nullopt;
  }
  for (const Switch& one : Switches()) {
    if (one.name == text.substr(0, equals)) found.of_profile = &one;
  }
  if (found.of_profile == nullptr) return std::nullopt;
  for (std::string_view rest = text.substr(equals + 1);;) {
    const std::size_t bar = std::min(rest.find('|'), rest.size());
    found.values.emplace_back(rest.substr(0, bar));
    if (bar == rest.size()) return found;
    rest.remove_prefix(bar + 1);
  }
}

CaseNeed NeedNamed(std::string_view text) {
  std::optional<CaseNeed> found = FindCaseNeed(text);
  if (!found) throw std::logic_error("nothing that a case can need is called " + std::string(text));
  return std::move(*found);
}

std::optional<std::string> WhyNotMet(const CaseNeed& need, const Profile& profile,
                                     const TargetPlace& place) {
  if (need.need != nullptr) {
    if (need.need->met(profile, place)) return std::nullopt;
    return std::string(need.need->why_not);
  }
  const std::string name(need.of_profile->name);
  const std::string& value = profile.Get(name);
  const auto& values = need.values;
  if (std::find(values.begin(), values.end(), value) != values.end()) return std::nullopt;
  return "the profile has " + name + " = " + value;
}

}  // namespace grantspec
