#include "fuzz/mutants/session_subject.h"

#include <cstdint>
#include <utility>

#include "fuzz/mutants/numbered_bytes.h"

namespace grantspec::subject {
namespace {

// Left out are http_one_at_a_time, which sleeps for seconds, http_ends_serving, which shows in the
// three hundredth request of a server, and scopes_mixed_at_once, which goes by the clock: two
// requests that a busy machine answers more than 2 ms apart are no longer at once.
constexpr std::string_view kDeviations[] = {
    // What a request leaves for the next one.
    "connection_repeats_its_first", "connection_is_used_once", "two_defects_take_turns",
    "state_leaks_between_requests", "http_answers_swapped", "http_dies_after_trace",
    "failed_logins_lock_out", "success_only_now_and_then", "first_request_fails",
    "each_seventh_request_fails", "token_collides", "token_per_client_only",
    "token_kept_past_its_end", "resource_refuses_tokens",
    // What belongs to which request.
    "http_content_left_in_connection", "http_late_second_response", "http_pipeline_answered_alike",
    "http_pipeline_second_lost", "http_content_joins_next_request", "http_octets_behind_content",
    "http_split_refused", "head_in_single_bytes_refused", "http_idle_connection_refused",
    "expect_waits_for_body",
    // Which connections end.
    "close_never_said", "close_said_and_kept", "close_unsaid_after_refusal", "close_not_repeated",
    "close_compared_with_case", "close_only_as_whole_value", "close_serves_what_follows",
    "close_with_reset", "http_close_ignored", "keep_alive_hangs", "refusal_keeps_connection"};

EndpointOptions Options() {
  EndpointOptions options;
  options.tokens_max = 64;
  options.sources.random_bytes = [issued = std::uint64_t{0}](std::size_t count) mutable {
    return NumberedBytes(++issued, count);
  };
  options.sources.now = [] { return std::int64_t{784'111'777}; };
  return options;
}

}  // namespace

std::vector<Mutant> SessionMutants() {
  std::vector<Mutant> list;
  for (const Deviation& deviation : Deviations()) {
    for (std::string_view name : kDeviations) {
      if (name == deviation.name) list.push_back({deviation.name, "session", deviation.says});
    }
  }
  return list;
}

LocalEndpoint::LocalEndpoint() : endpoint_(ClientRegistry(), Options()) {
  Deployment deployment{endpoint_, [this](const Request& q) { return endpoint_.Respond(q); }, {}};
  if (!ActiveMutant().empty()) ApplyByName(ActiveMutant(), deployment);
  Server::Options options;
  options.hooks = std::move(deployment.hooks);
  server_.emplace(std::move(options), std::move(deployment.handler));
}

}  // namespace grantspec::subject
