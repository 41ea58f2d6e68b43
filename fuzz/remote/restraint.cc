#include "fuzz/remote/restraint.h"

#include <algorithm>
#include <utility>

#include "fixtures/grammar/lockout.h"
#include "fixtures/http/pace.h"

namespace grantspec::fuzz {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kWaitTotalMax{30};
constexpr seconds kTotalTimeMax{600};
constexpr milliseconds kThrottledPauseMin{10};

}  // namespace

bool Restraint::MaySend(Clock::time_point now) {
  if (total_time_limited_ && first_sent_ && now - *first_sent_ >= kTotalTimeMax) {
    Stop("the limit of " + std::to_string(kTotalTimeMax.count()) +
         " s for a target that is not on the loopback interface is reached");
  }
  return stopped_.empty();
}

void Restraint::Sent(Clock::time_point now) {
  if (!first_sent_) first_sent_ = now;
  ++requests_sent_;
  not_before_ = now + pause_;
}

Restraint::Next Restraint::Stop(std::string reason) {
  if (stopped_.empty()) stopped_ = std::move(reason);
  return Next::kStop;
}

Restraint::Next Restraint::Throttled(const Response& response, Clock::time_point now,
                                     std::int64_t unix_now) {
  const auto header = response.fields.First("Retry-After");
  const auto retry_after_s = header ? RetryAfterOf(*header, unix_now) : std::nullopt;
  const std::string status = "status " + std::to_string(response.status);
  if (!retry_after_s) {
    return Stop("the target throttles requests (" + status +
                " without a valid Retry-After). Lower GRANTSPEC_RATE, or try later");
  }
  const seconds wait{std::max(1, *retry_after_s)};
  if (wait > kWaitTotalMax - waited_) {
    return Stop("the target throttles requests (" + status + ") and asks to wait " +
                std::to_string(wait.count()) + " s; " +
                std::to_string((kWaitTotalMax - waited_).count()) + " s are left of " +
                std::to_string(kWaitTotalMax.count()) + " s. Lower GRANTSPEC_RATE, or try later");
  }
  waited_ += wait;
  // Half the speed that the target refused, measured where no rate was set.
  const auto taken = first_sent_ ? duration_cast<microseconds>(now - *first_sent_) : pause_;
  const microseconds measured = taken / std::max<std::int64_t>(1, requests_sent_);
  const microseconds interval = pause_.count() > 0 ? pause_ : measured;
  pause_ = std::max<microseconds>(2 * interval, kThrottledPauseMin);
  not_before_ = now + wait;
  return Next::kRepeat;
}

Restraint::Next Restraint::Inspect(const Response& response, Clock::time_point now,
                                   std::int64_t unix_now) {
  if (response.status == 429 || response.status == 503) return Throttled(response, now, unix_now);
  suspicion_.clear();
  if (response.status == 403 || response.status == 423) {
    suspicion_ = "the target responded with status " + std::to_string(response.status) +
                 ", which can be a lockout";
  } else if (response.status >= 400 && SpeaksOfLockout(response.content)) {
    suspicion_ = "the target speaks of a lockout (status " + std::to_string(response.status) + ")";
  }
  return suspicion_.empty() ? Next::kContinue : Next::kSuspect;
}

}  // namespace grantspec::fuzz
