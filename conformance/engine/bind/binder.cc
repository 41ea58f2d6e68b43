#include "conformance/engine/bind/binder.h"

#include <algorithm>
#include <random>

#include "conformance/engine/bind/client_names.h"
#include "conformance/engine/bind/expectation.h"
#include "conformance/engine/bind/request_shape.h"
#include "conformance/engine/case/expression.h"
#include "conformance/engine/case/need.h"
#include "conformance/engine/response/response_class.h"
#include "conformance/engine/secrets/redact.h"
#include "fixtures/grammar/ascii.h"
#include "fixtures/grammar/b64token.h"
#include "fixtures/grammar/form.h"
#include "fixtures/grammar/json_text.h"
#include "fixtures/http/render.h"

namespace grantspec {
namespace {

// What stands for a token that is not there yet: shaped like a JWT with a scope claim, so that
// every function has something to work on, with the letters that probes replace.
constexpr std::string_view kPending = "eyJhIjoxfQ.eyJzY29wZSI6IngifQ.pending-task-1";

// Names that stand for a part of the target's URL.
struct PlaceName {
  std::string_view name;
  std::string TargetPlace::*member;
};
constexpr PlaceName kPlaceNames[] = {{"host", &TargetPlace::host},
                                     {"path", &TargetPlace::path},
                                     {"target", &TargetPlace::target},
                                     {"origin", &TargetPlace::origin}};

bool IsReserved(std::string_view text) {
  return EncodeFormComponent(text) != text;
}

// A member of the response to an earlier step, as text.
std::optional<std::string> MemberOf(const Exchange& exchange, std::string_view name) {
  const Response* response = exchange.response();
  const auto object = response != nullptr ? ObjectOf(*response) : nullptr;
  const JsonMember* member = object ? object->Find(name) : nullptr;
  if (member == nullptr) return std::nullopt;
  return member->text;
}

// The request target, as the first line has it.
std::string TargetOf(const Outgoing& outgoing) {
  if (const auto* request = std::get_if<Request>(&outgoing.message)) return request->target;
  std::string line;
  for (const RawStep& part : std::get<RawRequest>(outgoing.message).steps) line += part.bytes;
  line = line.substr(0, line.find_first_of("\r\n"));
  line = line.substr(std::min(line.size(), line.find(' ') + 1));
  return line.substr(0, line.find(' '));
}

std::string_view PathIn(std::string_view target) {
  return target.substr(0, target.find_first_of("?#"));
}

}  // namespace

Binder::Binder(const Profile& profile, TargetPlace place, std::string canary)
    : Binder(profile, std::move(place), std::move(canary), Values::kReal) {
  shown_.reset(new Binder(profile_, place_, canary_, Values::kMasked));
}

Binder::Binder(const Profile& profile, TargetPlace place, std::string canary, Values values)
    : profile_(profile),
      place_(std::move(place)),
      canary_(std::move(canary)),
      masked_(values == Values::kMasked),
      secrets_(masked_ ? SpellingIndex("[secret]") : DistinctiveSecrets(profile)) {
  // Failed logins use an invented client where no real one is needed: it cannot be locked out.
  nobody_ = {"nobody-" + canary_.substr(0, 8), "no-such-secret-" + canary_.substr(0, 8), {}};
  if (const auto main = profile.clients.find("main"); main != profile.clients.end()) {
    nobody_.scopes = main->second.scopes;
  }
  if (!masked_) return;
  for (const auto& [role, client] : profile.clients) {
    // A signer: what is masked names its algorithm, and is not signed.
    masked_clients_[role] = {client.id, Masked(client.secret), client.scopes, client.auth,
                             client.signer};
  }
}

std::vector<std::string> NamesOf(const std::vector<const StepSpec*>& sequence) {
  std::vector<std::string> names;
  names.reserve(sequence.size());
  for (const StepSpec* step : sequence) names.push_back(step->name);
  return names;
}

std::vector<std::string> ReferableNames(const Case& spec) {
  std::vector<std::string> names;
  if (spec.side_by_side) return names;
  names.reserve(spec.steps.size());
  for (const StepSpec& step : spec.steps) names.push_back(step.name);
  return names;
}

std::vector<const StepSpec*> SequenceOf(const Case& spec) {
  std::vector<const StepSpec*> sequence;
  // Repeats of several steps take turns, so that a drift of the target meets them all alike.
  int rounds = 1;
  for (const StepSpec& step : spec.steps) rounds = std::max(rounds, step.repeat);
  std::mt19937 random(static_cast<unsigned>(rounds));  // the same order in every run
  for (int round = 0; round < rounds; ++round) {
    const std::size_t begin = sequence.size();
    for (const StepSpec& step : spec.steps) {
      if (round < step.repeat) sequence.push_back(&step);
    }
    if (spec.analysis != nullptr && spec.analysis->shuffles) {
      std::shuffle(sequence.begin() + static_cast<std::ptrdiff_t>(begin), sequence.end(), random);
    }
  }
  return sequence;
}

const Client* Binder::ClientOf(const StepSpec& step) const {
  if (step.client == "none") return nullptr;
  if (step.client == "nobody") return &nobody_;
  const Client* client = profile_.Find(step.client);
  if (client == nullptr) {
    throw NotApplicable(
        step.client == "limited"
            ? "the profile has no ungranted_scope, and no client in the role read_only"
        : step.client == "assertion" ? "no client of the profile logs in by assertions"
                                     : "the profile has no client in the role " + step.client);
  }
  if (!masked_) return client;
  for (const auto& [role, other] : profile_.clients) {
    if (&other == client) return &masked_clients_.at(role);
  }
  return client;
}

std::string Binder::OtherScopes(const Context& at) const {
  const Client* client = ClientOf(at.step);
  if (client == nullptr || !profile_.resource || profile_.resource->scope.empty()) {
    throw NotApplicable("the profile has no resource with a scope");
  }
  std::vector<std::string> others;
  for (const std::string& scope : client->scopes) {
    if (scope != profile_.resource->scope) others.push_back(scope);
  }
  if (others.empty()) throw NotApplicable("no granted scope is known but that of the resource");
  return JoinedScopes(others, profile_);
}

std::optional<std::string> Binder::LookupResource(std::string_view name) const {
  if (!profile_.resource) throw NotApplicable("the profile has no resource");
  if (name == "resource_scope") return profile_.resource->scope;
  if (name == "resource_other_scope" && profile_.resource_other) {
    return profile_.resource_other->scope;
  }
  if (name == "resource_site_name") return profile_.resource->site;
  if (name == "resource_foreign_target" && profile_.resource_foreign_site) {
    if (const auto place = PlaceOf(profile_.resource_foreign_site->url)) return place->target;
  }
  if (name == "resource_unknown_site_target") {
    const auto url = WithSite(*profile_.resource, "no-such-site");
    const auto place = url ? PlaceOf(*url) : std::nullopt;
    if (!place) throw NotApplicable("the profile's resource has no site");
    return place->target;
  }
  const auto place = PlaceOf(profile_.resource->url);
  if (!place) throw NotApplicable("resource has no usable url");
  if (name == "resource_target") return place->target;
  if (name == "resource_host") return place->host;
  return std::nullopt;
}

std::optional<std::string> Binder::TokenOf(const Exchange& exchange) const {
  const auto token = MemberOf(exchange, "access_token");
  if (!token) return std::nullopt;
  const std::string type = ToLower(MemberOf(exchange, "token_type").value_or(""));
  const bool bearer = type.empty() || type == "bearer" || type == "dpop";
  if (bearer && !IsB64Token(*token)) {
    throw UnusableToken(
        "the access token is not a b64token (RFC 6750 section 2.1) and is not sent on");
  }
  if (token->empty() || !std::all_of(token->begin(), token->end(), IsVschar)) {
    throw UnusableToken(
        "the access token has bytes outside VSCHAR (RFC 6749 appendix A.12) and is not sent on");
  }
  return token;
}

// What a response sets as cookies, as a client sends them back (RFC 6265 section 4.2.1).
std::optional<std::string> Binder::CookiesOf(const Exchange& exchange) {
  constexpr std::size_t kCookiesBytesMax = 4096;
  if (exchange.response() == nullptr) return std::nullopt;
  std::string cookies;
  for (std::string_view line : exchange.response()->fields.All("Set-Cookie")) {
    const std::string_view pair = line.substr(0, line.find(';'));
    if (!std::all_of(pair.begin(), pair.end(), IsVschar)) continue;
    cookies.append(cookies.empty() ? "" : "; ").append(pair);
  }
  if (cookies.empty() || cookies.size() > kCookiesBytesMax) return std::nullopt;
  return cookies;
}

// `role.attribute`: of a client, or of the response to a step of that name.
std::optional<std::string> Binder::LookupRole(std::string_view name, const Context& at) const {
  const std::size_t dot = name.find('.');
  const std::string_view role = name.substr(0, dot), attribute = name.substr(dot + 1);
  if (std::find(at.names.begin(), at.names.end(), role) != at.names.end()) {
    return LookupStep(role, attribute, at);
  }
  const auto& roles = ClientRoles();
  if (role != "main" && role != "pad0" && role != "nobody" &&
      std::find(roles.begin(), roles.end(), role) == roles.end()) {
    return std::nullopt;
  }
  StepSpec other = at.step;
  other.client = std::string(role);
  return Lookup(attribute, {other, at.names, at.exchanges, at.used, true});
}

// The assertion that the last step of that name sent.
std::string Binder::AssertionSentIn(std::string_view step, const Context& at) const {
  at.used.client = true;
  for (std::size_t i = std::min(at.names.size(), at.exchanges.size()); i-- > 0;) {
    if (at.names[i] != step) continue;
    const std::string& sent = at.exchanges[i].sent;
    const std::size_t body = std::min(sent.find("\r\n\r\n"), sent.size());
    const Form form = ParseFormWhatwg(sent.substr(std::min(body + 4, sent.size())));
    const auto assertion = form.First("client_assertion");
    if (!assertion) throw NotApplicable("the step " + std::string(step) + " sent no assertion");
    return masked_ ? "redacted-assertion" : std::string(*assertion);
  }
  return std::string(kPending);
}

// A member of the response to the last step of that name.
std::string Binder::LookupStep(std::string_view step, std::string_view member,
                               const Context& at) const {
  if (member == "assertion") return AssertionSentIn(step, at);
  const bool is_token = member == "token";
  for (std::size_t i = std::min(at.names.size(), at.exchanges.size()); i-- > 0;) {
    if (at.names[i] != step) continue;
    at.used.token = at.used.token || member != "scope";
    const bool is_cookies = member == "cookies";
    const auto value = is_token     ? TokenOf(at.exchanges[i])
                       : is_cookies ? CookiesOf(at.exchanges[i])
                                    : MemberOf(at.exchanges[i], member);
    if (!value) {
      throw NotApplicable("the step " + std::string(step) + " brought no " + std::string(member));
    }
    if (masked_ && is_cookies) return "$COOKIES";
    return masked_ && is_token ? "$TOKEN" : *value;
  }
  at.used.token = true;
  return std::string(kPending);
}

// The id or the secret of the main client, where nothing in it needs encoding.
std::string Binder::PlainOfMain(std::string Client::*member, Used& used) const {
  used.client = true;
  const Client& main = masked_ ? masked_clients_.at("main") : profile_.main();
  const std::string& text = main.*member;
  if (IsReserved(text)) throw NotApplicable("the main client has reserved characters");
  return text;
}

std::string Binder::IndicatorAt(std::size_t at) const {
  if (at < profile_.resource_indicators.size()) return profile_.resource_indicators[at];
  throw NotApplicable(at == 0 ? "the profile has no resource_indicators"
                              : "the profile has only one of resource_indicators");
}

// A scope that the client `limited` may not have.
std::string Binder::UngrantedScope() const {
  if (!profile_.ungranted_scope.empty()) return profile_.ungranted_scope;
  const Client* limited = profile_.Find("limited");
  if (limited != nullptr) {
    const auto& has = limited->scopes;
    for (const std::string& scope : profile_.main().scopes) {
      if (std::find(has.begin(), has.end(), scope) == has.end()) return scope;
    }
  }
  throw NotApplicable("the profile has no ungranted_scope");
}

std::optional<std::string> Binder::Lookup(std::string_view name, const Context& at) const {
  const bool raw_query = ShapeFor(at.step) == RequestShape::kQuery && !at.step.raw.empty();
  if (name == "target" && raw_query && at.step.at == Place::kToken) {
    return WithQuery(place_.target, BaselineForm(at));
  }
  for (const auto& [known, member] : kPlaceNames) {
    if (name == known) return place_.*member;
  }
  if (name == "canary") return canary_;
  if (name == "form_type") return std::string(kFormType);
  if (name == "nobody.id") return nobody_.id;
  if (name == "nobody.secret") return nobody_.secret;
  if (name == "client_id_plain") return PlainOfMain(&Client::id, at.used);
  if (name == "client_secret_plain") return PlainOfMain(&Client::secret, at.used);
  if (name == "ungranted") return UngrantedScope();
  if (name == "indicator_1") return IndicatorAt(0);
  if (name == "indicator_2") return IndicatorAt(1);
  if (name == "resource_scope" && profile_.resource && profile_.resource->scope.empty()) {
    return Lookup("scope", at);
  }
  if (name == "resource_other_scopes") return OtherScopes(at);
  if (name.starts_with("resource_")) return LookupResource(name);
  if (name.find('.') != std::string_view::npos) return LookupRole(name, at);
  if (const auto value = LookupRequest(name, at)) return value;
  if (const auto value = LookupAssertion(name, at)) return value;
  const Client* client = ClientOf(at.step);
  if (client == nullptr) client = ClientOf(StepSpec());
  at.used.client = at.used.client || (client != &nobody_ && !name.starts_with("scope"));
  return ValueOfClient(name, {*client, profile_, place_});
}

std::string Binder::Filled(const ::grantspec::Text& text, const Context& at) const {
  return Expand(
      text.text, [&](std::string_view name) { return Lookup(name, at); }, text.where);
}

std::string Binder::Text(const StepSpec& step, const ::grantspec::Text& text) const {
  Used used;
  return Filled(text, {step, {}, {}, used});
}

const std::optional<Resource>* Binder::ResourceAt(Place at) const {
  switch (at) {
    case Place::kResource:
      return &profile_.resource;
    case Place::kResourceOther:
      return &profile_.resource_other;
    case Place::kResourceSecondSite:
      return &profile_.resource_second_site;
    case Place::kResourceForeignSite:
      return &profile_.resource_foreign_site;
    case Place::kToken:
    case Place::kPath:
      return nullptr;
  }
  return nullptr;
}

// A client's credentials go to the origin of the token endpoint. An access token goes to the token
// endpoint, to a resource that the profile names, or to one that is built from such by replacing
// its site: not to a URL that a case thought of.
void Binder::CheckPlace(const StepSpec& step, const Outgoing& outgoing, const Used& used) const {
  if (used.client && !outgoing.origin.empty() && outgoing.origin != place_.origin) {
    throw NotApplicable("credentials of a client would go to " + outgoing.origin +
                        ", which is not the origin of the token endpoint");
  }
  if (!used.token) return;
  const std::string target = TargetOf(outgoing);
  const std::string path(PathIn(target));
  if (step.at == Place::kToken && path == place_.path) return;
  if (const auto* resource = ResourceAt(step.at); resource != nullptr && *resource) {
    for (const std::optional<std::string>& url :
         {std::optional((*resource)->url), WithSite(**resource, "no-such-site")}) {
      const auto place = url ? PlaceOf(*url) : std::nullopt;
      if (place && path == place->path) return;
    }
  }
  throw NotApplicable("an access token would go to " + path + ", which the profile does not name");
}

std::vector<KnownClient> Binder::KnownClients() const {
  std::vector<KnownClient> known;
  for (const auto& [role, client] : profile_.clients) {
    known.push_back(KnownClientOf(role, client, Logins()));
  }
  return known;
}

Surroundings Binder::SurroundingsOfClients() const {
  Surroundings surroundings{place_.host, place_.path, {}};
  for (const auto& [role, client] : profile_.clients) {
    surroundings.scopes.insert(surroundings.scopes.end(), client.scopes.begin(),
                               client.scopes.end());
  }
  return surroundings;
}

Outgoing Binder::Probe() const {
  Request request;
  request.target = place_.target;
  request.fields.Add("Content-Type", kFormType);
  request.content = "grant_type=client_credentials";
  Outgoing probe;
  probe.message = std::move(request);
  probe.options.fresh_connection = true;
  probe.options.no_added_headers = true;
  probe.asked_by = "the wait for the target";
  probe.may_contain_credentials = false;
  return probe;
}

Outgoing Binder::Control() const {
  Outgoing control = Login("main", "the control request");
  control.options.fresh_connection = true;
  return control;
}

Outgoing Binder::Login(const std::string& role, std::string asked_by) const {
  StepSpec baseline;
  baseline.client = role;
  Outgoing login = Build(baseline, {}, {});
  login.asked_by = std::move(asked_by);
  return login;
}

std::optional<std::string> Binder::WhyNot(const Case& spec) const {
  for (const CaseNeed& need : spec.needs) {
    if (auto why = WhyNotMet(need, profile_, place_)) return why;
  }
  const std::vector<std::string> names = ReferableNames(spec);
  try {
    for (const StepSpec& step : spec.steps) {
      (void)ClientOf(step);
      const bool wants_token = WantsOnlyToken(step.expect) || spec.analysis != nullptr;
      if (IsAboutMissingBasic(step, profile_) && wants_token) {
        return "the target does not offer Basic";
      }
      (void)Build(step, names, {});
    }
  } catch (const NotApplicable& reason) {
    return reason.what();
  }
  return std::nullopt;
}

}  // namespace grantspec
