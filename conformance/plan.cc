#include "conformance/plan.h"

#include <algorithm>

#include "conformance/answer.h"
#include "conformance/check.h"
#include "conformance/expression.h"
#include "conformance/redact.h"
#include "fixtures/grammar/ascii.h"
#include "fixtures/grammar/base64.h"
#include "fixtures/grammar/basic.h"
#include "fixtures/grammar/form.h"
#include "fixtures/grammar/json_text.h"
#include "fixtures/grammar/url.h"
#include "fixtures/http/render.h"

namespace grantspec {
namespace {

// What stands for a token that is not there yet: shaped like a JWT with a scope claim, so that
// every function has something to work on.
constexpr std::string_view kPending = "eyJhIjoxfQ.eyJzY29wZSI6IngifQ.pending";
constexpr std::string_view kFormType = "application/x-www-form-urlencoded";

// As long as the secret, so that lengths stay true, and nothing of it.
std::string Masked(std::string_view secret) {
  static constexpr std::string_view kWord = "redacted-";
  std::string masked;
  for (std::size_t i = 0; i < secret.size(); ++i) masked += kWord[i % kWord.size()];
  return masked;
}

bool IsReserved(std::string_view text) {
  return EncodeFormComponent(text) != text;
}

// What a name of a step and an attribute stand for in an earlier answer.
std::optional<std::string> OfAnswer(const Exchange& exchange, std::string_view attribute) {
  const Response* response = exchange.response();
  if (response == nullptr) return std::nullopt;
  const auto object = ObjectOf(*response);
  if (!object) return std::nullopt;
  const JsonMember* member =
      object->Find(attribute == "token" ? std::string_view("access_token") : attribute);
  if (member == nullptr) return std::nullopt;
  return member->text;
}

}  // namespace

std::optional<TargetPlace> PlaceOf(std::string_view text) {
  const auto url = ParseUrl(text);
  if (!url) return std::nullopt;
  TargetPlace place;
  place.host = url->Authority();
  place.origin = url->scheme + "://" + place.host;
  place.path = url->path;
  place.target = url->path + (url->query ? "?" + *url->query : "");
  place.https = url->scheme == "https";
  place.loopback =
      url->host == "localhost" || url->host == "[::1]" || url->host.starts_with("127.");
  return place;
}

Binder::Binder(const Profile& profile, TargetPlace place, std::string canary, bool masked)
    : profile_(profile),
      place_(std::move(place)),
      canary_(std::move(canary)),
      masked_(masked),
      secrets_(masked ? SpellingIndex("[secret]") : DistinctiveSecrets(profile)) {
  // An invented client takes the failures where no real one is needed: it cannot be locked out.
  nobody_ = {"nobody-" + canary_.substr(0, 8), "no-such-secret-" + canary_.substr(0, 8), {}};
  if (const auto main = profile.clients.find("main"); main != profile.clients.end()) {
    nobody_.scopes = main->second.scopes;
  }
  if (!masked) return;
  for (const auto& [role, client] : profile.clients) {
    masked_clients_[role] = {client.id, Masked(client.secret), client.scopes};
  }
}

std::vector<const StepSpec*> SequenceOf(const Case& spec) {
  std::vector<const StepSpec*> sequence;
  // Repeats of several steps take turns, so that a drift of the target meets them all alike.
  int rounds = 1;
  for (const StepSpec& step : spec.steps) rounds = std::max(rounds, step.repeat);
  for (int round = 0; round < rounds; ++round) {
    for (const StepSpec& step : spec.steps) {
      if (round < step.repeat) sequence.push_back(&step);
    }
  }
  return sequence;
}

BoundExpectation ExpectationFor(const Case& spec, const StepSpec& step, const Profile& profile) {
  BoundExpectation bound{step.expect, spec.level, false};
  for (const Alternative& alternative : spec.alternatives) {
    const std::string& value = profile.Get(alternative.name);
    if (std::find(alternative.is.begin(), alternative.is.end(), value) == alternative.is.end()) {
      continue;
    }
    bound.expect = alternative.expectation;
    if (alternative.level) bound.level = *alternative.level;
    break;
  }
  bound.strict = !spec.strict.empty() && profile.On(spec.strict);
  return bound;
}

const Client* Binder::ClientOf(const StepSpec& step) const {
  if (step.client == "none") return nullptr;
  if (step.client == "nobody") return &nobody_;
  const Client* client = profile_.Find(step.client);
  if (client == nullptr) {
    throw NotApplicable("the profile has no client in the role " + step.client);
  }
  if (!masked_) return client;
  for (const auto& [role, other] : profile_.clients) {
    if (&other == client) return &masked_clients_.at(role);
  }
  return client;
}

std::string Binder::BaselineForm(const Client& client) const {
  std::string form = "grant_type=client_credentials";
  if (!client.scopes.empty()) form += "&scope=" + EncodeFormComponent(client.scopes.front());
  return form;
}

std::optional<std::string> Binder::OfClient(std::string_view name, const Client& client) const {
  if (name == "id") return client.id;
  if (name == "secret") return client.secret;
  if (name == "raw_pair") return client.id + ":" + client.secret;
  if (name == "form_pair") {
    return EncodeFormComponent(client.id) + ":" + EncodeFormComponent(client.secret);
  }
  if (name == "pair") {
    return OfClient(profile_.Get("basic.credential_encoding") == "raw" ? "raw_pair" : "form_pair",
                    client);
  }
  if (name == "token68") return EncodeBase64(*OfClient("pair", client));
  if (name == "basic") return "Basic " + *OfClient("token68", client);
  if (name == "body") return BaselineForm(client);
  if (name == "scopes") {
    std::string all;
    for (const std::string& scope : client.scopes) all += (all.empty() ? "" : " ") + scope;
    if (all.empty()) throw NotApplicable("no granted scope is known");
    return all;
  }
  if (name == "scope" || name == "scope_1") {
    if (client.scopes.empty()) throw NotApplicable("no granted scope is known");
    return client.scopes.front();
  }
  if (name == "scope_2" || name == "scope_3" || name == "scope_4") {
    const auto index = static_cast<std::size_t>(name.back() - '1');
    if (client.scopes.size() <= index) {
      throw NotApplicable("fewer than " + std::to_string(index + 1) + " granted scopes are known");
    }
    return client.scopes[index];
  }
  if (name == "request") {
    return RenderRequest({"POST",
                          place_.target,
                          11,
                          {{{"Authorization", *OfClient("basic", client)},
                            {"Content-Type", std::string(kFormType)}}},
                          BaselineForm(client)},
                         place_.host);
  }
  return std::nullopt;
}

std::optional<std::string> Binder::Lookup(std::string_view name, const StepSpec& step,
                                          const std::vector<std::string>& names,
                                          const std::vector<Exchange>& held) const {
  if (name == "host") return place_.host;
  if (name == "path") return place_.path;
  if (name == "target") return place_.target;
  if (name == "origin") return place_.origin;
  if (name == "canary") return canary_;
  if (name == "form_type") return std::string(kFormType);
  if (name == "resource_scope" || name == "resource_target" || name == "resource_host") {
    if (!profile_.resource) throw NotApplicable("the profile tells no resource");
    if (name == "resource_scope") {
      return profile_.resource->scope.empty() ? Lookup("scope", step, names, held)
                                              : profile_.resource->scope;
    }
    const auto place = PlaceOf(profile_.resource->url);
    if (!place) throw NotApplicable("resource has no usable url");
    return name == "resource_target" ? place->target : place->host;
  }
  if (name == "nobody.id") return nobody_.id;
  if (name == "nobody.secret") return nobody_.secret;
  if (name == "client_id_plain" || name == "client_secret_plain") {
    const Client& main = masked_ ? masked_clients_.at("main") : profile_.main();
    const std::string& text = name == "client_id_plain" ? main.id : main.secret;
    if (IsReserved(text)) throw NotApplicable("the main client has reserved characters");
    return text;
  }
  if (name == "ungranted") {
    if (!profile_.ungranted_scope.empty()) return profile_.ungranted_scope;
    const Client* limited = profile_.Find("limited");
    for (const std::string& scope :
         limited != nullptr ? profile_.main().scopes : std::vector<std::string>()) {
      const auto& has = limited->scopes;
      if (std::find(has.begin(), has.end(), scope) == has.end()) return scope;
    }
    throw NotApplicable("the profile tells no ungranted_scope");
  }
  if (const std::size_t dot = name.find('.'); dot != std::string_view::npos) {
    const std::string_view role = name.substr(0, dot), attribute = name.substr(dot + 1);
    for (std::size_t i = names.size(); i-- > 0;) {
      if (names[i] != role || i >= held.size()) continue;
      std::optional<std::string> value = OfAnswer(held[i], attribute);
      if (!value) {
        throw NotApplicable("the step " + std::string(role) + " brought no " +
                            std::string(attribute));
      }
      return masked_ && attribute == "token" ? "$TOKEN" : *value;
    }
    if (std::find(names.begin(), names.end(), role) != names.end()) {
      return std::string(kPending);
    }
    StepSpec other;
    other.client = std::string(role);
    const auto& roles = ClientRoles();
    if (role != "main" && role != "pad0" &&
        std::find(roles.begin(), roles.end(), role) == roles.end()) {
      return std::nullopt;
    }
    return OfClient(attribute, *ClientOf(other));
  }
  const Client* client = ClientOf(step);
  if (client == nullptr) {
    StepSpec main;
    client = ClientOf(main);
  }
  return OfClient(name, *client);
}

std::string Binder::Text(const StepSpec& step, const ::grantspec::Text& text) const {
  return Expand(
      text.text, [&](std::string_view name) { return Lookup(name, step, {}, {}); }, text.where);
}

Request Binder::RequestOf(const StepSpec& step, const std::vector<std::string>& names,
                          const std::vector<Exchange>& held) const {
  const auto expand = [&](const ::grantspec::Text& text) {
    return Expand(
        text.text, [&](std::string_view name) { return Lookup(name, step, names, held); },
        text.where);
  };
  const bool at_token = step.at == "token";
  const Client* client = at_token ? ClientOf(step) : nullptr;
  Request request;
  request.target = place_.target;
  Form form;
  if (at_token) {
    if (client != nullptr) request.fields.Add("Authorization", *OfClient("basic", *client));
    request.fields.Add("Content-Type", kFormType);
    form.parameters = {{"grant_type", "client_credentials"}};
    StepSpec main;
    const Client* asking = client != nullptr ? client : ClientOf(main);
    if (!asking->scopes.empty()) form.parameters.push_back({"scope", asking->scopes.front()});
  } else if (step.at == "resource" || step.at == "resource_other") {
    const auto& resource = step.at == "resource" ? profile_.resource : profile_.resource_other;
    if (!resource) throw NotApplicable("the profile tells no " + step.at);
    const auto place = PlaceOf(resource->url);
    if (!place) throw NotApplicable(step.at + " has no usable url");
    request.method = resource->method;
    request.target = place->target;
  } else {
    request.method = "GET";
    request.target = step.at;
  }
  if (step.method) {
    request.method = expand(*step.method);
    const std::string& m = request.method;
    if (m == "GET" || m == "HEAD" || m == "OPTIONS" || m == "TRACE" || m == "DELETE") {
      form.parameters.clear();
      request.fields.Remove("Content-Type");
    }
  }
  if (step.target) request.target = expand(*step.target);
  for (const NamedChange& change : step.form) {
    auto& list = form.parameters;
    const std::string name = expand(change.name);
    const auto named = [&name](const FormParameter& p) { return p.name == name; };
    auto at = std::find_if(list.begin(), list.end(), named);
    std::size_t index = static_cast<std::size_t>(at - list.begin());
    std::erase_if(list, named);
    index = std::min(index, list.size());
    for (const auto& value : change.values) {
      list.insert(list.begin() + static_cast<std::ptrdiff_t>(index++), {name, expand(value)});
    }
  }
  request.content = step.content ? expand(*step.content) : FormatForm(form);
  for (const NamedChange& change : step.fields) {
    const std::string& name = change.name.text;
    if (change.values.empty()) {
      request.fields.Remove(name);
      continue;
    }
    request.fields.Set(name, expand(change.values.front()));
    for (std::size_t i = 1; i < change.values.size(); ++i) {
      request.fields.Add(name, expand(change.values[i]));
    }
  }
  return request;
}

Outgoing Binder::Build(const StepSpec& step, const std::vector<std::string>& names,
                       const std::vector<Exchange>& held) const {
  Outgoing outgoing;
  outgoing.options.fresh_connection = step.fresh;
  outgoing.options.tls_version = step.tls;
  outgoing.options.plaintext = step.plaintext;
  if (step.at == "resource" || step.at == "resource_other") {
    const auto& resource = step.at == "resource" ? profile_.resource : profile_.resource_other;
    if (resource) {
      if (const auto place = PlaceOf(resource->url)) outgoing.origin = place->origin;
    }
  }
  if (step.raw.empty()) {
    outgoing.message = RequestOf(step, names, held);
    return outgoing;
  }
  RawRequest raw;
  raw.half_close = step.half_close;
  raw.responses_max = step.answers;
  raw.linger_ms = step.linger_ms;
  for (const RawPart& part : step.raw) {
    RawStep one;
    one.octets = Expand(
        part.octets.text, [&](std::string_view name) { return Lookup(name, step, names, held); },
        part.octets.where);
    one.pause_ms = part.pause_ms;
    if (part.await == "interim") one.await = RawStep::Await::kInterim;
    if (part.await == "answer") one.await = RawStep::Await::kResponse;
    raw.steps.push_back(std::move(one));
  }
  raw.head = raw.steps.front().octets.starts_with("HEAD ");
  outgoing.message = std::move(raw);
  return outgoing;
}

Outgoing Binder::Control() const {
  StepSpec baseline;
  Outgoing control = Build(baseline, {}, {});
  control.options.fresh_connection = true;
  return control;
}

std::optional<std::string> Binder::WhyNot(const Case& spec) const {
  for (const std::string& need : spec.needs) {
    if (need == "https" && !place_.https) return "the target is not https";
    if (need == "http" && place_.https) return "the target is https";
    if (need == "not_loopback" && place_.loopback) return "the target is on the loopback";
    if (need == "http11" && profile_.answers_in_http_1_0) {
      return "the target answers in HTTP/1.0, and no client may send it chunks (RFC 9112 section "
             "6.1)";
    }
    if (need == "resource" && !profile_.resource) return "the profile tells no resource";
    if (need == "resource_other" && !profile_.resource_other) {
      return "the profile tells no resource_other";
    }
    if (need == "scope" && profile_.main().scopes.empty()) return "no granted scope is known";
    if (need == "two_scopes" && profile_.main().scopes.size() < 2) {
      return "fewer than two granted scopes are known";
    }
    if (need == "ungranted" && profile_.ungranted_scope.empty()) {
      return "the profile tells no ungranted_scope";
    }
    if (const std::size_t equals = need.find('='); equals != std::string::npos) {
      const std::string name = need.substr(0, equals), value = need.substr(equals + 1);
      if (("|" + value + "|").find("|" + profile_.Get(name) + "|") == std::string::npos) {
        return "the profile has " + name + " = " + profile_.Get(name);
      }
    }
  }
  std::vector<std::string> names;
  // Side by side, no step knows the answer of another.
  for (const StepSpec& step : spec.steps) {
    if (!spec.side_by_side) names.push_back(step.name);
  }
  try {
    for (const StepSpec& step : spec.steps) {
      (void)ClientOf(step);
      (void)Build(step, names, {});
    }
  } catch (const NotApplicable& reason) {
    return reason.what();
  }
  return std::nullopt;
}

}  // namespace grantspec
