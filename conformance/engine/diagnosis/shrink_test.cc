#include "conformance/engine/diagnosis/shrink.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace grantspec {
namespace {

NamedChange Change(const std::string& name, const std::vector<std::string>& values) {
  NamedChange change{{name, {}}, {}};
  for (const std::string& value : values) change.values.push_back({value, {}});
  return change;
}

std::vector<std::string> NamesOfAll(const StepSpec& step, Freedom freedom) {
  std::vector<std::string> names;
  for (const Simplification& one : SimplificationsOf(step, freedom)) names.push_back(one.what);
  return names;
}

using List = std::vector<std::string>;

// The simplification of that name.
StepSpec After(const StepSpec& step, Freedom freedom, const std::string& what) {
  for (Simplification& one : SimplificationsOf(step, freedom)) {
    if (one.what == what) return std::move(one.step);
  }
  ADD_FAILURE() << "no simplification is called " << what;
  return step;
}

TEST(Shrink, TakesTheControlRequestsPartInPlaceOfEachChange) {
  StepSpec step;
  step.fields = {Change("X-A", {"1"}), Change("Authorization", {"Basic {{wrong}}"})};
  step.writes_authorization = true;
  step.auth = AuthMethod::kClientSecretBasic;
  step.form = {Change("scope", {"nothing"})};
  EXPECT_EQ(NamesOfAll(step, Freedom::kAny),
            (List{"without header X-A", "header Authorization of the control request",
                  "parameter scope of the control request", "without header Authorization",
                  "without parameter scope"}));
  const StepSpec left = After(step, Freedom::kAny, "without header X-A");
  ASSERT_EQ(left.fields.size(), 1U);
  EXPECT_EQ(left.fields.front().name.text, "Authorization");
  EXPECT_TRUE(left.writes_authorization);
  // The client logs in by its own method again.
  const StepSpec usual = After(step, Freedom::kAny, "header Authorization of the control request");
  EXPECT_FALSE(usual.writes_authorization);
  EXPECT_EQ(usual.auth, std::nullopt);
}

TEST(Shrink, KeepsTheLoginWhereAChallengeDependsOnIt) {
  StepSpec step;
  step.fields = {Change("Authorization", {"Basic x"}), Change("X-A", {"1"})};
  step.form = {Change("client_id", {"a"}), Change("scope", {"b"})};
  EXPECT_EQ(NamesOfAll(step, Freedom::kKeepsLogin),
            (List{"without header X-A", "parameter scope of the control request"}));
}

TEST(Shrink, LeavesALawfulRequestLawful) {
  StepSpec step;
  step.fields = {Change("Authorization", {}), Change("Content-Type", {"a/b"}),
                 Change("Transfer-Encoding", {"chunked"}), Change("Accept", {"*/*"})};
  step.form = {Change("client_secret", {"a"}), Change("foo", {"b"})};
  EXPECT_EQ(NamesOfAll(step, Freedom::kLawful),
            (List{"without header Accept", "without parameter foo"}));
}

TEST(Shrink, LeavesIgnoredHeadersOutOfWhatMustBeRefused) {
  StepSpec step;
  step.fields = {Change("Authorization", {"Basic eDp5"}), Change("X-A", {"1"}),
                 Change("X-B", {"1"})};
  EXPECT_EQ(NamesOfAll(step, Freedom::kRefused),
            (List{"without header X-A", "without header X-B"}));
}

TEST(Shrink, FindsOneOfManyHeadersByHalves) {
  StepSpec step;
  for (const char* name : {"X-A", "X-B", "Content-Type", "X-C", "X-D", "X-E"}) {
    step.fields.push_back(Change(name, {"1"}));
  }
  step = After(step, Freedom::kLawful, "without headers X-A to X-B");
  ASSERT_EQ(step.fields.size(), 4U);
  EXPECT_EQ(step.fields.front().name.text, "Content-Type");
  EXPECT_EQ(NamesOfAll(step, Freedom::kLawful),
            (List{"without header X-C", "without header X-D", "without header X-E"}));
}

TEST(Shrink, LeavesARepeatedParameterRepeatedWhereThatIsWhatIsWrong) {
  StepSpec step;
  step.form = {Change("scope", {"a", "b", "c", "d", "e", "f"}),
               Change("resource", {"a", "b", "c"})};
  EXPECT_EQ(NamesOfAll(step, Freedom::kRefused), (List{"parameter scope fewer times"}));
  StepSpec less = After(step, Freedom::kRefused, "parameter scope fewer times");
  EXPECT_EQ(less.form.front().values.size(), 3U);
  less = After(less, Freedom::kRefused, "parameter scope fewer times");
  EXPECT_EQ(less.form.front().values.size(), 2U);
  EXPECT_TRUE(NamesOfAll(less, Freedom::kRefused).empty());
}

TEST(Shrink, HalvesLongValuesAndNoExpression) {
  StepSpec step;
  step.fields = {Change("X-A", {"a {{repeat('a',8192)}} z"}), Change("X-B", {"short {{id}}"})};
  const StepSpec half = After(step, Freedom::kAny, "half of header X-A");
  EXPECT_EQ(half.fields.front().values.front().text, "a {{repeat('a',4096)}} z");
  step.fields = {Change("X-A", {std::string(100, 'a') + "{{id}}"})};
  EXPECT_EQ(After(step, Freedom::kAny, "half of header X-A").fields.front().values.front().text,
            std::string(50, 'a') + "{{id}}");
  step.fields = {Change("X-A", {"{{repeat('a',minus(7983,length(path)))}}"})};
  EXPECT_EQ(NamesOfAll(step, Freedom::kAny), (List{"without header X-A"}));
}

TEST(Shrink, LeavesOutParametersOfABody) {
  StepSpec step;
  step.content = Text{"{{body}}&a=1&b={{form('x&y')}}", {}};
  EXPECT_EQ(NamesOfAll(step, Freedom::kAny), (List{"the body of the control request",
                                                   "without the parameters of the control request",
                                                   "without parameter a", "without parameter b"}));
  EXPECT_EQ(After(step, Freedom::kAny, "without parameter a").content->text,
            "{{body}}&b={{form('x&y')}}");
}

TEST(Shrink, KeepsTheFramingOfARawRequest) {
  StepSpec step;
  step.raw.push_back(
      {{"POST {{target}} HTTP/1.1\r\nHost: {{host}}\r\n{{login}}X-A: 1\r\n"
        "Content-Length: {{length(body)}}\r\nX-B: 2\r\n\r\n{{body}}",
        {}}});
  EXPECT_EQ(NamesOfAll(step, Freedom::kAny), (List{"without header X-B"}));
  EXPECT_TRUE(NamesOfAll(step, Freedom::kKeepsLogin).empty());
}

/// A finding of one request.
class Finding : public testing::Test {
 protected:
  Finding() {
    spec_.category = "a";
    spec_.id = "b";
    spec_.clauses = {&clause_};
    spec_.steps.resize(1);
  }

