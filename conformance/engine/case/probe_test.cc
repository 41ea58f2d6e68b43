// Rules made into cases, and whether the table of values shows every wrong comparison.

#include "conformance/engine/case/probe.h"

#include <gtest/gtest.h>

#include "conformance/engine/case/case_file.h"
#include "conformance/engine/case/testing.h"

namespace grantspec {
namespace {

constexpr std::string_view kTable = R"json({"value": [
  {"id": "append", "is": "v 'v'", "says": "with a character more"},
  {"id": "upper", "is": "upper(v)", "says": "in upper case", "needs": ["scope"]}]})json";

std::vector<Case> CasesOf(const std::string& rule) {
  return ParseCases("{\"cases\":[" + rule + "]}", "x/scope.json", TestClauses(),
                    ParseProbes(kTable, "probes.json"));
}

TEST(Probes, MakeCases) {
  const auto cases = CasesOf(
      R"json({"id":"secret","for_each":{"probe":"value","of":"form(secret)",
          "but":{"upper":{"level":"SHOULD"}}},
          "title":"A secret {says} is refused","clauses":["RFC6749-5.2-12"],
          "change":{"fields":{"X-{id}":"{a} {{'probe' probe}}"}},
          "response":"invalid_client"})json");
  ASSERT_EQ(cases.size(), 2U);
  EXPECT_EQ(cases[0].Name(), "scope.secret.append");
  EXPECT_EQ(cases[0].title, "A secret with a character more is refused");
  const NamedChange& field = cases[0].steps[0].fields[0];
  EXPECT_EQ(field.name.text, "X-append");
  EXPECT_EQ(field.values[0].text, "{a} {{'probe' differs(form(secret) 'v',form(secret))}}");
  EXPECT_EQ(cases[0].level, Level::kMust);
  EXPECT_EQ(cases[1].level, Level::kShould);
  EXPECT_TRUE(cases[0].needs.empty());
  ASSERT_EQ(cases[1].needs.size(), 1U);
}

TEST(Probes, FillTextsIn) {
  const Probe longer{{{"id", "longer"}, {"is", "v 'x'"}, {"says", "longer"}}, {}, {}, {}};
  EXPECT_EQ(Filled("{{base64(probe)}} {says}", longer, "secret"),
            "{{base64(differs(secret 'x',secret))}} longer");
  EXPECT_EQ(Filled("{\"a\": {}} {other} {{'probe' id}}", longer, "secret"),
            "{\"a\": {}} {other} {{'probe' id}}");
}

TEST(Probes, FillSeveralFieldsIn) {
  const std::string rule =
      R"({"id":"a","for_each":{"probe":"users"},"title":"T {says}","response":"token",
          "clauses":["RFC6749-5.2-12"],"change":{"fields":"{fields}"}})";
  const auto read = [&rule](std::string_view row) {
    return ParseCases("{\"cases\":[" + rule + "]}", "x/scope.json", TestClauses(),
                      ParseProbes("{\"users\":[" + std::string(row) + "]}", "probes.json"));
  };
  const auto cases =
      read(R"({"id":"two","says":"x","fields":{"X-User":"{{main.id}}","X-Client":"{says}"}})");
  const std::vector<NamedChange>& fields = cases.at(0).steps[0].fields;
  ASSERT_EQ(fields.size(), 2U);
  EXPECT_EQ(fields[0].name.text, "X-User");
  EXPECT_EQ(fields[1].values[0].text, "{says}");
  EXPECT_THROW(read(R"({"id":"two","says":"x"})"), FileError);
  EXPECT_THROW(read(R"({"id":"two","says":"x","fields":"X-User"})"), FileError);
}

TEST(Probes, AreChosen) {
  const std::string rest =
      R"(},"title":"T {says}","clauses":["RFC6749-5.2-12"],"response":"token"})";
  const std::string begin = R"({"id":"a","for_each":{"probe":"value","of":"id")";
  EXPECT_EQ(CasesOf(begin + R"(,"without":["upper"])" + rest).size(), 1U);
  EXPECT_EQ(CasesOf(begin + R"(,"only":["upper"])" + rest).front().id, "a.upper");
}

std::string MistakeOf(const std::string& for_each) {
  try {
    (void)CasesOf(R"({"id":"a","title":"T","clauses":["RFC6749-5.2-12"],"response":"token",)"
                  R"("for_each":)" +
                  for_each + "}");
  } catch (const FileError& error) {
    return error.what();
  }
  return "";
}

TEST(Probes, MistakesHaveALine) {
  EXPECT_EQ(MistakeOf(R"({"probe":"values","of":"id"})"),
            "x/scope.json:1: no table of probes is called \"values\"");
  EXPECT_EQ(MistakeOf(R"({"probe":"value","of":"id","without":["lower"]})"),
            "x/scope.json:1: the table has no probe \"lower\"");
  EXPECT_EQ(MistakeOf(R"({"of":"id"})"), "x/scope.json:1: for_each needs \"probe\"");
  EXPECT_THROW(ParseProbes(R"({"value":[{"id":"a"}]})", "p.json"), FileError);
  EXPECT_THROW(ParseProbes(R"({"value":[{"id":"A","says":"x"}]})", "p.json"), FileError);
  EXPECT_THROW(ParseProbes(R"({"v":[{"id":"a","says":"x"},{"id":"a","says":"y"}]})", "p.json"),
               FileError);
}

}  // namespace
}  // namespace grantspec
