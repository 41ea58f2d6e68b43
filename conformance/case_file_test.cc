// Mistakes in case files, each with its line.

#include "conformance/case_file.h"

#include <gtest/gtest.h>

#include "conformance/testing.h"

namespace grantspec {
namespace {

std::string MistakeOf(const std::string& members) {
  try {
    (void)Cases(members);
  } catch (const FileError& error) {
    return error.what();
  }
  return "";
}

TEST(CaseFile, SaysWhereAMistakeIs) {
  EXPECT_EQ(MistakeOf(R"("response":"token")"), "");
  EXPECT_EQ(MistakeOf(R"("change":{"fields":{"X":"{{base64('a\r\nb')}}"}},"response":"token")"),
            "");
  for (const char* bad :
       {R"("response":"tokn")",
        R"("response":[])",
        R"("answr":"token")",
        R"("id":"b","response":"token")",
        R"("change":{},"raw":"x","response":"token")",
        R"("response":"token","level":"HIGH")",
        R"("change":{"form":{},"content":"x","form":{}},"response":"token")",
        R"("change":{"form":{"a":"b"},"content":"x"},"response":"token")",
        R"("response":"token","checks":"no_such")",
        R"("raw":"\u20ac","response":"token")",
        R"("change":{"method":"A\r\nB"},"response":"token")",
        R"("change":{"target":"/\u0000"},"response":"token")",
        R"("change":{"fields":{"X":["a","b\nc"]}},"response":"token")",
        R"("change":{"target":"{{path}}\r\n"},"response":"token")",
        R"("response":"token","client":"boss")",
        R"("steps":[{"name":"a","response":"token"}],"response":"token")",
        R"("note":"nothing expected")",
        R"("response":"token","needs":"sope")",
        R"("response":"token","needs":"contrct=pyng")",
        R"("response":"token","strict":"strict.x")",
        R"("response":"token","if":[{"switch":"x.y","is":"on","response":"token"}])",
        R"("response":"token","relations":[{"same":"status","of":["nope"]}])",
        R"("response":"token","analysis":"magic")"}) {
    EXPECT_NE(MistakeOf(bad).find("x/scope.json:2: "), std::string::npos) << bad;
  }
  EXPECT_THROW(ParseCases(R"({"cases":[]})", "a.json", TestClauses()), FileError);
  EXPECT_THROW(ParseCases(R"({"cases":[{"id":"a-b","title":"T","clauses":["RFC6749-5.2-12"]}]})",
                          "a.json", TestClauses()),
               FileError);
}

TEST(CaseFile, OldNamesOfMembersAreRead) {
  const std::string now =
      R"("steps":[{"name":"a","raw":[{"send":"x","await":"response"}],"responses":2,)"
      R"("response":["token","400"]},{"name":"b","response":"token"}],)"
      R"("relations":[{"same":["response"],"of":["a","b"]}],)"
      R"("if":[{"switch":"scope.missing","is":"default","response":"token"}])";
  std::string before = now;
  for (std::size_t at; (at = before.find("response")) != std::string::npos;) {
    before.replace(at, std::string_view("response").size(), "answer");
  }
  for (const std::string& members : {now, before}) {
    const Case one = Cases(members).front();
    EXPECT_EQ(one.steps[0].expect.response.Names(), (std::vector<std::string>{"token", "400"}));
    EXPECT_EQ(one.steps[0].responses, 2);
    EXPECT_EQ(one.steps[0].raw[0].await, RawStep::Await::kResponse);
    EXPECT_EQ(one.relations[0].what, std::vector<Related>{Related::kResponse});
    EXPECT_TRUE(one.alternatives[0].expectation.response.Contains(TokenClass()));
  }
  EXPECT_EQ(MistakeOf(R"("response":"token","answer":"token")"),
            "x/scope.json:2: answer is the old name of response: give one of them");
}

}  // namespace
}  // namespace grantspec
