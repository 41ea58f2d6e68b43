#include "conformance/engine/judge/cost.h"

#include <algorithm>
#include <iterator>

namespace grantspec {
namespace {

// What a kind of miss costs at least: under a contract, and without one.
struct Row {
  Miss miss;
  Outcome with_contract, without;
};

constexpr Row kCosts[] = {
    {Miss::kGrant, Outcome::kFail, Outcome::kFail},
    {Miss::kDisclosure, Outcome::kFail, Outcome::kFail},
    {Miss::kEnumeration, Outcome::kFail, Outcome::kWarn},
    {Miss::kMayBeLawful, Outcome::kPass, Outcome::kPass},
    {Miss::kExpectation, Outcome::kPass, Outcome::kPass},
};

// Checks of headers that a conformant target may leave out: Pragma is obsolete (RFC 9111 section
// 5.4), a server without a clock sends no Date (RFC 9110 section 6.6.1), one that does not know the
// size of a body ends it with the connection (8.6), one of HTTP/1.0 says so (6.2), and an error may
// explain itself by its status (15.5).
constexpr std::string_view kMayBeLawful[] = {"pragma", "date_present", "length_given",
                                             "same_version", "error_explained"};

// Checks of what a response gives away: secrets, tokens, and both to a foreign origin.
constexpr std::string_view kDisclosing[] = {
    "no_secret",     "no_canary", "no_token_in_error", "no_token_in_fields", "no_trace_echo",
    "jwt_no_secret", "cors",
};

// Whoever chose `strict` wants to know of each SHOULD that is missed.
bool IsStrict(const Profile& profile) {
  return profile.base == "strict";
}

Outcome CostOfLevel(Level level, const Profile& profile) {
  switch (level) {
    case Level::kMust:
      return Outcome::kFail;
    case Level::kShould:
      return IsStrict(profile) ? Outcome::kFail : Outcome::kWarn;
    case Level::kMay:
      return Outcome::kInfo;
    case Level::kProfile:
      return profile.Get("contract") == "pyng" ? Outcome::kFail : Outcome::kInfo;
    case Level::kSecurity:
      return profile.Get("security") == "fail" ? Outcome::kFail : Outcome::kWarn;
  }
  return Outcome::kFail;
}

}  // namespace

Outcome CostOf(Miss miss, Level level, const Profile& profile) {
  const Row& row = *std::find_if(std::begin(kCosts), std::end(kCosts),
                                 [miss](const Row& one) { return one.miss == miss; });
  const bool contract = profile.Get("contract") == "pyng";
  const Outcome cost =
      std::max(contract ? row.with_contract : row.without, CostOfLevel(level, profile));
  return miss == Miss::kMayBeLawful ? std::min(cost, Outcome::kWarn) : cost;
}

Miss MissOf(const Check& check) {
  const bool discloses = std::find(std::begin(kDisclosing), std::end(kDisclosing), check.name) !=
                         std::end(kDisclosing);
  if (discloses) return Miss::kDisclosure;
  const bool lawful = std::find(std::begin(kMayBeLawful), std::end(kMayBeLawful), check.name) !=
                      std::end(kMayBeLawful);
  if (lawful) return Miss::kMayBeLawful;
  const bool grants = check.name == "granted_within_registered" || check.name == "jwt_scope";
  return grants ? Miss::kGrant : Miss::kExpectation;
}

Miss MissOf(Related what, bool same, Level level, bool same_challenges) {
  // A token of two clients, and a grant that a detail without meaning opens.
  if (what == Related::kGranted || (what == Related::kToken && !same)) return Miss::kGrant;
  const bool shows = what == Related::kStatus || what == Related::kResponse ||
                     (what == Related::kFields && !same_challenges);
  return shows && level == Level::kSecurity ? Miss::kEnumeration : Miss::kExpectation;
}

}  // namespace grantspec
