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
  EXPECT_EQ(MistakeOf(R"("answer":"token")"), "");
  EXPECT_EQ(MistakeOf(R"("change":{"fields":{"X":"{{base64('a\r\nb')}}"}},"answer":"token")"), "");
  for (const char* bad : {R"("answer":"tokn")",
                          R"("answer":[])",
                          R"("answr":"token")",
                          R"("id":"b","answer":"token")",
                          R"("change":{},"raw":"x","answer":"token")",
                          R"("answer":"token","level":"HIGH")",
                          R"("change":{"form":{},"content":"x","form":{}},"answer":"token")",
                          R"("change":{"form":{"a":"b"},"content":"x"},"answer":"token")",
                          R"("answer":"token","checks":"no_such")",
                          R"("raw":"\u20ac","answer":"token")",
                          R"("change":{"method":"A\r\nB"},"answer":"token")",
                          R"("change":{"target":"/\u0000"},"answer":"token")",
                          R"("change":{"fields":{"X":["a","b\nc"]}},"answer":"token")",
                          R"("change":{"target":"{{path}}\r\n"},"answer":"token")",
                          R"("answer":"token","client":"boss")",
                          R"("steps":[{"name":"a","answer":"token"}],"answer":"token")",
                          R"("note":"nothing expected")",
                          R"("answer":"token","needs":"sope")",
                          R"("answer":"token","needs":"contrct=pyng")",
                          R"("answer":"token","strict":"strict.x")",
                          R"("answer":"token","if":[{"switch":"x.y","is":"on","answer":"token"}])",
                          R"("answer":"token","relations":[{"same":"status","of":["nope"]}])",
                          R"("answer":"token","analysis":"magic")"}) {
    EXPECT_NE(MistakeOf(bad).find("x/scope.json:2: "), std::string::npos) << bad;
  }
  EXPECT_THROW(ParseCases(R"({"cases":[]})", "a.json", TestClauses()), FileError);
  EXPECT_THROW(ParseCases(R"({"cases":[{"id":"a-b","title":"T","clauses":["RFC6749-5.2-12"]}]})",
                          "a.json", TestClauses()),
               FileError);
}

}  // namespace
}  // namespace grantspec
