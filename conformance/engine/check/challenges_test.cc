#include "conformance/engine/check/check_rows.h"

namespace grantspec::checks {
namespace {

std::vector<Field> Challenges(const char* value) {
  return {{"WWW-Authenticate", value}};
}

TEST(ChallengeChecks, FindWhatIsWrongWithChallenges) {
  const Circumstances elsewhere = {.elsewhere = true};
  ExpectRows(
      ChallengeChecks(),
      {{"challenge_present", 401, "", kSatisfied, Challenges("Basic")},
       {"challenge_present", 401, "", "no WWW-Authenticate header"},
       {"challenge_present", 400, "", kNotApplicable},
       {"challenge_basic", 401, "", kSatisfied, Challenges("Bearer, bASIC realm=\"x\"")},
       {"challenge_basic", 401, "", "the challenge is \"Bearer\"", Challenges("Bearer")},
       {"challenge_basic", 401, "", "no WWW-Authenticate header"},
       {"challenge_basic", 401, "", kNotApplicable, Challenges("Bearer"), {.without_login = true}},
       {"challenge_basic", 401, "", kNotApplicable, Challenges("=,=")},
       {"challenge_realm", 401, "", kSatisfied, Challenges("Basic realm=\"x\"")},
       {"challenge_realm", 401, "", "the Basic challenge has no realm", Challenges("Basic")},
       {"challenge_realm", 401, "", "duplicate realm",
        Challenges("Basic realm=\"x\", realm=\"y\"")},
       {"challenge_realm", 401, "", "realm is not a quoted string", Challenges("Basic realm=x")},
       {"challenge_realm", 401, "", kNotApplicable, Challenges("Bearer")},
       {"challenge_charset", 401, "", kSatisfied,
        Challenges("Basic realm=\"x\", charset=\"utf-8\"")},
       {"challenge_charset", 401, "", "charset is \"latin1\"",
        Challenges("Basic charset=\"latin1\"")},
       {"challenge_charset", 401, "", kNotApplicable, Challenges("Basic charset=a"), elsewhere},
       {"challenge_grammar", 400, "", kSatisfied, Challenges("Basic realm=\"x\"")},
       {"challenge_grammar", 400, "", "WWW-Authenticate is \"=,=\"", Challenges("=,=")},
       {"challenge_grammar", 400, "", "duplicate parameter a", Challenges("Basic a=b, a=c")},
       {"challenge_grammar", 401, "", kNotApplicable},
       {"challenge_bearer", 401, "", kSatisfied, Challenges("Bearer error=\"x\""), elsewhere},
       {"challenge_bearer", 403, "", "the Bearer challenge has no parameter", Challenges("Bearer"),
        elsewhere},
       {"challenge_bearer", 401, "", "no Bearer challenge", Challenges("Basic"), elsewhere},
       {"challenge_bearer", 401, "", "malformed WWW-Authenticate", Challenges("=,="), elsewhere},
       {"challenge_bearer", 401, "", "duplicate parameter a", Challenges("Bearer a=b, a=c"),
        elsewhere},
       {"challenge_bearer", 401, "", "error has characters that RFC 6750 does not allow",
        Challenges("Bearer error=\"\\\"\""), elsewhere},
       {"challenge_bearer", 401, "", kNotApplicable, Challenges("Basic")},
       {"bearer_challenge_without_error", 401, "", kSatisfied, Challenges("Bearer realm=\"x\"")},
       {"bearer_challenge_without_error", 401, "",
        "the challenge has an error although the request had no credentials",
        Challenges("Bearer error=\"invalid_token\"")},
       {"bearer_challenge_without_error", 403, "", kNotApplicable,
        Challenges("Bearer error=\"a\"")}});
}

}  // namespace
}  // namespace grantspec::checks
