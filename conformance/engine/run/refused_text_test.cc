#include "conformance/engine/run/refused_text.h"

#include <gtest/gtest.h>

#include <string>
#include <variant>

namespace grantspec {
namespace {

TEST(RefusedText, IsTheDecodedTextOfARequestWithoutWhatIsPrivate) {
  struct Row {
    std::string request, text;
  };
  const Row rows[] = {
      {"POST /t HTTP/1.1\r\n\r\nscope=a%27--", "/t\nscope\na'--"},
      {"GET /a/..%2fb?x=%3Cb%3E&y=1 HTTP/1.1\r\nHost: a\r\n\r\n", "/a/../b\nx\n<b>\ny\n1"},
      {"POST /t HTTP/1.1\r\nAuthorization: Basic YWxpY2U6aHVudGVyJyBvciAxPTE=\r\n\r\n",
       "/t\n:' or 1=1"},
      {"POST /t HTTP/1.1\r\nAuthorization: Basic ???\r\n\r\na=b", "/t\na\nb"},
      {"GET / HTTP/1.1\r\n\r\n", "/"},
      {"GET", ""},
      {"", ""},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(RefusedText(row.request, {"hunter", "", "alice"}), row.text) << row.request;
  }
  EXPECT_EQ(RefusedText("POST /t HTTP/1.1\r\n\r\na=" + std::string(9'000, 'x'), {}).size(),
            kRefusedTextBytesMax);
}

Exchange Responded(int status, std::string content) {
  Exchange exchange;
  exchange.responses.emplace_back().status = status;
  exchange.responses.back().content = std::move(content);
  return exchange;
}

TEST(RefusedText, RefusalsOfOneFirewallAreEqual) {
  const std::string page = RefusalOf(Responded(403, "<p>Blocked, incident 18-af00</p>"));
  EXPECT_FALSE(page.empty());
  EXPECT_EQ(page, RefusalOf(Responded(403, "<p>Blocked, incident 77-b1c9</p>")));
  EXPECT_NE(page, RefusalOf(Responded(404, "<p>Blocked, incident 18-af00</p>")));
  EXPECT_NE(page, RefusalOf(Responded(403, "{\"error\":\"invalid_scope\"}")));
  EXPECT_EQ(RefusalOf(Responded(200, "{}")), "");
}

TEST(RefusedText, AConnectionThatEndsIsARefusalAndSilenceIsNone) {
  Exchange closed, reset, silent;
  closed.failure = TransportFailure{TransportError::kClosed, ""};
  reset.failure = TransportFailure{TransportError::kReset, ""};
  silent.failure = TransportFailure{TransportError::kTimeout, ""};
  EXPECT_FALSE(RefusalOf(closed).empty());
  EXPECT_EQ(RefusalOf(closed), RefusalOf(reset));
  EXPECT_EQ(RefusalOf(silent), "");
}

TEST(RefusedText, IsSentElsewhereWithoutCredentials) {
  const Outgoing outgoing = TextElsewhere("/oauth/token?tenant=1", "a' --");
  const auto& request = std::get<Request>(outgoing.message);
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.target, "/oauth/token/note?text=a%27%20--");
  EXPECT_TRUE(request.fields.lines.empty());
  EXPECT_FALSE(outgoing.may_contain_credentials);
}

}  // namespace
}  // namespace grantspec
