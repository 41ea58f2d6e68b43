// What a miss costs, by its kind and by the level of its case.

#include "conformance/engine/judge/cost.h"

#include <gtest/gtest.h>

namespace grantspec {
namespace {

Profile Base(std::string_view name) {
  return *BuiltInProfile(name);
}

TEST(Cost, ATokenOrASecretFailsAtAnyLevel) {
  for (Level level :
       {Level::kMust, Level::kShould, Level::kMay, Level::kProfile, Level::kSecurity}) {
    for (std::string_view base : {"rfc6749", "pyng", "oauth21", "strict"}) {
      EXPECT_EQ(CostOf(Miss::kGrant, level, Base(base)), Outcome::kFail) << base;
      EXPECT_EQ(CostOf(Miss::kDisclosure, level, Base(base)), Outcome::kFail) << base;
    }
  }
}

TEST(Cost, EnumerationFailsByContractAndWhereStrict) {
  EXPECT_EQ(CostOf(Miss::kEnumeration, Level::kSecurity, Base("rfc6749")), Outcome::kWarn);
  EXPECT_EQ(CostOf(Miss::kEnumeration, Level::kSecurity, Base("oauth21")), Outcome::kWarn);
  EXPECT_EQ(CostOf(Miss::kEnumeration, Level::kSecurity, Base("pyng")), Outcome::kFail);
  EXPECT_EQ(CostOf(Miss::kEnumeration, Level::kSecurity, Base("strict")), Outcome::kFail);
}

TEST(Cost, OtherMissesCostWhatTheLevelSays) {
  const Profile rfc6749 = Base("rfc6749"), pyng = Base("pyng"), strict = Base("strict");
  EXPECT_EQ(CostOf(Miss::kExpectation, Level::kMust, rfc6749), Outcome::kFail);
  EXPECT_EQ(CostOf(Miss::kExpectation, Level::kShould, rfc6749), Outcome::kWarn);
  EXPECT_EQ(CostOf(Miss::kExpectation, Level::kShould, pyng), Outcome::kWarn);
  EXPECT_EQ(CostOf(Miss::kExpectation, Level::kShould, strict), Outcome::kFail);
  EXPECT_EQ(CostOf(Miss::kExpectation, Level::kMay, strict), Outcome::kInfo);
  EXPECT_EQ(CostOf(Miss::kExpectation, Level::kMay, pyng), Outcome::kInfo);
  EXPECT_EQ(CostOf(Miss::kExpectation, Level::kProfile, rfc6749), Outcome::kInfo);
  EXPECT_EQ(CostOf(Miss::kExpectation, Level::kProfile, pyng), Outcome::kFail);
  EXPECT_EQ(CostOf(Miss::kExpectation, Level::kSecurity, pyng), Outcome::kWarn);
  EXPECT_EQ(CostOf(Miss::kExpectation, Level::kSecurity, strict), Outcome::kFail);
}

TEST(Cost, ChecksAndRelationsHaveAKind) {
  for (const char* name : {"no_secret", "no_canary", "no_token_in_error", "no_token_in_fields",
                           "no_trace_echo", "jwt_no_secret", "cors"}) {
    ASSERT_NE(FindCheck(name), nullptr) << name;
    EXPECT_EQ(MissOf(*FindCheck(name)), Miss::kDisclosure) << name;
  }
  EXPECT_EQ(MissOf(*FindCheck("granted_within_registered")), Miss::kGrant);
  EXPECT_EQ(MissOf(*FindCheck("no_store")), Miss::kExpectation);
  for (const char* name : {"pragma", "date_present"}) {
    ASSERT_NE(FindCheck(name), nullptr) << name;
    EXPECT_EQ(MissOf(*FindCheck(name)), Miss::kMayBeLawful) << name;
  }
  EXPECT_EQ(CostOf(Miss::kMayBeLawful, Level::kShould, Base("strict")), Outcome::kWarn);

  EXPECT_EQ(MissOf(Related::kGranted, true, Level::kSecurity), Miss::kGrant);
  EXPECT_EQ(MissOf(Related::kToken, false, Level::kSecurity), Miss::kGrant);
  EXPECT_EQ(MissOf(Related::kStatus, true, Level::kSecurity), Miss::kEnumeration);
  EXPECT_EQ(MissOf(Related::kStatus, true, Level::kMust), Miss::kExpectation);
  EXPECT_EQ(MissOf(Related::kContent, true, Level::kSecurity), Miss::kExpectation);
  EXPECT_EQ(MissOf(Related::kFields, true, Level::kSecurity), Miss::kExpectation);
  EXPECT_EQ(MissOf(Related::kFields, true, Level::kSecurity, false), Miss::kEnumeration);
}

}  // namespace
}  // namespace grantspec
