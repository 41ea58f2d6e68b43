// Checks of errors and of statuses (RFC 6749 section 5.2).

#include "conformance/engine/check/finding.h"
#include "fixtures/grammar/json_text.h"

namespace grantspec::checks {
namespace {

Finding ErrorMember(const CheckedResponse& a, std::string_view name) {
  if (!a.from_token_endpoint || !IsErrorStatus(a)) return DoesNotApply();
  const auto& object = a.inspection.object;
  const JsonMember* member = MemberOf(object, name);
  // Null is how some frameworks write a member that is absent.
  if (member == nullptr || member->kind == JsonKind::kNull) return DoesNotApply();
  if (member->kind != JsonKind::kString) {
    // What `error` has to be is asked by a check of its own.
    if (name == "error") return DoesNotApply();
    return Violated(std::string(name) + " is not a JSON string");
  }
  bool fits = IsErrorText(member->text);
  if (name == "error_uri") fits = fits && member->text.find(' ') == std::string::npos;
  if (name == "error") fits = fits && !member->text.empty();
  return fits ? Satisfied() : Violated(std::string(name) + " is " + Quoted(member->text));
}

Finding ErrorCharset(const CheckedResponse& a) {
  return ErrorMember(a, "error");
}
Finding DescriptionCharset(const CheckedResponse& a) {
  return ErrorMember(a, "error_description");
}
Finding ErrorUri(const CheckedResponse& a) {
  return ErrorMember(a, "error_uri");
}

Finding DescriptionPresent(const CheckedResponse& a) {
  if (!a.from_token_endpoint || !IsErrorStatus(a)) return DoesNotApply();
  const auto& object = a.inspection.object;
  const JsonMember* member = MemberOf(object, "error_description");
  return member != nullptr && member->kind == JsonKind::kString
             ? Satisfied()
             : Violated("no string error_description");
}

Finding ErrorIsString(const CheckedResponse& a) {
  if (!a.from_token_endpoint || !IsErrorStatus(a)) return DoesNotApply();
  const auto& object = a.inspection.object;
  const JsonMember* error = MemberOf(object, "error");
  if (error == nullptr) return DoesNotApply();
  return error->kind == JsonKind::kString ? Satisfied() : Violated("error is not a JSON string");
}

bool IsServerError(const Response& response) {
  const int status = response.status;
  if (status < 500 || status == 501 || status == 505) return false;
  return status != 503 || !response.fields.Has("Retry-After");
}

// 501 is for a method that the server does not know at all; the token endpoint has to know POST.
bool IsPostNotImplemented(const CheckedResponse& a) {
  return a.from_token_endpoint && !a.exchange.raw && a.response.status == 501 &&
         a.exchange.sent.starts_with("POST ");
}

// A raw request may have got several responses.
Finding NoServerError(const CheckedResponse& a) {
  if (IsPostNotImplemented(a)) return Violated("status 501 after POST");
  if (IsServerError(a.response)) return Violated("status " + std::to_string(a.response.status));
  for (const Response& one : a.exchange.responses) {
    if (IsServerError(one)) return Violated("status " + std::to_string(one.status));
  }
  return Satisfied();
}

Finding NoRedirect(const CheckedResponse& a) {
  if (!a.from_token_endpoint) return DoesNotApply();
  const int status = a.response.status;
  return status >= 300 && status < 400 ? Violated("status " + std::to_string(status)) : Satisfied();
}

// RFC 6749 section 5.2: a failed login with Authorization gets 401.
Finding FailedLoginIs401(const CheckedResponse& a) {
  if (!a.from_token_endpoint || !TriedBasic(a.exchange) || a.response.status == 401) {
    return a.response.status == 401 ? Satisfied() : DoesNotApply();
  }
  const auto& object = a.inspection.object;
  const JsonMember* error = MemberOf(object, "error");
  if (error == nullptr || error->text != "invalid_client") return DoesNotApply();
  return Violated("invalid_client with status " + std::to_string(a.response.status));
}

Finding NotInvalidGrant(const CheckedResponse& a) {
  const auto& object = a.inspection.object;
  const JsonMember* error = MemberOf(object, "error");
  return error != nullptr && error->text == "invalid_grant" ? Violated("error is invalid_grant")
                                                            : Satisfied();
}

constexpr Check kErrorChecks[] = {
    {"error_charset", "error has only the characters of RFC 6749 section 5.2", ErrorCharset},
    {"description_charset", "error_description has only the characters of RFC 6749 section 5.2",
     DescriptionCharset},
    {"error_uri", "error_uri is a URI reference", ErrorUri},
    {"description_present", "error_description is present", DescriptionPresent},
    {"error_is_string", "error is a JSON string", ErrorIsString},
    {"no_server_error",
     "no 5xx (except 501 after another method than POST, 505, and 503 with Retry-After)",
     NoServerError},
    {"no_redirect", "no 3xx", NoRedirect},
    {"failed_login_is_401", "invalid_client after a Basic login is 401", FailedLoginIs401},
    {"not_invalid_grant", "error is not invalid_grant", NotInvalidGrant},
};

}  // namespace

std::span<const Check> ErrorChecks() {
  return kErrorChecks;
}

}  // namespace grantspec::checks
