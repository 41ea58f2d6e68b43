#include "conformance/answer.h"

#include <algorithm>

#include "fixtures/grammar/ascii.h"
#include "fixtures/grammar/json_text.h"

namespace grantspec {
namespace {

// The member `error` of a JSON object that holds no token; empty: there is none.
std::string ErrorCode(const Response& response) {
  const auto object = ObjectOf(response);
  if (!object) return {};
  const JsonMember* error = object->Find("error");
  if (error == nullptr || error->kind != JsonKind::kString) return {};
  return error->text;
}

bool IsError(const Response& response, int status, std::string_view code) {
  return response.status == status && ErrorCode(response) == code && !HoldsToken(response);
}

bool IsStatusName(std::string_view name) {
  return name.size() == 3 && name[0] >= '1' && name[0] <= '5' && IsDigit(name[1]) &&
         IsDigit(name[2]);
}

bool IsGivenUp(const Exchange& exchange) {
  return exchange.failure && (exchange.failure->error == TransportError::kClosed ||
                              exchange.failure->error == TransportError::kReset);
}

// Codes of RFC 6749 section 5.2 and of its extensions, each answered with 400.
constexpr std::string_view kCodes[] = {
    "invalid_request",        "invalid_grant", "unauthorized_client",
    "unsupported_grant_type", "invalid_scope", "invalid_target",
    "invalid_dpop_proof",     "access_denied", "expired_token"};

}  // namespace

const std::vector<AnswerName>& AnswerNames() {
  static const std::vector<AnswerName> names = {
      {"token", "200 with an access_token (RFC 6749 section 5.1)"},
      {"invalid_request", "400 invalid_request (RFC 6749 section 5.2)"},
      {"invalid_client", "401 invalid_client (RFC 6749 section 5.2)"},
      {"unauthorized_client_401", "401 unauthorized_client"},
      {"invalid_client_400", "400 invalid_client (RFC 6749 section 5.2)"},
      {"invalid_grant", "400 invalid_grant (RFC 6749 section 5.2)"},
      {"invalid_scope", "400 invalid_scope (RFC 6749 section 5.2)"},
      {"unauthorized_client", "400 unauthorized_client (RFC 6749 section 5.2)"},
      {"unsupported_grant_type", "400 unsupported_grant_type (RFC 6749 section 5.2)"},
      {"invalid_target", "400 invalid_target (RFC 8707 section 2)"},
      {"access_denied", "400 access_denied (RFC 8628 section 3.5)"},
      {"expired_token", "400 expired_token (RFC 8628 section 3.5)"},
      {"invalid_dpop_proof", "400 invalid_dpop_proof (RFC 9449 section 5)"},
      {"invalid_token",
       "401 with a Bearer challenge that says invalid_token (RFC 6750 section 3.1)"},
      {"insufficient_scope", "403 with a Bearer challenge that says insufficient_scope (RFC 6750)"},
      {"media_type_refused", "400 invalid_request, or 415"},
      {"success", "any 2xx"},
      {"redirect", "any 3xx"},
      {"refused", "any 4xx without a token"},
      {"oauth_error", "any 4xx that is a JSON object with a member error, without a token"},
      {"closed", "the connection closed or reset without an answer"},
      {"tls_refused", "the TLS handshake refused"},
      {"any", "any answer without a token"},
  };
  return names;
}

bool IsAnswerName(std::string_view name) {
  const auto& names = AnswerNames();
  return IsStatusName(name) || std::any_of(names.begin(), names.end(), [name](const auto& known) {
           return known.name == name;
         });
}

std::shared_ptr<const JsonObject> ObjectOf(const Response& response) {
  struct Last {
    std::string content;
    std::shared_ptr<const JsonObject> object;
  };
  thread_local Last last;
  if (response.content.empty()) return nullptr;
  if (response.content != last.content) {
    auto object = ParseJsonObjectLoosely(response.content);
    last.object = object ? std::make_shared<const JsonObject>(*object) : nullptr;
    last.content = response.content;
  }
  return last.object;
}

bool HoldsToken(const Response& response) {
  const auto object = ObjectOf(response);
  if (!object) return response.content.find("\"access_token\"") != std::string::npos;
  return object->Find("access_token") != nullptr;
}

bool Matches(std::string_view name, const Exchange& exchange) {
  if (name == "closed") return exchange.responses.empty() && IsGivenUp(exchange);
  if (name == "tls_refused") {
    return exchange.failure && (exchange.failure->error == TransportError::kTls ||
                                exchange.failure->error == TransportError::kReset ||
                                exchange.failure->error == TransportError::kClosed);
  }
  const Response* response = exchange.response();
  if (response == nullptr) return false;
  if (name == "token") {
    if (response->status != 200) return false;
    const auto object = ObjectOf(*response);
    const JsonMember* token = object ? object->Find("access_token") : nullptr;
    return token != nullptr && token->kind == JsonKind::kString && !token->text.empty();
  }
  if (name == "success") return response->status >= 200 && response->status < 300;
  if (HoldsToken(*response)) return false;
  if (name == "any") return true;
  if (IsStatusName(name)) return std::to_string(response->status) == name;
  if (name == "redirect") return response->status >= 300 && response->status < 400;
  const bool refusal = response->status >= 400 && response->status < 500;
  if (name == "refused") return refusal;
  if (name == "oauth_error") return refusal && !ErrorCode(*response).empty();
  if (name == "invalid_client") return IsError(*response, 401, "invalid_client");
  if (name == "unauthorized_client_401") return IsError(*response, 401, "unauthorized_client");
  if (name == "invalid_client_400") return IsError(*response, 400, "invalid_client");
  if (name == "media_type_refused") {
    return response->status == 415 || IsError(*response, 400, "invalid_request");
  }
  if (name == "invalid_token" || name == "insufficient_scope") {
    if (response->status != (name == "invalid_token" ? 401 : 403)) return false;
    for (std::string_view value : response->fields.All("WWW-Authenticate")) {
      if (value.find("error=\"" + std::string(name) + "\"") != std::string_view::npos ||
          value.find("error=" + std::string(name)) != std::string_view::npos) {
        return true;
      }
    }
    return false;
  }
  return IsError(*response, 400, name);
}

std::string NameOf(const Exchange& exchange) {
  if (exchange.responses.empty()) {
    if (IsGivenUp(exchange)) return "closed";
    return exchange.failure ? std::string(ToString(exchange.failure->error)) : "nothing";
  }
  const Response& response = *exchange.response();
  if (Matches("token", exchange)) return "token";
  if (response.status >= 300) {
    for (std::string_view name :
         {"invalid_client", "invalid_client_400", "invalid_token", "insufficient_scope"}) {
      if (Matches(name, exchange)) return std::string(name);
    }
    for (std::string_view code : kCodes) {
      if (IsError(response, 400, code)) return std::string(code);
    }
  }
  return std::to_string(response.status);
}

std::string Listed(const std::vector<std::string>& names) {
  std::string list;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) list += i + 1 == names.size() ? " or " : ", ";
    list += names[i];
  }
  return list;
}

}  // namespace grantspec
