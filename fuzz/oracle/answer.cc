#include "fuzz/oracle/answer.h"

#include "fixtures/grammar/challenge.h"
#include "fixtures/grammar/error_response.h"
#include "fixtures/grammar/token_response.h"
#include "fuzz/oracle/require.h"

namespace grantspec::fuzz {
namespace {

void HoldChallenge(const Response& response) {
  const auto field = response.fields.First("WWW-Authenticate");
  Require(field.has_value(), "a 401 has a challenge");
  const auto challenges = ParseChallenges(*field);
  Require(challenges && !challenges->empty(), "a challenge keeps its grammar");
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

void HoldStanding(const Response& response) {
  Require(response.status >= 200 && response.status < 500 ? true : response.status == 501,
          "no request crashes an endpoint");
  if (response.status == 401) HoldChallenge(response);
  if (response.status == 405) Require(response.fields.Has("Allow"), "a 405 has Allow");
  for (const Field& line : response.fields.lines) {
    Require(line.value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos,
            "no field of an answer holds a line's end");
  }
  if (response.status == 204) return;
  const auto cache = response.fields.First("Cache-Control");
  Require(cache && *cache == "no-store", "no answer is stored");
  const auto type = response.fields.First("Content-Type");
  Require(type && type->starts_with("application/json"), "an answer is JSON");
  if (response.status == 200 && response.content.find("access_token") != std::string::npos) {
    const auto token = ParseTokenResponse(response.content);
    Require(token && token->token_type == "Bearer" && token->access_token.size() >= 22,
            "a token answer keeps section 5.1 and is not to be guessed");
  }
}

}  // namespace grantspec::fuzz
