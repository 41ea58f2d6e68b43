// What the judge says of a case.

#pragma once

#include <string>
#include <string_view>

namespace grantspec {

/// In the order of weight: of several, the later one counts.
enum class Outcome { kPass, kNotApplicable, kInfo, kWarn, kInconclusive, kWaived, kFail };

/// The name in reports: "pass", "not_applicable" ...
std::string_view ToString(Outcome outcome);

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
};

}  // namespace grantspec
