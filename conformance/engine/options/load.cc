#include "conformance/engine/options/load.h"

#include <cstdlib>

#include "conformance/engine/options/group.h"
#include "conformance/engine/options/limit.h"

namespace grantspec {
namespace {

constexpr int kFailedLoginsMax = 2;    // in a row, at a URL: many servers lock a client at 3
constexpr int kFailedInARowMax = 8;    // of any client, at a URL: some lock an address at 10
constexpr int kTotalSecondsMax = 600;  // at a URL
constexpr double kRateMax = 100'000;

double SecondsOfUnit(const std::string& unit) {
  if (unit == "s") return 1;
  if (unit == "m") return 60;
  if (unit == "h") return 3600;
  throw UsageError("--rate takes N/s, N/m or N/h");
}

double ParseRate(std::string text) {
  double per = 1;
  if (const std::size_t slash = text.find('/'); slash != std::string::npos) {
    per = SecondsOfUnit(text.substr(slash + 1));
    text.resize(slash);
  }
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !(value > 0) || value > kRateMax) {
    throw UsageError("--rate takes a number above 0, such as 50/s");
  }
  return value / per;
}

// The profile's limit, where the option was not given.
template <typename T>
void SetLimit(const CLI::Option& option, const Profile& profile, const std::string& name,
              T& value) {
  if (option.count() > 0) return;
  if (const auto limit = LimitOf(profile, name)) value = static_cast<T>(*limit);
}

}  // namespace

void LoadGroup::Declare(CLI::App& app, Options& options) {
  OptionGroup group(app, "Load");
  parallel_max_option_ =
      group.Add("--parallel-max", options.load.parallel_max, "Requests in flight (32)")
          ->check(CLI::Range(1, 512));
  rate_option_ = group.Add("--rate", rate_, "Requests per time: N/s, N/m, N/h");
  max_requests_option_ =
      group.Add("--max-requests", options.load.requests_max, "Send no more than N requests")
          ->check(CLI::Range(1, 1'000'000'000));
  max_failed_logins_option_ =
      group
          .Add("--max-failed-logins", options.max_failed_logins,
               "Failed logins in a row before the client logs in with success (2 at a URL)")
          ->check(CLI::Range(1, 1'000'000));
  max_failed_in_a_row_option_ =
      group
          .Add("--max-failed-in-a-row", options.max_failed_in_a_row,
               "The same for all clients together, invented ones included (8 at a URL)")
          ->check(CLI::Range(1, 1'000'000));
  max_failed_total_option_ =
      group
          .Add("--max-failed-total", options.max_failed_total,
               "No more than N failed logins in the run: the cases that show most")
          ->check(CLI::Range(1, 1'000'000));
  max_wait_option_ = group
                         .Add("--max-wait", max_wait_s_,
                              "Seconds to wait for a target that throttles, in total (30)")
                         ->check(CLI::Range(0, 86'400));
  max_total_option_ =
      group.Add("--max-total", options.max_total_s, "Seconds that the run may take (600 at a URL)")
          ->check(CLI::Range(1, 1'000'000));
  wait_expiry_option_ = group
                            .Add("--wait-expiry", wait_expiry_s_,
                                 "Wait for the end of tokens that live no longer than so many "
                                 "seconds (0; embedded: 2)")
                            ->check(CLI::Range(0, 3600));
  group
      .Add("--wait-for", options.wait_for_seconds,
           "Seconds to wait for a target that is starting (0)")
      ->check(CLI::Range(0, 3600));
}

void LoadGroup::Resolve(Options& options) const {
  LoadOptions& load = options.load;
  const Profile& profile = options.profile;
  if (rate_option_->count() > 0) load.rate_per_second = ParseRate(rate_);
  SetLimit(*rate_option_, profile, "rate", load.rate_per_second);
  SetLimit(*parallel_max_option_, profile, "parallel_max", load.parallel_max);
  SetLimit(*max_requests_option_, profile, "max_requests", load.requests_max);
  SetLimit(*max_failed_logins_option_, profile, "max_failed_logins", options.max_failed_logins);
  SetLimit(*max_failed_in_a_row_option_, profile, "max_failed_in_a_row",
           options.max_failed_in_a_row);
  SetLimit(*max_failed_total_option_, profile, "max_failed_total", options.max_failed_total);
  int max_wait_s = max_wait_s_;
  SetLimit(*max_wait_option_, profile, "max_wait", max_wait_s);
  load.wait_max_ms = max_wait_s * 1'000;
  int wait_expiry_s =
      options.IsEmbedded() && wait_expiry_option_->count() == 0 ? 2 : wait_expiry_s_;
  SetLimit(*wait_expiry_option_, profile, "wait_expiry", wait_expiry_s);
  options.profile.limits["wait_expiry"] = wait_expiry_s;
  SetLimit(*max_total_option_, profile, "max_total", options.max_total_s);
  // A server may lock out a client that others need; the embedded endpoint has no such rule.
  if (options.IsEmbedded()) return;
  if (options.max_failed_logins == 0) options.max_failed_logins = kFailedLoginsMax;
  if (options.max_failed_in_a_row == 0) options.max_failed_in_a_row = kFailedInARowMax;
  if (options.max_total_s == 0) options.max_total_s = kTotalSecondsMax;
}

}  // namespace grantspec
