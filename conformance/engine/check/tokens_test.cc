#include "conformance/engine/check/check_rows.h"
#include "fixtures/grammar/base64.h"

namespace grantspec::checks {
namespace {

std::string With(const std::string& members) {
  return R"({"access_token":"t")" + (members.empty() ? "" : "," + members) + "}";
}

std::string JwtOf(const std::string& header, const std::string& claims,
                  const std::string& more = "") {
  return R"({"access_token":")" + EncodeBase64Url(header) + "." + EncodeBase64Url(claims) +
         R"(.x")" + more + "}";
}

std::string OfLength(std::size_t length, char c) {
  return R"({"access_token":")" + std::string(length, c) + R"("})";
}

std::vector<CheckRow> MemberRows() {
  return {
      {"access_token_string", 200, kToken, kSatisfied},
      {"access_token_string", 200, "text", "the body is not a JSON object"},
      {"access_token_string", 200, "{}", "no member \"access_token\""},
      {"access_token_string", 200, R"({"access_token":1})", "access_token is not a string"},
      {"access_token_string", 200, R"({"access_token":""})", "access_token is empty"},
      {"access_token_string", 201, "{}", kNotApplicable},
      {"token_type_string", 200, kToken, kSatisfied},
      {"token_type_string", 200, "{}", "no member \"token_type\""},
      {"token_type_bearer", 200, With(R"("token_type":"bEARER")"), kSatisfied},
      {"token_type_bearer", 200, With(""), "no member token_type"},
      {"token_type_bearer", 200, With(R"("token_type":"mac")"), "token_type is \"mac\""},
      {"token_type_bearer", 200, "{}", kNotApplicable},
      {"expires_in_present", 200, kToken, kSatisfied},
      {"expires_in_present", 200, With(""), "no member expires_in"},
      {"expires_in_range", 200, With(R"("expires_in":1)"), kSatisfied},
      {"expires_in_range", 200, With(R"("expires_in":86400)"), kSatisfied},
      {"expires_in_range", 200, With(R"("expires_in":0)"), "expires_in is \"0\""},
      {"expires_in_range", 200, With(R"("expires_in":86401)"), "expires_in is \"86401\""},
      {"expires_in_range", 200, With(R"("expires_in":1.5)"), "expires_in is \"1.5\""},
      {"expires_in_range", 200, With(""), kNotApplicable},
      {"lifetime_limited", 200, R"({"access_token":"a","expires_in":31622400})", kSatisfied},
      {"lifetime_limited", 200, R"({"access_token":"a","expires_in":31622401})",
       "expires_in is 31622401"},
      {"lifetime_limited", 200, R"({"access_token":"a","expires_in":9999999999999999999})",
       "expires_in is 9999999999999999999"},
      {"lifetime_limited", 200, R"({"access_token":"a","expires_in":"9"})", kNotApplicable},
      {"expires_in_positive", 200, With(R"("expires_in":1)"), kSatisfied},
      {"expires_in_positive", 200, With(R"("expires_in":0)"), "expires_in is 0"},
      {"expires_in_positive", 200, With(""), kNotApplicable},
      {"lifetime_hour", 200, With(R"("expires_in":3600)"), kSatisfied},
      {"lifetime_hour", 200, With(R"("expires_in":3601)"), "expires_in is 3601"},
      {"lifetime_hour", 200, With(""), kNotApplicable},
      {"expires_in_number", 200, With(R"("expires_in":1.5)"), kSatisfied},
      {"expires_in_number", 200, With(R"("expires_in":"9")"),
       "expires_in is not a JSON number: \"9\""},
      {"expires_in_digits", 200, With(R"("expires_in":9)"), kSatisfied},
      {"expires_in_digits", 200, With(R"("expires_in":-9)"), "expires_in is written \"-9\""},
      {"scope_present", 200, kToken, kSatisfied},
      {"scope_present", 200, With(""), "no member scope"},
      {"scope_present", 200, With(R"("scope":1)"), "scope is not a string"},
      {"scope_grammar", 200, With(R"("scope":"a b")"), kSatisfied},
      {"scope_grammar", 200, With(R"("scope":"a  b")"), "scope is \"a  b\""},
      {"scope_grammar", 200, With(R"("scope":1)"), kNotApplicable},
      {"scope_is_string", 200, kToken, kSatisfied},
      {"scope_is_string", 200, With(R"("scope":1)"), "scope is not a JSON string"},
      {"scope_is_string", 200, With(""), kNotApplicable},
      {"granted_within_registered", 200, kToken, kSatisfied},
      {"granted_within_registered", 200, With(R"("scope":"a z")"),
       "granted \"z\", which the client is not registered for"},
      {"granted_within_registered", 200, With(R"("scope":1)"), kNotApplicable},
      {"no_refresh_token", 200, kToken, kSatisfied},
      {"no_refresh_token", 200, With(R"("refresh_token":"r")"), "refresh_token is present"},
      {"no_error_member", 200, kToken, kSatisfied},
      {"no_error_member", 200, With(R"("error":"e")"), "error is present"},
      {"strings_are_strings", 200, kToken, kSatisfied},
      {"strings_are_strings", 200, R"({"access_token":1})", "access_token is not a JSON string"},
      {"strings_are_strings", 200, With(R"("scope":1)"), "scope is not a JSON string"}};
}

