// How the binder makes one request of a step: who logs in, with which parameters, in which shape.

#include <algorithm>
#include <ctime>

#include "conformance/engine/bind/binder.h"
#include "conformance/engine/bind/expectation.h"
#include "conformance/engine/bind/lawful.h"
#include "conformance/engine/bind/request_shape.h"
#include "conformance/engine/case/expression.h"
#include "conformance/engine/response/response_class.h"
#include "conformance/engine/secrets/redact.h"
#include "fixtures/grammar/ascii.h"
#include "fixtures/grammar/form.h"
#include "fixtures/grammar/json_text.h"
#include "fixtures/http/render.h"

namespace grantspec {
namespace {

// How long a response may take before the client ends its side of a raw request.
constexpr int kHalfCloseAfterMs = 300;

// Methods to which a form means nothing.
bool IsMethodWithoutBody(std::string_view method) {
  for (std::string_view known : {"GET", "HEAD", "OPTIONS", "TRACE", "DELETE"}) {
    if (method == known) return true;
  }
  return false;
}

// Puts values where a parameter stood, or at the end; without values, takes the parameter away.
void ReplaceParameter(Form& form, const std::string& name, const std::vector<std::string>& values) {
  auto& list = form.parameters;
  const auto named = [&name](const FormParameter& p) { return p.name == name; };
  const auto first = std::find_if(list.begin(), list.end(), named);
  auto index = static_cast<std::size_t>(first - list.begin());
  std::erase_if(list, named);
  index = std::min(index, list.size());
  for (const std::string& value : values) {
    list.insert(list.begin() + static_cast<std::ptrdiff_t>(index++), {name, value});
  }
}

void ReplaceField(Fields& fields, const std::string& name, const std::vector<std::string>& values) {
  if (values.empty()) return fields.Remove(name);
  fields.Set(name, values.front());
  for (std::size_t i = 1; i < values.size(); ++i) fields.Add(name, values[i]);
}

// With the parameters in the query, a request whose content is framed in an unusual way would be
// complete without it.
bool IsAboutContent(const StepSpec& step) {
  return std::none_of(step.raw.begin(), step.raw.end(), [](const RawPart& part) {
    return part.bytes.text.find("Content-Length: {{length(body)}}") != std::string::npos;
  });
}

}  // namespace

LoginContext Binder::Logins() const {
  return {profile_, place_.url, canary_, masked_};
}

RequestShape Binder::ShapeFor(const StepSpec& step) const {
  return step.as_form ? RequestShape::kForm : ShapeOf(profile_);
}

// What logs the client of a step in: nothing where it is nobody's, or where it changes the header
// by which it would log in.
LoginParts Binder::LoginOf(const StepSpec& step, Used& used) const {
  const Client* client = step.at == Place::kToken ? ClientOf(step) : nullptr;
  if (client == nullptr) return {};
  used.client = used.client || client != &nobody_;
  // Nobody is invented: it logs in as the main client does.
  Client logging_in = *client;
  if (client == &nobody_ && profile_.clients.contains("main")) {
    logging_in.auth = profile_.main().auth;
    if (IsAssertion(logging_in.auth)) logging_in.signer = Signer::OfSecret(nobody_.secret);
  }
  LoginContext context = Logins();
  const std::string other_mark = "not-" + canary_;
  if (step.secret) {
    logging_in.secret = Text(step, *step.secret);
    if (IsAssertion(logging_in.auth)) logging_in.signer = Signer::OfSecret(logging_in.secret);
  }
  const AuthMethod method = step.auth.value_or(logging_in.auth);
  if (ShowsCertificate(method) && step.client != "main" && step.client != "nobody") {
    throw NotApplicable("no certificate is known of the client in the role " + step.client);
  }
  // The field that it writes itself stands for a login that it does not have.
  if (step.writes_authorization && NeedsSecret(method) && logging_in.secret.empty()) return {};
  if (step.secret && !NeedsSecret(method) && !IsAssertion(method)) {
    throw NotApplicable("the client logs in without a secret");
  }
  if (step.auth && IsAssertion(method) && logging_in.auth != method) {
    throw NotApplicable("the client does not log in by " + std::string(ToString(method)));
  }
  AssertionDifference difference;
  if (step.assertion) {
    if (!IsAssertion(method)) throw NotApplicable("the client does not log in by an assertion");
    difference = DifferenceOf(step);
    context.difference = &difference;
  }
  // Only what the target accepts has the mark by which the login guard knows a right login.
  if (step.secret || step.assertion || client == &nobody_) context.mark = other_mark;
  LoginParts parts = LoginPartsOf(logging_in, method, context);
  if (IsAssertion(method)) used.assertion = parts.parameters.back().value;
  return parts;
}

// What the step changes in its assertion, with its texts filled in.
AssertionDifference Binder::DifferenceOf(const StepSpec& step) const {
  AssertionDifference difference;
  difference.key = step.assertion->key;
  const Client* second = profile_.Find("assertion_second");
  if (second != nullptr) difference.second = second->signer;
  Used used;
  used.in_assertion = true;
  const std::vector<std::string> no_names;
  const std::vector<Exchange> no_exchanges;
  const Context at{step, no_names, no_exchanges, used};
  const auto fill = [&](const std::vector<AssertionMember>& members) {
    std::vector<AssertionDifference::Member> filled;
    filled.reserve(members.size());
    for (const AssertionMember& one : members) {
      filled.push_back({one.name, one.kind, FilledAll(one.values, at)});
    }
    return filled;
  };
  difference.header = fill(step.assertion->header);
  difference.claims = fill(step.assertion->claims);
  if (step.assertion->payload) difference.payload = Filled(*step.assertion->payload, at);
  return difference;
}

// Names that stand for an assertion, its parts and what it is made of.
std::optional<std::string> Binder::LookupAssertion(std::string_view name, const Context& at) const {
  if (name == "audience") return AudienceOf(Logins());
  if (name == "now") return std::to_string(std::time(nullptr));
  if (name == "kid") {
    const Client* client = ClientOf(at.step);
    if (client == nullptr || client->signer == nullptr || client->signer->key_id().empty()) {
      throw NotApplicable("the key of a client has no kid");
    }
    return std::string(client->signer->key_id());
  }
  if (!name.starts_with("assertion") || at.used.in_assertion) return std::nullopt;
  if (at.used.assertion.empty()) (void)LoginOf(at.step, at.used);
  const std::string& whole = at.used.assertion;
  if (whole.empty()) throw NotApplicable("the client does not log in by an assertion");
  if (name == "assertion") return whole;
  const std::size_t first = std::min(whole.find('.'), whole.size());
  const std::size_t last = std::max(first, std::min(whole.rfind('.'), whole.size()));
  if (name == "assertion_header") return whole.substr(0, first);
  if (name == "assertion_payload") {
    return first == last ? "" : whole.substr(first + 1, last - first - 1);
  }
  if (name == "assertion_signature") return last == whole.size() ? "" : whole.substr(last + 1);
  return std::nullopt;
}

std::vector<FormParameter> Binder::ExtraParameters() const {
  std::vector<FormParameter> parameters;
  for (const ExtraParameter& one : profile_.parameters) {
    parameters.push_back({one.name, masked_ && one.is_secret ? Masked(one.value) : one.value});
  }
  return parameters;
}

// The parameters of the grant alone.
Form Binder::GrantForm(const StepSpec& step) const {
  Form form{{{"grant_type", profile_.grant_type}}};
  const Client* client = ClientOf(step);
  const Client* asking = client != nullptr ? client : ClientOf(StepSpec());
  if (!asking->scopes.empty()) form.parameters.push_back({"scope", asking->scopes.front()});
  return form;
}

// All that the baseline request has among its parameters.
Form Binder::BaselineForm(const Context& at) const {
  Form form = GrantForm(at.step);
  const std::vector<FormParameter> extra = ExtraParameters();
  form.parameters.insert(form.parameters.end(), extra.begin(), extra.end());
  at.used.extra_parameters = true;
  if (at.of_other) return form;
  if (!at.used.body_login) at.used.body_login = LoginOf(at.step, at.used);
  // At the beginning: what a case does to the end of the body is not about the login.
  const std::vector<FormParameter>& login = at.used.body_login->parameters;
  form.parameters.insert(form.parameters.begin(), login.begin(), login.end());
  return form;
}

// The baseline request as bytes.
std::string Binder::BaselineRequest(const Context& at) const {
  auto [request, form] = Baseline(at.step, at.used);
  const RequestShape shape = ShapeFor(at.step);
  request.content = ContentOf(form, shape);
  if (shape == RequestShape::kQuery) request.target = WithQuery(request.target, form);
  return RenderRequest(request, place_.host);
}

// Names of parts of the baseline request.
std::optional<std::string> Binder::LookupRequest(std::string_view name, const Context& at) const {
  const RequestShape shape = ShapeFor(at.step);
  // Content that a step writes out is written as a form.
  const RequestShape written = at.step.content ? RequestShape::kForm : shape;
  if (name == "body") return ContentOf(BaselineForm(at), written);
  if (name == "separator") return std::string(ScopeSeparator(profile_));
  if (name == "body_type") return std::string(ContentTypeOf(shape));
  if (name == "request") return BaselineRequest(at);
  if (name == "login") {
    const std::string value = LoginOf(at.step, at.used).authorization;
    return value.empty() ? "" : "Authorization: " + value + "\r\n";
  }
  return std::nullopt;
}

// The request that a step changes, and its form apart.
std::pair<Request, Form> Binder::Baseline(const StepSpec& step, Used& used) const {
  Request request;
  Form form;
  request.target = place_.target;
  if (step.at == Place::kToken) {
    const LoginParts login = LoginOf(step, used);
    if (!login.authorization.empty()) request.fields.Add("Authorization", login.authorization);
    const RequestShape shape = ShapeFor(step);
    if (shape != RequestShape::kQuery) {
      request.fields.Add("Content-Type", std::string(ContentTypeOf(shape)));
    }
    form = GrantForm(step);
    for (const auto& more : {ExtraParameters(), login.parameters}) {
      form.parameters.insert(form.parameters.end(), more.begin(), more.end());
    }
  } else if (const auto* resource = ResourceAt(step.at)) {
    if (!*resource) throw NotApplicable("the profile has no " + std::string(ToString(step.at)));
    const auto place = PlaceOf((*resource)->url);
    if (!place) throw NotApplicable(std::string(ToString(step.at)) + " has no usable url");
    request.method = (*resource)->method;
    request.target = place->target;
  } else {
    request.method = "GET";
    request.target = step.path;
  }
  return {std::move(request), std::move(form)};
}

// The content that a step writes out. A form gets the parameters that every request to the target
// needs, at its end, where the text has not put them there itself.
std::string Binder::ContentFor(const Context& at, const Request& request) const {
  std::string content = Filled(*at.step.content, at);
  const std::string_view type = request.fields.First("Content-Type").value_or("");
  const bool is_form = at.step.at == Place::kToken && !request.fields.Has("Content-Encoding") &&
                       (type.starts_with(kFormType) || ShapeFor(at.step) != RequestShape::kForm);
  if (!is_form) return content;
  Form missing;
  if (!at.used.extra_parameters) missing.parameters = ExtraParameters();
  if (!at.used.body_login) {
    const LoginParts login = LoginOf(at.step, at.used);
    missing.parameters.insert(missing.parameters.end(), login.parameters.begin(),
                              login.parameters.end());
  }
  if (missing.parameters.empty()) return content;
  return content + (content.empty() ? "" : "&") + FormatForm(missing);
}

// The parameters of a form that a step writes out, for a target that reads them elsewhere.
Form Binder::FormIn(const std::string& content) const {
  const auto form = ParseForm(content);
  if (!form) throw NotApplicable("the target does not read its parameters from a form");
  return *form;
}

Request Binder::RequestOf(const Context& at) const {
  const StepSpec& step = at.step;
  const RequestShape shape = ShapeFor(step);
  auto [request, form] = Baseline(step, at.used);
  if (step.method) {
    request.method = Filled(*step.method, at);
    if (IsMethodWithoutBody(request.method)) {
      form.parameters.clear();
      request.fields.Remove("Content-Type");
    }
  }
  if (step.target) request.target = Filled(*step.target, at);
  for (const NamedChange& change : step.form) {
    ReplaceParameter(form, Filled(change.name, at), FilledAll(change.values, at));
  }
  for (const NamedChange& change : step.fields) {
    if (step.at == Place::kToken && shape != RequestShape::kForm &&
        EqualsFolded(change.name.text, "Content-Type")) {
      throw NotApplicable("the target does not read its parameters from a form");
    }
    ReplaceField(request.fields, change.name.text, FilledAll(change.values, at));
  }
  if (step.content) request.content = ContentFor(at, request);
  if (step.at != Place::kToken || (step.content && shape == RequestShape::kForm)) return request;
  if (step.content) form = FormIn(request.content);
  request.content = ContentOf(form, shape);
  if (shape == RequestShape::kQuery) request.target = WithQuery(request.target, form);
  return request;
}

RawRequest Binder::RawRequestOf(const Context& at) const {
  const StepSpec& step = at.step;
  if (ShapeFor(step) == RequestShape::kQuery && step.at == Place::kToken && IsAboutContent(step)) {
    throw NotApplicable("the target reads its parameters from the query");
  }
  RawRequest raw;
  raw.half_close = step.half_close;
  raw.half_close_after_ms = LingerFor(profile_, kHalfCloseAfterMs);
  raw.responses_max = step.responses;
  raw.linger_ms = LingerFor(profile_, step.linger_ms);
  for (const RawPart& part : step.raw) {
    RawStep one;
    one.bytes = Filled(part.bytes, at);
    one.pause_ms = part.pause_ms;
    one.await = part.await;
    raw.steps.push_back(std::move(one));
  }
  raw.head = raw.steps.front().bytes.starts_with("HEAD ");
  return raw;
}

std::vector<std::string> Binder::FilledAll(const std::vector<::grantspec::Text>& texts,
                                           const Context& at) const {
  std::vector<std::string> filled;
  filled.reserve(texts.size());
  for (const ::grantspec::Text& text : texts) filled.push_back(Filled(text, at));
  return filled;
}

// How long a step waits for the token that an earlier step received to grow old.
int Binder::DelayMs(const StepSpec& step, const std::vector<Exchange>& exchanges) const {
  constexpr std::int64_t kMarginMs = 1'000, kLastMomentsMs = 300, kAWhileMs = 1'500;
  if (step.await == Await::kNothing) return 0;
  const auto limit = profile_.limits.find("wait_expiry");
  const std::int64_t wait_max_s = limit == profile_.limits.end() ? 0 : limit->second;
  if (wait_max_s == 0) throw NotApplicable("--wait-expiry is 0: no token's end is waited for");
  if (exchanges.empty()) return 0;
  const auto token = std::find_if(exchanges.begin(), exchanges.end(), [](const Exchange& exchange) {
    return exchange.response() != nullptr && ContainsToken(*exchange.response());
  });
  if (token == exchanges.end()) throw NotApplicable("no step before brought a token");
  const auto object = ObjectOf(*token->response());
  const JsonMember* member = object ? object->Find("expires_in") : nullptr;
  if (member == nullptr || member->kind != JsonKind::kInteger || member->text.size() > 9) {
    throw NotApplicable("the token's end is not known: expires_in is not a small integer");
  }
  const std::int64_t lives_s = std::stol(member->text);
  if (step.await == Await::kAWhile) {
    if (lives_s * 1'000 > kAWhileMs + kMarginMs) return kAWhileMs;
    throw NotApplicable("the token lives for " + member->text + " s only");
  }
  if (lives_s > wait_max_s) {
    throw NotApplicable("the token lives for " + member->text + " s, longer than --wait-expiry");
  }
  const std::int64_t end_ms = std::max<std::int64_t>(lives_s, 0) * 1'000;
  return static_cast<int>(step.await == Await::kExpiry
                              ? end_ms + kMarginMs
                              : std::max<std::int64_t>(end_ms - kLastMomentsMs, 0));
}

Outgoing Binder::Build(const StepSpec& step, const std::vector<std::string>& names,
                       const std::vector<Exchange>& exchanges) const {
  Outgoing outgoing;
  outgoing.options.fresh_connection = step.fresh;
  outgoing.options.tls_version = step.tls;
  outgoing.options.plaintext = step.plaintext;
  outgoing.options.certificate = CertificateOf(step, profile_);
  if (const auto* resource = ResourceAt(step.at); resource != nullptr && *resource) {
    if (const auto place = PlaceOf((*resource)->url)) outgoing.origin = place->origin;
  }
  Used used;
  const Context at{step, names, exchanges, used};
  if (step.raw.empty()) {
    outgoing.message = RequestOf(at);
  } else {
    outgoing.message = RawRequestOf(at);
  }
  outgoing.may_contain_credentials = used.client || used.token;
  outgoing.options.delay_ms = DelayMs(step, exchanges);
  CheckPlace(step, outgoing, used);
  return outgoing;
}

Result<Outgoing, std::string> Binder::BuildShown(const StepSpec& step,
                                                 const std::vector<std::string>& names,
                                                 const std::vector<Exchange>& exchanges) const {
  try {
    return shown_->Build(step, names, exchanges);
  } catch (const std::exception& error) {
    return std::string(error.what());
  }
}

BoundRequest Binder::Bind(const StepSpec& step, const std::vector<std::string>& names,
                          const std::vector<Exchange>& exchanges) const {
  return {Build(step, names, exchanges), BuildShown(step, names, exchanges)};
}

std::string Binder::ShownBasic(const StepSpec& step) const {
  try {
    return shown_->Text(step, {"{{basic}}", step.where});
  } catch (const NotApplicable&) {
    return {};
  }
}

}  // namespace grantspec
