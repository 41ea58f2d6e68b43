#include "conformance/engine/program/server_log.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

#include "conformance/engine/options/options.h"

namespace grantspec {
namespace {

using Lines = std::vector<std::string>;

std::string AsItIs(std::string_view line) {
  return std::string(line);
}

TEST(ServerLog, FindsLinesByRequestIdWithTheTraceThatFollows) {
  const LogByCase found = LinesOfCases(
      "GET /health\n"
      "ERROR [ab12cd34.scope.long.1] failed\r\n"
      "Traceback (most recent call last):\n"
      "  File \"app.py\", line 3, in token\n"
      "ValueError: too long\n"
      "GET /health\n"
      "  indented, but of another request\n"
      "INFO id=ab12cd34.grant_type.row.nul.2, 400\n"
      "INFO id=other123.scope.long.1\n",
      "ab12cd34", AsItIs);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found.at("scope.long"),
            (Lines{"ERROR [ab12cd34.scope.long.1] failed", "Traceback (most recent call last):",
                   "  File \"app.py\", line 3, in token", "ValueError: too long"}));
  EXPECT_EQ(found.at("grant_type.row.nul"), (Lines{"INFO id=ab12cd34.grant_type.row.nul.2, 400"}));
}

TEST(ServerLog, KnowsTracesOfOtherLanguages) {
  const LogByCase found = LinesOfCases(
      "t.a.b.1\njava.lang.IllegalStateException: x\n\tat a.B.c(B.java:3)\nCaused by: y\n"
      "t.a.c.1\nTypeError: undefined\n    at token (app.js:3)\n"
      "t.a.d.1\npanic: nil map\ngoroutine 7 [running]:\n\n",
      "t", AsItIs);
  EXPECT_EQ(found.at("a.b").size(), 4U);
  EXPECT_EQ(found.at("a.c").size(), 3U);
  EXPECT_EQ(found.at("a.d").size(), 3U);
}

TEST(ServerLog, NeedsAWholeRequestId) {
  for (const char* line : {"t", "t.", "t.a", "t.a.1", "t.a.b", "t.a.b.", "ta.b.1"}) {
    EXPECT_TRUE(LinesOfCases(line, "t", AsItIs).empty()) << line;
  }
  EXPECT_TRUE(LinesOfCases("(t.a.b.1).", "t", AsItIs).contains("a.b"));
}

TEST(ServerLog, IsCleanedAndBounded) {
  std::string log = "t.a.b.1 secret " + std::string(5'000, 'x') + "\n";
  for (int i = 0; i < 100; ++i) log += "  at frame " + std::to_string(i) + "\n";
  const auto clean = [](std::string_view line) {
    std::string text(line);
    const std::size_t at = text.find("secret");
    return at == std::string::npos ? text : text.replace(at, 6, "[secret]");
  };
  const Lines lines = LinesOfCases(log, "t", clean).at("a.b");
  EXPECT_EQ(lines.size(), 41U);
  EXPECT_TRUE(lines.front().starts_with("t.a.b.1 [secret] xxx"));
  EXPECT_TRUE(lines.front().ends_with("... (cut; 5015 bytes in all)"));
  EXPECT_LT(lines.front().size(), 1'100U);
  log.clear();
  for (int i = 0; i < 1'000; ++i) log += "t.a.b.1\n";
  EXPECT_EQ(LinesOfCases(log, "t", AsItIs).at("a.b").size(), 200U);
  EXPECT_TRUE(LinesOfCases(log, "t", [](std::string_view) { return std::string(); }).empty());
}

TEST(ServerLog, HasWhatWasWrittenSince) {
  const std::string path = testing::TempDir() + "server_log_test.log";
  std::ofstream(path) << "before\n";
  const ServerLog log(path);
  EXPECT_EQ(log.Written(), "");
  std::ofstream(path, std::ios::app) << "after\n";
  EXPECT_EQ(log.Written(), "after\n");
  std::ofstream(path) << "new\n";  // it was rotated
  EXPECT_EQ(log.Written(), "new\n");
  std::remove(path.c_str());
  EXPECT_EQ(log.Written(), "");
  EXPECT_THROW(ServerLog{path}, UsageError);
  EXPECT_THROW(ServerLog{testing::TempDir()}, UsageError);
}

}  // namespace
}  // namespace grantspec
