#include "conformance/client_names.h"

#include "conformance/expression.h"
#include "conformance/plan.h"
#include "fixtures/grammar/base64.h"
#include "fixtures/grammar/form.h"
#include "fixtures/http/render.h"

namespace grantspec {
namespace {

struct Subject {
  const Client& client;
  const Profile& profile;
  const TargetPlace& place;
};

std::string RawPair(const Client& client) {
  return client.id + ":" + client.secret;
}

// RFC 6749 section 2.3.1: both are encoded like a form before Basic encodes them.
std::string FormPair(const Client& client) {
  return EncodeFormComponent(client.id) + ":" + EncodeFormComponent(client.secret);
}

std::string Pair(const Client& client, const Profile& profile) {
  return profile.Get("basic.credential_encoding") == "raw" ? RawPair(client) : FormPair(client);
}

std::string BaselineForm(const Client& client) {
  std::string form = "grant_type=client_credentials";
  if (!client.scopes.empty()) form += "&scope=" + EncodeFormComponent(client.scopes.front());
  return form;
}

std::string BaselineRequest(const Subject& s) {
  return RenderRequest({"POST",
                        s.place.target,
                        11,
                        {{{"Authorization", BasicCredentialsOf(s.client, s.profile)},
                          {"Content-Type", "application/x-www-form-urlencoded"}}},
                        BaselineForm(s.client)},
                       s.place.host);
}

// The scope token at an index, counted from 0.
std::string ScopeAt(const Client& client, std::size_t index) {
  if (index < client.scopes.size()) return client.scopes[index];
  if (index == 0) throw NotApplicable("no granted scope is known");
  throw NotApplicable("fewer than " + std::to_string(index + 1) + " granted scopes are known");
}

std::string AllScopes(const Client& client) {
  std::string all;
  for (const std::string& scope : client.scopes) all += (all.empty() ? "" : " ") + scope;
  if (all.empty()) throw NotApplicable("no granted scope is known");
  return all;
}

struct ClientName {
  std::string_view name;
  std::string (*value)(const Subject&);
};

constexpr ClientName kClientNames[] = {
    {"id", [](const Subject& s) { return s.client.id; }},
    {"secret", [](const Subject& s) { return s.client.secret; }},
    {"raw_pair", [](const Subject& s) { return RawPair(s.client); }},
    {"form_pair", [](const Subject& s) { return FormPair(s.client); }},
    {"pair", [](const Subject& s) { return Pair(s.client, s.profile); }},
    {"token68", [](const Subject& s) { return EncodeBase64(Pair(s.client, s.profile)); }},
    {"basic", [](const Subject& s) { return BasicCredentialsOf(s.client, s.profile); }},
    {"body", [](const Subject& s) { return BaselineForm(s.client); }},
    {"scopes", [](const Subject& s) { return AllScopes(s.client); }},
    {"scope", [](const Subject& s) { return ScopeAt(s.client, 0); }},
    {"scope_1", [](const Subject& s) { return ScopeAt(s.client, 0); }},
    {"scope_2", [](const Subject& s) { return ScopeAt(s.client, 1); }},
    {"scope_3", [](const Subject& s) { return ScopeAt(s.client, 2); }},
    {"scope_4", [](const Subject& s) { return ScopeAt(s.client, 3); }},
    {"request", BaselineRequest},
};

}  // namespace

std::string BasicCredentialsOf(const Client& client, const Profile& profile) {
  return "Basic " + EncodeBase64(Pair(client, profile));
}

std::optional<std::string> ValueOfClient(std::string_view name, const Client& client,
                                         const Profile& profile, const TargetPlace& place) {
  for (const ClientName& known : kClientNames) {
    if (known.name == name) return known.value({client, profile, place});
  }
  return std::nullopt;
}

}  // namespace grantspec
