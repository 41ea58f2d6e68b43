// A badge for a README, as the endpoint of shields.io reads it.

#include <nlohmann/json.hpp>

#include "conformance/engine/record/conclusion.h"
#include "conformance/engine/report/parts.h"
#include "conformance/engine/report/report.h"

namespace grantspec {
namespace {

struct Badge {
  std::string message;
  const char* color;
};

Badge BadgeOf(const RunRecord& record) {
  const auto count = record.Count();
  const std::size_t failures = CountOf(count, Outcome::kFail);
  switch (record.exit_code) {
    case kNoFailure:
      return {"no failure", "brightgreen"};
    case kFailures:
      if (failures > 0) return {Counted(failures, "failure"), "red"};
      return {Counted(CountOf(count, Outcome::kWarn), "warning"), "orange"};
    case kWaivers:
      return {"waivers need attention", "yellow"};
    case kIncomplete:
      return {"incomplete", "yellow"};
    case kInterrupted:
      return {"interrupted", "lightgrey"};
    default:
      return {"not judged", "lightgrey"};
  }
}

}  // namespace

std::string BadgeReport(const RunRecord& record) {
  const Badge badge = BadgeOf(record);
  nlohmann::ordered_json out;
  out["schemaVersion"] = 1;
  out["label"] = "grantspec";
  out["message"] = badge.message;
  out["color"] = badge.color;
  return out.dump() + "\n";
}

}  // namespace grantspec
