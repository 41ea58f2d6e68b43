#include "fuzz/remote/guarded_target.h"

#include <charconv>
#include <cstdlib>
#include <utility>
#include <vector>

#include "fixtures/endpoint/client.h"
#include "fixtures/endpoint/token_endpoint.h"
#include "fixtures/grammar/basic.h"

namespace grantspec::fuzz {
namespace {

constexpr int kFailedInARowMax = 2;
constexpr int kFailedOfAnyMax = 8;
constexpr std::string_view kScopes[] = {"billing:customers:read", "billing:batches:read"};

const ClientRegistry& Fixtures() {
  static const ClientRegistry clients;
  return clients;
}

int FailedInARowMax(bool loopback) {
  const char* value = std::getenv("GRANTSPEC_MAX_FAILED_LOGINS");
  if (value == nullptr || *value == '\0') return loopback ? 0 : kFailedInARowMax;
  const std::string_view text = value;
  int count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size() || count < 0) {
    RemoteTarget::Stop("GRANTSPEC_MAX_FAILED_LOGINS has to be a number from 0 on");
  }
  return count;
}

bool IsToken(const std::optional<Response>& response) {
  return response && response->status == 200 &&
         response->content.find("access_token") != std::string::npos;
}

LoginGuard::Result ResultOf(const std::optional<Response>& response) {
  if (IsToken(response)) return LoginGuard::Result::kToken;
  const bool refused = !response || response->status == 401 || response->status == 403 ||
                       response->status == 423 ||
                       response->content.find("invalid_client") != std::string::npos;
  return refused ? LoginGuard::Result::kRefused : LoginGuard::Result::kOther;
}

}  // namespace

GuardedTarget::GuardedTarget(RemoteTarget target) : target_(std::move(target)) {
  for (const RegisteredClient& client : Fixtures().clients()) {
    if (client.suspended || !client.may_use_client_credentials || client.scopes.empty()) continue;
    scope_of_[client.id] = "billing:batches:read";
  }
  if (!target_.standing_only()) StartGuard();
}

void GuardedTarget::StartGuard() {
  LoginGuardOptions options;
  for (const auto& [id, scope] : scope_of_) {
    const RegisteredClient& client = *Fixtures().Find(id);
    options.clients.push_back({id == Fixtures().clients().front().id ? "main" : id, id,
                               client.secret, FormatClientCredentials(id, client.secret)});
  }
  options.surroundings = {target_.host(), std::string(kTokenPath), {}};
  for (std::string_view scope : kScopes) options.surroundings.scopes.emplace_back(scope);
  options.failed_in_a_row_max = FailedInARowMax(target_.is_loopback());
  options.failed_of_any_max = kFailedOfAnyMax;
  guard_ = LoginGuard(std::move(options));
}

std::optional<Response> GuardedTarget::Send(std::string_view bytes, bool head,
                                            std::chrono::milliseconds limit) {
  const auto ticket = guard_.Start(guard_.LoginsOf(bytes));
  const auto response = target_.Ask(bytes, head, limit);
  guard_.Settle(ticket, ResultOf(response));
  return response;
}

std::optional<Response> GuardedTarget::Control(const std::string& client,
                                               const std::string& scope) {
  // What other requests left on their connection is no response to this one.
  target_.EndConnection();
  const std::string body = "grant_type=client_credentials&scope=" + scope;
  return Send(
      "POST " + std::string(kTokenPath) + " HTTP/1.1\r\nHost: " + target_.host() +
          "\r\nAuthorization: " + FormatClientCredentials(client, Fixtures().Find(client)->secret) +
          "\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: " +
          std::to_string(body.size()) + "\r\n\r\n" + body,
      false, kResponseMax);
}

bool GuardedTarget::GetsToken(const std::string& client) {
  const auto scope = scope_of_.find(client);
  if (scope == scope_of_.end()) return false;
  auto response = Control(client, scope->second);
  if (!response) response = Control(client, scope->second);  // a connection may fail once
  control_ = response ? "status " + std::to_string(response->status) : target_.problem();
  return IsToken(response);
}

void GuardedTarget::LearnClients() {
  auto candidates = std::exchange(scope_of_, {});
  const std::string& main = Fixtures().clients().front().id;
  const auto learn = [this](const std::string& client) {
    for (std::string_view scope : kScopes) {
      const auto response = Control(client, std::string(scope));
      if (IsToken(response)) scope_of_[client] = scope;
      // Its login failed, and would once more.
      if (ResultOf(response) != LoginGuard::Result::kOther) return;
    }
  };
  learn(main);
  if (!Knows(main) && !scope_of_.contains(main)) {
    RemoteTarget::Stop("the target gives no token to " + main +
                       ": it does not know the fixture clients, or their scopes");
  }
  for (const auto& [client, scope] : candidates) {
    if (client == main) continue;
    learn(client);
    if (!scope_of_.contains(client)) GetsToken(main);  // so that failures are not in a row
  }
  learned_ = true;
  StartGuard();
}

bool GuardedTarget::Knows(std::string_view client) const {
  return !learned_ ? scope_of_.contains(client) || Fixtures().Find(client) != nullptr
                   : scope_of_.contains(client);
}

std::optional<Response> GuardedTarget::Ask(std::string_view bytes, bool head,
                                           std::chrono::milliseconds limit) {
  const std::size_t requests = RequestsIn(bytes);
  const auto exhausted = guard_.Exhausted(guard_.LoginsOf(bytes), requests);
  if (exhausted != LoginGuard::kNobody) {
    const std::size_t client = guard_.ClearedBy(exhausted);
    const std::string& id = guard_.options().clients[client].id;
    if (!GetsToken(id)) {
      RemoteTarget::Stop("the client " + id + " gets no token any more (" + control_ +
                         "), and may be locked out");
    }
  }
  const auto response = Send(bytes, head, limit);
  const std::string suspicion = target_.TakeSuspicion();
  if (!suspicion.empty()) {
    if (standing_only() || !GetsToken(Fixtures().clients().front().id))
      RemoteTarget::Stop(suspicion);
    target_.TakeSuspicion();
  }
  return response;
}

void GuardedTarget::RequireLogin(std::string_view client) {
  const auto scope = scope_of_.find(client);
  if (scope == scope_of_.end()) return;
  const auto response = Control(scope->first, scope->second);
  if (!response || response->status != 401) return;
  RemoteTarget::Stop("the target refuses the right login of " + scope->first +
                     " with status 401: the client is locked out, or the target does not know "
                     "the fixture clients");
}

}  // namespace grantspec::fuzz
