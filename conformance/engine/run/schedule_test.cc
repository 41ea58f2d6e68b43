#include "conformance/engine/run/schedule.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "conformance/engine/case/testing.h"

namespace grantspec {
namespace {

// Cases for schedules: those that expect a refusal, and those that expect a token.
class ScheduleTest : public testing::Test {
 protected:
  /// A case of one request: `failed_logins` of the only client may fail.
  PlannedCase One(const std::string& id, std::size_t failed_logins,
                  const std::string& expected = "refused") {
    PlannedStep step;
    step.logins = {failed_logins > 0 ? Login::kMayFail : Login::kNone};
    step.may_fail = failed_logins > 0;
    return {SpecOf(id, expected),
            std::vector<PlannedStep>(std::max<std::size_t>(failed_logins, 1), step)};
  }

  PlannedCase Slow(const std::string& id) {
    PlannedCase slow = One(id, 0);
    slow.steps.front().may_occupy_worker = true;
    return slow;
  }

  /// The ids of each batch in the order of the schedule: "a b | c".
  static std::string Shown(const Schedule& schedule) {
    std::string text;
    for (const Batch& batch : schedule.batches) {
      if (!text.empty()) text += " | ";
      std::string ids;
      for (const CasePart& part : batch.parts) {
        ids += (ids.empty() ? "" : " ") + schedule.cases[part.at].spec->id;
      }
      text += ids;
    }
    return text;
  }

  ScheduleLimits limits_{.roles = {"main"}, .failed_in_a_row_max = 2, .failed_of_any_max = 8};

 private:
  const Case* SpecOf(const std::string& id, const std::string& expected) {
    specs_.push_back(Cases(R"("response":")" + expected + "\""));
    specs_.back().front().id = id;
    return &specs_.back().front();
  }

  std::vector<std::vector<Case>> specs_;  // each vector stays where it is in memory
};

TEST_F(ScheduleTest, NoBatchHasMoreFailedLoginsThanTheLimits) {
  const Schedule schedule =
      ScheduleOf({One("a", 1), One("b", 1), One("c", 1), One("d", 0), One("e", 0)}, limits_);
  EXPECT_EQ(Shown(schedule), "a b d | c e");
  EXPECT_EQ(schedule.CaseRequests(), 5u);
  EXPECT_EQ(schedule.ControlRequests(), 2u) << "one after each batch that expects a refusal";
}

TEST_F(ScheduleTest, ACaseWithTooManyFailedLoginsIsNotSent) {
  const Schedule schedule = ScheduleOf({One("a", 3), One("b", 2)}, limits_);
  EXPECT_EQ(Shown(schedule), "b");
  ASSERT_EQ(schedule.unsent.size(), 1u);
  EXPECT_EQ(schedule.unsent[0].spec->id, "a");
  EXPECT_NE(schedule.unsent[0].why.find("--max-failed-logins"), std::string::npos);
}

TEST_F(ScheduleTest, WhatShowsMostIsSentFirstInItsOrder) {
  limits_.sent_first = {"scope.f", "scope.c", "scope.e", "scope.unknown"};
  std::vector<PlannedCase> cases;
  for (const char* id : {"a", "b", "c"}) cases.push_back(One(id, 1));
  for (const char* id : {"d", "e"}) cases.push_back(One(id, 0));
  cases.push_back(One("f", 1));
  const Schedule schedule = ScheduleOf(std::move(cases), limits_);
  EXPECT_EQ(Shown(schedule), "f c e | a b d");
  EXPECT_EQ(schedule.first_batches, 1u);
}

TEST_F(ScheduleTest, WhatMayOccupyAWorkerComesLastAndIsolated) {
  limits_.sent_first = {"scope.a"};
  const Schedule schedule = ScheduleOf({Slow("a"), One("b", 0), Slow("c")}, limits_);
  EXPECT_EQ(Shown(schedule), "b | a c");
  EXPECT_EQ(schedule.first_batches, 0u) << "not even a case that shows much";
  EXPECT_TRUE(schedule.batches[1].isolated);
  limits_.isolate = false;
  EXPECT_EQ(Shown(ScheduleOf({Slow("a"), One("b", 0)}, limits_)), "a b");
}

TEST_F(ScheduleTest, HarmlessCasesComeFirstWhereThatIsAskedFor) {
  limits_.harmless_first = true;
  limits_.sent_first = {"scope.a"};
  const Schedule schedule =
      ScheduleOf({One("a", 1), One("b", 0), Slow("c"), One("d", 1), One("e", 0)}, limits_);
  EXPECT_EQ(Shown(schedule), "b e | c | a | d");
}

TEST_F(ScheduleTest, LoginsThatHaveToSucceedNeedNoControlRequest) {
  const Schedule schedule = ScheduleOf({One("a", 1, "token"), One("b", 1)}, limits_);
  EXPECT_EQ(Shown(schedule), "b | a");
  EXPECT_TRUE(schedule.batches[0].control);
  EXPECT_FALSE(schedule.batches[1].control);
}

TEST_F(ScheduleTest, TheFailedLoginsOfARunGoToWhatShowsMost) {
  limits_.failed_total_max = 2;
  limits_.sent_first = {"scope.c"};
  const Schedule schedule = ScheduleOf({One("a", 1), One("b", 1), One("c", 1)}, limits_);
  EXPECT_EQ(Shown(schedule), "c | a");
  ASSERT_EQ(schedule.unsent.size(), 1u);
  EXPECT_EQ(schedule.unsent[0].spec->id, "b");
}

TEST_F(ScheduleTest, ABatchOfRefusalsIsFollowedByALoginOfEachClientThatFailed) {
  limits_.roles = {"main", "second"};
  PlannedCase second = One("a", 1);
  second.steps.front().logins = {Login::kNone, Login::kMayFail};
  const Schedule schedule = ScheduleOf({std::move(second)}, limits_);
  ASSERT_EQ(schedule.batches.size(), 1u);
  EXPECT_EQ(schedule.batches[0].successes, std::vector<std::string>{"second"});
}

TEST(IsIncompleteMessage, ComparesTheBodyWithItsOwnHead) {
  EXPECT_TRUE(IsIncompleteMessage("POST / HTTP/1.1\r\n"));
  EXPECT_TRUE(IsIncompleteMessage("POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nab"));
  EXPECT_FALSE(IsIncompleteMessage("POST / HTTP/1.1\r\ncontent-length:2\r\n\r\nab"));
  EXPECT_FALSE(IsIncompleteMessage("POST / HTTP/1.1\r\nHost: a\r\n\r\n"));
  const std::string chunked = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n";
  EXPECT_TRUE(IsIncompleteMessage(chunked));
  EXPECT_FALSE(IsIncompleteMessage(chunked + "0\r\n\r\n"));
}

}  // namespace
}  // namespace grantspec
