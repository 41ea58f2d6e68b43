#include "conformance/engine/diagnosis/sentence.h"

#include <gtest/gtest.h>

#include "conformance/engine/check/check.h"

namespace grantspec {
namespace {

RecordedCase Example(const std::string& expected, const std::string& actual) {
  RecordedCase recorded;
  recorded.verdict.expected = expected;
  recorded.verdict.actual = actual;
  recorded.observed = actual.starts_with("not an HTTP response") ? "not_http" : "";
  return recorded;
}

TEST(Sentence, SaysWhatTheTargetDoes) {
  struct Row {
    MissKind kind;
    std::vector<const char*> decisions;
    const char *expected, *actual, *fingerprint, *sentence;
  };
  const std::vector<Row> rows = {
      {MissKind::kTokenIssued,
       {"secret.value"},
       "invalid_client",
       "token",
       "",
       "A token is issued although the secret is wrong"},
      {MissKind::kTokenIssued,
       {"resource.token"},
       "401",
       "200",
       "",
       "The resource is served although the access token is invalid"},
      {MissKind::kServerError,
       {"scope.grammar"},
       "invalid_scope",
       "500",
       "500 text/html",
       "Malformed scope gets 500 text/html"},
      {MissKind::kServerError,
       {"scope.grammar", "grant.missing"},
       "",
       "",
       "500 text/html",
       "Malformed scope and 1 other kind of request get 500 text/html"},
      {MissKind::kServerError,
       {"scope.grammar", "grant.missing", "media.type"},
       "",
       "",
       "{error, message}",
       "Malformed scope and 2 other kinds of requests get a JSON object of error, message"},
      {MissKind::kRefused,
       {"media.parameter"},
       "token",
       "400",
       "400 invalid_request",
       "A parameter of Content-Type is refused with 400 invalid_request"},
      {MissKind::kWrongError,
       {"scope.known"},
       "invalid_scope; tolerated: 400",
       "401",
       "401 invalid_client: unknown client",
       "An unknown scope gets 401 invalid_client, not 400 invalid_scope"},
      {MissKind::kCheckFailed,
       {"error"},
       "WWW-Authenticate on a 401",
       "no WWW-Authenticate header",
       "challenge_present",
       "No WWW-Authenticate header (required: WWW-Authenticate on a 401)"},
      {MissKind::kCheckFailed,
       {"response"},
       "expires_in is a JSON number",
       "expires_in is not a JSON number",
       "expires_in_number",
       "expires_in is not a JSON number (required: expires_in is a JSON number)"},
      {MissKind::kServerError,
       {"error"},
       "no 5xx",
       "status 500; status 502",
       "no_server_error",
       "Status 500 (required: no 5xx)"},
      {MissKind::kInconsistent,
       {"scope.known"},
       "the same status for known_client and unknown",
       "\"400\" and \"401\"",
       "",
       "The status differs between known client and unknown: \"400\" and \"401\" (required: the "
       "same)"},
      {MissKind::kInconsistent,
       {"scope.known"},
       "another content for first and second",
       "\"a\" and \"a\"",
       "",
       "The body is the same for first and second (required: another one)"},
      {MissKind::kInconsistent,
       {"scope.known"},
       "the same time for both",
       "known takes 3 ms more",
       "",
       "Known takes 3 ms more (required: the same time for both)"},
      {MissKind::kMixedUp,
       {"scope.known"},
       "another token for first and second",
       "the same token",
       "",
       "The token is the same for first and second (required: another one)"},
      {MissKind::kStopped,
       {"limits"},
       "",
       "it stopped serving",
       "timeout",
       "The target stops serving after: A very large request"},
      {MissKind::kStopped,
       {"limits"},
       "",
       "one of 3 cases ended the target",
       "timeout",
       "One of 3 cases ended the target"},
      {MissKind::kDisconnected,
       {"limits"},
       "400 or closed",
       "closed: no response",
       "closed",
       "A very large request ends the connection without a response"},
      {MissKind::kDisconnected,
       {"limits"},
       "400 or closed",
       "not an HTTP response: malformed status line",
       "garbage",
       "A very large request gets bytes that are not HTTP/1.x"},
      {MissKind::kWrongError,
       {"media.type"},
       "media_type_refused or invalid_client_400",
       "status 406",
       "406 text/html",
       "Another media type than the form's gets 406 text/html, not 415, 400 invalid_request or 400 "
       "invalid_client"},
      {MissKind::kCheckFailed,
       {"framing.length"},
       "one response",
       "two responses",
       "one_response",
       "Ambiguous or invalid Content-Length: Two responses (required: one response)"},
      {MissKind::kSilent,
       {"limits"},
       "",
       "",
       "timeout",
       "A very large request gets no response in time"},
  };
  for (const Row& row : rows) {
    std::vector<const Decision*> decisions;
    for (const char* id : row.decisions) decisions.push_back(FindDecision(id));
    EXPECT_EQ(SentenceFor(row.kind, decisions, Example(row.expected, row.actual), row.fingerprint),
              row.sentence);
  }
}

TEST(Sentence, ACaseAboutAllResponsesStatesItsCheck) {
  Case spec;
  spec.standing = FindCheck("no_server_error");
  RecordedCase example = Example("no secret in a response", "the response has a secret");
  example.spec = &spec;
  EXPECT_EQ(SentenceFor(MissKind::kWrongError, {FindDecision("limits")}, example, "404 text/html"),
            "The response has a secret (required: no secret in a response)");
}

TEST(Shortened, KeepsCharactersWholeAndStatesTheLength) {
  EXPECT_EQ(Shortened("short", 5), "short");
  EXPECT_EQ(Shortened("brackets", 7), "bracket... (8 bytes)");
  EXPECT_EQ(Shortened("ab\xc3\xa9z", 3), "ab... (5 bytes)");
}

}  // namespace
}  // namespace grantspec
