#include "fuzz/oracle/endpoint_model.h"

#include <algorithm>
#include <cctype>

namespace grantspec::model {
namespace {

struct Partner {
  std::string_view id, secret;
  std::vector<std::string> scopes;
  bool grant = true, active = true;
};

const std::vector<Partner>& Partners() {
  static const std::vector<std::string> all = {"billing:batches:read", "billing:batches:submit",
                                               "billing:customers:invite",
                                               "billing:customers:read"};
  static const std::vector<std::string> read = {"billing:batches:read"};
  static const std::vector<Partner> partners = {
      {"s6BhdRkqt3", "gX1fBat3bV", all},
      {"partner-second", "sec0ndSecret", all},
      {"partner-pad1", "k3yForPadOne1", read},
      {"partner-pad2", "k3yForPadTwo", read},
      {"partner-b64u", "k>>>?key??", read},
      {"partner-colon", "se:cr:et", read},
      {"partner-enc", "a+b%2Fc d&e=f/", read},
      {"partner-read", "r3adOnlySecret", read},
      {"partner-noscope", "n0neAtAll", {}},
      {"partner-nogrant", "n0Grant4u", read, false},
      {"partner-suspended", "susp3nded", read, true, false},
      {"partner-long", "long-secret-of-exactly-seventy-two-octets-so-that-nothing-may-cut-it-off",
       read},
  };
  return partners;
}

const Partner* PartnerWith(std::string_view id, std::string_view secret) {
  for (const Partner& partner : Partners()) {
    if (partner.id == id && partner.secret == secret) return &partner;
  }
  return nullptr;
}

std::string Lowered(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

bool IsToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c <= '~' &&
           std::string_view("\"(),/:;<=>?@[\\]{}").find(c) == std::string_view::npos;
  });
}

std::string Trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(" \t") - first + 1));
}

// One half of a Basic pair in the form's encoding; nothing where it cannot be decoded.
std::optional<std::string> FormDecoded(const std::string& half) {
  // As the value of a pair: what would separate pairs is an octet like any other there.
  std::string escaped = "v=";
  for (char c : half) {
    if (c == '&') {
      escaped += "%26";
    } else {
      escaped += c;
    }
  }
  const FormReading reading = ReadForm(escaped);
  if (reading.refusal != FormReading::Refusal::kNone) return std::nullopt;
  return reading.pairs.at(0).second;
}

const Partner* LogIn(const std::string& authorization) {
  const auto sent = ReadBasic(authorization);
  if (!sent) return nullptr;
  const Partner* partner = PartnerWith(sent->first, sent->second);
  const auto id = FormDecoded(sent->first), secret = FormDecoded(sent->second);
  if (partner == nullptr && id && secret) partner = PartnerWith(*id, *secret);
  return partner != nullptr && partner->active ? partner : nullptr;
}

bool IsForm(const HeadReading& head) {
  const auto types = head.All("content-type");
  const auto media = types.size() == 1 ? ReadMediaType(types[0]) : std::nullopt;
  if (!media || media->type + "/" + media->subtype != "application/x-www-form-urlencoded") {
    return false;
  }
  for (const auto& [name, value] : media->parameters) {
    if (name == "charset" && Lowered(value) != "utf-8") return false;
  }
  for (const std::string& coding : head.All("content-encoding")) {
    if (Lowered(coding) != "identity") return false;
  }
  return true;
}

bool IsOAuthName(std::string_view name) {
  return name == "grant_type" || name == "scope" || name == "client_id" ||
         name == "client_secret" || name == "client_assertion" || name == "client_assertion_type";
}

Verdict PredictToken(const HeadReading& head, std::string_view query, std::string_view content) {
  if (head.method == "OPTIONS") return {204};
  if (head.method != "POST") return {405, "invalid_request"};
  if (!IsForm(head)) return {415, "invalid_request"};
  for (const auto& [name, value] : ReadFormLoosely(query)) {
    if (IsOAuthName(name)) return {400, "invalid_request"};
  }
  const auto authorizations = head.All("authorization");
  if (authorizations.size() > 1) return {400, "invalid_request"};
  const Partner* partner = authorizations.empty() ? nullptr : LogIn(authorizations[0]);
  if (partner == nullptr) return {401, "invalid_client"};

  const FormReading form = ReadForm(content);
  if (form.refusal != FormReading::Refusal::kNone) return {400, "invalid_request"};
  std::set<std::string> seen;
  std::string grant, scope;
  for (const auto& [name, value] : form.pairs) {
    if (!IsOAuthName(name)) continue;
    const bool other_login = name == "client_secret" || name.starts_with("client_assertion");
    const bool other_client = name == "client_id" && !value.empty() && value != partner->id;
    if (!seen.insert(name).second || other_login || other_client) return {400, "invalid_request"};
    if (name == "grant_type") grant = value;
    if (name == "scope") scope = value;
  }
  if (grant.empty()) return {400, "invalid_request"};
  if (grant != "client_credentials") return {400, "unsupported_grant_type"};
  if (!partner->grant) return {400, "unauthorized_client"};
  const auto tokens = ReadScope(scope);
  if (!tokens || !std::includes(partner->scopes.begin(), partner->scopes.end(), tokens->begin(),
                                tokens->end())) {
    return {400, "invalid_scope"};
  }
  return {200, "", *tokens};
}

