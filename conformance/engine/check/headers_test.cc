#include "conformance/engine/check/check_rows.h"

namespace grantspec::checks {
namespace {

void OverHttps(Exchange& exchange) {
  exchange.url = "https://a.example/token";
}

void ByPut(Exchange& exchange) {
  exchange.sent = "PUT / HTTP/1.1\r\n\r\n";
}

TEST(HeaderChecks, FindWhatIsWrongWithFields) {
  const auto cache = [](const char* value) { return std::vector<Field>{{"Cache-Control", value}}; };
  const Circumstances https = {.change = OverHttps};
  // Without the whole table: a Date that passes depends on the clock.
  ExpectRows(
      std::span<const Check>(),
      {{"no_store", 400, "", kHolds, cache("private, No-Store")},
       {"no_store", 400, "", "Cache-Control is \"no-cache\"", cache("no-cache")},
       {"no_store", 400, "", "Cache-Control is missing"},
       {"no_store_on_tokens", 200, kToken, kHolds, cache("no-store\t")},
       {"no_store_on_tokens",
        200,
        kToken,
        "Cache-Control is \"a, b\"",
        {{"Cache-Control", "a"}, {"Cache-Control", "b"}}},
       {"no_store_on_tokens", 400, "", kNotApplicable},
       {"no_store_or_max_age_0", 400, "", kHolds, cache("max-age=0")},
       {"no_store_or_max_age_0", 400, "", "Cache-Control is \"max-age=1\"", cache("max-age=1")},
       {"pragma", 200, kToken, kHolds, {{"Pragma", "No-Cache"}}},
       {"pragma", 200, kToken, "no Pragma: no-cache"},
       {"pragma", 400, "", kNotApplicable},
       {"no_cache_contradiction", 200, kToken, kHolds, cache("max-age=0, no-store")},
       {"no_cache_contradiction", 200, kToken, "Cache-Control is \"public\"", cache("public")},
       {"no_cache_contradiction", 200, kToken, "Cache-Control is \"max-age=5\"",
        cache("max-age=5")},
       {"no_cache_contradiction",
        200,
        kToken,
        kHolds,
        {{"Expires", "Thu, 01 Jan 1970 00:00:00 GMT"}}},
       {"no_cache_contradiction",
        200,
        kToken,
        "Expires is \"Fri, 01 Jan 2100 00:00:00 GMT\"",
        {{"Expires", "Fri, 01 Jan 2100 00:00:00 GMT"}}},
       {"pragma", 200, kToken, kHolds, {{"Pragma", "foo, no-cache"}}},
       {"pragma", 200, kToken, "no Pragma: no-cache", {{"Pragma", "no-cache-x"}}},
       {"date_present", 200, "", "no Date header"},
       {"date_present", 200, "", kHolds, {{"Date", "today"}}},
       {"date_present", 500, "", kNotApplicable},
       {"date", 200, "", kNotApplicable},
       {"date", 200, "", "Date is \"today\"", {{"Date", "today"}}},
       {"date", 500, "", kNotApplicable},
       {"cors", 200, "", kHolds, {{"Access-Control-Allow-Origin", "*"}}},
       {"cors",
        200,
        "",
        "Access-Control-Allow-Origin \"*\" with credentials",
        {{"Access-Control-Allow-Origin", "*"}, {"Access-Control-Allow-Credentials", "TRUE"}}},
       {"cors",
        200,
        "",
        kHolds,
        {{"Access-Control-Allow-Origin", "https://b"},
         {"Access-Control-Allow-Credentials", "true"}}},
       {"no_store",
        200,
        "",
        "Cache-Control is \"private=\"a, no-store\"\"",
        {{"Cache-Control", "private=\"a, no-store\""}}},
       {"allow_on_405", 405, "", kHolds, {{"Allow", "GET, POST"}}},
       {"allow_on_405", 405, "", "Allow does not list POST: \"POSTX\"", {{"Allow", "POSTX"}}},
       {"allow_on_405",
        405,
        "",
        "Allow lists PUT, which was refused",
        {{"Allow", "POST, put, PUT"}},
        {.change = ByPut}},
       {"allow_on_405", 405, "", "no Allow header"},
       {"allow_on_405", 404, "", kNotApplicable},
       {"allow_on_405", 405, "", kHolds, {{"Allow", "GET"}}, {.elsewhere = true}},
       {"allow_if_success", 299, "", kHolds, {{"Allow", "GET, POST"}}},
       {"allow_if_success", 200, "", "no Allow with POST"},
       {"allow_if_success", 300, "", kNotApplicable},
       {"retry_after", 503, "", kHolds, {{"Retry-After", "10"}}},
       {"retry_after", 503, "", "Retry-After is \"soon\"", {{"Retry-After", "soon"}}},
       {"retry_after", 503, "", kNotApplicable},
       {"no_injected_field", 400, "", kHolds, {{"Set-Cookie", "y=1"}}},
       {"no_injected_field", 400, "", "an injected header: Set-Cookie", {{"Set-Cookie", "x=1"}}},
       {"no_injected_field", 400, "", "an injected header: X-INJECTED", {{"X-INJECTED", ""}}},
       {"not_html", 400, "", kHolds, {{"Content-Type", "text/plain"}}},
       {"not_html", 400, "", "the body is HTML", {{"Content-Type", "text/HTML; charset=a"}}},
       {"coding_declared", 400, "{}", kHolds},
       {"coding_declared", 400, "\x1f\x8b\x08", kHolds, {{"Content-Encoding", "gzip"}}},
       {"coding_declared", 400, "\x1f\x8b\x08",
        "the body is compressed by gzip, and no Content-Encoding says so"},
       {"hsts", 200, "", kNotApplicable},
       {"hsts", 200, "", "no Strict-Transport-Security", {}, https},
       {"hsts",
        200,
        "",
        "no X-Content-Type-Options",
        {{"Strict-Transport-Security", "max-age=1"}},
        https},
       {"hsts",
        200,
        "",
        kHolds,
        {{"Strict-Transport-Security", "max-age=1"}, {"X-Content-Type-Options", "NoSniff"}},
        https}});
}

}  // namespace
}  // namespace grantspec::checks
