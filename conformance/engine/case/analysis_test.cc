#include "conformance/engine/case/analysis.h"

#include <gtest/gtest.h>

#include <random>

#include "conformance/engine/case/testing.h"
#include "fixtures/grammar/base64.h"

namespace grantspec {
namespace {

/// Rounds whose latency drifts, with noise, in random order; milliseconds are added by kind.
Verdict EqualTimeOf(int rounds, double again_ms, double changed_ms, unsigned seed) {
  const Analysis& analysis = *FindAnalysis("equal_time");
  std::mt19937 random(seed);
  std::exponential_distribution<double> noise(0.5);  // 2 ms
  std::vector<Exchange> exchanges;
  std::vector<std::string> names;
  for (int round = 0; round < rounds; ++round) {
    const double drift_ms = 5.0 * round / rounds;
    for (const auto& [name, more_ms] : std::vector<std::pair<std::string, double>>{
             {"base", 0}, {"changed", changed_ms}, {"base_again", again_ms}}) {
      Exchange exchange = Responded(401, "");
      exchange.seconds = (10 + drift_ms + noise(random) + more_ms) / 1e3;
      exchanges.push_back(std::move(exchange));
      names.push_back(name);
    }
  }
  return analysis.analyze(exchanges, names);
}

TEST(EqualTime, NoiseAndDriftAreNoDifference) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    EXPECT_EQ(EqualTimeOf(66, 0, 0, seed).outcome, Outcome::kPass) << seed;
  }
}

TEST(EqualTime, AnEffectIsFound) {
  int found = 0;
  for (unsigned seed = 0; seed < 100; ++seed) {
    found += EqualTimeOf(66, 0, 15, seed).outcome == Outcome::kFail;
    found += EqualTimeOf(66, 0, -15, seed).outcome == Outcome::kFail;
    found += EqualTimeOf(150, 0, 3, seed).outcome == Outcome::kFail;
  }
  EXPECT_GE(found, 290);  // once in 100 rounds, equal requests differ by chance
}

TEST(EqualTime, AnEffectBelowAMillisecondIsLeftAlone) {
  EXPECT_EQ(EqualTimeOf(1000, 0, 0.5, 1).outcome, Outcome::kPass);
}

TEST(EqualTime, WhereEqualRequestsDifferNothingIsSaid) {
  EXPECT_EQ(EqualTimeOf(66, 15, 15, 1).outcome, Outcome::kInconclusive);
}

TEST(EqualTime, FewRoundsSayNothing) {
  EXPECT_EQ(EqualTimeOf(19, 0, 15, 1).outcome, Outcome::kInconclusive);
}

// Tokens that are JWTs with these claims.
std::vector<Exchange> JwtsOf(const std::vector<std::string>& claims) {
  std::vector<Exchange> exchanges;
  exchanges.reserve(claims.size());
  for (const std::string& one : claims) {
    exchanges.push_back(
        Responded(200, R"({"access_token":"e30.)" + EncodeBase64Url(one) + R"(.cw"})"));
  }
  return exchanges;
}

TEST(DistinctJti, TokensDifferInTheirJti) {
  const auto outcome_of = [](const std::vector<std::string>& claims) {
    return FindAnalysis("distinct_jti")->analyze(JwtsOf(claims), {}).outcome;
  };
  EXPECT_EQ(outcome_of({R"({"jti":"a"})", R"({"jti":"b"})"}), Outcome::kPass);
  EXPECT_EQ(outcome_of({R"({"jti":"a"})", R"({"jti":"a"})"}), Outcome::kPass);  // one token
  EXPECT_EQ(outcome_of({R"({"jti":"a"})", R"({"jti":"a","n":1})"}), Outcome::kFail);
  EXPECT_EQ(outcome_of({"{}", "{}"}), Outcome::kNotApplicable);
}

}  // namespace
}  // namespace grantspec
