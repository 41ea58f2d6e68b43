// When a fuzzer has to leave a target alone: throttling, lockouts, and the time that it may take.

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "fixtures/http/message.h"

namespace grantspec::fuzz {

/// Decides after each response whether the next request may be sent, and when.
///
/// A throttled request (429 or 503) is repeated if its Retry-After fits into what is left of 30 s
/// in total; from then on requests are sent at half the speed. A longer Retry-After or none stops
/// the run. 403, 423 and a refusal that speaks of a lockout can be one: no further request is sent
/// but one that shows whether clients still log in.
///
/// Pure bookkeeping: the caller passes the time.
class Restraint {
 public:
  using Clock = std::chrono::steady_clock;
  enum class Next { kContinue, kRepeat, kSuspect, kStop };

  /// `pause`: between the starts of two requests.
  explicit Restraint(std::chrono::microseconds pause = {}) : pause_(pause) {}

  /// The target is not loopback: the run ends after 600 s.
  void LimitTotalTime() { total_time_limited_ = true; }

  /// Whether another request may be sent; false: `stopped()` has the reason.
  bool MaySend(Clock::time_point now);

  /// No request is sent before this.
  Clock::time_point not_before() const { return not_before_; }

  void Sent(Clock::time_point now);

  /// What to do after a response. `unix_now`: seconds since 1970, for a Retry-After with a date.
  Next Inspect(const Response& response, Clock::time_point now, std::int64_t unix_now);

  /// No further request may be sent.
  Next Stop(std::string reason);

  /// What can be a lockout in the response that was inspected last; empty: nothing.
  const std::string& suspicion() const { return suspicion_; }

  /// Why no further request may be sent; empty: it may.
  const std::string& stopped() const { return stopped_; }

 private:
  Next Throttled(const Response& response, Clock::time_point now, std::int64_t unix_now);

  std::chrono::microseconds pause_;
  std::chrono::seconds waited_{0};
  Clock::time_point not_before_{};
  std::optional<Clock::time_point> first_sent_;
  std::int64_t requests_sent_ = 0;
  bool total_time_limited_ = false;
  std::string stopped_, suspicion_;
};

}  // namespace grantspec::fuzz
