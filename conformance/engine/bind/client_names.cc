#include "conformance/engine/bind/client_names.h"

#include "conformance/engine/bind/client_login.h"
#include "conformance/engine/bind/request_shape.h"
#include "conformance/engine/case/expression.h"
#include "fixtures/grammar/base64.h"
#include "fixtures/grammar/form.h"

namespace grantspec {
namespace {

using Subject = NamedClient;

// The scope token at an index, counted from 0.
std::string ScopeAt(const Client& client, std::size_t index) {
  if (index < client.scopes.size()) return client.scopes[index];
  if (index == 0) throw NotApplicable("no granted scope is known");
  throw NotApplicable("fewer than " + std::to_string(index + 1) + " granted scopes are known");
}

std::string AllScopes(const Subject& s) {
  if (s.client.scopes.empty()) throw NotApplicable("no granted scope is known");
  return JoinedScopes(s.client.scopes, s.profile);
}

// A client that logs in by a key or a certificate. A public client has an empty secret instead.
bool LacksSecret(const Client& client) {
  return client.secret.empty() && client.auth != AuthMethod::kClientSecretBasic;
}

struct ClientName {
  std::string_view name;
  std::string (*value)(const Subject&);
  bool of_secret = false;
};

constexpr ClientName kClientNames[] = {
    {"id", [](const Subject& s) { return s.client.id; }},
    {"secret", [](const Subject& s) { return s.client.secret; }, true},
    {"raw_pair", [](const Subject& s) { return RawPair(s.client); }, true},
    {"form_pair", [](const Subject& s) { return FormPair(s.client); }, true},
    {"pair", [](const Subject& s) { return PairOf(s.client, s.profile); }, true},
    {"token68", [](const Subject& s) { return EncodeBase64(PairOf(s.client, s.profile)); }, true},
    {"basic", [](const Subject& s) { return BasicCredentialsOf(s.client, s.profile); }, true},
    {"scopes", AllScopes},
    {"scope", [](const Subject& s) { return ScopeAt(s.client, 0); }},
    {"scope_1", [](const Subject& s) { return ScopeAt(s.client, 0); }},
    {"scope_2", [](const Subject& s) { return ScopeAt(s.client, 1); }},
    {"scope_3", [](const Subject& s) { return ScopeAt(s.client, 2); }},
    {"scope_4", [](const Subject& s) { return ScopeAt(s.client, 3); }},
};

}  // namespace

std::optional<std::string> ValueOfClient(std::string_view name, const NamedClient& named) {
  for (const ClientName& known : kClientNames) {
    if (known.name != name) continue;
    if (known.of_secret && LacksSecret(named.client)) {
      throw NotApplicable("the client has no secret");
    }
    return known.value(named);
  }
  return std::nullopt;
}

}  // namespace grantspec
