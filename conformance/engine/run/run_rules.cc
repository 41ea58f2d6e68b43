#include "conformance/engine/run/run_rules.h"

namespace grantspec {
namespace {

// Refusals between two control requests.
constexpr std::size_t kBatchRefusalsMax = 160, kCarefulBatchRefusalsMax = 40;

}  // namespace

RunRules RulesOf(const Options& options, bool embedded) {
  RunRules rules;
  rules.failed_in_a_row_max = options.max_failed_logins;
  rules.failed_of_any_max = options.max_failed_in_a_row;
  rules.failed_total_max = options.max_failed_total;
  rules.wait_for_s = options.wait_for_seconds;
  rules.run_max_s = options.max_total_s;
  rules.careful = !embedded;
  rules.sent_first = options.quick_cases;
  rules.credentials_from = options.credentials_from;
  return rules;
}

ScheduleLimits LimitsOf(const RunRules& rules, const Binder& binder) {
  ScheduleLimits limits;
  for (const KnownClient& client : binder.KnownClients()) limits.roles.push_back(client.role);
  limits.failed_in_a_row_max = static_cast<std::size_t>(rules.failed_in_a_row_max);
  limits.failed_of_any_max = static_cast<std::size_t>(rules.failed_of_any_max);
  limits.failed_total_max = static_cast<std::size_t>(rules.failed_total_max);
  limits.refusals_max = rules.careful ? kCarefulBatchRefusalsMax : kBatchRefusalsMax;
  limits.isolate = rules.careful;
  limits.sent_first = rules.sent_first;
  return limits;
}

}  // namespace grantspec
