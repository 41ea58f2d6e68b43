#include "conformance/engine/record/waiver.h"

#include <gtest/gtest.h>

namespace grantspec {
namespace {

const Clause kClause = {"RFC6749-5.2-04", "RFC 6749", "5.2", "MUST", "says", "black-box"};

/// A run of the cases a.one, a.two and a.three; what was judged is recorded by the test.
class Waivers : public testing::Test {
 protected:
  Waivers() {
    for (const char* id : {"one", "two", "three"}) {
      Case one;
      one.category = "a";
      one.id = id;
      one.clauses = {&kClause};
      cases_.push_back(one);
    }
  }

  RecordedCase& Record(std::size_t index, Outcome outcome, const std::string& observed = "token") {
    RecordedCase one;
    one.spec = &cases_[index];
    one.verdict.outcome = outcome;
    one.verdict.actual = "a token";
    one.observed = observed;
    record_.cases.push_back(one);
    return record_.cases.back();
  }

  static Waiver For(const std::string& pattern, const std::string& observed = "token") {
    return {pattern, "known since May", "payments", "2027-01-31", observed, {"w.json", 3}};
  }

  std::string Updated(const std::vector<Waiver>& known) const {
    return WaiverFile("/nowhere/w.json", known, record_, cases_, "2027-06-30");
  }

  static std::size_t EntriesIn(const std::string& text) {
    std::size_t count = 0;
    for (std::size_t at = 0; (at = text.find("\"case\"", at)) != std::string::npos; ++at) ++count;
    return count;
  }

  std::vector<Case> cases_;
  RunRecord record_;
};

TEST_F(Waivers, EntriesOfCasesThatWereNotJudgedStay) {
  Record(0, Outcome::kInconclusive);
  Record(1, Outcome::kNotApplicable);
  const std::string text = Updated({For("a.one"), For("a.two"), For("a.three"), For("own.case")});
  EXPECT_EQ(EntriesIn(text), 4U) << text;
}

TEST_F(Waivers, AnEntryIsDroppedOnlyWhereItsCasePasses) {
  Record(0, Outcome::kPass);
  Record(1, Outcome::kInfo).held_back = Outcome::kFail;
  const std::string text = Updated({For("a.one"), For("a.two")});
  EXPECT_EQ(text.find("a.one"), std::string::npos);
  EXPECT_NE(text.find("a.two"), std::string::npos);
}

TEST_F(Waivers, AnEntryKeepsWhatPeopleWrote) {
  Record(0, Outcome::kFail, "invalid_scope");
  const std::string text = Updated({For("a.one")});
  EXPECT_NE(text.find("known since May"), std::string::npos);
  EXPECT_NE(text.find("payments"), std::string::npos);
  EXPECT_NE(text.find("2027-01-31"), std::string::npos);
  EXPECT_NE(text.find("invalid_scope"), std::string::npos);
  EXPECT_EQ(EntriesIn(text), 1U);
}

TEST_F(Waivers, APatternThatStillFitsAFailureStays) {
  Record(0, Outcome::kFail);
  Record(1, Outcome::kFail, "invalid_scope");
  const std::string text = Updated({For("a.*")});
  EXPECT_NE(text.find("\"a.*\""), std::string::npos);
  EXPECT_EQ(text.find("\"a.one\""), std::string::npos);
  // The pattern does not accept this one: it fails with another response.
  EXPECT_NE(text.find("\"a.two\""), std::string::npos);
}

TEST_F(Waivers, APatternIsDroppedOnlyWhereAllItsCasesPass) {
  Record(0, Outcome::kPass);
  Record(1, Outcome::kPass);
  EXPECT_EQ(EntriesIn(Updated({For("a.*")})), 1U);
  Record(2, Outcome::kPass);
  EXPECT_EQ(EntriesIn(Updated({For("a.*")})), 0U);
}

TEST_F(Waivers, NewFailuresAreAddedAfterTheOthers) {
  Record(2, Outcome::kFail);
  Record(0, Outcome::kFail);
  const std::string text = Updated({For("a.two")});
  EXPECT_LT(text.find("a.two"), text.find("a.one"));
  EXPECT_LT(text.find("a.one"), text.find("a.three"));
  EXPECT_NE(text.find("unassigned"), std::string::npos);
}

TEST_F(Waivers, APatternIsUnusedOnlyWhereAllItsCasesWereJudged) {
  Record(0, Outcome::kPass);
  EXPECT_TRUE(ApplyWaivers({For("a.*")}, "2026-01-01", cases_, record_).empty());
  ASSERT_EQ(record_.attention.size(), 1U);
  EXPECT_EQ(record_.attention[0].unsettled, (std::vector<std::string>{"a.three", "a.two"}));
  record_.attention.clear();
  Record(1, Outcome::kPass);
  Record(2, Outcome::kNotApplicable);
  const auto attention = ApplyWaivers({For("a.*")}, "2026-01-01", cases_, record_);
  EXPECT_EQ(attention, (std::vector<std::string>{"w.json:3: a.* passes now"}));
}

TEST_F(Waivers, OneThatNamesACauseAcceptsWhateverItExplains) {
  Record(0, Outcome::kFail).cause = "0123abcd";
  Record(1, Outcome::kFail, "400").cause = "0123abcd";
  Record(2, Outcome::kFail).cause = "ffffffff";
  const std::vector<Waiver> waivers = {For("cause 0123abcd", "")};
  EXPECT_TRUE(ApplyWaivers(waivers, "2026-01-01", cases_, record_).empty());
  EXPECT_EQ(record_.cases[0].verdict.outcome, Outcome::kWaived);
  EXPECT_EQ(record_.cases[1].verdict.outcome, Outcome::kWaived);
  EXPECT_EQ(record_.cases[2].verdict.outcome, Outcome::kFail);
}

TEST_F(Waivers, OneOfACauseThatIsGoneNeedsAttentionWhereAllCasesWereJudged) {
  const std::vector<Waiver> waivers = {For("cause 0123abcd", "")};
  Record(0, Outcome::kPass);
  EXPECT_TRUE(ApplyWaivers(waivers, "2026-01-01", cases_, record_).empty());
  record_.attention.clear();
  Record(1, Outcome::kPass);
  Record(2, Outcome::kFail).cause = "ffffffff";
  const auto attention = ApplyWaivers(waivers, "2026-01-01", cases_, record_);
  ASSERT_EQ(attention.size(), 1U);
  EXPECT_EQ(attention[0], "w.json:3: cause 0123abcd is gone");
}

TEST_F(Waivers, AnUpdateKeepsTheEntryOfACauseAndAddsNoneForItsCases) {
  Record(0, Outcome::kFail).cause = "0123abcd";
  Record(1, Outcome::kPass);
  Record(2, Outcome::kPass);
  const std::string text = Updated({For("cause 0123abcd", ""), For("cause ffffffff", "")});
  EXPECT_NE(text.find("{\"cause\":\"0123abcd\",\"reason\""), std::string::npos) << text;
  EXPECT_EQ(text.find("ffffffff"), std::string::npos) << text;
  EXPECT_EQ(EntriesIn(text), 0U) << text;
}

}  // namespace
}  // namespace grantspec
