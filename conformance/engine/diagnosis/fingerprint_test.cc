#include "conformance/engine/diagnosis/fingerprint.h"

#include <gtest/gtest.h>

namespace grantspec {
namespace {

RecordedExchange Received(const std::string& status, const std::string& type,
                          const std::string& content, const std::string& form = "") {
  RecordedExchange exchange;
  exchange.request = "POST /token HTTP/1.1\r\nAuthorization: Basic xyzxyz\r\n\r\n" + form;
  exchange.has_response = true;
  exchange.status_line = "HTTP/1.1 " + status;
  if (!type.empty()) exchange.fields.emplace_back("Content-Type", type);
  exchange.content = content;
  return exchange;
}

TEST(Fingerprint, OfARegisteredErrorHasStatusCodeAndMaskedDescription) {
  const std::string json = "application/json";
  EXPECT_EQ(FingerprintOf(Received("400 Bad Request", json, R"({"error":"invalid_scope"})")),
            "400 invalid_scope");
  EXPECT_EQ(FingerprintOf(Received("400 Bad Request", json,
                                   R"({"error":"invalid_scope","error_description":"no a:b here"})",
                                   "scope=a%3Ab")),
            "400 invalid_scope: no _ here");
  EXPECT_EQ(FingerprintOf(Received("500 Oops", json, R"({"error":"server_error"})")),
            "500 server_error");
}

TEST(Fingerprint, OfOtherJsonIsItsMembersWhateverTheStatus) {
  for (const char* status : {"400 Bad Request", "500 Internal Server Error"}) {
    EXPECT_EQ(FingerprintOf(Received(status, "application/json", R"({"title":"a","code":7})")),
              "{code, title}");
  }
  EXPECT_EQ(FingerprintOf(Received("400 Bad Request", "", R"({"error":"no_such_code"})")),
            "{error}");
  EXPECT_EQ(FingerprintOf(Received("200 OK", "", R"({"access_token":"[token]"})")), "token");
}

TEST(Fingerprint, OfAPageIsStatusAndMediaType) {
  EXPECT_EQ(FingerprintOf(Received("404 Not Found", "text/html; charset=utf-8", "<p>")),
            "404 text/html");
  EXPECT_EQ(FingerprintOf(Received("500 Oops", "text/html", "<html><title>Error 17 here</title>")),
            "500 text/html: Error _ here");
  EXPECT_EQ(FingerprintOf(Received("400 Bad Request", "", "oops")), "400 without media type");
  EXPECT_EQ(FingerprintOf(Received("400 Bad Request", "", "")), "400 without body");
}

TEST(Fingerprint, WithoutAResponseIsTheReason) {
  RecordedExchange exchange;
  exchange.transport = "timeout: 5 s";
  EXPECT_EQ(FingerprintOf(exchange), "timeout");
}

TEST(Masked, HidesWhatATextRepeatsOfTheRequest) {
  struct Row {
    const char *text, *form, *expected;
  };
  for (const Row& row : std::initializer_list<Row>{
           {"unknown scope \"a b\" given", "", "unknown scope _ given"},
           {"Check the `x` parameter", "", "Check the _ parameter"},
           {"client isn't known, isn't it", "", "client isn't known, isn't it"},
           {"line 12 of 30", "", "line _ of"},
           {"no scope a:b here", "scope=a:b", "no scope _ here"},
           {"no scope a:b here", "scope=a%3ab", "no scope _ here"},
           {"bad grant client_credentialsX now", "grant_type=client_credentialsX",
            "bad grant _ now"},
           {"Unsupported grant type: =client\n", "grant_type==client", "Unsupported grant type"},
           {"Unsupported grant type: undefined", "", "Unsupported grant type"},
           {"Unsupported grant type: ", "grant_type=", "Unsupported grant type"},
           {"grant_type is missing", "grant_type&scope=a", "grant_type is missing"},
           // A name of the protocol is the server's own word.
           {"grant_type is missing", "grant_type=&scope=a", "grant_type is missing"},
           {"", "", ""}}) {
    EXPECT_EQ(Masked(row.text, std::string("POST / HTTP/1.1\r\n\r\n") + row.form), row.expected)
        << row.text;
  }
}

}  // namespace
}  // namespace grantspec
