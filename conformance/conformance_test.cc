// The judge, the reader of cases and the reports, against canned exchanges: no network.

#include <gtest/gtest.h>

#include "conformance/answer.h"
#include "conformance/case_file.h"
#include "conformance/check.h"
#include "conformance/expression.h"
#include "conformance/judge.h"
#include "conformance/plan.h"
#include "conformance/redact.h"
#include "conformance/report/text.h"
#include "fixtures/grammar/base64.h"

namespace grantspec {
namespace {

const SourceLine kHere{"f.json", 7};

Clauses TestClauses() {
  return {{"RFC6749-5.2-12", {"RFC6749-5.2-12", "RFC 6749", "5.2", "MUST", "says", "black-box"}},
          {"RFC6749-3.3-05", {"RFC6749-3.3-05", "RFC 6749", "3.3", "SHOULD", "says", "black-box"}}};
}

std::vector<Case> Cases(const std::string& members) {
  return ParseCases(
      "{\"cases\":[\n{\"id\":\"a\",\"title\":\"T\",\"clauses\":[\"RFC6749-5.2-12\"]," + members +
          "}]}",
      "x/scope.json", TestClauses());
}

std::string MistakeOf(const std::string& members) {
  try {
    (void)Cases(members);
  } catch (const FileError& error) {
    return error.what();
  }
  return "";
}

Exchange Answered(int status, std::string content, Fields fields = {}) {
  Exchange exchange;
  exchange.sent = "POST / HTTP/1.1\r\n\r\ngrant_type=client_credentials&scope=a";
  exchange.responses.push_back(
      {.status = status, .fields = std::move(fields), .content = std::move(content)});
  return exchange;
}

Exchange Failed(TransportError error) {
  Exchange exchange;
  exchange.failure = TransportFailure{error, "why"};
  return exchange;
}

const std::string kToken = R"({"access_token":"tokentokentokentokentoken","token_type":"Bearer",)"
                           R"("expires_in":9,"scope":"a"})";

class JudgeTest : public testing::Test {
 protected:
  JudgeTest() {
    profile_ = *BuiltInProfile("rfc6749");
    profile_.clients["main"] = {"client", "secret", {"a", "b"}};
  }

  Verdict Of(const std::string& members, std::vector<Exchange> exchanges,
             std::optional<Exchange> control = std::nullopt) {
    const std::vector<Case> cases = Cases(members);
    const Binder binder(profile_, *PlaceOf("http://127.0.0.1/t"), "canary");
    HeldCase held;
    held.sequence = SequenceOf(cases[0]);
    held.exchanges = std::move(exchanges);
    held.control = std::move(control);
    return Judge(cases[0], held, binder);
  }

  Outcome OutcomeOf(const std::string& members, Exchange exchange) {
    return Of(members, {std::move(exchange)}).outcome;
  }

