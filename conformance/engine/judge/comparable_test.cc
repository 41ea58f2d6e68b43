#include "conformance/engine/judge/comparable.h"

#include <gtest/gtest.h>

#include "conformance/engine/response/testing.h"
#include "fixtures/grammar/basic.h"

namespace grantspec {
namespace {

TEST(Comparable, WordsThatVaryByNature) {
  for (const auto& [text, expected] : {
           std::pair{"no such client", "no such client"},
           {"AADSTS7000215 at 10:02:11", "AADSTS7000215 at {varies}"},
           {"Timestamp: 2026-01-02T03:04:05Z.", "Timestamp: {varies}."},
           {"Trace ID: 1b4e28ba-2fa1-11d2-883f-0016d3cca427, x", "Trace ID: {varies}, x"},
           {"id=9f86d081884c7d65!", "id={varies}!"},
           {"deadbeefdeadbeef", "deadbeefdeadbeef"},  // may be a word: no digit
           {"1700000000 ms, code 1002", "{varies} ms, code 1002"},
           {"", ""},
       }) {
    EXPECT_EQ(WithoutVaryingWords(text), expected);
  }
}

TEST(Comparable, TheIdentifierThatARequestNames) {
  EXPECT_EQ(IdentifierIn("POST / HTTP/1.1\r\nauthorization: " + FormatBasic({"partner", "x"}) +
                         "\r\n\r\nclient_id=other"),
            "partner");
  EXPECT_EQ(IdentifierIn("POST / HTTP/1.1\r\nHost: x\r\n\r\na=b&client_id=p%2Fq"), "p/q");
  EXPECT_EQ(IdentifierIn("POST / HTTP/1.1\r\n\r\na=b"), "");
  EXPECT_EQ(IdentifierIn("\r\n\r\n"), "");
  EXPECT_EQ(IdentifierIn(""), "");
}

std::string BodyFor(const std::string& id, const std::string& content) {
  Exchange exchange = Responded(401, content, {{{"Content-Type", "application/json"}}});
  exchange.sent = "POST / HTTP/1.1\r\nAuthorization: " + FormatBasic({id, "x"}) + "\r\n\r\n";
  const Inspection inspection = InspectionOf(exchange);
  return ComparableBody({exchange, inspection});
}

TEST(Comparable, ErrorsThatDifferInNothingThatTells) {
  EXPECT_EQ(BodyFor("alpha", R"({"error":"invalid_client","error_description":"alpha: no",)"
                             R"("traceId":"1","error-id":"x"})"),
            BodyFor("nobody", R"({"error":"invalid_client","error_description":"nobody: no",)"
                              R"("traceId":"2","error-id":"y"})"));
  EXPECT_NE(BodyFor("alpha", R"({"error":"invalid_client","error_description":"no client"})"),
            BodyFor("alpha", R"({"error":"invalid_client","error_description":"no secret"})"));
  EXPECT_EQ(BodyFor("alpha", "<p>alpha at 10:00:01</p>"),
            BodyFor("beta", "<p>beta at 10:00:02</p>"));
}

}  // namespace
}  // namespace grantspec
