#include "conformance/engine/program/discovery.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "conformance/engine/bind/binder.h"
#include "conformance/engine/record/text.h"
#include "fixtures/grammar/url.h"
#include "fixtures/http/executor.h"

namespace grantspec {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kTextsMax = 20;  // entries of a list that are read

std::vector<std::string> TextsIn(const Json& object, const char* name) {
  std::vector<std::string> texts;
  const auto found = object.find(name);
  if (found == object.end() || !found->is_array()) return texts;
  for (const Json& one : *found) {
    if (one.is_string() && texts.size() < kTextsMax) texts.push_back(one.get<std::string>());
  }
  return texts;
}

std::string TextIn(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::string Enumeration(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

// GET without credentials, and without headers that may contain some.
Exchange Fetch(const std::string& url, const Options& options) {
  const TargetPlace place = *PlaceOf(url);
  NetworkOptions network = options.network;
  network.origin = place.origin;
  network.headers.clear();
  Executor executor(network, {});
  Request request;
  request.method = "GET";
  request.target = place.target;
  Outgoing outgoing;
  outgoing.message = std::move(request);
  outgoing.asked_by = "the metadata of the issuer";
  outgoing.may_contain_credentials = false;
  return executor.Ask(std::move(outgoing));
}

// What was received in place of metadata.
std::string Described(const Exchange& exchange) {
  if (const Response* response = exchange.response()) {
    if (response->status != 200) return "status " + std::to_string(response->status);
    return "no metadata with a token_endpoint";
  }
  if (!exchange.failure) return "nothing";
  return std::string(ToString(exchange.failure->error)) + ": " + exchange.failure->detail;
}

ServerMetadata AskIssuer(const Options& options) {
  std::string asked;
  for (const std::string& url : MetadataUrls(options.profile.issuer)) {
    const Exchange exchange = Fetch(url, options);
    const Response* response = exchange.response();
    if (response != nullptr && response->status == 200) {
      if (auto metadata = ReadMetadata(response->content)) return *std::move(metadata);
    }
    asked += (asked.empty() ? ": " : "; ") + url + ": " + Printable(Described(exchange));
  }
  throw UsageError("the issuer " + options.profile.issuer +
                   " has no metadata that name a token endpoint; name its URL instead" + asked);
}

// The issuer without a slash at its end, which many leave out.
std::string_view WithoutSlash(std::string_view issuer) {
  return issuer.ends_with("/") ? issuer.substr(0, issuer.size() - 1) : issuer;
}

// Whoever changes the metadata on their way says where the secret goes.
void CheckIssuer(const Options& options) {
  const TargetPlace place = *PlaceOf(options.profile.issuer);
  if (place.https || place.loopback || options.network.allow_plaintext) return;
  throw UsageError("the issuer " + options.profile.issuer +
                   " is no https URL: anybody on the way could name another token endpoint; "
                   "--allow-plaintext permits it");
}

}  // namespace

std::vector<std::string> MetadataUrls(std::string_view issuer) {
  const auto url = ParseUrl(issuer);
  if (!url) return {};
  const std::string origin = url->scheme + "://" + url->Authority();
  const std::string path(url->path == "/" ? "" : WithoutSlash(url->path));
  std::vector<std::string> urls = {origin + "/.well-known/oauth-authorization-server" + path,
                                   origin + path + "/.well-known/openid-configuration"};
  if (!path.empty()) {
    urls.push_back(origin + "/.well-known/openid-configuration" + path);
    urls.push_back(origin + path + "/.well-known/oauth-authorization-server");
  }
  return urls;
}

std::optional<ServerMetadata> ReadMetadata(std::string_view text) {
  const Json object = Json::parse(text, nullptr, false);
  if (!object.is_object()) return std::nullopt;
  ServerMetadata metadata;
  metadata.issuer = TextIn(object, "issuer");
  metadata.token_endpoint = TextIn(object, "token_endpoint");
  if (!PlaceOf(metadata.token_endpoint)) return std::nullopt;
  metadata.auth_methods = object.contains("token_endpoint_auth_methods_supported")
                              ? TextsIn(object, "token_endpoint_auth_methods_supported")
                              : std::vector<std::string>{"client_secret_basic"};
  metadata.scopes = TextsIn(object, "scopes_supported");
  return metadata;
}

std::optional<AuthMethod> ChooseAuth(const ServerMetadata& metadata, const Client& client,
                                     bool has_certificate) {
  std::vector<AuthMethod> allowed;
  if (client.auth == AuthMethod::kPrivateKeyJwt && client.signer != nullptr) {
    allowed.push_back(AuthMethod::kPrivateKeyJwt);
  }
  if (has_certificate) {
    allowed.push_back(AuthMethod::kTlsClientAuth);
    allowed.push_back(AuthMethod::kSelfSignedTlsClientAuth);
  }
  if (!client.secret.empty()) {
    allowed.push_back(AuthMethod::kClientSecretBasic);
    allowed.push_back(AuthMethod::kClientSecretPost);
    allowed.push_back(AuthMethod::kClientSecretJwt);
  }
  const auto& listed = metadata.auth_methods;
  for (AuthMethod method : allowed) {
    if (std::find(listed.begin(), listed.end(), ToString(method)) != listed.end()) return method;
  }
  return std::nullopt;
}

void Discover(Options& options) {
  if (!options.url.empty() || options.profile.issuer.empty()) return;
  if (options.plan) throw UsageError("--plan sends nothing, not even to the issuer: name the URL");
  CheckIssuer(options);
  const ServerMetadata metadata = AskIssuer(options);
  if (WithoutSlash(metadata.issuer) != WithoutSlash(options.profile.issuer)) {
    throw UsageError("the metadata of " + options.profile.issuer + " name another issuer, " +
                     Printable(metadata.issuer) +
                     ", and must not be used (RFC 8414 section 3.3); name the URL instead");
  }
  std::vector<std::string>& notes = options.warnings;
  options.url = metadata.token_endpoint;
  notes.push_back("token endpoint, from the metadata: " + Printable(options.url));
  if (!options.profile.clients.contains("main")) return;
  Client& main = options.profile.clients["main"];
  if (options.auth_given) return;
  const auto chosen = ChooseAuth(metadata, main, !options.network.cert.empty());
  if (chosen) UseAuth(*chosen, options);
  notes.push_back("client authentication: " + std::string(ToString(main.auth)) +
                  (chosen ? ", from the metadata, which list " : "; the metadata list ") +
                  Printable(Enumeration(metadata.auth_methods)) + "; --auth names another");
  if (main.scopes.empty() && !metadata.scopes.empty()) {
    notes.push_back("no scope is asked for; the metadata list " +
                    Printable(Enumeration(metadata.scopes)) +
                    "; --scope names those of the client");
  }
}

}  // namespace grantspec