  Profile profile_;
};

TEST(Expression, Examples) {
  const NameLookup lookup = [](std::string_view name) -> std::optional<std::string> {
    if (name == "id") return "me";
    if (name == "secret") return "S3";
    return std::nullopt;
  };
  EXPECT_EQ(Expand("Basic {{base64(id ':' secret)}}", lookup, kHere), "Basic bWU6UzM=");
  EXPECT_EQ(Expand("{{repeat('ab',3)}}{{length(id secret)}}", lookup, kHere), "ababab4");
  EXPECT_EQ(Expand("{{chunked(id,1)}}", lookup, kHere), "1\r\nm\r\n1\r\ne\r\n0\r\n\r\n");
  EXPECT_EQ(Expand("{{swapcase(secret)}}", lookup, kHere), "s3");
  EXPECT_THROW(Expand("{{swapcase('12')}}", lookup, kHere), NotApplicable);
  for (const char* bad : {"{{nobody}}", "{{base64(id}}", "{{id", "{{}}", "{{repeat(id)}}",
                          "{{frob(id)}}", "{{'x}}", "{{repeat('aaaaaaaaaa',99999999)}}"}) {
    EXPECT_THROW(Expand(bad, lookup, kHere), FileError) << bad;
  }
}

TEST(CaseFile, SaysWhereAMistakeIs) {
  EXPECT_EQ(MistakeOf(R"("answer":"token")"), "");
  EXPECT_EQ(MistakeOf(R"("change":{"fields":{"X":"{{base64('a\r\nb')}}"}},"answer":"token")"), "");
  for (const char* bad : {R"("answer":"tokn")",
                          R"("answer":[])",
                          R"("answr":"token")",
                          R"("id":"b","answer":"token")",
                          R"("change":{},"raw":"x","answer":"token")",
                          R"("answer":"token","level":"HIGH")",
                          R"("change":{"form":{},"content":"x","form":{}},"answer":"token")",
                          R"("change":{"form":{"a":"b"},"content":"x"},"answer":"token")",
                          R"("answer":"token","checks":"no_such")",
                          R"("raw":"\u20ac","answer":"token")",
                          R"("change":{"method":"A\r\nB"},"answer":"token")",
                          R"("change":{"target":"/\u0000"},"answer":"token")",
                          R"("change":{"fields":{"X":["a","b\nc"]}},"answer":"token")",
                          R"("change":{"target":"{{path}}\r\n"},"answer":"token")",
                          R"("answer":"token","client":"boss")",
                          R"("steps":[{"name":"a","answer":"token"}],"answer":"token")",
                          R"("note":"nothing expected")",
                          R"("answer":"token","needs":"sope")",
                          R"("answer":"token","needs":"contrct=pyng")",
                          R"("answer":"token","strict":"strict.x")",
                          R"("answer":"token","if":[{"switch":"x.y","is":"on","answer":"token"}])",
                          R"("answer":"token","relations":[{"same":"status","of":["nope"]}])",
                          R"("answer":"token","analysis":"magic")"}) {
    EXPECT_NE(MistakeOf(bad).find("x/scope.json:2: "), std::string::npos) << bad;
  }
  EXPECT_THROW(ParseCases(R"({"cases":[]})", "a.json", TestClauses()), FileError);
  EXPECT_THROW(ParseCases(R"({"cases":[{"id":"a-b","title":"T","clauses":["RFC6749-5.2-12"]}]})",
                          "a.json", TestClauses()),
               FileError);
}

TEST(Answer, NegativesNeedStatusCodeShapeAndNoToken) {
  EXPECT_TRUE(Matches("invalid_scope", Answered(400, R"({"error":"invalid_scope"})")));
  EXPECT_FALSE(Matches("invalid_scope", Answered(401, R"({"error":"invalid_scope"})")));
  EXPECT_FALSE(Matches("invalid_scope", Answered(400, R"({"error":"invalid_request"})")));
  EXPECT_FALSE(Matches("invalid_scope", Answered(400, "invalid_scope")));
  EXPECT_FALSE(
      Matches("invalid_scope", Answered(400, R"({"error":"invalid_scope","access_token":"t"})")));
  EXPECT_FALSE(Matches("400", Answered(400, kToken)));
  EXPECT_TRUE(Matches("token", Answered(200, kToken)));
  EXPECT_FALSE(Matches("token", Answered(201, kToken)));
  EXPECT_TRUE(Matches("closed", Failed(TransportError::kReset)));
  EXPECT_FALSE(Matches("closed", Failed(TransportError::kTimeout)));
  EXPECT_EQ(NameOf(Answered(400, R"({"error":"invalid_scope"})")), "invalid_scope");
  EXPECT_EQ(NameOf(Answered(418, "")), "418");
}

TEST_F(JudgeTest, WeighsWhatCame) {
  const std::string plain = R"("answer":"invalid_scope","warn":"token")";
  EXPECT_EQ(OutcomeOf(plain, Answered(400, R"({"error":"invalid_scope"})")), Outcome::kPass);
  EXPECT_EQ(OutcomeOf(plain, Answered(200, kToken)), Outcome::kWarn);
  EXPECT_EQ(OutcomeOf(plain, Answered(403, "")), Outcome::kFail);
  EXPECT_EQ(OutcomeOf(plain, Answered(429, "")), Outcome::kInconclusive);
  EXPECT_EQ(OutcomeOf(plain, Failed(TransportError::kClosed)), Outcome::kFail);
  EXPECT_EQ(OutcomeOf(plain, Failed(TransportError::kUnreachable)), Outcome::kInconclusive);
  EXPECT_EQ(OutcomeOf(plain, Failed(TransportError::kGarbage)), Outcome::kFail);
  const std::string should = R"("answer":"invalid_scope","level":"SHOULD")";
  EXPECT_EQ(OutcomeOf(should, Answered(403, "")), Outcome::kWarn);
  EXPECT_EQ(OutcomeOf(R"("answer":"invalid_scope","level":"MAY")", Answered(403, "")),
            Outcome::kInfo);
  const std::string never = R"("answer":"invalid_scope","level":"SHOULD","never":"token")";
  EXPECT_EQ(OutcomeOf(never, Answered(200, kToken)), Outcome::kFail);
}

TEST_F(JudgeTest, AServerErrorNeverPasses) {
  for (const char* level : {"MUST", "SHOULD", "MAY", "PROFILE", "SECURITY"}) {
    const std::string members =
        R"("answer":["token","refused"],"level":")" + std::string(level) + "\"";
    EXPECT_EQ(OutcomeOf(members, Answered(500, R"({"error":"invalid_scope"})")), Outcome::kFail);
    EXPECT_EQ(OutcomeOf(members, Answered(503, "")), Outcome::kFail);
    EXPECT_EQ(OutcomeOf(members, Answered(503, "", {{{"Retry-After", "1"}}})),
              Outcome::kInconclusive);
  }
}

TEST_F(JudgeTest, SilenceIsTheTargetsOnlyWhenTheLineLives) {
  const std::string plain = R"("answer":["400","closed"])";
  EXPECT_EQ(Of(plain, {Failed(TransportError::kTimeout)}, Answered(200, kToken)).outcome,
            Outcome::kFail);
  EXPECT_EQ(Of(plain, {Failed(TransportError::kTimeout)}, Failed(TransportError::kTimeout)).outcome,
            Outcome::kInconclusive);
  EXPECT_EQ(
      Of(R"("answer":"400","alive":true)", {Answered(400, "")}, Failed(TransportError::kReset))
          .outcome,
      Outcome::kFail);
}

TEST_F(JudgeTest, SwitchesDecide) {
  const std::string strict =
      R"("answer":"invalid_request","warn":"token","strict":"strict.repeat")";
  EXPECT_EQ(OutcomeOf(strict, Answered(200, kToken)), Outcome::kWarn);
  profile_.switches["strict.repeat"] = "on";
  EXPECT_EQ(OutcomeOf(strict, Answered(200, kToken)), Outcome::kFail);
  const std::string other = R"("answer":"invalid_request",)"
                            R"("if":[{"switch":"scope.missing","is":"default","answer":"token"}])";
  EXPECT_EQ(OutcomeOf(other, Answered(200, kToken)), Outcome::kFail);
  profile_.switches["scope.missing"] = "default";
  EXPECT_EQ(OutcomeOf(other, Answered(200, kToken)), Outcome::kPass);
}

TEST_F(JudgeTest, TheGrantedScopeCounts) {
  EXPECT_EQ(OutcomeOf(R"("answer":"token","granted":"a")", Answered(200, kToken)), Outcome::kPass);
  EXPECT_EQ(OutcomeOf(R"("answer":"token","granted":"b")", Answered(200, kToken)), Outcome::kFail);
  const std::string untold = R"({"access_token":"t","token_type":"Bearer"})";
  EXPECT_EQ(OutcomeOf(R"("answer":"token","granted":"a")", Answered(200, untold)), Outcome::kPass);
  EXPECT_EQ(OutcomeOf(R"("answer":"token","granted":"b")", Answered(200, untold)), Outcome::kFail);
}

TEST_F(JudgeTest, RelationsCount) {
  const std::string same =
      R"("steps":[{"name":"x","answer":["token","400"]},{"name":"y","answer":["token","400"]}],)"
      R"("relations":[{"same":"answer","of":["x","y"]}])";
  EXPECT_EQ(Of(same, {Answered(200, kToken), Answered(200, kToken)}).outcome, Outcome::kPass);
  EXPECT_EQ(Of(same, {Answered(200, kToken), Answered(400, "")}).outcome, Outcome::kFail);
  EXPECT_EQ(Of(same, {Answered(200, kToken)}).outcome, Outcome::kInconclusive);
}

Finding Look(const char* name, int status, Fields fields, std::string content = "") {
  Exchange exchange = Answered(status, std::move(content), std::move(fields));
  exchange.sent = "POST / HTTP/1.1\r\nAuthorization: Basic x\r\n\r\n";
  static const SpellingIndex secrets = [] {
    SpellingIndex index("[secret]");
    index.AddSecret("gX1fBat3bV");
    return index;
  }();
  static const std::vector<std::string> registered = {"a"};
  const Check* check = FindCheck(name);
  return check->look({exchange.responses[0], exchange, true, "", &registered, &secrets, nullptr});
}

TEST(Checks, HoldAndAreViolated) {
  using Kind = Finding::Kind;
  EXPECT_EQ(
      Look("no_store_on_tokens", 200, {{{"Cache-Control", "private, No-Store"}}}, kToken).kind,
      Kind::kHolds);
  EXPECT_EQ(Look("no_store_on_tokens", 200, {{{"Cache-Control", "no-cache"}}}, kToken).kind,
            Kind::kViolated);
  EXPECT_EQ(Look("no_store_on_tokens", 400, {}).kind, Kind::kDoesNotApply);
  EXPECT_EQ(
      Look("challenge_basic", 401, {{{"WWW-Authenticate", "Bearer, bASIC realm=\"x\""}}}).kind,
      Kind::kHolds);
  EXPECT_EQ(Look("challenge_basic", 401, {{{"WWW-Authenticate", "Bearer"}}}).kind, Kind::kViolated);
  EXPECT_EQ(Look("challenge_present", 401, {}).kind, Kind::kViolated);
  EXPECT_EQ(Look("challenge_realm", 401, {{{"WWW-Authenticate", "Basic"}}}).kind, Kind::kViolated);
  EXPECT_EQ(Look("allow_on_405", 405, {{{"Allow", "GET, POST"}}}).kind, Kind::kHolds);
  EXPECT_EQ(Look("allow_on_405", 405, {{{"Allow", "POSTX"}}}).kind, Kind::kViolated);
  EXPECT_EQ(Look("expires_in_number", 200, {}, R"({"access_token":"t","expires_in":"9"})").kind,
            Kind::kViolated);
  EXPECT_EQ(Look("no_bom", 200, {}, "\xEF\xBB\xBF{}").kind, Kind::kViolated);
  EXPECT_EQ(Look("unique_names", 400, {}, R"({"error":"a","error":"b"})").kind, Kind::kViolated);
  EXPECT_EQ(Look("strict_json", 400, {}, R"({"error":"a"} x)").kind, Kind::kViolated);
  EXPECT_EQ(Look("description_charset", 400, {}, R"({"error":"a","error_description":"\n"})").kind,
            Kind::kViolated);
  EXPECT_EQ(
      Look("granted_within_registered", 200, {}, R"({"access_token":"t","scope":"a z"})").kind,
      Kind::kViolated);
  EXPECT_EQ(Look("no_secret", 400, {}, "you sent gX1fBat3bV").kind, Kind::kViolated);
  EXPECT_EQ(Look("no_secret", 400, {}, "Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW").kind, Kind::kViolated);
  EXPECT_EQ(Look("no_secret", 400, {}, "nothing").kind, Kind::kHolds);
  EXPECT_EQ(Look("jwt_alg", 200, {},
                 "{\"access_token\":\"" + EncodeBase64Url("{\"alg\":\"none\"}") + "." +
                     EncodeBase64Url("{}") + ".\"}")
                .kind,
            Kind::kViolated);
}

TEST(Redactor, FindsEverySpelling) {
  Profile profile = *BuiltInProfile("rfc6749");
  profile.clients["main"] = {"s6BhdRkqt3", "p w%2F:x&=", {}};
  const Redactor redactor(profile);
  const std::string secret = "p w%2F:x&=";
  for (const std::string& text :
       {secret, EncodeBase64("s6BhdRkqt3:" + secret), EncodeBase64("a:" + secret),
        EncodeBase64("ab:" + secret + "tail"), EncodeBase64("abc:" + secret),
        std::string("p%20w%252F%3Ax%26%3D"), std::string("p+w%252F%3Ax%26%3D"),
        std::string("p+w%252f%3ax%26%3d"), std::string("7020772532463a78263d")}) {
    const std::string clean = redactor.Clean("<" + text + ">");
    EXPECT_NE(clean.find("[secret]"), std::string::npos) << text << " became " << clean;
  }
  EXPECT_EQ(redactor.Clean(R"({"access_token" : "abc\"def","x":1})"),
            R"({"access_token" : "[token]","x":1})");
}

