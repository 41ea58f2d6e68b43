#include "conformance/commands/print_plan.h"

#include <algorithm>
#include <exception>

#include "conformance/engine/bind/expectation.h"
#include "conformance/engine/record/conclusion.h"
#include "conformance/engine/record/present.h"
#include "conformance/engine/record/record.h"
#include "conformance/engine/record/text.h"
#include "conformance/engine/run/run_rules.h"
#include "conformance/engine/run/shared_request.h"
#include "conformance/engine/secrets/redact.h"

namespace grantspec {
namespace {

constexpr std::size_t kPlannedBytesMax = 400;

std::string TextOf(const Outgoing& outgoing) {
  std::string text;
  if (const auto* request = std::get_if<Request>(&outgoing.message)) {
    text = request->method + " " + request->target;
    for (const Field& line : request->fields.lines) text += " | " + line.name + ": " + line.value;
    return text + " | " + request->content;
  }
  for (const RawStep& part : std::get<RawRequest>(outgoing.message).steps) text += part.bytes;
  return text;
}

bool MayGetToken(const Case& spec, const StepSpec& step, const Profile& profile) {
  const auto expectation = ExpectationFor(spec, step, profile);
  const ResponseClassList& classes = expectation.expect.response;
  return classes.Contains(TokenClass()) || classes.Contains(SuccessClass());
}

// Makes the plan of a schedule: what is shown of each request, and what it costs.
class Planner {
 public:
  Planner(const Options& options, const TargetPlace& place)
      : options_(options),
        binder_(options.profile, place, CanaryOf(options.seed)),
        redactor_(options.profile) {}

  RequestPlan Plan(const std::vector<const Case*>& cases, const RunRules& rules) {
    std::vector<const Case*> applicable;
    for (const Case* spec : cases) {
      if (spec->standing != nullptr) continue;
      if (binder_.WhyNot(*spec)) {
        ++plan_.not_applicable;
      } else {
        applicable.push_back(spec);
      }
    }
    const ScheduleLimits limits = LimitsOf(rules, binder_);
    std::vector<PlannedCase> planned;
    for (const SharingCases& one : ByRequest(std::move(applicable), binder_, limits.sent_first)) {
      planned.push_back(Planned(*one.sent, binder_));
    }
    const Schedule schedule = ScheduleOf(std::move(planned), limits);
    plan_.not_sent = schedule.unsent.size();
    plan_.batches = schedule.batches.size();
    for (const Batch& batch : schedule.batches) {
      for (const CasePart& part : batch.parts) Add(schedule.cases[part.at], part, limits.roles);
    }
    plan_.controls = schedule.ControlRequests() + 1;  // the first one comes before the cases
    plan_.total = schedule.CaseRequests() + plan_.controls;
    plan_.tokens += plan_.controls;
    return std::move(plan_);
  }

 private:
  void Add(const PlannedCase& one, const CasePart& part, const std::vector<std::string>& roles) {
    const std::vector<const StepSpec*> sequence = SequenceOf(*one.spec);
    const std::vector<std::string> names = ReferableNames(*one.spec);
    for (std::size_t i = part.first; i < part.first + part.count; ++i) {
      const StepSpec& step = *sequence[i];
      if (MayGetToken(*one.spec, step, options_.profile)) ++plan_.tokens;
      for (std::size_t k = 0; k < one.steps[i].logins.size(); ++k) {
        if (one.steps[i].logins[k] == Login::kMayFail) {
          plan_.failed_logins[roles[k]] += one.steps[i].requests;
        }
      }
      const std::string name = one.spec->Name();
      auto& requests = plan_.requests;
      if (!requests.empty() && requests.back().case_name == name && last_ == &step) {
        ++requests.back().repeat;
      } else {
        requests.push_back({name, 1, Shown(step, names)});
      }
      last_ = &step;
    }
  }

  std::string Shown(const StepSpec& step, const std::vector<std::string>& names) const {
    const auto shown = binder_.BuildShown(step, names, {});
    if (!shown) return NotShown(shown.error());
    std::string text = redactor_.Clean(TextOf(*shown), Origin::kOurs);
    if (text.size() > kPlannedBytesMax) text = text.substr(0, kPlannedBytesMax) + "...";
    return text;
  }

  const Options& options_;
  Binder binder_;
  Redactor redactor_;
  const StepSpec* last_ = nullptr;
  RequestPlan plan_;
};

}  // namespace

RequestPlan PlanOf(const std::vector<const Case*>& selected, const Options& options,
                   const TargetPlace& place, bool embedded) {
  return Planner(options, place).Plan(selected, RulesOf(options, embedded));
}

void PrintPlan(std::ostream& out, const RequestPlan& plan) {
  for (const PlannedRequest& one : plan.requests) {
    out << one.case_name << (one.repeat > 1 ? " x" + std::to_string(one.repeat) : "") << "  "
        << Printable(one.text) << '\n';
  }
  out << "\n"
      << Counted(plan.total, "request") << " in " << plan.batches
      << (plan.batches == 1 ? " batch" : " batches") << " at most, " << plan.controls
      << " of them to see whether the target still grants tokens; up to "
      << Counted(plan.tokens, "token") << " issued\nfailed logins by role, at most:";
  if (plan.failed_logins.empty()) out << " none";
  const char* separator = " ";
  for (const auto& [role, number] : plan.failed_logins) {
    out << separator << role << ' ' << number;
    separator = ", ";
  }
  out << '\n' << Counted(plan.not_applicable, "case") << " not applicable";
  if (plan.not_sent > 0) {
    out << "; " << Counted(plan.not_sent, "case") << " not sent, because of --max-failed-logins";
  }
  out << '\n';
}

}  // namespace grantspec
