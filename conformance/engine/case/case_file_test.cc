// Mistakes in case files, each with its line.

#include "conformance/engine/case/case_file.h"

#include <gtest/gtest.h>

#include "conformance/engine/case/testing.h"

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
  const std::vector<std::pair<const char*, const char*>> mistakes = {
      {R"("response":"tokn")",
       R"(no response class is called "tokn"; see grantspec --list-responses)"},
      {R"("response":"600")",
       R"(no response class is called "600"; see grantspec --list-responses)"},
      {R"("response":[])", R"(response is an empty list)"},
      {R"("response":"token","never":[])", R"(never is an empty list)"},
      {R"("change":{},"raw":"x","response":"token")", R"(a request has change or raw, not both)"},
      {R"("response":"token","level":"HIGH")",
       R"(level has to be MUST, SHOULD, MAY, PROFILE or SECURITY)"},
      {R"("change":{"form":{"a":"b"},"content":"x"},"response":"token")",
       R"(a change has form or content, not both)"},
      {R"("change":{"form":{"a":[]}},"response":"token")", R"(an empty list; null takes away)"},
      {R"("response":"token","checks":"no_such")", R"(no check is called no_such)"},
      {R"("standing":"no_such")", R"(no check is called no_such)"},
      {R"("raw":[],"response":"token")", R"(raw is an empty list)"},
      {R"("raw":[{"pause_ms":1}],"response":"token")", R"(a part of raw needs "send")"},
      {R"("raw":[{"send":"x","await":"token"}],"response":"token")",
       R"(await has to be interim or response)"},
      {R"("change":{"method":"A\r\nB"},"response":"token")",
       R"(method has CR, LF or NUL, which would split the request; only raw may )"
       R"(carry them)"},
      {R"("raw":"\u20ac","response":"token")",
       R"(a code point above U+00FF in raw; bytes are written \u0000 to \u00ff)"},
      {R"("response":"token","client":"boss")", R"(no role of a client is called "boss")"},
      {R"("response":"token","at":"somewhere")",
       R"(no place is called "somewhere"; at has to be token, a resource of the )"
       R"(profile or a path)"},
      {R"("steps":[{"name":"a","response":"token"}],"response":"token")",
       R"(a case with steps has its response in its steps)"},
      {R"("steps":[{"response":"token"}])", R"(a step needs a name)"},
      {R"("steps":[])", R"(steps is an empty list)"},
      {R"("note":"nothing expected")", R"(nothing is expected: a case needs "response")"},
      {R"("response":"token","needs":"sope")", R"(nothing that a case can need is called "sope")"},
      {R"("response":"token","needs":"contrct=pyng")",
       R"(no switch is called "contrct"; see grantspec --list-switches)"},
      {R"("response":"token","strict":"strict.x")",
       R"(no switch is called "strict.x"; see grantspec --list-switches)"},
      {R"("response":"token","if":[{"is":"on"}])", R"(an alternative needs "switch" and "is")"},
      {R"("response":"token","if":[{"switch":"x.y","is":"on","response":"token"}])",
       R"(no switch is called "x.y"; see grantspec --list-switches)"},
      {R"("response":"token","relations":[{"same":"status"}])",
       R"(a relation needs same or differ, and of)"},
      {R"("response":"token","relations":[{"same":"status","of":["nope"]}])",
       R"(no step is called nope)"},
      {R"("response":"token","relations":[{"same":"body","of":["request"]}])",
       R"(a relation compares status, response, granted, scope, content, fields, )"
       R"(token or lifetime)"},
      {R"("response":"token","analysis":"magic")", R"(no analysis is called magic)"},
      {R"("response":"token","tier":"fast")", R"(tier has to be safe or abuse)"},
      {R"("response":"token","assertion":{"key":"mine"})",
       R"(key has to be own, other, in_header, public_key, second, other_algorithm or none)"},
      {R"("response":"token","assertion":{"claims":{"exp":{"text":"1"}}})",
       R"(unknown member "text" of exp; it may have: number)"},
      {R"("response":"token","since":"2020")",
       R"(since has to be a case set, from 2026.1 to 2026.6)"},
  };
  for (const auto& [members, message] : mistakes) {
    EXPECT_EQ(MistakeOf(members), std::string("x/scope.json:2: ") + message) << members;
  }
  for (const char* bad : {R"("answr":"token")", R"("id":"b","response":"token")",
                          R"("change":{"target":"/\u0000"},"response":"token")",
                          R"("change":{"fields":{"X":["a","b\nc"]}},"response":"token")",
                          R"("change":{"target":"{{path}}\r\n"},"response":"token")",
                          R"("change":{"form":{},"content":"x","form":{}},"response":"token")"}) {
    EXPECT_NE(MistakeOf(bad).find("x/scope.json:2: "), std::string::npos) << bad;
  }
  EXPECT_THROW(ParseCases(R"({"cases":[]})", "a.json", TestClauses()), FileError);
  EXPECT_THROW(ParseCases(R"({"cases":[{"id":"a-b","title":"T","clauses":["RFC6749-5.2-12"]}]})",
                          "a.json", TestClauses()),
               FileError);
}

TEST(CaseFile, SeveralChangesAreMadeTogether) {
  const Case one = Cases(R"("response":"token","change":[{"fields":{"A":"1"},"form":{"x":"1"}},)"
                         R"({"method":"PUT","fields":{"B":"2"},"form":{"scope":null}}])")
                       .front();
  const StepSpec& step = one.steps[0];
  ASSERT_EQ(step.fields.size(), 2u);
  EXPECT_EQ(step.fields[1].name.text, "B");
  ASSERT_EQ(step.form.size(), 2u);
  EXPECT_EQ(step.form[1].name.text, "scope");
  EXPECT_EQ(step.method->text, "PUT");
  EXPECT_EQ(MistakeOf(R"("response":"token","change":[{"content":"x"},{"form":{"a":"1"}}])"),
            "x/scope.json:2: a change has form or content, not both");
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