TEST(Binder, MaskedRequestsHoldNoSecret) {
  Profile profile = EmbeddedProfile();
  const Binder masked(profile, *PlaceOf("http://127.0.0.1/t"), "canary", true);
  StepSpec step;
  step.fields.push_back({{"Authorization", kHere}, {{"Basic {{insert(token68,8,'!')}}", kHere}}});
  const Request request = std::get<Request>(masked.Build(step, {"request"}, {}).message);
  const std::string value(*request.fields.First("Authorization"));
  EXPECT_EQ(value.find("gX1f"), std::string::npos);
  EXPECT_EQ(*DecodeBase64(value.substr(6, 8) + value.substr(15)), "s6BhdRkqt3:redacted-r");
}

TEST(Text, IsFitForTerminalsAndXml) {
  EXPECT_EQ(Printable("a\x1b[31m\xff\xE2\x80\xAE"), "a\\x1b[31m\\xff\\xe2\\x80\\xae");
  EXPECT_EQ(Printable("ä\n", true), "ä\n");
  EXPECT_EQ(XmlText("]]><a b=\"c\">&\x01"), "]]&gt;&lt;a b=&quot;c&quot;&gt;&amp;\\x01");
  EXPECT_EQ(ShellQuoted("it's"), "'it'\\''s'");
}

TEST(Text, HoldsNoCommandsToBuildRunners) {
  EXPECT_EQ(Printable("##[error]a ##vso[x] ## [b] #[c]"),
            "##\\x5berror]a ##vso\\x5bx] ## [b] #[c]");
  EXPECT_EQ(Wrapped("aaaa ::error::b cccc", 6, "  "), "aaaa ::error::b\n  cccc");
}

TEST(Redactor, BlanksEveryTokenHoweverMany) {
  const Redactor redactor;
  EXPECT_EQ(
      redactor.Clean("{\"access_token\":\"a\",\"id_token\" : \"b\\\"c\"} \"access_token\":\"d"),
      "{\"access_token\":\"[token]\",\"id_token\" : \"[token]\"} \"access_token\":\"[token]");
}

}  // namespace
}  // namespace grantspec
