#include "conformance/engine/check/check_rows.h"

namespace grantspec::checks {
namespace {

TEST(ErrorChecks, FindWhatSection52RulesOut) {
  const std::string plain = R"({"error":"invalid_client"})";
  ExpectRows(
      ErrorChecks(),
      {{"error_charset", 400, plain, kSatisfied},
       {"error_charset", 400, R"({"error":""})", "error is \"\""},
       {"error_charset", 400, R"({"error":"a\"b"})", "error is \"a\"b\""},
       {"error_charset", 400, R"({"error":1})", kNotApplicable},
       {"error_charset", 399, R"({"error":""})", kNotApplicable},
       {"error_charset", 400, R"({"error":""})", kNotApplicable, {}, {.elsewhere = true}},
       {"description_charset", 400, R"({"error_description":""})", kSatisfied},
       {"description_charset", 400, R"({"error_description":"\\"})", "error_description is \"\\\""},
       {"description_charset", 400, "{}", kNotApplicable},
       {"description_charset", 400, R"({"error_description":null})", kNotApplicable},
       {"description_charset", 400, R"({"error_description":["a"]})",
        "error_description is not a JSON string"},
       {"error_uri", 400, R"({"error_uri":1})", "error_uri is not a JSON string"},
       {"error_uri", 400, R"({"error_uri":"https://a"})", kSatisfied},
       {"error_uri", 400, R"({"error_uri":"a b"})", "error_uri is \"a b\""},
       {"description_present", 400, R"({"error_description":""})", kSatisfied},
       {"description_present", 400, R"({"error_description":1})", "no string error_description"},
       {"description_present", 400, "", "no string error_description"},
       {"description_present", 200, "", kNotApplicable},
       {"error_is_string", 400, plain, kSatisfied},
       {"error_is_string", 400, R"({"error":1})", "error is not a JSON string"},
       {"error_is_string", 400, "{}", kNotApplicable},
       {"no_server_error", 499, "", kSatisfied},
       {"no_server_error", 500, "", "status 500"},
       {"no_server_error", 501, "", "status 501 after POST"},
       {"no_server_error", 501, "", kSatisfied, {}, {.elsewhere = true}},
       {"no_server_error",
        501,
        "",
        kSatisfied,
        {},
        {.change = [](Exchange& one) { one.raw = true; }}},
       {"no_server_error",
        501,
        "",
        kSatisfied,
        {},
        {.change = [](Exchange& one) { one.sent = "BREW /"; }}},
       {"no_server_error", 502, "", "status 502"},
       {"no_server_error", 503, "", "status 503"},
       {"no_server_error", 503, "", kSatisfied, {{"Retry-After", "1"}}},
       {"no_server_error", 504, "", "status 504", {{"Retry-After", "1"}}},
       {"no_server_error", 505, "", kSatisfied},
       {"no_redirect", 299, "", kSatisfied},
       {"no_redirect", 300, "", "status 300"},
       {"no_redirect", 399, "", "status 399"},
       {"no_redirect", 400, "", kSatisfied},
       {"no_redirect", 302, "", kNotApplicable, {}, {.elsewhere = true}},
       {"failed_login_is_401", 401, plain, kSatisfied},
       {"failed_login_is_401", 400, plain, "invalid_client with status 400"},
       {"failed_login_is_401", 400, R"({"error":"invalid_request"})", kNotApplicable},
       {"failed_login_is_401", 400, plain, kNotApplicable, {}, {.without_login = true}},
       {"not_invalid_grant", 400, plain, kSatisfied},
       {"not_invalid_grant", 400, R"({"error":"invalid_grant"})", "error is invalid_grant"}});
}

}  // namespace
}  // namespace grantspec::checks
