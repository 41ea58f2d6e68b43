#include "conformance/engine/secrets/distinctive.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "fixtures/grammar/ascii.h"

namespace grantspec {
namespace {

constexpr std::size_t kLengthMin = 8;

// What protocols, servers and this program say anyway.
constexpr std::string_view kVocabulary[] = {
    "access_token",
    "refresh_token",
    "id_token",
    "token_type",
    "expires_in",
    "scope",
    "state",
    "grant_type",
    "client_credentials",
    "authorization_code",
    "password",
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
    "redirect_uri",
    "response_type",
    "code_verifier",
    "username",
    "assertion",
    "audience",
    "resource",
    "error_description",
    "error_uri",
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
    "invalid_target",
    "invalid_token",
    "insufficient_scope",
    "access_denied",
    "expired_token",
    "invalid_dpop_proof",
    "slow_down",
    "authorization_pending",
    "temporarily_unavailable",
    "server_error",
    "not_applicable",
    "inconclusive",
    "token_endpoint",
    "introspection_endpoint",
    "revocation_endpoint",
    "issuer",
    "client_secret_basic",
    "client_secret_post",
    "private_key_jwt",
    "tls_client_auth",
    "authorization",
    "www-authenticate",
    "content-type",
    "content-length",
    "cache-control",
    "transfer-encoding",
    "content-encoding",
    "accept-encoding",
    "connection",
    "keep-alive",
    "no-store",
    "no-cache",
    "must-revalidate",
    "retry-after",
    "location",
    "set-cookie",
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "text/plain",
    "text/html",
    "charset=utf-8",
    "bearer token",
    "basic realm",
    "authentication failed",
    "invalid credentials",
    "unauthorized",
    "forbidden",
    "not found",
    "bad request",
    "method not allowed",
    "internal server error",
    "service unavailable",
    "too many requests",
    "unsupported media type",
    "credentials",
    "authentication",
    "certificate",
    "signature",
    "parameter",
    "parameters",
    "malformed",
    "duplicate",
    "unsupported",
    "registered",
    "localhost",
    "127.0.0.1",
    "https://",
    "http://",
    "http/1.1",
    "[redacted]",
    "redacted",
    "transport_tls",
};

}  // namespace

bool IsDistinctive(std::string_view value) {
  if (value.size() < kLengthMin) return false;
  const std::string lower = ToLower(value);
  return std::none_of(std::begin(kVocabulary), std::end(kVocabulary), [&](std::string_view word) {
    return word.find(lower) != std::string_view::npos;
  });
}

}  // namespace grantspec