std::vector<CheckRow> TokenRows() {
  const Circumstances asked = {
      .change = [](Exchange& exchange) { exchange.sent += "resource=https%3A%2F%2Fx"; }};
  const std::string times = R"({"iat":100,"exp":160})";
  return {
      {"token_b64", 200, kToken, kSatisfied},
      {"token_b64", 200, R"({"access_token":"a b"})", "the token has characters outside b64token"},
      {"token_b64", 200, R"({"access_token":"a b","token_type":"mac"})", kNotApplicable},
      {"token_vschar", 200, kToken, kSatisfied},
      {"token_vschar", 200, R"({"access_token":"\n"})", "the token has characters outside %x20-7E"},
      {"token_b64", 200, R"({"access_token":1})", kNotApplicable},
      {"token_length", 200, R"({"access_token":1})", kNotApplicable},
      {"token_vschar", 200, R"({"access_token":1})", kNotApplicable},
      {"token_vschar", 200, R"({"access_token":""})", "the token has characters outside %x20-7E"},
      {"token_length", 200, OfLength(32, 'a'), kSatisfied},
      {"token_length", 200, OfLength(31, 'a'), "the token has 31 characters"},
      {"token_length", 200, OfLength(22, 'z'), kSatisfied},
      {"token_length", 200, OfLength(21, 'z'), "the token has 21 characters"},
      {"token_length", 200, JwtOf("{}", "{}"), kNotApplicable},
      {"jwt_times", 200, JwtOf("{}", times, R"(,"expires_in":65)"), kSatisfied},
      {"jwt_times", 200, JwtOf("{}", times, R"(,"expires_in":66)"),
       "exp and expires_in are -6 s apart"},
      {"jwt_times", 200, JwtOf("{}", "x", R"(,"expires_in":66)"),
       "the claims are not a JSON object"},
      {"jwt_times", 200, JwtOf("{}", times), kNotApplicable},
      {"jwt_times", 200, kToken, kNotApplicable},
      {"jwt_dates", 200, JwtOf("{}", times), kSatisfied},
      {"jwt_dates", 200, JwtOf("{}", R"({"nbf":1.5,"exp":160})"), kSatisfied},
      {"jwt_dates", 200, JwtOf("{}", "{}"), kNotApplicable},
      {"jwt_dates", 200, kToken, kNotApplicable},
      {"jwt_dates", 200, JwtOf("{}", R"({"iat":100000,"exp":160})"), "iat is later than exp"},
      {"jwt_dates", 200, JwtOf("{}", R"({"exp":"160"})"), "exp is not a JSON number"},
      {"jwt_scope", 200, JwtOf("{}", R"({"scope":"a"})", R"(,"scope":"b a")"), kSatisfied},
      {"jwt_scope", 200, JwtOf("{}", R"({"scope":["a","b"]})", R"(,"scope":"b a")"), kSatisfied},
      {"jwt_scope", 200, JwtOf("{}", R"({"scope":"a c"})", R"(,"scope":"b a")"),
       "the JWT carries \"c\", which was not reported"},
      {"jwt_scope", 200, JwtOf("{}", R"({"scope":1})", R"(,"scope":"b a")"), kNotApplicable},
      {"jwt_scope", 200, JwtOf("{}", "{}", R"(,"scope":"b a")"), kNotApplicable},
      {"jwt_alg", 200, JwtOf(R"({"alg":"RS256"})", "{}"), kSatisfied},
      {"jwt_alg", 200, JwtOf(R"({"alg":"nOne"})", "{}"), "alg is none"},
      {"jwt_alg", 200, JwtOf("{}", "{}"), "the header has no alg"},
      {"jwt_no_secret", 200, JwtOf("{}", "{}"), kSatisfied},
      {"jwt_no_secret", 200, JwtOf("{}", R"({"s":"gX1fBat3bV"})"), "a claim has a secret"},
      {"jwt_audience", 200, JwtOf("{}", R"({"aud":"x"})"), kSatisfied},
      {"jwt_audience", 200, JwtOf("{}", "{}"), "no aud"},
      {"jwt_audience_asked", 200, JwtOf("{}", R"({"aud":"x"})"), kNotApplicable},
      {"jwt_audience_asked", 200, JwtOf("{}", R"({"aud":"https://x"})"), kSatisfied, {}, asked},
      {"jwt_audience_asked", 200, JwtOf("{}", R"({"aud":["https://x"]})"), kSatisfied, {}, asked},
      {"jwt_audience_asked", 200, JwtOf("{}", "{}"), "no aud", {}, asked},
      {"jwt_audience_asked",
       200,
       JwtOf("{}", R"({"aud":["https://x","https://y"]})"),
       "aud has \"https://y\", which was not asked for",
       {},
       asked},
      {"jwt_audience", 200, JwtOf("{}", R"({"aud":"x","scope":"a b"})", R"(,"scope":"b a")"),
       kSatisfied},
      {"jwt_audience", 200, JwtOf("{}", R"({"aud":"x","scope":"a"})", R"(,"scope":"b")"),
       "the scope claim differs from the reported scope"}};
}

TEST(TokenChecks, FindWhatIsWrongWithMembersAndTokens) {
  std::vector<CheckRow> rows = MemberRows();
  for (CheckRow& row : TokenRows()) rows.push_back(std::move(row));
  ExpectRows(TokenChecks(), rows);
}

}  // namespace
}  // namespace grantspec::checks
