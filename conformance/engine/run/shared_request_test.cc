#include "conformance/engine/run/shared_request.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "conformance/engine/case/testing.h"

namespace grantspec {
namespace {

TEST(SharedRequest, IsTheBaselineRequestOrAPlainGetOfAPath) {
  struct Row {
    const char* members;
    const char* request;
  };
  const Row rows[] = {
      {R"("response":"token")", "token"},
      {R"("response":"token","checks":["strict_json"])", "token"},
      {R"("at":"/.well-known/x","response":"200")", "/.well-known/x"},
      {R"("response":"token","change":{"form":{"scope":"a"}})", ""},
      {R"("response":"token","client":"second")", ""},
      {R"("response":"token","secret":"wrong")", ""},
      {R"("response":"token","repeat":2)", ""},
      {R"("response":"token","fresh":true)", ""},
      {R"("response":"token","alive":true)", ""},
      {R"("response":"token","within_ms":5000)", ""},
      {R"("steps":[{"name":"a","response":"token"},{"name":"b","response":"token"}])", ""},
  };
  for (const Row& row : rows) {
    const std::vector<Case> cases = Cases(row.members);
    EXPECT_EQ(SharedRequestOf(cases.front()), row.request) << row.members;
  }
}

TEST(SharedRequest, IsSentByTheCaseThatIsSentFirst) {
  const std::string plain = R"("response":"token")";
  std::array<std::vector<Case>, 4> files = {Cases(plain), Cases(plain),
                                            Cases(plain + R"(,"repeat":2)"), Cases(plain)};
  std::vector<const Case*> cases;
  for (std::size_t i = 0; i < files.size(); ++i) {
    files[i].front().id = std::string(1, static_cast<char>('a' + i));
    cases.push_back(&files[i].front());
  }
  const std::vector<SharingCases> groups = ByRequest(cases, {"scope.d"});
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_EQ(groups[0].sent->id, "d");
  EXPECT_EQ(groups[0].others, (std::vector<const Case*>{cases[0], cases[1]}));
  EXPECT_EQ(groups[1].sent->id, "c");
}

}  // namespace
}  // namespace grantspec
