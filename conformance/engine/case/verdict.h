// What the judge says of a case.

#pragma once

#include <string>
#include <string_view>

namespace grantspec {

/// In the order of severity, which `<` and `<=>` compare: of several outcomes, the greatest counts.
/// A case that does not apply says less than one that passed.
///
///     std::max(Outcome::kNotApplicable, Outcome::kPass)  // kPass
enum class Outcome { kNotApplicable, kPass, kInfo, kWarn, kInconclusive, kWaived, kFail };

/// The name in reports: "pass", "not_applicable" ...
std::string_view ToString(Outcome outcome);

/// What a case got after which the target did not serve any more.
inline constexpr std::string_view kStopsServing = "it stopped serving";

/// What a verdict rests on.
enum class Basis {
  kResponse,   // the class of a response
  kScope,      // the granted scope
  kCheck,      // a property of one response
  kRelation,   // two responses
  kTokens,     // two tokens, or what two clients are granted
  kTime,       // how long it took
  kAftermath,  // whether the target served afterwards
};

/// What came of one case, in words that a report prints.
struct Verdict {
  Outcome outcome = Outcome::kPass;
  std::string expected;
  std::string actual;
  std::string why;
  std::size_t exchange = 0;      // the exchange that decided
  bool repeated = false;         // it was seen a second time
  bool server_error = false;     // it failed since a 5xx was received
  bool received_secret = false;  // it failed since a token or a secret was received
  Basis basis = Basis::kResponse;
  bool wanted_token = false;  // the response that decided had to be a token response
  std::string_view check;     // the name of the check that was violated; empty: none
};

}  // namespace grantspec
