#include "conformance/engine/case/analysis.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string_view>

#include "conformance/engine/check/check.h"
#include "conformance/engine/response/response_class.h"
#include "fixtures/grammar/json_text.h"

namespace grantspec {
namespace {

constexpr std::size_t kTokensMin = 20;  // below that, nothing can be said of how tokens vary

constexpr std::size_t kReusesMin = 10;  // of a token, on average, where a server keeps tokens

std::string Rounded(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f", value);
  return text.data();
}

std::vector<std::string> TokensOf(const std::vector<Exchange>& exchanges) {
  std::vector<std::string> tokens;
  for (const Exchange& exchange : exchanges) {
    const Response* response = exchange.response();
    if (response == nullptr || response->status != 200) continue;
    const auto object = ObjectOf(*response);
    const JsonMember* token = object ? object->Find("access_token") : nullptr;
    if (token != nullptr && token->kind == JsonKind::kString) tokens.push_back(token->text);
  }
  return tokens;
}

Verdict Inconclusive(const std::string& why) {
  return {Outcome::kInconclusive, "", "", why, 0};
}

// Tokens that are no JWTs: of those, only the signature and the jti vary.
std::vector<std::string> OpaqueTokens(const std::vector<Exchange>& exchanges) {
  std::vector<std::string> tokens = TokensOf(exchanges);
  std::erase_if(tokens, [](const std::string& token) { return ReadJwt(token).has_value(); });
  return tokens;
}

// Whether a server keeps its token until it expires: one token, then perhaps the next, each of them
// again and again without another in between. Tokens that collide come in any order.
bool IsReused(const std::vector<std::string>& tokens) {
  const std::set<std::string> distinct(tokens.begin(), tokens.end());
  std::size_t changes = 0;
  for (std::size_t i = 1; i < tokens.size(); ++i) changes += tokens[i] != tokens[i - 1] ? 1 : 0;
  return distinct.size() == 1 ||
         (distinct.size() == changes + 1 && distinct.size() * kReusesMin <= tokens.size());
}

// Why the tokens do not show how tokens vary; nothing: they do.
std::optional<Verdict> WhyNotVaried(const std::vector<std::string>& tokens) {
  const auto not_applicable = [](std::string_view why) {
    return Verdict{Outcome::kNotApplicable, "", "", std::string(why), 0};
  };
  if (tokens.size() < kTokensMin) {
    return not_applicable("tokens are not opaque, or fewer than 20 were received");
  }
  if (!IsReused(tokens)) return std::nullopt;
  return not_applicable("the server hands out a token until it expires");
}

Verdict DistinctTokens(const std::vector<Exchange>& exchanges, const std::vector<std::string>&) {
  const std::vector<std::string> tokens = TokensOf(exchanges);
  if (tokens.size() < 2) return Inconclusive("fewer than two tokens were received");
  const std::set<std::string> distinct(tokens.begin(), tokens.end());
  const std::string expected = "each of " + std::to_string(tokens.size()) + " tokens a new one";
  if (distinct.size() == tokens.size()) return {Outcome::kPass, expected, expected, "", 0};
  const std::string actual =
      std::to_string(distinct.size()) + " different tokens among " + std::to_string(tokens.size());
  // A token again and again is a server that keeps it until it expires, which is lawful.
  if (IsReused(tokens)) {
    return {Outcome::kInfo, expected, actual, "the server hands out a token until it expires", 0};
  }
  return {Outcome::kFail, expected, actual, "tokens collide", 0};
}

// RFC 7519 section 4.1.7. Where a server hands out its token again, the same jti is right.
Verdict DistinctJti(const std::vector<Exchange>& exchanges, const std::vector<std::string>&) {
  std::map<std::string, std::string> token_of;
  for (const std::string& token : TokensOf(exchanges)) {
    const auto jwt = ReadJwt(token);
    if (!jwt) continue;
    const auto claims = ParseJsonObjectLoosely(jwt->claims);
    const JsonMember* jti = claims ? claims->Find("jti") : nullptr;
    if (jti == nullptr) continue;
    const auto [found, is_new] = token_of.try_emplace(jti->text, token);
    if (found->second == token) continue;
    return {Outcome::kFail, "a jti for each token", "two tokens with one jti", "jti collide", 0};
  }
  if (token_of.empty()) {
    return {Outcome::kNotApplicable, "", "", "no token is a JWT with a jti", 0};
  }
  return {Outcome::kPass, "a jti for each token", "a jti for each token", "", 0};
}

// An upper bound of the entropy: the sum over positions of log2 of the symbols seen there. 200
// tokens show most of an alphabet of 64, so a good 128-bit token stays well above the bound.
Verdict TokenEntropy(const std::vector<Exchange>& exchanges, const std::vector<std::string>&) {
  const std::vector<std::string> tokens = OpaqueTokens(exchanges);
  if (const auto why_not = WhyNotVaried(tokens)) return *why_not;
  std::size_t longest = 0;
  for (const std::string& token : tokens) longest = std::max(longest, token.size());
  double bits = 0;
  for (std::size_t at = 0; at < longest; ++at) {
    std::set<char> symbols;
    for (const std::string& token : tokens) {
      if (at < token.size()) symbols.insert(token[at]);
    }
    bits += std::log2(static_cast<double>(symbols.size()));
  }
  Verdict verdict{Outcome::kPass, "at least 128 bits that vary",
                  "at most " + Rounded(bits) + " bits vary", "", 0};
  if (bits < 128) {
    verdict.outcome = Outcome::kFail;
    verdict.why = "a guess succeeds more often than once in 2^128 (RFC 6749 section 10.10)";
  } else if (bits < 160) {
    verdict.outcome = Outcome::kInfo;
    verdict.why = "RFC 6749 section 10.10 recommends 160";
  }
  return verdict;
}

// How one position of the tokens changes from token to token.
struct Position {
  std::set<char> symbols;
  std::map<int, std::size_t> steps;  // differences to the token before, and how often each occurs