  RecordedCase Recorded(const std::string& status, const std::string& content) const {
    RecordedCase one;
    one.spec = &spec_;
    one.verdict.outcome = Outcome::kFail;
    one.verdict.expected = "invalid_request";
    one.observed = content.find("access_token") != std::string::npos ? "token" : status;
    RecordedExchange exchange;
    exchange.has_response = true;
    exchange.status_line = "HTTP/1.1 " + status;
    exchange.content = content;
    one.exchanges.push_back(exchange);
    return one;
  }

  Clause clause_{"RFC6749-3.2-03", "RFC 6749", "3.2", "MUST", "says", "black-box"};
  Case spec_;
};

constexpr const char* kToken = R"({"access_token":"[token]"})";

TEST_F(Finding, MayBeChangedAsFarAsTheResponseStaysWrong) {
  EXPECT_EQ(FreedomOf(Recorded("500 E", "")), Freedom::kAny);
  EXPECT_EQ(FreedomOf(Recorded("400 B", R"({"message":"bad"})")), Freedom::kAny);
  EXPECT_EQ(FreedomOf(Recorded("400 B", R"({"error":"invalid_scope"})")), Freedom::kRefused);
  EXPECT_EQ(FreedomOf(Recorded("200 OK", kToken)), Freedom::kRefused);
  RecordedCase refused = Recorded("400 B", R"({"error":"invalid_request"})");
  refused.verdict.wanted_token = true;
  EXPECT_EQ(FreedomOf(refused), Freedom::kLawful);
}

TEST_F(Finding, StaysAsItIsWhereMoreThanOneRequestCounts) {
  const RecordedCase error = Recorded("500 E", "");
  spec_.steps.front().repeat = 2;
  EXPECT_EQ(FreedomOf(error), std::nullopt);
  spec_.steps.front().repeat = 1;
  spec_.steps.front().raw = {{{"POST"}, 100}};
  EXPECT_EQ(FreedomOf(error), std::nullopt);
  spec_.steps.front().raw.clear();
  spec_.alive = true;
  EXPECT_EQ(FreedomOf(error), std::nullopt);
  spec_.alive = false;
  spec_.steps.resize(2);
  EXPECT_EQ(FreedomOf(error), std::nullopt);
  spec_.steps.resize(1);
  spec_.standing = FindCheck("no_server_error");
  EXPECT_EQ(FreedomOf(error), std::nullopt);
}

TEST_F(Finding, IsShownByAnotherRequestWithTheSameResponse) {
  const RecordedCase error = Recorded("500 E", R"({"error":"server_error"})");
  EXPECT_TRUE(ShowsSameDefect(error, Recorded("500 E", R"({"error":"server_error"})")));
  EXPECT_FALSE(ShowsSameDefect(error, Recorded("502 E", "")));
  EXPECT_FALSE(ShowsSameDefect(error, Recorded("200 OK", kToken)));
  RecordedCase passed = error;
  passed.verdict.outcome = Outcome::kPass;
  EXPECT_FALSE(ShowsSameDefect(error, passed));
  const RecordedCase shape = Recorded("400 B", R"({"message":"bad"})");
  EXPECT_TRUE(ShowsSameDefect(shape, Recorded("400 B", R"({"message":"worse"})")));
  EXPECT_FALSE(ShowsSameDefect(shape, Recorded("415 U", R"({"message":"bad"})")));
}

}  // namespace
}  // namespace grantspec
