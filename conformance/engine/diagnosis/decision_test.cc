#include "conformance/engine/diagnosis/decision.h"

#include <gtest/gtest.h>

#include "conformance/engine/case/case_file.h"

namespace grantspec {
namespace {

TEST(Decision, ComesFromTheCategoryAndTheFirstClause) {
  struct Row {
    const char *category, *id, *clause, *decision;
  };
  for (const Row& row : std::initializer_list<Row>{
           {"client_auth_basic", "wrong_secret", "RFC6749-4.4.2-05", "secret.value"},
           {"client_auth_post", "body_wrong_secret", "RFC6749-5.2-07", "secret.value"},
           {"client_auth_basic", "pad1_missing", "RFC4648-3.2-01", "login.base64"},
           {"client_auth_basic", "quoted_token", "RFC9110-11.4-02", "login.base64"},
           {"client_auth_basic", "no_scheme", "RFC9110-11.4-02", "login.header"},
           {"scope", "unknown_only", "RFC6749-5.2-12", "scope.known"},
           {"scope", "my_own", "NO-SUCH-01", "scope.known"},
           {"my_category", "my_own", "RFC6749-5.2-12", "scope.known"},
           {"my_category", "my_own", "NO-SUCH-01", "other"}}) {
    const Clause clause = {row.clause, "RFC 1", "1", "MUST", "says", "black-box"};
    Case spec;
    spec.category = row.category;
    spec.id = row.id;
    spec.clauses = {&clause};
    EXPECT_EQ(DecisionOf(spec).id, row.decision) << row.id << " " << row.clause;
  }
}

// A case of the suite whose decision is not known would be grouped by chance.
TEST(Decision, IsKnownForEachCaseOfTheSuite) {
  const std::string folder = std::string(GRANTSPEC_SOURCE_DIR) + "/conformance";
  const Clauses clauses = ReadClauses(folder + "/clauses.json");
  for (const Case& one : ReadSuite(folder, clauses)) {
    EXPECT_NE(DecisionOf(one).id, kOtherDecision.id) << one.Name();
  }
}

}  // namespace
}  // namespace grantspec