  // The leading digits of a counter mostly stay, its last digit mostly moves by one.
  bool IsRegular() const {
    std::size_t common = 0, all = 0;
    for (const auto& [difference, count] : steps) {
      common = std::max(common, count);
      all += count;
    }
    return common * 10 >= all * 6;
  }
};

Position PositionAt(const std::vector<std::string>& tokens, std::size_t at) {
  Position position;
  position.symbols.insert(tokens.front()[at]);
  for (std::size_t i = 1; i < tokens.size(); ++i) {
    position.symbols.insert(tokens[i][at]);
    ++position.steps[tokens[i][at] - tokens[i - 1][at]];
  }
  return position;
}

// The tokens in order of their issue. A counter or a clock in them is lawful as long as the other
// positions carry 128 bits.
Verdict NoCounter(const std::vector<Exchange>& exchanges, const std::vector<std::string>&) {
  const std::vector<std::string> tokens = OpaqueTokens(exchanges);
  if (const auto why_not = WhyNotVaried(tokens)) return *why_not;
  const std::size_t length = tokens.front().size();
  for (const std::string& token : tokens) {
    if (token.size() != length) return {Outcome::kPass, "", "", "", 0};
  }
  double bits = 0;
  for (std::size_t at = 0; at < length; ++at) {
    const Position position = PositionAt(tokens, at);
    if (!position.IsRegular()) bits += std::log2(static_cast<double>(position.symbols.size()));
  }
  Verdict verdict{Outcome::kPass, "no counter carries the token", "", "", 0};
  if (bits < 128) {
    const bool ordered =
        std::adjacent_find(tokens.begin(), tokens.end(), std::greater_equal<>()) == tokens.end();
    verdict.outcome = Outcome::kFail;
    verdict.actual = "only " + Rounded(bits) + " bits vary irregularly from token to token" +
                     (ordered ? ", and the tokens ascend" : "");
    verdict.why = "who has one token can guess the next";
  }
  return verdict;
}

Verdict SomeToken(const std::vector<Exchange>& exchanges, const std::vector<std::string>& steps) {
  std::string list;
  for (const std::string& step : steps) list += (list.empty() ? "" : " or ") + step;
  const bool some = !TokensOf(exchanges).empty();
  return {some ? Outcome::kPass : Outcome::kFail, "a token for " + list, some ? "a token" : "none",
          "", 0};
}

double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// The Wilcoxon signed-rank statistic of differences, as a standard normal deviate: within a round
// the order is random, so that without an effect either sign is as likely, however the latency of
// the target drifts from round to round.
double SignedRankDeviate(std::vector<double> differences) {
  std::erase(differences, 0.0);
  std::sort(differences.begin(), differences.end(),
            [](double a, double b) { return std::abs(a) < std::abs(b); });
  double sum = 0, squares = 0;
  for (std::size_t i = 0; i < differences.size(); ++i) {
    const double rank = static_cast<double>(i + 1);
    sum += differences[i] > 0 ? rank : -rank;
    squares += rank * rank;
  }
  return squares > 0 ? sum / std::sqrt(squares) : 0;
}

std::vector<double> Differences(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> differences;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) differences.push_back(a[i] - b[i]);
  return differences;
}

// Rounds of three requests: two of one kind, `base` and `base_again`, and one that is `changed`.
Verdict EqualTime(const std::vector<Exchange>& exchanges, const std::vector<std::string>& steps) {
  constexpr std::size_t kRoundsMin = 20;
  constexpr double kDeviateMax = 3.9;  // exceeded by chance once in 10,000 runs
  constexpr double kNoiseMax = 2.6;    // of two kinds that are one: once in 100
  constexpr double kEffectMinMs = 1;   // shorter than that, a network hides it
  std::map<std::string, std::vector<double>> times;
  for (std::size_t i = 0; i < exchanges.size() && i < steps.size(); ++i) {
    if (exchanges[i].response() == nullptr) return Inconclusive("a request got no response");
    times[steps[i]].push_back(exchanges[i].seconds * 1e3);
  }
  const auto &base = times["base"], &again = times["base_again"], &changed = times["changed"];
  if (base.size() < kRoundsMin || again.size() != base.size() || changed.size() != base.size()) {
    return Inconclusive("fewer than 20 rounds of three requests were answered");
  }
  const std::vector<double> control = Differences(again, base);
  const std::vector<double> effect = Differences(changed, base);
  const double deviate = SignedRankDeviate(effect);
  Verdict verdict{Outcome::kPass, "the same time for both",
                  "medians " + Rounded(Median(base)) + " ms and " + Rounded(Median(changed)) +
                      " ms in " + std::to_string(base.size()) + " rounds",
                  "", 0};
  if (std::abs(deviate) < kDeviateMax || std::abs(Median(effect)) < kEffectMinMs) return verdict;
  if (std::abs(SignedRankDeviate(control)) > kNoiseMax) {
    return Inconclusive("equal requests differ in time, too");
  }
  verdict.outcome = Outcome::kFail;
  verdict.why = "the time differs by " + Rounded(Median(effect)) + " ms, signed-rank deviate " +
                Rounded(deviate);
  return verdict;
}

// Whether metadata list a method; without the member Basic is the default (RFC 8414 section 2).
bool ListsMethod(const JsonObject& metadata, std::string_view method) {
  const JsonMember* listed = metadata.Find("token_endpoint_auth_methods_supported");
  if (listed == nullptr) return method == "client_secret_basic";
  return std::find(listed->items.begin(), listed->items.end(), method) != listed->items.end();
}

Verdict MethodAsListed(const std::vector<Exchange>& exchanges,
                       const std::vector<std::string>& steps) {
  if (exchanges.size() < 2) return Inconclusive("the method was not tried");
  const Response* metadata = exchanges[0].response();
  const Response* login = exchanges[1].response();
  const auto object =
      metadata != nullptr && metadata->status == 200 ? ObjectOf(*metadata) : nullptr;
  if (!object) return {Outcome::kNotApplicable, "", "", "the target offers no metadata", 0};
  if (login == nullptr) return Inconclusive("the login got no response");
  const bool listed = ListsMethod(*object, steps[1]), works = ContainsToken(*login);
  if (listed == works) return {Outcome::kPass, "", "", "", 1};
  if (listed) {
    // A client may be registered for another method (RFC 7591 section 2).
    return {Outcome::kInfo, steps[1] + " works, as the metadata say", "this client is refused",
            "it may be registered for another method", 1};
  }
  return {Outcome::kWarn, steps[1] + " does not work, as the metadata say", "a token", "", 1};
}

constexpr Analysis kAnalyses[] = {
    {"distinct_tokens", DistinctTokens}, {"token_entropy", TokenEntropy},
    {"no_counter", NoCounter},           {"some_token", SomeToken},
    {"equal_time", EqualTime, true},     {"method_as_listed", MethodAsListed},
    {"distinct_jti", DistinctJti},
};

}  // namespace

const Analysis* FindAnalysis(std::string_view name) {
  const auto found = std::find_if(std::begin(kAnalyses), std::end(kAnalyses),
                                  [name](const Analysis& one) { return one.name == name; });
  return found == std::end(kAnalyses) ? nullptr : found;
}

}  // namespace grantspec
