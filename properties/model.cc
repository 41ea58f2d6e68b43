#include "properties/model.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <random>
#include <set>

#include "fixtures/grammar/ascii.h"
#include "fixtures/grammar/base64.h"
#include "fixtures/grammar/form.h"

namespace grantspec {
namespace {

Response Answer(int status, std::string content) {
  Response response;
  response.status = status;
  response.fields.Add("Content-Type", "application/json");
  response.fields.Add("Cache-Control", "no-store");
  if (status == 401) response.fields.Add("WWW-Authenticate", "Basic realm=\"model\"");
  if (status == 405) response.fields.Add("Allow", "POST");
  response.content = std::move(content);
  return response;
}

Response Refusal(int status, const std::string& code) {
  return Answer(status, "{\"error\":\"" + code + "\"}");
}

// The client that a request logs in as, or null.
const Client* LoggedIn(const Profile& profile, const Request& request) {
  const auto values = request.fields.All("Authorization");
  if (values.size() != 1) return nullptr;
  const std::string value(values.front());
  const std::size_t space = value.find(' ');
  if (space == std::string::npos || ToLower(value.substr(0, space)) != "basic") return nullptr;
  const auto pair = DecodeBase64(value.substr(value.find_first_not_of(' ', space)));
  if (!pair) return nullptr;
  const std::size_t colon = pair->find(':');
  if (colon == std::string::npos) return nullptr;
  const auto id = DecodeFormComponent(pair->substr(0, colon));
  const auto secret = DecodeFormComponent(pair->substr(colon + 1));
  if (!id || !secret) return nullptr;
  for (const auto& [role, client] : profile.clients) {
    if (client.id == *id && client.secret == *secret && role != "suspended") return &client;
  }
  return nullptr;
}

}  // namespace

Response AnswerOfModel(const Profile& profile, const Request& request, unsigned serial) {
  if (request.method != "POST") return Refusal(405, "invalid_request");
  const Client* client = LoggedIn(profile, request);
  if (client == nullptr) return Refusal(401, "invalid_client");
  const std::string type = ToLower(request.fields.First("Content-Type").value_or(""));
  if (type.substr(0, type.find(';')) != "application/x-www-form-urlencoded") {
    return Refusal(415, "invalid_request");
  }
  std::map<std::string, std::string> form;
  for (const FormParameter& one : ParseFormWhatwg(request.content).parameters) {
    if (!form.emplace(one.name, one.value).second) return Refusal(400, "invalid_request");
  }
  const std::string grant = form["grant_type"], asked = form["scope"];
  if (grant.empty()) return Refusal(400, "invalid_request");
  if (grant != "client_credentials") return Refusal(400, "unsupported_grant_type");
  std::set<std::string> words;
  for (std::size_t at = 0; at <= asked.size();) {
    const std::size_t end = std::min(asked.find(' ', at), asked.size());
    words.insert(asked.substr(at, end - at));
    at = end + 1;
  }
  std::string granted;
  for (const std::string& word : words) {
    const auto& known = client->scopes;
    if (std::find(known.begin(), known.end(), word) == known.end()) {
      return Refusal(400, "invalid_scope");
    }
    granted += (granted.empty() ? "" : " ") + word;
  }
  std::mt19937_64 random(serial);
  std::string token;
  for (int i = 0; i < 4; ++i) {
    std::array<char, 24> part{};
    std::snprintf(part.data(), part.size(), "%016llx", static_cast<unsigned long long>(random()));
    token += part.data();
  }
  return Answer(200, "{\"access_token\":\"" + token +
                         "\",\"token_type\":\"Bearer\",\"expires_in\":900,\"scope\":\"" + granted +
                         "\"}");
}

}  // namespace grantspec
