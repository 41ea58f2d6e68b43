#include "conformance/engine/program/learn.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "conformance/engine/judge/received.h"
#include "conformance/engine/record/conclusion.h"
#include "fixtures/grammar/ascii.h"
#include "fixtures/grammar/form.h"

namespace grantspec {
namespace {

using Json = nlohmann::ordered_json;

// A response to a case that decides a switch: the first row whose response fits counts.
struct Row {
  std::string_view name, of_case, response, value;
};

constexpr Row kRows[] = {
    {"basic.credential_encoding", "client_auth_basic.pct_unreserved", "invalid_client", "raw"},
    {"basic.credential_encoding", "client_auth_basic.enc_raw", "token", "either"},
    {"basic.credential_encoding", "client_auth_basic.pct_unreserved", "token", "form"},
    {"auth.missing", "client_auth_basic.missing_header", "invalid_client", "401"},
    {"auth.missing", "client_auth_basic.missing_header", "401", "401"},
    {"auth.missing", "client_auth_basic.missing_header", "invalid_request", "any"},
    {"auth.missing", "client_auth_basic.missing_header", "400", "any"},
    {"auth.post", "client_auth_post.body_credentials", "token", "on"},
    {"auth.post", "client_auth_post.body_credentials", "invalid_client", "off"},
    {"auth.post", "client_auth_post.body_credentials", "invalid_request", "off"},
    {"scope.missing", "scope.omitted", "token", "default"},
    {"scope.missing", "scope.omitted", "invalid_scope", "required"},
    {"scope.missing", "scope.omitted", "invalid_request", "required"},
    {"grant.unknown", "grant_type.unknown_name", "unauthorized_client", "either"},
    {"grant.unknown", "grant_type.unknown_name", "unsupported_grant_type",
     "unsupported_grant_type"},
    {"waf", "scope.sql", "403", "present"},
    {"waf", "scope.sql", "invalid_scope", "none"},
    {"ct.json", "content_type.json_object", "token", "allow"},
    {"ct.json", "content_type.json_object", "invalid_request", "refuse"},
    {"ct.json", "content_type.json_object", "415", "refuse"},
    {"ct.multipart", "content_type.multipart", "token", "allow"},
    {"ct.multipart", "content_type.multipart", "invalid_request", "refuse"},
    {"ct.multipart", "content_type.multipart", "415", "refuse"},
};

// Standing checks whose verdict is the value.
struct StandingRow {
  std::string_view name, of_case, satisfied, violated;
};

constexpr StandingRow kStanding[] = {
    {"challenge.scheme", "headers_caching.challenge_basic", "require-basic", "any"},
    {"challenge.realm", "headers_caching.challenge_realm", "require", "warn"},
};

bool IsObserved(const RecordedCase& one) {
  return one.verdict.outcome != Outcome::kNotApplicable &&
         one.verdict.outcome != Outcome::kInconclusive && !one.responses.empty();
}

bool HasToken(const std::string& responses) {
  return responses.find("token") == 0 || responses.find(" token") != std::string::npos;
}

// Whether each response to a case refuses as in RFC 6749 section 5.2, or because of the media type.
bool IsRefusal(const std::string& responses) {
  static const std::set<std::string_view> refusals = {"invalid_request",
                                                      "invalid_client",
                                                      "invalid_client_400",
                                                      "invalid_scope",
                                                      "invalid_grant",
                                                      "unsupported_grant_type",
                                                      "unauthorized_client",
                                                      "400",
                                                      "401",
                                                      "415"};
  std::string word;
  for (char c : responses + ",") {
    if (c != ',' && c != ' ') {
      word += c;
    } else if (!word.empty()) {
      if (!refusals.contains(word)) return false;
      word.clear();
    }
  }
  return true;
}

std::optional<Observed> FromRows(std::string_view name,
                                 const std::map<std::string, const RecordedCase*>& by_name) {
  for (const Row& row : kRows) {
    if (row.name != name) continue;
    const auto found = by_name.find(std::string(row.of_case));
    if (found == by_name.end() || !IsObserved(*found->second)) continue;
    if (found->second->responses != row.response) continue;
    // `either` needs evidence of both readings.
    const auto decoded = by_name.find("client_auth_basic.pct_unreserved");
    if (row.value == "either" &&
        (decoded == by_name.end() || decoded->second->responses != "token")) {
      continue;
    }
    return Observed{std::string(name), std::string(row.value),
                    std::string(row.of_case) + " got: " + found->second->responses};
  }
  return std::nullopt;
}

std::optional<Observed> FromStanding(std::string_view name,
                                     const std::map<std::string, const RecordedCase*>& by_name) {
  for (const StandingRow& row : kStanding) {
    const auto found = by_name.find(std::string(row.of_case));
    if (row.name != name || found == by_name.end()) continue;
    const Verdict& verdict = found->second->verdict;
    if (verdict.outcome == Outcome::kPass) {
      return Observed{std::string(name), std::string(row.satisfied),
                      std::string(row.of_case) + " passed for each response"};
    }
    if (verdict.outcome == Outcome::kFail || verdict.outcome == Outcome::kWarn) {
      return Observed{std::string(name), std::string(row.violated),
                      std::string(row.of_case) + ": " + verdict.actual};
    }
  }
  return std::nullopt;
}

// The scopes that a case asked for and was granted, as far as its one exchange shows.
struct ShownScopes {
  std::string asked;
  std::optional<std::string> reported;
  bool has_token = false;
};

ShownScopes ScopesOf(const RecordedCase& one) {
  ShownScopes shown;
  if (one.exchanges.size() != 1) return shown;
  const RecordedExchange& exchange = one.exchanges.front();
  shown.asked = ParseFormBody(exchange.request).First("scope").value_or("");
  const Json body = Json::parse(exchange.content, nullptr, false);
  if (!body.is_object()) return shown;
  shown.has_token = body.contains("access_token");
  if (body.contains("scope") && body["scope"].is_string()) {
    shown.reported = body["scope"].get<std::string>();
  }
  return shown;
}

// Whether the target knows which scopes exist: one that does not records what was asked for, and
// reports that, or nothing, which means the same (RFC 6749 section 5.1).
std::optional<Observed> RegistryOf(const RecordedCase& one) {
  const std::string note = one.spec->Name() + " got: " + one.responses;
  if (one.responses == "invalid_scope") return Observed{"scope.registry", "kept", note};
  const ShownScopes shown = ScopesOf(one);
  if (!shown.has_token) return std::nullopt;
  const std::string reported = shown.reported.value_or(shown.asked);
  if (reported != shown.asked) {
    return Observed{"scope.registry", "kept", note + " for \"" + reported + "\""};
  }
  return Observed{"scope.registry", "none",
                  note + " for \"" + reported + "\", which no server can know"};
}

// Whether scopes are granted beside the one that was asked for, and reported.
std::optional<Observed> AdditionsOf(const RecordedCase& one) {
  const std::string note = one.spec->Name() + " got: " + one.responses;
  if (one.verdict.outcome == Outcome::kPass) return Observed{"scope.additions", "none", note};
  const ShownScopes shown = ScopesOf(one);
  if (!shown.has_token || !shown.reported) return std::nullopt;
  const std::set<std::string> asked = ScopeWords(shown.asked), got = ScopeWords(*shown.reported);
  if (got == asked || !std::includes(got.begin(), got.end(), asked.begin(), asked.end())) {
    return std::nullopt;
  }
  return Observed{"scope.additions", "reported", note + " for \"" + *shown.reported + "\""};
}

// A switch that is about the scopes which a response reports.
struct ScopeRow {
  std::string_view name, of_case;
  std::optional<Observed> (*observe)(const RecordedCase&);
};

constexpr ScopeRow kScopeRows[] = {
    {"scope.registry", "scope.unknown_only", RegistryOf},
    {"scope.additions", "form_encoding.colon_raw", AdditionsOf},
};

std::optional<Observed> FromScopes(std::string_view name,
                                   const std::map<std::string, const RecordedCase*>& by_name) {
  for (const ScopeRow& row : kScopeRows) {
    const auto found = by_name.find(std::string(row.of_case));
    if (row.name != name || found == by_name.end() || !IsObserved(*found->second)) continue;
    return row.observe(*found->second);
  }
  return std::nullopt;
}

// A `strict` switch: on where no case of its kind got a token.
std::optional<Observed> FromStrict(std::string_view name, const RunRecord& record) {
  std::size_t refused = 0, others = 0;
  std::string granted;
  for (const RecordedCase& one : record.cases) {
    if (one.spec->strict != name || !IsObserved(one)) continue;
    if (HasToken(one.responses)) {
      granted += (granted.empty() ? "" : ", ") + one.spec->Name();
    } else if (IsRefusal(one.responses)) {
      ++refused;
    } else {
      ++others;
    }
  }
  if (!granted.empty()) {
    return Observed{std::string(name), "off", "got a token: " + granted};
  }
  // A server error, a redirect or an HTML page does not show what the target means to refuse.
  if (refused == 0 || others > 0) return std::nullopt;
  return Observed{std::string(name), "on",
                  Counted(refused, "case") + (refused == 1 ? " was refused" : " were refused")};
}

// The client, with the names of where its credentials are found; never what they are.
Json ClientMember(const Client& client) {
  Json member = {{"id", client.id}};
  if (client.auth != AuthMethod::kClientSecretBasic) member["auth"] = ToString(client.auth);
  if (NeedsSecret(client.auth)) member["secret_env"] = "GRANTSPEC_SECRET";
  if (client.auth == AuthMethod::kPrivateKeyJwt) member["key_file"] = "client-key.pem";
  return member;
}

// GRANTSPEC_ and the name of the parameter, as a variable may be named.
std::string VariableOf(std::string_view parameter) {
  std::string variable = "GRANTSPEC_";
  for (char c : parameter) variable += IsAlpha(c) || IsDigit(c) ? ToUpper(c) : '_';
  return variable;
}

Json ParametersMember(const Profile& profile) {
  Json member = Json::object();
  for (const ExtraParameter& one : profile.parameters) {
    if (one.is_secret) {
      member[one.name] = {{"env", VariableOf(one.name)}};
    } else {
      member[one.name] = one.value;
    }
  }
  return member;
}

// What the target reads in another way than RFC 6749 has it was found before anything was asked.
void AddShape(const Profile& profile, Json& switches) {
  constexpr std::pair<const char*, const char*> kUsual[] = {
      {"body", "form"}, {"parameters_in", "body"}, {"scope_separator", "space"}};
  for (const auto& [name, usual] : kUsual) {
    const std::string& value = profile.Get(name);
    if (value != usual) switches[name] = {{"is", value}, {"note", "needed to get a token"}};
  }
}

}  // namespace

std::vector<const Case*> SwitchCases(const std::vector<Case>& cases) {
  std::vector<const Case*> selected;
  for (const Case& one : cases) {
    const auto is_raw = [](const StepSpec& step) { return !step.raw.empty(); };
    if (one.tier != Tier::kSafe || std::any_of(one.steps.begin(), one.steps.end(), is_raw)) {
      continue;
    }
    const auto named = [&one](const auto& row) { return row.of_case == one.Name(); };
    if (!one.strict.empty() || std::any_of(std::begin(kRows), std::end(kRows), named) ||
        std::any_of(std::begin(kScopeRows), std::end(kScopeRows), named) ||
        std::any_of(std::begin(kStanding), std::end(kStanding), named)) {
      selected.push_back(&one);
    }
  }
  return selected;
}

std::vector<Observed> Observe(const RunRecord& record) {
  std::map<std::string, const RecordedCase*> by_name;
  for (const RecordedCase& one : record.cases) by_name[one.spec->Name()] = &one;
  std::vector<Observed> observed;
  for (const Switch& one : Switches()) {
    auto seen = FromRows(one.name, by_name);
    if (!seen) seen = FromScopes(one.name, by_name);
    if (!seen) seen = FromStanding(one.name, by_name);
    if (!seen) seen = FromStrict(one.name, record);
    if (seen) observed.push_back(std::move(*seen));
  }
  return observed;
}

std::string ProfileText(const RunRecord& record, const Profile& profile,
                        const std::vector<Observed>& observed) {
  std::string unseen;
  Json switches = Json::object();
  for (const Switch& one : Switches()) {
    const auto found = std::find_if(observed.begin(), observed.end(),
                                    [&one](const Observed& o) { return o.name == one.name; });
    if (found == observed.end()) {
      if (one.name != "contract" && one.name != "security") {
        unseen += (unseen.empty() ? "" : ", ") + std::string(one.name);
      }
      continue;
    }
    switches[found->name] = {{"is", found->value},
                             {"note", std::string(one.says) + "; " + found->note}};
  }
  AddShape(profile, switches);
  Json file;
  file["note"] = "Learned from " + record.url + " at " + record.started +
                 ". A switch has the value that was observed, which need not be the right one. "
                 "Read the notes, "
                 "and set to on what the target should refuse." +
                 (unseen.empty() ? "" : " Not observed, so as in the base: " + unseen + ".");
  file["url"] = record.url;
  if (!profile.issuer.empty()) file["issuer"] = profile.issuer;
  file["client"] = ClientMember(profile.main());
  if (profile.grant_type != "client_credentials") file["grant_type"] = profile.grant_type;
  if (!profile.parameters.empty()) file["parameters"] = ParametersMember(profile);
  file["granted_scopes"] = profile.main().scopes;
  if (!profile.ungranted_scope.empty()) file["ungranted_scope"] = profile.ungranted_scope;
  file["base"] = profile.base;
  file["switches"] = std::move(switches);
  // A text of the target may be invalid UTF-8.
  return file.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace grantspec