// No token of these requests was ever issued, so that none opens a resource.
Verdict PredictResource(const HeadReading& head, std::string_view query, std::string_view method) {
  if (head.method != method) return {405, "invalid_request"};
  const auto authorizations = head.All("authorization");
  bool in_query = false;
  for (const auto& [name, value] : ReadFormLoosely(query)) in_query |= name == "access_token";
  if (authorizations.size() > 1 || (in_query && !authorizations.empty())) {
    return {400, "invalid_request"};
  }
  std::string scheme = authorizations.empty() ? "" : authorizations[0];
  scheme = Lowered(scheme.substr(0, scheme.find(' ')));
  if (scheme == "bearer") return {401, "invalid_token"};
  return {401};
}

}  // namespace

std::vector<std::string> HeadReading::All(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [key, value] : fields) {
    if (Lowered(key) == name) values.push_back(value);
  }
  return values;
}

HeadReading ReadHead(std::string_view head) {
  HeadReading reading;
  // Lines, by hand: the one good end of a line is CRLF.
  std::vector<std::string> lines(1);
  for (std::size_t i = 0; i < head.size(); ++i) {
    if (head[i] == '\r' && i + 1 < head.size() && head[i + 1] == '\n') {
      lines.emplace_back();
      ++i;
    } else if (head[i] == '\r' || head[i] == '\n' || head[i] == '\0') {
      reading.refusals.insert(400);
      lines.back() += head[i];
    } else {
      lines.back() += head[i];
    }
  }

  bool version_11 = false;
  std::vector<std::string> words(1);
  for (char c : lines[0]) {
    if (c == ' ') {
      words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  if (head.empty()) return reading;
  if (words.size() != 3 || !IsToken(words[0]) || words[1].empty()) {
    reading.refusals.insert(400);
    return reading;
  }
  reading.method = words[0];
  reading.target = words[1];
  const std::string& version = words[2];
  const bool shaped = version.size() == 8 && version.substr(0, 5) == "HTTP/" && version[5] >= '0' &&
                      version[5] <= '9' && version[6] == '.' && version[7] >= '0' &&
                      version[7] <= '9';
  if (!shaped) {
    reading.refusals.insert(400);
    return reading;
  }
  if (version[5] != '1') reading.refusals.insert(505);
  version_11 = version[7] != '0';

  for (std::size_t i = 1; i < lines.size() && !lines[i].empty(); ++i) {
    const std::string& line = lines[i];
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos || !IsToken(line.substr(0, colon))) {
      reading.refusals.insert(400);
      continue;
    }
    const std::string value = Trimmed(line.substr(colon + 1));
    for (unsigned char c : value) {
      if (c != '\t' && (c < 32 || c == 127)) reading.refusals.insert(400);
    }
    reading.fields.push_back({line.substr(0, colon), value});
  }

  const auto hosts = reading.All("host"), lengths = reading.All("content-length"),
             codings = reading.All("transfer-encoding");
  if (hosts.size() > 1 || (hosts.empty() && version_11)) reading.refusals.insert(400);
  for (const std::string& host : hosts) {
    if (host.empty()) reading.refusals.insert(400);
    for (char c : host) {
      const bool fits = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      if (!fits && std::string_view("-._~%!$&'()*+;=:[]").find(c) == std::string_view::npos) {
        reading.refusals.insert(400);
      }
    }
  }
  if (!codings.empty()) {
    if (!version_11 || !lengths.empty() || codings.size() > 1) reading.refusals.insert(400);
    if (Lowered(codings[0]) == "chunked") {
      reading.chunked = true;
    } else {
      reading.refusals.insert(IsToken(codings[0]) || codings[0].empty() ? 501 : 400);
    }
  }
  if (lengths.size() > 1) reading.refusals.insert(400);
  for (const std::string& length : lengths) {
    if (length.empty() || length.find_first_not_of("0123456789") != std::string::npos) {
      reading.refusals.insert(400);
    } else if (length.size() > 15) {
      reading.refusals.insert(413);
    } else {
      reading.content_length = 0;
      for (char c : length) {
        reading.content_length = *reading.content_length * 10 + static_cast<std::size_t>(c - '0');
      }
    }
  }
  return reading;
}

Verdict Predict(const HeadReading& head, std::string_view content) {
  static const std::set<std::string> methods = {"GET",     "HEAD",    "POST",  "PUT",  "DELETE",
                                                "CONNECT", "OPTIONS", "TRACE", "PATCH"};
  if (!methods.contains(head.method)) return {501, "invalid_request"};
  if (head.target == "*") {
    return head.method == "OPTIONS" ? Verdict{204} : Verdict{405, "invalid_request"};
  }
  const std::size_t question = head.target.find('?');
  const std::string path = head.target.substr(0, question);
  const std::string query = question == std::string::npos ? "" : head.target.substr(question + 1);
  if (path == "/billing/oauth2/token") return PredictToken(head, query, content);
  if (path == "/.well-known/oauth-authorization-server") {
    return head.method == "GET" ? Verdict{200} : Verdict{405, "invalid_request"};
  }
  const std::string sites = "/billing/sites/";
  if (path.substr(0, sites.size()) != sites) return {404, "invalid_request"};
  const std::string rest = path.substr(sites.size());
  const std::size_t slash = rest.find('/');
  const std::string what = slash == std::string::npos ? "" : rest.substr(slash + 1);
  if (slash != std::string::npos && what == "customers") return PredictResource(head, query, "GET");
  if (slash != std::string::npos && what == "batches") return PredictResource(head, query, "POST");
  return {404, "invalid_request"};
}

}  // namespace grantspec::model
