#include "conformance/answer.h"

#include <algorithm>
#include <initializer_list>

#include "fixtures/grammar/ascii.h"
#include "fixtures/grammar/json_text.h"

namespace grantspec {
namespace {

// The member `error` of a JSON object without a token; empty: none.
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

bool FailedBy(const Exchange& exchange, std::initializer_list<TransportError> errors) {
  return exchange.failure &&
         std::find(errors.begin(), errors.end(), exchange.failure->error) != errors.end();
}

bool IsClosed(const Exchange& exchange) {
  return FailedBy(exchange, {TransportError::kClosed, TransportError::kReset});
}

// The response of an exchange if its status is in a range and it hands out no token, or null.
const Response* WithoutToken(const Exchange& exchange, int status_min, int status_max) {
  const Response* response = exchange.response();
  if (response == nullptr || response->status < status_min || response->status > status_max ||
      HoldsToken(*response)) {
    return nullptr;
  }
  return response;
}

// ---- predicates of the classes ------------------------------------------------------------------

bool IsToken(const ResponseClass&, const Exchange& exchange) {
  const Response* response = exchange.response();
  if (response == nullptr || response->status != 200) return false;
  const auto object = ObjectOf(*response);
  const JsonMember* token = object ? object->Find("access_token") : nullptr;
  return token != nullptr && token->kind == JsonKind::kString && !token->text.empty();
}

bool IsErrorOfClass(const ResponseClass& wanted, const Exchange& exchange) {
  const Response* response = exchange.response();
  return response != nullptr && IsError(*response, wanted.status, wanted.code);
}

// A challenge with `error="code"` (RFC 6750 section 3), quoted or not.
bool IsBearerErrorOfClass(const ResponseClass& wanted, const Exchange& exchange) {
  const Response* response = WithoutToken(exchange, wanted.status, wanted.status);
  if (response == nullptr) return false;
  const std::string code(wanted.code);
  for (std::string_view value : response->fields.All("WWW-Authenticate")) {
    if (value.find("error=\"" + code + "\"") != std::string_view::npos ||
        value.find("error=" + code) != std::string_view::npos) {
      return true;
    }
  }
  return false;
}

bool IsMediaTypeRefused(const ResponseClass&, const Exchange& exchange) {
  const Response* response = exchange.response();
  return WithoutToken(exchange, 415, 415) != nullptr ||
         (response != nullptr && IsError(*response, 400, "invalid_request"));
}

bool IsSuccess(const ResponseClass&, const Exchange& exchange) {
  const Response* response = exchange.response();
  return response != nullptr && response->status >= 200 && response->status < 300;
}

bool IsRedirect(const ResponseClass&, const Exchange& exchange) {
  return WithoutToken(exchange, 300, 399) != nullptr;
}

bool IsRefused(const ResponseClass&, const Exchange& exchange) {
  return WithoutToken(exchange, 400, 499) != nullptr;
}

bool IsOauthError(const ResponseClass&, const Exchange& exchange) {
  const Response* response = WithoutToken(exchange, 400, 499);
  return response != nullptr && !ErrorCode(*response).empty();
}

bool IsClosedWithoutResponse(const ResponseClass&, const Exchange& exchange) {
  return exchange.responses.empty() && IsClosed(exchange);
}

bool IsTlsRefused(const ResponseClass&, const Exchange& exchange) {
  return FailedBy(exchange,
                  {TransportError::kTls, TransportError::kReset, TransportError::kClosed});
}

bool IsAnyWithoutToken(const ResponseClass&, const Exchange& exchange) {
  const Response* response = exchange.response();
  return response != nullptr && !HoldsToken(*response);
}

// ---- the classes --------------------------------------------------------------------------------

constexpr ResponseClass kResponseClasses[] = {
    {"token", "200 with an access_token (RFC 6749 section 5.1)", IsToken, 200, "", true},
    {"invalid_request", "400 invalid_request (RFC 6749 section 5.2)", IsErrorOfClass, 400,
     "invalid_request", true},
    {"invalid_client", "401 invalid_client (RFC 6749 section 5.2)", IsErrorOfClass, 401,
     "invalid_client", true},
    {"unauthorized_client_401", "401 unauthorized_client", IsErrorOfClass, 401,
     "unauthorized_client", false},
    {"invalid_client_400", "400 invalid_client (RFC 6749 section 5.2)", IsErrorOfClass, 400,
     "invalid_client", true},
    {"invalid_grant", "400 invalid_grant (RFC 6749 section 5.2)", IsErrorOfClass, 400,
     "invalid_grant", true},
    {"invalid_scope", "400 invalid_scope (RFC 6749 section 5.2)", IsErrorOfClass, 400,
     "invalid_scope", true},
    {"unauthorized_client", "400 unauthorized_client (RFC 6749 section 5.2)", IsErrorOfClass, 400,
     "unauthorized_client", true},
    {"unsupported_grant_type", "400 unsupported_grant_type (RFC 6749 section 5.2)", IsErrorOfClass,
     400, "unsupported_grant_type", true},
    {"invalid_target", "400 invalid_target (RFC 8707 section 2)", IsErrorOfClass, 400,
     "invalid_target", true},
    {"access_denied", "400 access_denied (RFC 8628 section 3.5)", IsErrorOfClass, 400,
     "access_denied", true},
    {"expired_token", "400 expired_token (RFC 8628 section 3.5)", IsErrorOfClass, 400,
     "expired_token", true},
    {"invalid_dpop_proof", "400 invalid_dpop_proof (RFC 9449 section 5)", IsErrorOfClass, 400,
     "invalid_dpop_proof", true},
    {"invalid_token", "401 with a Bearer challenge that says invalid_token (RFC 6750 section 3.1)",
     IsBearerErrorOfClass, 401, "invalid_token", true},
    {"insufficient_scope", "403 with a Bearer challenge that says insufficient_scope (RFC 6750)",
     IsBearerErrorOfClass, 403, "insufficient_scope", true},
    {"media_type_refused", "400 invalid_request, or 415", IsMediaTypeRefused},
    {"success", "any 2xx", IsSuccess},
    {"redirect", "any 3xx", IsRedirect},
    {"refused", "any 4xx without a token", IsRefused},
    {"oauth_error", "any 4xx that is a JSON object with a member error, without a token",
     IsOauthError},
    {"closed", "the connection closed or reset without an answer", IsClosedWithoutResponse},
    {"tls_refused", "the TLS handshake refused", IsTlsRefused},
    {"any", "any answer without a token", IsAnyWithoutToken},
};

const ResponseClass* FindResponseClass(std::string_view name) {
  for (const ResponseClass& known : kResponseClasses) {
    if (known.name == name) return &known;
  }
  return nullptr;
}

}  // namespace

std::span<const ResponseClass> ResponseClasses() {
  return kResponseClasses;
}

bool IsAnswerName(std::string_view name) {
  return IsStatusName(name) || FindResponseClass(name) != nullptr;
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
  if (const ResponseClass* known = FindResponseClass(name)) return known->matches(*known, exchange);
  if (!IsStatusName(name)) return false;
  const int status = (name[0] - '0') * 100 + (name[1] - '0') * 10 + (name[2] - '0');
  return WithoutToken(exchange, status, status) != nullptr;
}

std::string NameOf(const Exchange& exchange) {
  const Response* response = exchange.response();
  if (response == nullptr) {
    if (IsClosed(exchange)) return "closed";
    return exchange.failure ? std::string(ToString(exchange.failure->error)) : "nothing";
  }
  for (const ResponseClass& known : kResponseClasses) {
    if (known.distinctive && known.matches(known, exchange)) return std::string(known.name);
  }
  return std::to_string(response->status);
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
