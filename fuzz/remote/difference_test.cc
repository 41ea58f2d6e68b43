#include "fuzz/remote/difference.h"

#include <gtest/gtest.h>

namespace grantspec::fuzz {
namespace {

constexpr char kLine[] = "POST /billing/oauth2/token HTTP/1.1\r\nHost: a\r\n";
constexpr char kLogin[] = "Authorization: Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW\r\n";
constexpr char kType[] = "Content-Type: application/x-www-form-urlencoded\r\n";

std::string Request(const std::string& head, const std::string& body) {
  return head + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

TEST(Marks, AnOrdinaryRequestHasNone) {
  const std::string body = "grant_type=client_credentials&scope=billing:batches:read";
  EXPECT_EQ(MarksOf(Request(std::string(kLine) + kLogin + kType, body)), Marks{});
}

TEST(Marks, NameWhatIsOutOfTheOrdinary) {
  const std::string body = "grant_type=client_credentials&scope=%zz";
  EXPECT_EQ(MarksOf(Request(std::string(kLine) + kLogin + kLogin + kType, body)),
            (Marks{"two_authorizations", "escape_invalid", "other_grant", "no_scope"}));
  EXPECT_TRUE(MarksOf("GET / HTTP/1.1\r\nHost : a\r\n\r\n").contains("space_before_colon"));
  EXPECT_TRUE(MarksOf("GET").contains("head_malformed")) << "whatever the bytes are";
  EXPECT_FALSE(MarksOf("").empty());
}

TEST(Quirks, ExplainWhatShowsTheSameWithAtLeastTheirMarks) {
  Quirks quirks;
  EXPECT_TRUE(quirks.Learn({"rule", "400 a", "401 b", {"http_1_0"}}));
  EXPECT_FALSE(quirks.Learn({"rule", "400 a", "401 b", {"http_1_0", "query"}}));
  EXPECT_TRUE(quirks.Explain({"rule", "400 a", "401 b", {"http_1_0", "nul"}}));
  EXPECT_FALSE(quirks.Explain({"rule", "400 a", "401 b", {"nul"}})) << "another cause";
  EXPECT_FALSE(quirks.Explain({"rule", "400 a", "200", {"http_1_0"}})) << "another response";
  EXPECT_EQ(quirks.size(), 1u);
}

TEST(Quirks, WhoKeepsNoSuchRuleMayRefuseByAnotherOne) {
  Quirks quirks;
  quirks.Learn({"rule", "415 a", "200 scope", {"other_type"}});
  EXPECT_TRUE(quirks.Explain({"rule", "415 a", "400 b", {"other_type", "no_scope"}}));
  EXPECT_FALSE(quirks.Explain({"rule", "415 a", "400 b", {"two_types"}}));
  EXPECT_FALSE(quirks.Explain({"rule", "415 a", "500", {"other_type"}}));
}

TEST(Quirks, FindingsWithASharedMarkAreOne) {
  Quirks found;
  EXPECT_FALSE(found.Generalize({"rule", "a", "b", {"http_1_0", "nul"}}));
  found.Learn({"rule", "a", "b", {"http_1_0", "nul"}});
  EXPECT_FALSE(found.Generalize({"rule", "a", "b", {"query"}}));
  EXPECT_TRUE(found.Generalize({"rule", "a", "b", {"query", "nul"}}));
  EXPECT_TRUE(found.Explain({"rule", "a", "b", {"nul"}})) << "the mark that both have";
}

}  // namespace
}  // namespace grantspec::fuzz
