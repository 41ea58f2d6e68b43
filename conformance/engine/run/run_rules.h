// What a run may do to its target.

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "conformance/engine/options/options.h"
#include "conformance/engine/record/record.h"
#include "conformance/engine/run/schedule.h"

namespace grantspec {

struct RunRules {
  int failed_in_a_row_max = 0;  // failed logins of one client; 0: no limit
  int failed_of_any_max = 0;    // of all clients together, invented ones included; 0: no limit
  int failed_total_max = 0;     // in the whole run; 0: no limit
  int wait_for_s = 0;           // for a target that does not serve
  int run_max_s = 0;            // how long the run may take; 0: no limit
  // Whether to send nothing more once a control request is refused that was granted before, and to
  // slow down where the target seems to have too much to do.
  bool careful = false;
  // The case of a record whose failure ends the run; empty: no failure does.
  std::function<std::optional<std::string>(RunRecord so_far)> ends_run;
  std::vector<std::string> sent_first;  // cases by name, in this order
  std::string credentials_from;         // where the main client's secret was read, for messages
};

/// The rules that the options ask for. `embedded`: the target is the embedded endpoint, which locks
/// nobody out.
RunRules RulesOf(const Options& options, bool embedded);

/// The limits of a schedule under these rules, for the clients of a binder.
ScheduleLimits LimitsOf(const RunRules& rules, const Binder& binder);

}  // namespace grantspec
