#include "conformance/engine/diagnosis/diagnosis.h"

#include <gtest/gtest.h>

#include <deque>

#include "conformance/engine/diagnosis/decision.h"

namespace grantspec {
namespace {

// What a test states of one finding.
struct Seen {
  const char* clause;
  Outcome outcome = Outcome::kFail;
  const char* observed = "token";
  const char* status = "200 OK";
  const char* content = "{\"access_token\":\"[token]\"}";
  bool wanted_token = false;
};

/// A run whose cases are about clauses; each is named after its number.
class Diagnosis : public testing::Test {
 protected:
  RecordedCase& Add(const Seen& seen) {
    clauses_.push_back({seen.clause, "RFC 1", "1", "MUST", "says", "black-box"});
    Case spec;
    spec.category = "a";
    spec.id = std::to_string(cases_.size());
    spec.clauses = {&clauses_.back()};
    cases_.push_back(spec);
    RecordedCase one;
    one.spec = &cases_.back();
    one.verdict.outcome = seen.outcome;
    one.verdict.expected = seen.wanted_token ? "token" : "invalid_client";
    one.verdict.wanted_token = seen.wanted_token;
    one.observed = seen.observed;
    RecordedExchange exchange;
    exchange.request = "POST / HTTP/1.1\r\n\r\n";
    exchange.has_response = true;
    exchange.status_line = std::string("HTTP/1.1 ") + seen.status;
    exchange.content = seen.content;
    one.exchanges.push_back(exchange);
    record_.cases.push_back(one);
    return record_.cases.back();
  }

  // A case about all responses, which these cases violate.
  RecordedCase& AddStanding(const char* check, const std::vector<std::string>& violating) {
    RecordedCase& one = Add({"RFC9110-15-01"});
    cases_.back().standing = FindCheck(check);
    one.verdict.basis = Basis::kCheck;
    one.verdict.check = FindCheck(check)->name;
    one.violating = violating;
    return one;
  }

  std::vector<std::size_t> Sizes() const {
    std::vector<std::size_t> sizes;
    for (const Cause& one : Diagnose(record_)) sizes.push_back(one.cases.size());
    return sizes;
  }

