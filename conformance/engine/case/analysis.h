// Statistical analysis of many responses of one case.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "conformance/engine/case/verdict.h"
#include "fixtures/http/exchange.h"

namespace grantspec {

/// An analysis of the exchanges of a case, in the order of its steps; `steps[i]` is the name of the
/// step that exchange i belongs to.
struct Analysis {
  std::string_view name;
  Verdict (*analyze)(const std::vector<Exchange>& exchanges, const std::vector<std::string>& steps);
  bool shuffles = false;  // the steps of each round are sent in random order
};

/// The analysis of a name, or null. Names:
///   - distinct_tokens: all tokens differ
///   - distinct_jti: no two JWTs have one jti
///   - token_entropy: an upper bound of the bits that vary, at least 128
///   - no_counter: no position of the tokens moves by a constant or only upwards
///   - some_token: at least one response has a token
///   - method_as_listed: a login by the method that the second step is named after succeeds if and
///     only if the metadata that the first one brought list it
///   - equal_time: in rounds of `base`, `base_again` and `changed`, in random order, the last is
///     neither faster nor slower: a signed-rank test with an error rate of 1 in 10,000, and 1 ms
const Analysis* FindAnalysis(std::string_view name);

}  // namespace grantspec
