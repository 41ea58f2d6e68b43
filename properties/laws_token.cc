// What holds for tokens that were issued one after another, and at once.

#include "properties/law.h"

namespace grantspec {
namespace {

constexpr int kTokens = 64;  // enough for a counter to show and for 128 bits to vary

Case Tokens(bool side_by_side, std::string_view analysis) {
  StepSpec step;
  step.expect.response = {"token"};
  step.repeat = kTokens;
  Case one;
  one.steps = {step};
  one.side_by_side = side_by_side;
  one.analysis = FindAnalysis(analysis);
  return one;
}

template <bool kSideBySide>
std::vector<Case> Distinct(const World&) {
  return {Tokens(kSideBySide, "distinct_tokens")};
}

std::vector<Case> Entropy(const World&) {
  return {Tokens(false, "token_entropy")};
}

std::vector<Case> NoCounter(const World&) {
  return {Tokens(false, "no_counter")};
}

const std::vector<Law> kLaws = {
    Here({.category = "token",
          .id = "distinct",
          .title = "No token is issued twice in sequence",
          .level = Level::kSecurity,
          .clauses = {"SEC-TOKEN-01"},
          .requests_max = kTokens,
          .all = Distinct<false>}),
    Here({.category = "token",
          .id = "distinct_at_once",
          .title = "No token is issued twice to concurrent requests",
          .level = Level::kSecurity,
          .clauses = {"SEC-TOKEN-01", "SEC-CONC-01"},
          .requests_max = kTokens,
          .all = Distinct<true>}),
    Here({.category = "token",
          .id = "entropy",
          .title = "Tokens vary by at least 128 bits",
          .clauses = {"RFC6749-10.10-01"},
          .requests_max = kTokens,
          .all = Entropy}),
    Here({.category = "token",
          .id = "no_counter",
          .title = "No part of the tokens is a counter",
          .clauses = {"RFC6749-10.10-01"},
          .requests_max = kTokens,
          .all = NoCounter}),
};

}  // namespace

const std::vector<Law>& TokenLaws() {
  return kLaws;
}

}  // namespace grantspec
