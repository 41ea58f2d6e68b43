#include "conformance/engine/run/shared_request.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "conformance/engine/case/testing.h"
#include "fixtures/target/client_file.h"

namespace grantspec {
namespace {

class SharedRequestTest : public testing::Test {
 protected:
  // What a case with these members shares.
  std::string Of(const std::string& members) const {
    return SharedRequestOf(Cases(members).front(), binder_);
  }

  static Profile WithResource() {
    Profile profile = EmbeddedProfile();
    profile.resource = Resource{"http://127.0.0.1:2/api/sites/a/x", "GET", "", "a"};
    return profile;
  }

  const Profile profile_ = WithResource();
  const Binder binder_{profile_, *PlaceOf("http://127.0.0.1:1/token"), "canary0123"};
};

TEST_F(SharedRequestTest, TheBaselineRequestAndAGetOfAPathHaveNames) {
  EXPECT_EQ(Of(R"("response":"token")"), "the baseline request");
  EXPECT_EQ(Of(R"("response":"token","checks":["strict_json"])"), "the baseline request");
  EXPECT_EQ(Of(R"("at":"/.well-known/x","response":"200")"), "/.well-known/x");
  const std::string at_resource = Of(R"("at":"resource","response":"401")");
  EXPECT_NE(at_resource, "the baseline request");
  EXPECT_NE(at_resource, Of(R"("response":"refused")"));
}

TEST_F(SharedRequestTest, OtherRequestsAreEqualByTheirBytes) {
  const std::string encoded = R"("response":"invalid_scope","change":{"form":{"scope":"a"}})";
  EXPECT_NE(Of(encoded), "");
  EXPECT_EQ(Of(encoded), Of(encoded + R"(,"checks":["strict_json"])"));
  EXPECT_NE(Of(encoded), Of(R"("response":"invalid_scope","change":{"form":{"scope":"b"}})"));
  EXPECT_NE(Of(encoded), Of(R"("response":"token","change":{"form":{"scope":"a"}})"))
      << "a refusal needs a control request after it";
  EXPECT_NE(Of(encoded), Of(encoded + R"(,"client":"second")"));
}

TEST_F(SharedRequestTest, CasesAboutMoreThanOneResponseShareNone) {
  for (const char* members : {
           R"("response":"token","repeat":2)",
           R"("response":"token","fresh":true)",
           R"("response":"token","alive":true)",
           R"("response":"token","within_ms":5000)",
           R"("steps":[{"name":"a","response":"token"},{"name":"b","response":"token"}])",
       }) {
    EXPECT_EQ(Of(members), "") << members;
  }
}

TEST_F(SharedRequestTest, IsSentByTheCaseThatIsSentFirst) {
  const std::string plain = R"("response":"token")";
  std::array<std::vector<Case>, 4> files = {Cases(plain), Cases(plain),
                                            Cases(plain + R"(,"repeat":2)"), Cases(plain)};
  std::vector<const Case*> cases;
  for (std::size_t i = 0; i < files.size(); ++i) {
    files[i].front().id = std::string(1, static_cast<char>('a' + i));
    cases.push_back(&files[i].front());
  }
  const std::vector<SharingCases> groups = ByRequest(cases, binder_, {"scope.d"});
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_EQ(groups[0].sent->id, "d");
  EXPECT_EQ(groups[0].others, (std::vector<const Case*>{cases[0], cases[1]}));
  EXPECT_EQ(groups[1].sent->id, "c");
}

}  // namespace
}  // namespace grantspec
