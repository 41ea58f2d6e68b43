// What the binder refuses to send, and to whom.

#include "conformance/engine/bind/binder.h"

#include <gtest/gtest.h>

#include "conformance/engine/case/expression.h"
#include "fixtures/grammar/base64.h"
#include "fixtures/target/client_file.h"

namespace grantspec {
namespace {

const SourceLine kHere{"f.json", 7};

class BinderTest : public testing::Test {
 protected:
  BinderTest() : profile_(EmbeddedProfile()) {
    profile_.resource = Resource{"http://127.0.0.1:2/api/sites/a/x", "GET", "", "a"};
    binder_ =
        std::make_unique<Binder>(profile_, *PlaceOf("http://127.0.0.1:1/token"), "canary0123");
  }

  static Exchange Granted(const std::string& token, const std::string& type) {
    Exchange exchange;
    exchange.responses.push_back(
        {.status = 200,
         .content = R"({"access_token":")" + token + R"(","token_type":")" + type + R"("})"});
    return exchange;
  }

  static StepSpec Use(const std::string& target = {}) {
    StepSpec use;
    use.at = Place::kResource;
    if (!target.empty()) use.target = Text{target, kHere};
    use.fields.push_back({{"Authorization", kHere}, {{"Bearer {{t.token}}", kHere}}});
    return use;
  }

  Outgoing Build(const StepSpec& step, const Exchange& before) const {
    return binder_->Build(step, {"t", "use"}, {before});
  }

