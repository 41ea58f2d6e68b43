#include "fuzz/oracle/endpoint_model.h"

#include <algorithm>
#include <map>

namespace grantspec::model {
namespace {

struct Partner {
  std::string_view id, secret;
  std::vector<std::string> scopes;
  bool grant = true, active = true;
};

const std::vector<std::string> kAll = {"billing:batches:read", "billing:batches:submit",
                                       "billing:customers:invite", "billing:customers:read"};
const std::vector<std::string> kRead = {"billing:batches:read"};
const std::vector<Partner> kPartners = {
    {"s6BhdRkqt3", "gX1fBat3bV", kAll},
    {"partner-second", "sec0ndSecret", kAll},
    {"partner-pad1", "k3yForPadOne1", kRead},
    {"partner-pad2", "k3yForPadTwo", kRead},
    {"partner-b64u", "k>>>?key??", kRead},
    {"partner-colon", "se:cr:et", kRead},
    {"partner-enc", "a+b%2Fc d&e=f/", kRead},
    {"partner-read", "r3adOnlySecret", kRead},
    {"partner-noscope", "n0neAtAll", {}},
    {"partner-nogrant", "n0Grant4u", kRead, false},
    {"partner-suspended", "susp3nded", kRead, true, false},
    {"partner-long", "long-secret-of-exactly-seventy-two-octets-so-that-nothing-may-cut-it-off",
     kRead},
};

const Partner* PartnerWith(std::string_view id, std::string_view secret) {
  for (const Partner& partner : kPartners) {
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
  // As the value of a pair: what would separate pairs is an ordinary byte there.
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

Verdict PredictScope(const Partner& partner, std::string_view scope) {
  const auto tokens = ReadScope(scope);
  const bool granted = tokens && std::includes(partner.scopes.begin(), partner.scopes.end(),
                                               tokens->begin(), tokens->end());
  if (!granted) return {400, "invalid_scope"};
  return {200, "", *tokens};
}

// The body of a request of a client that is logged in.
Verdict PredictGrant(const Partner& partner, std::string_view content) {
  const FormReading form = ReadForm(content);
  if (form.refusal != FormReading::Refusal::kNone) return {400, "invalid_request"};
  std::map<std::string, std::string> parameters;
  for (const auto& [name, value] : form.pairs) {
    if (!IsOAuthName(name)) continue;
    const bool other_login = name == "client_secret" || name.starts_with("client_assertion");
    const bool other_client = name == "client_id" && !value.empty() && value != partner.id;
    const bool duplicate = !parameters.insert({name, value}).second;
    if (duplicate || other_login || other_client) return {400, "invalid_request"};
  }
  const std::string grant = parameters["grant_type"];
  if (grant.empty()) return {400, "invalid_request"};
  if (grant != "client_credentials") return {400, "unsupported_grant_type"};
  if (!partner.grant) return {400, "unauthorized_client"};
  return PredictScope(partner, parameters["scope"]);
}

Verdict PredictToken(const HeadReading& head, std::string_view query, std::string_view content) {
  if (head.method == "OPTIONS") return {204};
  if (head.method != "POST") return {405, "invalid_request"};
  if (!IsForm(head)) return {415, "invalid_request"};
  const Pairs in_query = ReadFormLoosely(query);
  const bool oauth_in_query = std::any_of(in_query.begin(), in_query.end(),
                                          [](const auto& pair) { return IsOAuthName(pair.first); });
  if (oauth_in_query) return {400, "invalid_request"};
  const auto authorizations = head.All("authorization");
  if (authorizations.size() > 1) return {400, "invalid_request"};
  const Partner* partner = authorizations.empty() ? nullptr : LogIn(authorizations[0]);
  if (partner == nullptr) return {401, "invalid_client"};
  return PredictGrant(*partner, content);
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

// Lines, by hand: the one good end of a line is CRLF.
std::vector<std::string> LinesOf(std::string_view head, std::set<int>& refusals) {
  std::vector<std::string> lines(1);
  for (std::size_t i = 0; i < head.size(); ++i) {
    if (head[i] == '\r' && i + 1 < head.size() && head[i + 1] == '\n') {
      lines.emplace_back();
      ++i;
      continue;
    }
    if (head[i] == '\r' || head[i] == '\n' || head[i] == '\0') refusals.insert(400);
    lines.back() += head[i];
  }
  return lines;
}

std::vector<std::string> WordsOf(std::string_view line) {
  std::vector<std::string> words(1);
  for (char c : line) {
    if (c == ' ') {
      words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  return words;
}

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

// The major and minor digit of HTTP/x.y, or nothing.
std::optional<std::pair<char, char>> VersionOf(std::string_view word) {
  const bool shaped = word.size() == 8 && word.substr(0, 5) == "HTTP/" && IsDigit(word[5]) &&
                      word[6] == '.' && IsDigit(word[7]);
  if (!shaped) return std::nullopt;
  return std::pair{word[5], word[7]};
}

// The request line; false: it is malformed, and nothing else is read.
bool ReadRequestLine(std::string_view line, HeadReading& reading, bool& version_11) {
  const std::vector<std::string> words = WordsOf(line);
  const auto version = words.size() == 3 ? VersionOf(words[2]) : std::nullopt;
  if (words.size() != 3 || !IsToken(words[0]) || words[1].empty()) return false;
  reading.method = words[0];
  reading.target = words[1];
  if (!version) return false;
  if (version->first != '1') reading.refusals.insert(505);
  version_11 = version->second != '0';
  return true;
}

void ReadField(const std::string& line, HeadReading& reading) {
  const std::size_t colon = line.find(':');
  if (colon == std::string::npos || !IsToken(line.substr(0, colon))) {
    reading.refusals.insert(400);
    return;
  }
  const std::string value = Trimmed(line.substr(colon + 1));
  for (unsigned char c : value) {
    if (c != '\t' && (c < 32 || c == 127)) reading.refusals.insert(400);
  }
  reading.fields.push_back({line.substr(0, colon), value});
}

bool IsHostCharacter(char c) {
  const bool plain = IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return plain || std::string_view("-._~%!$&'()*+;=:[]").find(c) != std::string_view::npos;
}

void JudgeHost(bool version_11, HeadReading& reading) {
  const auto hosts = reading.All("host");
  if (hosts.size() > 1 || (hosts.empty() && version_11)) reading.refusals.insert(400);
  for (const std::string& host : hosts) {
    if (host.empty() || !std::all_of(host.begin(), host.end(), IsHostCharacter)) {
      reading.refusals.insert(400);
    }
  }
}

void JudgeTransferEncoding(bool version_11, HeadReading& reading) {
  const auto codings = reading.All("transfer-encoding");
  if (codings.empty()) return;
  const bool alone = codings.size() == 1 && reading.All("content-length").empty();
  if (!version_11 || !alone) reading.refusals.insert(400);
  reading.chunked = Lowered(codings[0]) == "chunked";
  if (!reading.chunked) {
    reading.refusals.insert(IsToken(codings[0]) || codings[0].empty() ? 501 : 400);
  }
}

void JudgeContentLength(HeadReading& reading) {
  const auto lengths = reading.All("content-length");
  if (lengths.size() > 1) reading.refusals.insert(400);
  for (const std::string& length : lengths) {
    if (length.empty() || !std::all_of(length.begin(), length.end(), IsDigit)) {
      reading.refusals.insert(400);
    } else if (length.size() > 15) {
      reading.refusals.insert(413);
    } else {
      reading.content_length = std::stoull(length);
    }
  }
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
  if (head.empty()) return reading;
  const std::vector<std::string> lines = LinesOf(head, reading.refusals);
  bool version_11 = false;
  if (!ReadRequestLine(lines[0], reading, version_11)) {
    reading.refusals.insert(400);
    return reading;
  }
  for (std::size_t i = 1; i < lines.size() && !lines[i].empty(); ++i) ReadField(lines[i], reading);
  JudgeHost(version_11, reading);
  JudgeTransferEncoding(version_11, reading);
  JudgeContentLength(reading);
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
