#include "conformance/engine/response/response_class.h"

#include <algorithm>
#include <initializer_list>

#include "fixtures/grammar/json_text.h"

namespace grantspec {
namespace {

bool FailedBy(const Inspection& received, std::initializer_list<TransportError> errors) {
  return received.failure &&
         std::find(errors.begin(), errors.end(), *received.failure) != errors.end();
}

// Whether the status is in a range and the response hands out no token.
bool IsWithoutToken(const Inspection& received, int status_min, int status_max) {
  return received.has_response && received.status >= status_min && received.status <= status_max &&
         !received.contains_token;
}

bool IsError(const Inspection& received, int status, std::string_view code) {
  return IsWithoutToken(received, status, status) && received.error == code;
}

// ---- predicates of the classes ------------------------------------------------------------------

bool IsToken(const ResponseClass&, const Inspection& received) {
  if (received.status != 200 || !received.object) return false;
  const JsonMember* token = received.object->Find("access_token");
  return token != nullptr && token->kind == JsonKind::kString && !token->text.empty();
}

bool IsErrorOfClass(const ResponseClass& wanted, const Inspection& received) {
  return IsError(received, wanted.status, wanted.code);
}

// A challenge with `error="code"` (RFC 6750 section 3), quoted or not.
bool IsBearerErrorOfClass(const ResponseClass& wanted, const Inspection& received) {
  if (!IsWithoutToken(received, wanted.status, wanted.status)) return false;
  const std::string code(wanted.code);
  return received.challenge_text.find("error=\"" + code + "\"") != std::string::npos ||
         received.challenge_text.find("error=" + code) != std::string::npos;
}

bool IsMediaTypeRefused(const ResponseClass&, const Inspection& received) {
  return IsWithoutToken(received, 415, 415) || IsError(received, 400, "invalid_request");
}

bool IsSuccess(const ResponseClass&, const Inspection& received) {
  return received.status >= 200 && received.status < 300;
}

// A page is what many servers have for each path that leads nowhere.
bool IsData(const ResponseClass& wanted, const Inspection& received) {
  const bool html =
      received.media_type && received.media_type->subtype.find("html") != std::string::npos;
  return IsSuccess(wanted, received) && received.status != 204 && !html;
}

bool IsRedirect(const ResponseClass&, const Inspection& received) {
  return IsWithoutToken(received, 300, 399);
}

bool IsRefused(const ResponseClass&, const Inspection& received) {
  return IsWithoutToken(received, 400, 499);
}

bool IsOauthError(const ResponseClass&, const Inspection& received) {
  return IsWithoutToken(received, 400, 499) && !received.error.empty();
}

bool IsClosedWithoutResponse(const ResponseClass&, const Inspection& received) {
  return !received.has_response &&
         FailedBy(received, {TransportError::kClosed, TransportError::kReset});
}

// Such as the body alone that HTTP/0.9 has.
bool IsNotHttp(const ResponseClass&, const Inspection& received) {
  return !received.has_response && FailedBy(received, {TransportError::kGarbage});
}

bool IsTlsRefused(const ResponseClass&, const Inspection& received) {
  return FailedBy(received,
                  {TransportError::kTls, TransportError::kReset, TransportError::kClosed});
}

bool IsAnyWithoutToken(const ResponseClass&, const Inspection& received) {
  return received.has_response && !received.contains_token;
}

bool IsStatus(const ResponseClass& wanted, const Inspection& received) {
  return IsWithoutToken(received, wanted.status, wanted.status);
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
    {"data", "any 2xx but 204 that is no HTML page", IsData},
    {"redirect", "any 3xx", IsRedirect},
    {"refused", "any 4xx without a token", IsRefused},
    {"oauth_error", "any 4xx that is a JSON object with a member error, without a token",
     IsOauthError},
    {"closed", "the connection closed or reset without a response", IsClosedWithoutResponse, 0, "",
     true},
    {"not_http", "bytes that are not an HTTP response with a head", IsNotHttp},
    {"tls_refused", "the TLS handshake refused", IsTlsRefused},
    {"any", "any response without a token", IsAnyWithoutToken},
};

constexpr int kStatusMin = 100, kStatusMax = 599;

// A row for each status.
class StatusClasses {
 public:
  StatusClasses() {
    for (int status = kStatusMin; status <= kStatusMax; ++status) {
      names_.push_back(std::to_string(status));
    }
    for (std::size_t i = 0; i < names_.size(); ++i) {
      rows_.push_back({.name = names_[i],
                       .says = "that status, without a token",
                       .matches = IsStatus,
                       .status = kStatusMin + static_cast<int>(i),
                       .is_status_only = true});
    }
  }

