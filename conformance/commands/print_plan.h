// What a run would send, made without sending it.

#pragma once

#include <cstddef>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "conformance/engine/bind/binder.h"
#include "conformance/engine/case/case.h"
#include "conformance/engine/options/options.h"

namespace grantspec {

/// One request of the plan, as shown.
struct PlannedRequest {
  std::string case_name;
  int repeat = 1;
  std::string text;  // without secrets, 400 bytes at most
};

/// The requests of the selected cases, and what the run costs the target.
struct RequestPlan {
  std::vector<PlannedRequest> requests;
  std::size_t batches = 0;
  std::size_t total = 0;                             // control requests included
  std::size_t controls = 0;                          // control requests and logins between failures
  std::size_t tokens = 0;                            // at most
  std::map<std::string, std::size_t> failed_logins;  // by role, at most
  std::size_t not_applicable = 0;
  std::size_t not_sent = 0;  // cases that need more failed logins than allowed
};

/// Plans a run, as its schedule has it. What is shown is built apart from what is counted: a
/// request whose masked text cannot be built is in the plan with the reason for that. `embedded`:
/// the target is the embedded endpoint, which is treated less carefully.
RequestPlan PlanOf(const std::vector<const Case*>& selected, const Options& options,
                   const TargetPlace& place, bool embedded);

/// Prints a request on each line, then the numbers.
void PrintPlan(std::ostream& out, const RequestPlan& plan);

}  // namespace grantspec