  Profile profile_;
  std::unique_ptr<Binder> binder_;
};

TEST_F(BinderTest, SendsOnOnlyTokensThatCanStandInAHeader) {
  for (const char* good : {"abc", "a-._~+/==", "eyJ.e30.x"}) {
    EXPECT_NO_THROW((void)Build(Use(), Granted(good, "Bearer"))) << good;
  }
  for (const char* bad :
       {R"(a\r\nX: y)", "a b", "a=b", "", R"(a\u0000b)", "t\xc3\xa9", R"(a\"b)"}) {
    for (const char* type : {"Bearer", "bearer", "DPoP", ""}) {
      EXPECT_THROW((void)Build(Use(), Granted(bad, type)), UnusableToken) << bad;
    }
  }
  // Of another type: VSCHAR (RFC 6749 appendix A.12).
  EXPECT_NO_THROW((void)Build(Use(), Granted("a b=c", "mac")));
  EXPECT_THROW((void)Build(Use(), Granted(R"(a\nb)", "mac")), UnusableToken);
  EXPECT_THROW((void)Build(Use(), Granted("t\xc3\xa9", "mac")), UnusableToken);
}

TEST_F(BinderTest, SendsTokensToNamedUrlsOnly) {
  const Exchange before = Granted("abc", "Bearer");
  for (const char* named :
       {"", "{{resource_target}}", "{{resource_target}}?access_token={{t.token}}",
        "{{resource_unknown_site_target}}"}) {
    EXPECT_NO_THROW((void)Build(Use(named), before)) << named;
  }
  for (const char* other :
       {"/", "/api/sites/b/x", "/billing/sites/site-9/customers", "/api/sites/a/x/",
        "/api/sites/a/../b/x", "http://127.0.0.1:2/api/sites/a/x"}) {
    EXPECT_THROW((void)Build(Use(other), before), NotApplicable) << other;
  }
  StepSpec elsewhere = Use();
  elsewhere.at = Place::kPath;
  elsewhere.path = "/.well-known/x";
  EXPECT_THROW((void)Build(elsewhere, before), NotApplicable);
  StepSpec raw;
  raw.at = Place::kResource;
  raw.raw = {{{"GET /other HTTP/1.1\r\nHost: x\r\nX: {{t.token}}\r\n\r\n", kHere}}};
  EXPECT_THROW((void)Build(raw, before), NotApplicable);
  raw.raw = {{{"GET {{resource_target}} HTTP/1.1\r\nHost: x\r\nX: {{t.token}}\r\n\r\n", kHere}}};
  EXPECT_NO_THROW((void)Build(raw, before));
}

TEST_F(BinderTest, SendsCredentialsToTheOriginOfTheTokenEndpointOnly) {
  StepSpec basic;
  basic.at = Place::kResource;
  basic.fields.push_back({{"Authorization", kHere}, {{"{{basic}}", kHere}}});
  EXPECT_THROW((void)binder_->Build(basic, {}, {}), NotApplicable);
  profile_.resource->url = "http://127.0.0.1:1/api/sites/a/x";
  EXPECT_NO_THROW((void)binder_->Build(basic, {}, {}));
}

// A length that is written before a body is that of this body: assertions differ from each other.
TEST_F(BinderTest, OneAssertionInOneRequest) {
  Client& main = profile_.clients["main"];
  main.auth = AuthMethod::kClientSecretJwt;
  SetSigner(main, "", "");
  StepSpec raw;
  raw.raw = {{{"{{body}}|", kHere}}, {{"{{body}}", kHere}}};
  const auto parts = [&] { return std::get<RawRequest>(Build(raw, {}).message).steps; };
  const std::vector<RawStep> one = parts(), other = parts();
  EXPECT_EQ(one[0].bytes, one[1].bytes + "|");
  EXPECT_NE(one[0].bytes, other[0].bytes);
}

TEST_F(BinderTest, StepsLogInAsTheClientDoes) {
  profile_.clients["main"].auth = AuthMethod::kClientSecretPost;
  profile_.parameters = {{"audience", "a"}};
  const auto content = [this](const StepSpec& step) {
    return std::get<Request>(Build(step, {}).message).content;
  };
  const std::string login = "client_id=s6BhdRkqt3&client_secret=gX1fBat3bV";
  StepSpec step;
  EXPECT_TRUE(content(step).ends_with("&audience=a&" + login)) << content(step);
  step.content = Text{"grant_type=x", kHere};
  EXPECT_EQ(content(step), "grant_type=x&audience=a&" + login);
  step.content = Text{"{{body}}&x=1", kHere};
  EXPECT_TRUE(content(step).starts_with(login + "&grant_type=")) << content(step);
  EXPECT_TRUE(content(step).ends_with("&audience=a&x=1")) << content(step);
  step.client = "none";
  step.content = Text{"grant_type=x", kHere};
  EXPECT_EQ(content(step), "grant_type=x&audience=a");
  step.client = "main";
  step.secret = Text{"wrong", kHere};
  EXPECT_TRUE(content(step).ends_with("client_secret=wrong")) << content(step);
  step.auth = AuthMethod::kClientSecretBasic;
  EXPECT_EQ(content(step), "grant_type=x&audience=a");
}

TEST_F(BinderTest, AClientWithoutSecretHasNoWrongOne) {
  Client& main = profile_.clients["main"];
  main.auth = AuthMethod::kTlsClientAuth;
  main.secret.clear();
  StepSpec step;
  step.secret = Text{"wrong", kHere};
  EXPECT_THROW((void)Build(step, {}), NotApplicable);
  step.secret.reset();
  step.auth = AuthMethod::kClientSecretBasic;
  step.writes_authorization = true;
  step.fields.push_back({{"Authorization", kHere}, {{"Basic ====", kHere}}});
  const Request request = std::get<Request>(Build(step, {}).message);
  EXPECT_EQ(request.fields.First("Authorization"), "Basic ====");
  EXPECT_EQ(request.content.find("client_id"), std::string::npos);
}

TEST_F(BinderTest, NobodyShowsTheCertificateThatLogsTheClientIn) {
  const auto shown = [this](const StepSpec& step) { return Build(step, {}).options.certificate; };
  StepSpec of_main, of_nobody, of_second, look_alike;
  of_nobody.client = "none";
  of_second.client = "second";
  look_alike.certificate = ClientCertificate::kLookAlike;
  EXPECT_EQ(shown(of_nobody), ClientCertificate::kOfClient);  // certificates do not log in here
  for (auto& [role, client] : profile_.clients) client.auth = AuthMethod::kTlsClientAuth;
  EXPECT_EQ(shown(of_main), ClientCertificate::kOfClient);
  EXPECT_EQ(shown(of_nobody), ClientCertificate::kNone);
  EXPECT_EQ(shown(look_alike), ClientCertificate::kLookAlike);
  EXPECT_THROW((void)Build(of_second, {}), NotApplicable);
  // Its identifier may be named all the same.
  of_main.form.push_back({{"client_id", kHere}, {{"{{second.id}}", kHere}}});
  EXPECT_NO_THROW((void)Build(of_main, {}));
}

TEST_F(BinderTest, ParametersStandWhereTheTargetReadsThem) {
  const auto request = [this](const StepSpec& step) {
    return std::get<Request>(Build(step, {}).message);
  };
  StepSpec step;
  step.content = Text{"grant_type=a&scope=b%20c", kHere};
  profile_.switches["body"] = "json";
  EXPECT_EQ(request(step).content, R"({"grant_type":"a","scope":"b c"})");
  EXPECT_EQ(request(step).fields.First("Content-Type"), "application/json");
  step.as_form = true;
  EXPECT_EQ(request(step).content, "grant_type=a&scope=b%20c");
  step.as_form = false;
  step.content = Text{"a=1&a=2", kHere};
  EXPECT_THROW(request(step), NotApplicable);
  profile_.switches["parameters_in"] = "query";
  EXPECT_EQ(request(step).target, "/token?a=1&a=2");
  EXPECT_EQ(request(step).content, "");
}

TEST_F(BinderTest, WaitsAWhileWhereTheTokenReportsToLiveLonger) {
  StepSpec use = Use();
  use.await = Await::kAWhile;
  const auto delay_ms = [&](const std::string& seconds) {
    Exchange exchange;
    exchange.responses.push_back(
        {.status = 200,
         .content =
             R"({"access_token":"abc","token_type":"Bearer","expires_in":)" + seconds + "}"});
    return Build(use, exchange).options.delay_ms;
  };
  EXPECT_THROW(delay_ms("900"), NotApplicable);
  profile_.limits["wait_expiry"] = 2;
  EXPECT_EQ(delay_ms("900"), 1'500);
  EXPECT_EQ(delay_ms("3"), 1'500);
  EXPECT_THROW(delay_ms("2"), NotApplicable);
  EXPECT_THROW(delay_ms("\"900\""), NotApplicable);
}

TEST_F(BinderTest, KnowsTheScopesThatAResourceDoesNotWant) {
  StepSpec step;
  step.content = Text{"{{resource_other_scopes}}", kHere};
  const auto content = [&] { return std::get<Request>(Build(step, {}).message).content; };
  EXPECT_THROW(content(), NotApplicable);  // the resource wants no scope
  profile_.resource->scope = profile_.main().scopes[1];
  EXPECT_EQ(content(), profile_.main().scopes[0] + " " + profile_.main().scopes[2] + " " +
                           profile_.main().scopes[3]);
  step.client = "read_only";
  profile_.resource->scope = profile_.Find("read_only")->scopes[0];
  EXPECT_THROW(content(), NotApplicable);
}

TEST_F(BinderTest, KnowsWhatHoldsCredentials) {
  const auto is_satisfied = [this](const StepSpec& step) {
    return Build(step, Granted("abc", "Bearer")).may_contain_credentials;
  };
  StepSpec step;
  EXPECT_TRUE(is_satisfied(step));
  step.client = "second";
  EXPECT_TRUE(is_satisfied(step));
  step.client = "nobody";
  EXPECT_FALSE(is_satisfied(step));
  step.client = "none";
  EXPECT_FALSE(is_satisfied(step));
  for (const char* text : {"{{id}}", "{{main.secret}}", "{{upper(token68)}}", "{{basic}}",
                           "{{client_secret_plain}}", "{{main.request}}", "{{first(secret,3)}}"}) {
    step.content = Text{text, kHere};
    EXPECT_TRUE(is_satisfied(step)) << text;
    StepSpec raw;
    raw.client = "none";
    raw.raw = {{{text, kHere}}};
    EXPECT_TRUE(is_satisfied(raw)) << text;
  }
  for (const char* text :
       {"{{body}}", "{{scope}}", "{{nobody.secret}}", "{{request}}", "{{host}}", "{{canary}}"}) {
    step.content = Text{text, kHere};
    EXPECT_FALSE(is_satisfied(step)) << text;
  }
  EXPECT_FALSE(binder_->Probe().may_contain_credentials);
  EXPECT_TRUE(is_satisfied(Use()));
}

TEST(Binder, WhatIsShownHoldsNoSecret) {
  Profile profile = EmbeddedProfile();
  const Binder binder(profile, *PlaceOf("http://127.0.0.1/t"), "canary");
  StepSpec step;
  step.fields.push_back({{"Authorization", kHere}, {{"Basic {{insert(token68,8,'!')}}", kHere}}});
  const Request request = std::get<Request>(binder.Bind(step, {"request"}, {}).shown->message);
  const std::string value(*request.fields.First("Authorization"));
  EXPECT_EQ(value.find("gX1f"), std::string::npos);
  EXPECT_EQ(*DecodeBase64(value.substr(6, 8) + value.substr(15)), "s6BhdRkqt3:redacted-r");
}

// A masked secret has other bytes: what cannot be encoded of them is sent all the same.
TEST(Binder, WhatCannotBeShownIsSent) {
  const Profile profile = EmbeddedProfile();
  const Binder binder(profile, *PlaceOf("http://127.0.0.1/t"), "canary");
  StepSpec step;
  step.client = "b64url";
  step.fields.push_back(
      {{"Authorization", kHere}, {{"Basic {{symbols(base64(raw_pair))}}", kHere}}});
  const BoundRequest bound = binder.Bind(step, {"request"}, {});
  EXPECT_FALSE(bound.shown);
  EXPECT_TRUE(std::get<Request>(bound.wire.message).fields.Has("Authorization"));
}

TEST(Binder, AClientWithoutSecretHasNoBasicLoginToShow) {
  const Profile profile = EmbeddedProfile();
  const Binder binder(profile, *PlaceOf("http://127.0.0.1/t"), "canary");
  StepSpec step;
  EXPECT_NE(binder.ShownBasic(step), "");
  step.client = "assertion_es256";
  EXPECT_EQ(binder.ShownBasic(step), "");
}

// What a case does to the end of a body must not be done to a login.
TEST_F(BinderTest, TheLoginStandsAtTheBeginningOfABody) {
  StepSpec step;
  step.client = "assertion_es256";
  step.raw.push_back({{"POST / HTTP/1.1\r\n\r\n{{body}}", kHere}});
  const Outgoing outgoing = binder_->Build(step, {"request"}, {});
  const std::string& sent = std::get<RawRequest>(outgoing.message).steps.front().bytes;
  EXPECT_LT(sent.find("client_assertion="), sent.find("grant_type=")) << sent;
}

TEST_F(BinderTest, AnAssertionIsTheSameWhereverATextNamesIt) {
  StepSpec step;
  step.client = "assertion_es256";
  step.assertion.emplace();
  step.form.push_back({{"again", kHere}, {{"{{assertion}}", kHere}}});
  step.form.push_back(
      {{"parts", kHere},
       {{"{{assertion_header}}.{{assertion_payload}}.{{assertion_signature}}", kHere}}});
  const Outgoing outgoing = binder_->Build(step, {"request"}, {});
  const Form form = *ParseForm(std::get<Request>(outgoing.message).content);
  EXPECT_EQ(form.First("client_assertion"), form.First("again"));
  EXPECT_EQ(form.First("client_assertion"), form.First("parts"));
}

// A text of an assertion cannot name that assertion: it would have no end.
TEST_F(BinderTest, AnAssertionDoesNotNameItself) {
  StepSpec step;
  step.client = "assertion_es256";
  step.assertion.emplace();
  step.assertion->payload = Text{"{{assertion}}", kHere};
  EXPECT_THROW((void)binder_->Build(step, {"request"}, {}), FileError);
}

TEST_F(BinderTest, AStepAboutAnAssertionNeedsAClientThatHasOne) {
  StepSpec step;
  step.assertion.emplace();
  EXPECT_THROW((void)binder_->Build(step, {"request"}, {}), NotApplicable);
  step.client = "assertion";
  step.auth = AuthMethod::kClientSecretJwt;  // it logs in by private_key_jwt
  EXPECT_THROW((void)binder_->Build(step, {"request"}, {}), NotApplicable);
  profile_.clients.erase("assertion");
  EXPECT_EQ(profile_.Find("assertion"), nullptr);
  profile_.clients.at("main").auth = AuthMethod::kClientSecretJwt;
  EXPECT_EQ(profile_.Find("assertion"), &profile_.main());
}

}  // namespace
}  // namespace grantspec
