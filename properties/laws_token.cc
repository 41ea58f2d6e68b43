// What holds for tokens that were issued one after another, and at once.

#include "properties/law.h"

namespace grantspec {
namespace {

constexpr int kTokens = 64;  // enough for a counter to show and for 128 bits to vary

Case Tokens(bool side_by_side, std::string analysis) {
  StepSpec step;
  step.expect.answer = {"token"};
  step.repeat = kTokens;
  Case one;
  one.steps = {step};
  one.side_by_side = side_by_side;
  one.analysis = std::move(analysis);
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

}  // namespace

const std::vector<Law>& TokenLaws() {
  static const std::vector<Law> laws = {
      {"token",
       "distinct",
       "No token is issued twice, one after another",
       Level::kSecurity,
       {"SEC-TOKEN-01"},
       {},
       kTokens,
       nullptr,
       Distinct<false>,
       __LINE__,
       __FILE__},
      {"token",
       "distinct_at_once",
       "No token is issued twice at the same time",
       Level::kSecurity,
       {"SEC-TOKEN-01", "SEC-CONC-01"},
       {},
       kTokens,
       nullptr,
       Distinct<true>,
       __LINE__,
       __FILE__},
      {"token",
       "entropy",
       "Tokens vary by 128 bits, whatever stays the same in them",
       Level::kMust,
       {"RFC6749-10.10-01"},
       {},
       kTokens,
       nullptr,
       Entropy,
       __LINE__,
       __FILE__},
      {"token",
       "no_counter",
       "No part of the tokens counts",
       Level::kMust,
       {"RFC6749-10.10-01"},
       {},
       kTokens,
       nullptr,
       NoCounter,
       __LINE__,
       __FILE__},
  };
  return laws;
}

}  // namespace grantspec