  const ResponseClass* Find(std::string_view name) const {
    const auto found = std::lower_bound(names_.begin(), names_.end(), name);
    if (found == names_.end() || *found != name) return nullptr;
    return &rows_[static_cast<std::size_t>(found - names_.begin())];
  }

 private:
  std::vector<std::string> names_;  // ascending; the rows refer to them
  std::vector<ResponseClass> rows_;
};

}  // namespace

std::span<const ResponseClass> ResponseClasses() {
  return kResponseClasses;
}

const ResponseClass* FindResponseClass(std::string_view name) {
  for (const ResponseClass& known : kResponseClasses) {
    if (known.name == name) return &known;
  }
  static const StatusClasses statuses;
  return statuses.Find(name);
}

const ResponseClass& TokenClass() {
  static const ResponseClass& row = *FindResponseClass("token");
  return row;
}

const ResponseClass& SuccessClass() {
  static const ResponseClass& row = *FindResponseClass("success");
  return row;
}

const ResponseClass* MostDistinctiveClass(const Inspection& received) {
  for (const ResponseClass& known : kResponseClasses) {
    if (known.distinctive && known.Matches(received)) return &known;
  }
  return nullptr;
}

// Early drafts of OAuth 2.0 had token responses in the encoding of a form.
bool IsFormWithToken(std::string_view content) {
  constexpr std::string_view kName = "access_token=";
  const bool is_form = content.find_first_of("<{\" ") == std::string_view::npos;
  return is_form && (content.starts_with(kName) || content.find("&access_token=") != content.npos);
}

bool MatchesAny(const ResponseClassList& classes, const Inspection& received) {
  return std::any_of(classes.begin(), classes.end(),
                     [&](const ResponseClass* one) { return one->Matches(received); });
}

bool ListsStatus(const ResponseClassList& classes, int status) {
  return std::any_of(classes.begin(), classes.end(), [status](const ResponseClass* one) {
    return one->is_status_only && one->status == status;
  });
}

std::shared_ptr<const JsonObject> ObjectOf(const Response& response) {
  if (response.content.empty()) return nullptr;
  auto object = ParseJsonObjectLoosely(response.content);
  return object ? std::make_shared<const JsonObject>(std::move(*object)) : nullptr;
}

bool ContainsToken(const Response& response) {
  return ContainsToken(response, ObjectOf(response).get());
}

bool ContainsToken(const Response& response, const JsonObject* object) {
  if (object != nullptr) return object->Find("access_token") != nullptr;
  const std::string_view content = response.content;
  return content.find("\"access_token\"") != std::string_view::npos || IsFormWithToken(content);
}

bool Matches(std::string_view name, const Exchange& exchange) {
  const ResponseClass* known = FindResponseClass(name);
  return known != nullptr && known->Matches(InspectionOf(exchange));
}

std::string NameOf(const Exchange& exchange) {
  return InspectionOf(exchange).name;
}

std::string Listed(const std::vector<std::string>& names) {
  std::string list;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) list += i + 1 == names.size() ? " or " : ", ";
    list += names[i];
  }
  return list;
}

std::string Listed(const ResponseClassList& classes) {
  return Listed(classes.Names());
}

}  // namespace grantspec