  std::deque<Clause> clauses_;
  std::deque<Case> cases_;
  RunRecord record_;
};

constexpr const char* kError = R"({"error":"invalid_request","error_description":"bad"})";
constexpr const char *kWrongSecret = "RFC6749-4.4.2-05", *kUnknownClient = "RFC6749-4.4.2-06",
                     *kChangedSecret = "RFC6749-4.4.2-07", *kBase64 = "RFC4648-3.3-01",
                     *kUnknownScope = "RFC6749-5.2-12", *kMalformedScope = "RFC6749-3.3-05";

TEST_F(Diagnosis, TheExampleHasARequestThatCanBeShown) {
  Add({kWrongSecret}).exchanges[0].request = NotShown("x");
  Add({kWrongSecret});
  const auto causes = Diagnose(record_);
  ASSERT_EQ(causes.size(), 1u);
  EXPECT_EQ(causes[0].cases.front(), 1u);
}

TEST_F(Diagnosis, UncheckedCredentialsAreShownByAWrongSecretAndNotBesideSomethingElse) {
  Add({"RFC9110-10.1.1-01"}).exchanges[0].request = "POST /";  // the shortest
  Add({kWrongSecret});
  Add({kUnknownClient});
  Add({"RFC6749-5.2-05"});
  cases_.back().category = "ordinary_client";
  record_.cases.back().verdict.expected = "refused";
  const auto causes = Diagnose(record_);
  ASSERT_EQ(causes.size(), 1u);
  EXPECT_EQ(causes[0].title,
            "Credentials are not checked: any client identifier and any secret get a token");
  EXPECT_EQ(causes[0].cases.front(), 1u);
}

TEST_F(Diagnosis, NeedsNoCauseForWhatPasses) {
  for (const Outcome outcome :
       {Outcome::kPass, Outcome::kInfo, Outcome::kInconclusive, Outcome::kNotApplicable}) {
    Add({kWrongSecret, outcome});
  }
  EXPECT_TRUE(Diagnose(record_).empty());
}

TEST_F(Diagnosis, SeparatesTokensByDecision) {
  Add({kBase64});
  Add({kBase64});
  Add({kUnknownScope});
  EXPECT_EQ(Sizes(), (std::vector<std::size_t>{2, 1}));
}

TEST_F(Diagnosis, TellsASecondResponseAfterCloseFromOneAfterAmbiguousLengths) {
  for (const char* clause :
       {"RFC9112-9.6-01", "RFC9112-9.6-01", "RFC9112-6.1-01", "RFC9112-6.3-01", "RFC9112-6.3-02"}) {
    RecordedCase& one = Add({clause});
    one.verdict.basis = Basis::kCheck;
    one.verdict.check = FindCheck("one_answer")->name;
    one.verdict.actual = "more than one response was received";
  }
  EXPECT_EQ(Sizes(), (std::vector<std::size_t>{3, 2}));
}

TEST_F(Diagnosis, GroupsWrongErrorsByTheirResponse) {
  Add({kBase64, Outcome::kWarn, "invalid_request", "400 Bad Request", kError});
  Add({kUnknownScope, Outcome::kFail, "invalid_request", "400 Bad Request", kError});
  Add({kUnknownScope, Outcome::kFail, "404", "404 Not Found", "<p>"});
  EXPECT_EQ(Sizes(), (std::vector<std::size_t>{2, 1}));
}

TEST_F(Diagnosis, OfTheRightCodeOnlyTheStatusIsTheMiss) {
  Add({kBase64, Outcome::kFail, "invalid_client_400", "400 Bad Request",
       R"({"error":"invalid_client","error_description":"no colon"})"});
  Add({kWrongSecret, Outcome::kFail, "invalid_client_400", "400 Bad Request",
       R"({"error":"invalid_client","error_description":"wrong secret"})"});
  EXPECT_EQ(Sizes(), (std::vector<std::size_t>{2}));
}

TEST_F(Diagnosis, SeparatesRefusalsOfValidRequestsByDecision) {
  Seen refused = {"RFC9110-5.6.6-01", Outcome::kFail, "invalid_request",
                  "400 Bad Request",  kError,         true};
  Add(refused);
  refused.clause = "RFC6749-2.3.1-02";
  Add(refused);
  Add(refused);
  EXPECT_EQ(Sizes(), (std::vector<std::size_t>{2, 1}));
}

TEST_F(Diagnosis, ACaseAboutAllResponsesJoinsTheGroupOfMostOfItsCases) {
  for (int i = 0; i < 3; ++i) {
    Add({kBase64, Outcome::kFail, "500", "500 Oops", "<p>"}).verdict.server_error = true;
  }
  AddStanding("no_server_error", {"a.0", "a.1", "a.7"});
  EXPECT_EQ(Sizes(), (std::vector<std::size_t>{4}));
}

TEST_F(Diagnosis, PartsOfWhatACaseIsAboutCountTogether) {
  const auto add = [this](const char* page) {
    Add({kBase64, Outcome::kFail, "500", "500 Oops", page}).verdict.server_error = true;
  };
  add("<title>a</title>");
  add("<title>b</title>");
  AddStanding("no_server_error", {"a.0", "a.1", "a.7", "a.8"});
  EXPECT_EQ(Sizes(), (std::vector<std::size_t>{2, 1}));
}

TEST_F(Diagnosis, ACaseAboutAllResponsesStaysAloneWhereMostOfItsCasesPass) {
  Add({kBase64, Outcome::kFail, "500", "500 Oops", "<p>"});
  AddStanding("no_store", {"a.0", "a.7", "a.8"});
  EXPECT_EQ(Sizes(), (std::vector<std::size_t>{1, 1}));
}

TEST_F(Diagnosis, ChecksThatSayTheSameAreOneCause) {
  AddStanding("challenge_present", {"a.7"}).verdict.actual = "no WWW-Authenticate header";
  AddStanding("challenge_basic", {"a.7"}).verdict.actual = "no WWW-Authenticate header";
  AddStanding("date_present", {"a.7"}).verdict.actual = "no Date header";
  EXPECT_EQ(Sizes(), (std::vector<std::size_t>{2, 1}));
}

TEST_F(Diagnosis, MergesWhatOneDefectShowsInManyDecisions) {
  struct Row {
    std::vector<const char*> clauses;
    std::size_t causes;
    const char* title;
  };
  for (const Row& row : std::initializer_list<Row>{
           {{kWrongSecret, kUnknownClient, kChangedSecret, kBase64},
            1,
            "Credentials are not checked: any client identifier and any secret get a token"},
           {{kWrongSecret, kChangedSecret},
            1,
            "The secret is not checked: any secret gets a token"},
           {{kUnknownScope, kMalformedScope}, 1, "Scopes are not checked: any scope gets a token"},
           // A part of them is a smaller defect.
           {{kChangedSecret}, 1, "A token is issued although the secret is changed"},
           {{kWrongSecret, kUnknownScope}, 2, "A token is issued although the scope is unknown"}}) {
    record_.cases.clear();
    for (const char* clause : row.clauses) Add({clause});
    const std::vector<Cause> causes = Diagnose(record_);
    ASSERT_EQ(causes.size(), row.causes);
    const bool any = causes.front().title == row.title || causes.back().title == row.title;
    EXPECT_TRUE(any) << causes.front().title;
  }
}

TEST_F(Diagnosis, TheMostSevereCauseIsFirst) {
  Add({kBase64, Outcome::kWarn});
  Add({"RFC9110-5.6.6-01", Outcome::kFail, "invalid_request", "400 Bad Request", kError, true});
  Add({kUnknownScope, Outcome::kWaived});
  Add({kWrongSecret});
  std::vector<Outcome> severities;
  std::vector<MissKind> kinds;
  for (const Cause& one : Diagnose(record_)) {
    severities.push_back(one.severity);
    kinds.push_back(one.kind);
  }
  EXPECT_EQ(severities, (std::vector<Outcome>{Outcome::kFail, Outcome::kFail, Outcome::kWarn,
                                              Outcome::kWaived}));
  EXPECT_EQ(kinds[0], MissKind::kTokenIssued);
  EXPECT_EQ(kinds[1], MissKind::kRefused);
}

TEST_F(Diagnosis, AWaivedFailureStaysWaivedBesideAWarning) {
  Add({kBase64, Outcome::kWarn});
  Add({kBase64, Outcome::kWaived});
  EXPECT_EQ(Diagnose(record_)[0].severity, Outcome::kWaived);
  Add({kBase64, Outcome::kFail});
  EXPECT_EQ(Diagnose(record_)[0].severity, Outcome::kFail);
}

TEST_F(Diagnosis, ValidRequestsOfManyKindsThatOneResponseRefusesAreOneCause) {
  Seen refused = {"RFC9110-5.6.6-01", Outcome::kFail, "invalid_request",
                  "400 Bad Request",  kError,         true};
  const auto add = [&](const char* clause) {
    refused.clause = clause;
    Add(refused);
  };
  for (const char* clause :
       {"RFC9110-5.6.6-01", "RFC6749-2.3.1-02", "RFC6749-3.2-07", "RFC9110-11.1-01"}) {
    add(clause);
  }
  EXPECT_EQ(Sizes(), (std::vector<std::size_t>{1, 1, 1, 1}));
  add("RFC9110-11.4-01");
  EXPECT_EQ(Sizes(), (std::vector<std::size_t>{5}));
  Add({kUnknownScope, Outcome::kFail, "invalid_request", "400 Bad Request", kError});
  EXPECT_EQ(Sizes(), (std::vector<std::size_t>{6}));
}

TEST_F(Diagnosis, OfAnErrorWithAnUnusualStatusTheStatusIsTheMiss) {
  Add({kBase64, Outcome::kFail, "500", "500 Oops", kError}).verdict.server_error = true;
  Add({kUnknownScope, Outcome::kFail, "500", "500 Oops", R"({"error":"invalid_scope"})"})
      .verdict.server_error = true;
  Add({kUnknownScope, Outcome::kFail, "422", "422 No", R"({"error":"invalid_scope"})"});
  Add({kBase64, Outcome::kFail, "422", "422 No", kError});
  EXPECT_EQ(Sizes(), (std::vector<std::size_t>{2, 2}));
}

TEST_F(Diagnosis, SilenceForRequestsOfManyKindsIsOneCause) {
  for (const char* clause : {"RFC9112-6.3-02", "RFC9110-15.5.14-01", "RFC9110-15.6.2-01"}) {
    RecordedCase& one = Add({clause});
    one.exchanges[0].has_response = false;
    one.exchanges[0].transport = "timeout: no response in time";
  }
  EXPECT_EQ(Sizes(), (std::vector<std::size_t>{3}));
  record_.cases.pop_back();
  EXPECT_EQ(Sizes(), (std::vector<std::size_t>{1, 1}));
}

TEST_F(Diagnosis, ChecksOfOneMemberAreOneCause) {
  AddStanding("challenge_present", {"a.7"}).verdict.actual = "expires_in is \"900\"";
  AddStanding("date_present", {"a.7"}).verdict.actual = "expires_in is not a JSON number";
  AddStanding("no_store", {"a.7"}).verdict.actual = "no member \"token_type\"";
  EXPECT_EQ(Sizes(), (std::vector<std::size_t>{2, 1}));
}

TEST_F(Diagnosis, TheExampleIsTheShortestOfTheMostSevereCases) {
  Add({kBase64, Outcome::kWarn});
  Add({kBase64}).exchanges[0].request += std::string(100, 'a');
  Add({kBase64}).exchanges[0].request += "a";
  EXPECT_EQ(Diagnose(record_)[0].cases.front(), 2U);
}

TEST_F(Diagnosis, AnIdDependsOnTheDefectAlone) {
  Add({kBase64});
  const std::string id = Diagnose(record_)[0].id;
  EXPECT_EQ(id.size(), 8U);
  Add({kBase64, Outcome::kWarn});
  Add({kUnknownScope});
  AttributeCauses(record_);
  EXPECT_EQ(record_.cases[0].cause, id);
  EXPECT_EQ(record_.cases[1].cause, id);
  EXPECT_NE(record_.cases[2].cause, id);
}

}  // namespace
}  // namespace grantspec
