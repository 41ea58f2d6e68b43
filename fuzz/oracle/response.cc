#include "fuzz/oracle/response.h"

#include "fixtures/grammar/challenge.h"
#include "fixtures/grammar/error_response.h"
#include "fixtures/grammar/token_response.h"
#include "fuzz/oracle/require.h"

namespace grantspec::fuzz {
namespace {

std::string_view BrokenChallenge(const Response& response) {
  const auto field = response.fields.First("WWW-Authenticate");
  if (!field) return "a 401 has a challenge";
  const auto challenges = ParseChallenges(*field);
  return challenges && !challenges->empty() ? "" : "a challenge keeps its grammar";
}

// A response with a body.
std::string_view BrokenBody(const Response& response) {
  const auto cache = response.fields.First("Cache-Control");
  if (!cache || *cache != "no-store") return "no response is stored";
  const auto type = response.fields.First("Content-Type");
  if (!type || !type->starts_with("application/json")) return "a response is JSON";
  if (response.status != 200 || response.content.find("access_token") == std::string::npos) {
    return "";
  }
  const auto token = ParseTokenResponse(response.content);
  const bool good = token && token->token_type == "Bearer" && token->access_token.size() >= 22;
  return good ? "" : "a token response keeps section 5.1 and is not to be guessed";
}

}  // namespace

std::string Outline(const Response& response) {
  std::string line = std::to_string(response.status);
  if (response.status == 200) {
    const auto token = ParseTokenResponse(response.content);
    if (token && token->scope) line += " " + token->scope->ToString();
  } else if (const auto error = ParseErrorResponse(response.content)) {
    line += " " + error->error;
  }
  return line;
}

std::string Outline(const model::Verdict& verdict) {
  std::string line = std::to_string(verdict.status);
  if (!verdict.error.empty()) line += " " + verdict.error;
  for (const std::string& token : verdict.scope) line += " " + token;
  return line;
}

std::string_view BrokenStanding(const Response& response) {
  const int status = response.status;
  if ((status < 200 || status >= 500) && status != 501) return "no request crashes an endpoint";
  if (status == 401) {
    const std::string_view broken = BrokenChallenge(response);
    if (!broken.empty()) return broken;
  }
  if (status == 405 && !response.fields.Has("Allow")) return "a 405 has Allow";
  for (const Field& line : response.fields.lines) {
    if (line.value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
      return "no field of a response contains a line end";
    }
  }
  return status == 204 ? "" : BrokenBody(response);
}

void HoldStanding(const Response& response) {
  const std::string_view broken = BrokenStanding(response);
  Require(broken.empty(), broken);
}

}  // namespace grantspec::fuzz
