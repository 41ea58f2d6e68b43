#include "conformance/engine/check/check_rows.h"

namespace grantspec::checks {
namespace {

TEST(DisclosureChecks, FindWhatIsGivenAway) {
  ExpectRows(DisclosureChecks(),
             {{"no_token_in_error", 400, R"({"error":"a"})", kSatisfied},
              {"no_token_in_error", 400, R"({"refresh_token":"r"})", "refresh_token is present"},
              {"no_token_in_error", 400, R"(x "access_token")", "access_token is present"},
              {"no_token_in_error", 400, R"({"x":{"id_token":"8xLOxBtZp8vqDWZ3"}})",
               "id_token is present"},
              {"no_token_in_error", 400, R"({"x":{"id_token":"short"}})", kSatisfied},
              {"no_token_in_error", 200, kToken, kNotApplicable},
              {"no_secret", 400, "nothing", kSatisfied},
              {"no_secret", 400, "you sent gX1fBat3bV", "the response has a secret"},
              {"no_secret", 400, "Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW", "the response has a secret"},
              {"no_secret", 400, "", "the response has a secret", {{"X-A", "gX1fBat3bV"}}},
              {"no_canary", 400, "nothing", kSatisfied},
              {"no_canary", 400, "CANARY-1", "the response has the secret that was tried"},
              {"no_stack_trace", 500, "sorry", kSatisfied},
              {"no_stack_trace", 500, "x SQLSTATE[42]", "the body has \"SQLSTATE[\""},
              {"no_stack_trace", 200, "x SQLSTATE[42]", kNotApplicable},
              {"server_detail", 200, "", kSatisfied, {{"Server", "nginx"}}},
              {"server_detail", 200, "", "Server is \"nginx/1\"", {{"Server", "nginx/1"}}},
              {"server_detail", 200, "", "X-Powered-By is \"PHP 8\"", {{"X-Powered-By", "PHP 8"}}},
              {"no_token_in_fields", 200, kToken, kSatisfied, {{"X-A", "token"}}},
              {"no_token_in_fields",
               200,
               kToken,
               "the token is in X-A",
               {{"X-A", "xtokentokentokentokentoken"}}},
              {"no_token_in_fields",
               200,
               R"({"access_token":"short"})",
               kNotApplicable,
               {{"X-A", "short"}}},
              {"no_template_result", 400, R"({"error_description":"{{7*7}}"})", kSatisfied},
              {"no_template_result", 400, R"({"error_description":"49"})",
               "a template was evaluated: \"49\""},
              {"no_trace_echo", 200, "Authorization", kSatisfied},
              {"no_trace_echo", 200, "x AUTHORIZATION: Basic",
               "the response has the request with its credentials"}});
}

}  // namespace
}  // namespace grantspec::checks
