// What a person reads when the control request gets no token.

#include "conformance/engine/run/control_message.h"

#include <gtest/gtest.h>

namespace grantspec {
namespace {

Exchange Received(int status, const std::string& content, std::vector<Field> fields = {}) {
  Exchange exchange;
  exchange.responses.push_back(
      {.status = status, .fields = {std::move(fields)}, .content = content});
  return exchange;
}

Exchange Failed(TransportError error, const std::string& detail) {
  Exchange exchange;
  exchange.failure = TransportFailure{error, detail};
  return exchange;
}

ControlContext Context(bool has_scope = false) {
  ControlContext context;
  context.client_id = "client-1";
  context.credentials_from = "the environment variable U";
  context.has_scope = has_scope;
  context.clean = [](std::string_view text) {
    std::string clean(text);
    const std::size_t at = clean.find("s3cret");
    if (at != std::string::npos) clean.replace(at, 6, "[secret]");
    return clean;
  };
  return context;
}

struct Row {
  Exchange exchange;
  std::string message;
};

TEST(ControlMessage, SaysWhatHappenedThenWhatToDo) {
  const std::vector<Field> html = {{"Content-Type", "text/html; charset=utf-8"}};
  const std::vector<Row> rows = {
      {Received(302, "", {{"Location", "https://example.com/login"}}),
       "no token: 302 redirect to https://example.com/login. Is this the token endpoint?"},
      {Received(307, "", {{"Location", "https://x.test/cb?key=s3cret"}}),
       "no token: 307 redirect to https://x.test/cb?key=[secret]. Is this the token endpoint?"},
      {Received(301, ""), "no token: 301 redirect without Location. Is this the token endpoint?"},
      {Received(404, "nothing here"), "no token: 404 Not Found. Is this the token endpoint?"},
      {Received(405, "<html>", html),
       "no token: 405 Method Not Allowed. Is this the token endpoint?"},
      {Received(200, "<!DOCTYPE html><p>Log in", html),
       "no token: an HTML page (200). Is this the token endpoint?"},
      {Received(403, "\n <html>"),
       "no token: an HTML page (403 Forbidden). Is this the token endpoint?"},
      {Received(200, "hi"),
       "no token: 200, 2 bytes without a media type, no JSON object. Is this the token endpoint?"},
      {Received(401, R"({"error":"invalid_client"})"),
       "no token: 401 invalid_client: the target rejected the client \"client-1\". Check its id "
       "and secret, which were read from the environment variable U"},
      {Received(400, R"({"error":"invalid_client","error_description":"bad s3cret"})"),
       "no token: 400 invalid_client (\"bad [secret]\"): the target rejected the client "
       "\"client-1\". Check its id and secret, which were read from the environment variable U"},
      {Received(401, ""),
       "no token: 401 Unauthorized: the target rejected the client \"client-1\". Check its id and "
       "secret, which were read from the environment variable U"},
      {Received(400, R"({"error":"invalid_scope"})"),
       "no token: 400 invalid_scope. Name a granted scope with --scope"},
      {Received(400, R"({"error":"unauthorized_client"})"),
       "no token: 400 unauthorized_client. Is the client allowed to use "
       "grant_type=client_credentials?"},
      {Received(400,
                R"({"error":"invalid_request","error_description":"missing parameter: audience"})"),
       "no token: the target wants the parameter \"audience\". Name it with --data-urlencode "
       "audience=VALUE, or a secret with --data-env"},
      {Received(400, R"({"error":"invalid_request","error_description":"scope is required"})"),
       "no token: the target wants the parameter \"scope\". Name a granted scope with --scope"},
      {Received(400, R"({"error":"invalid_request","error_description":"grant_type is required"})"),
       "no token: the target wants the parameter \"grant_type\", which was sent in a form. If "
       "the target expects JSON: --switch body=json"},
      {Received(400, R"({"error":"invalid_request","error_description":"`client_id` is missing"})"),
       "no token: the target wants the parameter \"client_id\". If it wants "
       "credentials in the content: --auth client_secret_post"},
      {Received(400, R"({"error":"invalid_request","error_description":"malformed"})"),
       "no token: 400 invalid_request (\"malformed\")"},
      {Received(415, ""),
       "no token: 415 Unsupported Media Type: the target rejects the media type "
       "application/x-www-form-urlencoded. If it expects JSON: --switch body=json. Is this the "
       "token endpoint?"},
      {Received(400, "Unsupported Content-Type"),
       "no token: 400 Bad Request: the target rejects the media type "
       "application/x-www-form-urlencoded. If it expects JSON: --switch body=json. Is this the "
       "token endpoint?"},
      {Received(429, ""),
       "no token: 429 Too Many Requests: the target throttles requests. Wait, then lower the load "
       "with --rate"},
      {Received(502, "bad s3cret"),
       "no token: 502 Bad Gateway (bad [secret]): the gateway in front of the target responded, "
       "not the application. Check the target; --wait-for SECONDS waits for one that is starting"},
      {Received(503, R"({"message":"no healthy upstream"})"),
       "no token: 503 Service Unavailable ({\"message\":\"no healthy upstream\"}): the gateway in "
       "front of the target responded, not the application. Check the target; --wait-for SECONDS "
       "waits for one that is starting"},
      {Received(418, ""), "no token: 418"},
      {Failed(TransportError::kUnreachable, "connection refused: port 1"),
       std::string(ToString(TransportError::kUnreachable)) +
           ": connection refused: port 1. Is the target running? --wait-for SECONDS waits for one "
           "that is starting"},
      {Failed(TransportError::kTls, "SSL certificate problem: self-signed certificate"),
       std::string(ToString(TransportError::kTls)) +
           ": SSL certificate problem: self-signed certificate. Name the certificate of its CA "
           "with --cacert FILE"},
      {Failed(TransportError::kTls, "wrong version number"),
       std::string(ToString(TransportError::kTls)) + ": wrong version number"},
      {Failed(TransportError::kNotSent, "credentials would leave in clear text"),
       "credentials would leave in clear text"},
  };
  for (const Row& row : rows) EXPECT_EQ(ControlMessage(row.exchange, Context()), row.message);
}

TEST(ControlMessage, DoesNotAskForAScopeThatWasSent) {
  const Exchange exchange =
      Received(400, R"({"error":"invalid_request","error_description":"scope is required"})");
  EXPECT_EQ(ControlMessage(exchange, Context(true)).find("--scope"), std::string::npos);
}

TEST(MissingParameter, IsNamedOnlyWhereTheTextIsClear) {
  const std::pair<std::string, std::string> named[] = {
      {"missing required parameter: audience", "audience"},
      {"Missing parameter: resource.", "resource"},
      {"AADSTS900144: The request body must contain the following parameter: 'scope' (required).",
       "scope"},
      {"audience is required", "audience"},
      {"The audience parameter is required", "audience"},
      {"`tenant_id` is mandatory", "tenant_id"},
      {"The required parameter \"audience\" is missing", "audience"},
      {"parameter missing: x.y-z", "x.y-z"}};
  for (const auto& [text, name] : named) EXPECT_EQ(MissingParameterIn(text), name) << text;
  for (const char* text :
       {"", "The request is malformed", "invalid value \"foo\"", "authentication is required",
        "a token is required", "missing 'a' or 'b'", "the parameter is required",
        "it doesn't work, can't say what is missing", "A parameter is missing"}) {
    EXPECT_EQ(MissingParameterIn(text), std::nullopt) << text;
  }
  EXPECT_EQ(MissingParameterIn("missing parameter: a" + std::string(10'000, 'a')), std::nullopt);
}

}  // namespace
}  // namespace grantspec
