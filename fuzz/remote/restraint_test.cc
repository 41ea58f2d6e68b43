#include "fuzz/remote/restraint.h"

#include <gtest/gtest.h>

namespace grantspec::fuzz {
namespace {

using Next = Restraint::Next;
using std::chrono::milliseconds;
using std::chrono::seconds;

const Restraint::Clock::time_point kStart{seconds(1'000)};
constexpr std::int64_t kUnixNow = 784'111'777;  // Sun, 06 Nov 1994 08:49:37 GMT

Response Throttling(int status, const std::string& retry_after) {
  Response response;
  response.status = status;
  if (!retry_after.empty()) response.fields.Add("Retry-After", retry_after);
  return response;
}

Next After(Restraint& restraint, int status, const std::string& retry_after = "") {
  return restraint.Inspect(Throttling(status, retry_after), kStart, kUnixNow);
}

TEST(Restraint, OrdinaryResponsesChangeNothing) {
  Restraint restraint;
  for (int status : {200, 204, 400, 401, 404, 405, 415, 500, 501}) {
    EXPECT_EQ(After(restraint, status), Next::kContinue) << status;
  }
  EXPECT_TRUE(restraint.MaySend(kStart));
}

TEST(Restraint, WaitsWhileRetryAfterFits) {
  for (int status : {429, 503}) {
    Restraint restraint(milliseconds(50));
    restraint.Sent(kStart);
    EXPECT_EQ(restraint.not_before(), kStart + milliseconds(50));
    EXPECT_EQ(After(restraint, status, "20"), Next::kRepeat);
    EXPECT_EQ(restraint.not_before(), kStart + seconds(20));
    restraint.Sent(kStart);
    EXPECT_EQ(restraint.not_before(), kStart + milliseconds(100)) << "half the speed";
    EXPECT_EQ(After(restraint, status, "10"), Next::kRepeat);
    EXPECT_EQ(After(restraint, status, "1"), Next::kStop);
    EXPECT_NE(restraint.stopped().find("0 s are left of 30 s"), std::string::npos)
        << restraint.stopped();
    EXPECT_FALSE(restraint.MaySend(kStart));
  }
}

TEST(Restraint, HalvesTheMeasuredSpeedWhereNoneWasSet) {
  Restraint restraint;
  for (int i = 0; i < 10; ++i) restraint.Sent(kStart + milliseconds(40 * i));
  restraint.Inspect(Throttling(429, "1"), kStart + milliseconds(400), kUnixNow);
  restraint.Sent(kStart + seconds(2));
  EXPECT_EQ(restraint.not_before(), kStart + seconds(2) + milliseconds(80));
}

TEST(Restraint, RetryAfterMayBeADate) {
  Restraint restraint;
  EXPECT_EQ(After(restraint, 429, "Sun, 06 Nov 1994 08:49:42 GMT"), Next::kRepeat);
  EXPECT_EQ(restraint.not_before(), kStart + seconds(5));
}

TEST(Restraint, RetryAfterOfZeroIsNotAtOnce) {
  Restraint restraint;
  EXPECT_EQ(After(restraint, 429, "0"), Next::kRepeat);
  EXPECT_EQ(restraint.not_before(), kStart + seconds(1));
}

TEST(Restraint, StopsWhereWaitingDoesNotHelp) {
  for (const char* retry_after : {"", "31", "soon", "-1"}) {
    Restraint restraint;
    EXPECT_EQ(After(restraint, 429, retry_after), Next::kStop) << retry_after;
    EXPECT_FALSE(restraint.stopped().empty());
  }
}

TEST(Restraint, SuspectsALockout) {
  for (int status : {403, 423}) {
    Restraint restraint;
    EXPECT_EQ(After(restraint, status), Next::kSuspect) << status;
    EXPECT_NE(restraint.suspicion().find(std::to_string(status)), std::string::npos);
    EXPECT_EQ(After(restraint, 400), Next::kContinue);
    EXPECT_EQ(restraint.suspicion(), "");
  }
  Restraint restraint;
  Response response;
  response.status = 400;
  response.content = "{\"error\":\"invalid_request\",\"error_description\":\"Client is locked\"}";
  EXPECT_EQ(restraint.Inspect(response, kStart, kUnixNow), Next::kSuspect);
  response.status = 200;  // a token may be any text
  EXPECT_EQ(Restraint().Inspect(response, kStart, kUnixNow), Next::kContinue);
}

TEST(Restraint, TheTotalTimeIsLimitedBeyondLoopback) {
  Restraint loopback, remote;
  remote.LimitTotalTime();
  loopback.Sent(kStart);
  remote.Sent(kStart);
  EXPECT_TRUE(remote.MaySend(kStart + seconds(599)));
  EXPECT_TRUE(loopback.MaySend(kStart + seconds(600)));
  EXPECT_FALSE(remote.MaySend(kStart + seconds(600)));
  EXPECT_NE(remote.stopped().find("600 s"), std::string::npos);
}

TEST(Restraint, KeepsTheFirstReason) {
  Restraint restraint;
  restraint.Stop("one");
  restraint.Stop("two");
  EXPECT_EQ(restraint.stopped(), "one");
}

}  // namespace
}  // namespace grantspec::fuzz
