#include "conformance/engine/record/renamed_cases.h"

#include <gtest/gtest.h>

#include "conformance/engine/case/case_file.h"

namespace grantspec {
namespace {

Waiver Of(const std::string& pattern, const std::string& observed) {
  return {pattern, "why", "who", "2027-01-31", observed, {"w.json", 3}};
}

TEST(RenamedCases, WaiversFollow) {
  const std::vector<Waiver> waivers = WithNewNames(
      {Of("a.old", "token"), Of("a.older", "token"), Of("a.older", "500"), Of("a.other", "token")},
      {{"a.old", "a.new"}, {"a.older", "a.new"}});
  ASSERT_EQ(waivers.size(), 3U);
  EXPECT_EQ(waivers[0].pattern, "a.new");
  EXPECT_EQ(waivers[1].pattern, "a.new");
  EXPECT_EQ(waivers[1].observed, "500");
  EXPECT_EQ(waivers[2].pattern, "a.other");
}

TEST(RenamedCases, TheSuitesOwnNameCases) {
  const std::string folder = std::string(GRANTSPEC_SOURCE_DIR) + "/conformance";
  const Clauses clauses = ReadClauses(folder + "/clauses.json");
  const std::vector<Case> cases = ReadSuite(folder, clauses);
  const RenamedCases renamed = ReadRenamedCases(folder + "/renamed.json", cases);
  EXPECT_EQ(renamed.at("client_auth_post.operator.ne"),
            "client_auth_post.operator.query_operators");
  EXPECT_THROW(ReadRenamedCases(folder + "/renamed.json", {}), FileError);
}

}  // namespace
}  // namespace grantspec
