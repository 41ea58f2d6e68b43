#include "conformance/request_plan.h"

#include <algorithm>
#include <exception>

#include "conformance/case_selection.h"
#include "conformance/conclusion.h"
#include "conformance/conversations.h"
#include "conformance/present.h"
#include "conformance/redact.h"
#include "conformance/report/text.h"

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
  for (const RawStep& part : std::get<RawRequest>(outgoing.message).steps) text += part.octets;
  return text;
}

bool MayGetToken(const Case& spec, const StepSpec& step, const Profile& profile) {
  const auto expectation = ExpectationFor(spec, step, profile);
  const auto& answers = expectation.expect.answer;
  return std::any_of(answers.begin(), answers.end(),
                     [](const std::string& name) { return name == "token" || name == "success"; });
}

// Adds up the requests of one run.
class Planner {
 public:
  Planner(const Options& options, const TargetPlace& place, bool careful)
      : options_(options),
        real_(options.profile, place, CanaryOf(options.seed)),
        masked_(options.profile, place, CanaryOf(options.seed), true),
        redactor_(options.profile),
        schedule_(careful) {}

  void Add(const Case& spec) {
    if (!spec.standing.empty()) return;
    if (real_.WhyNot(spec)) {
      ++plan_.not_applicable;
      return;
    }
    const auto limit = static_cast<std::size_t>(options_.max_failed_logins);
    if (limit > 0 && spec.analysis.empty() && FailedLoginsOf(spec, real_) > limit) {
      ++plan_.not_sent;
      return;
    }
    if (schedule_.IsDueBefore(spec)) AddControl();
    std::vector<std::string> names;
    for (const StepSpec& step : spec.steps) {
      if (!spec.side_by_side) names.push_back(step.name);
    }
    for (const StepSpec& step : spec.steps) AddStep(spec, step, names);
    if (spec.alive && !spec.side_by_side) AddControl();
  }

  RequestPlan Finish() {
    AddControl();  // before the cases
    if (schedule_.IsDueAtEnd()) AddControl();
    const auto limit = static_cast<std::size_t>(options_.max_failed_logins);
    if (limit > 0) {
      for (const auto& [role, failures] : plan_.failed_logins) {
        for (std::size_t i = 0; i < failures / limit; ++i) AddControl();
      }
    }
    plan_.total += plan_.controls;
    return std::move(plan_);
  }

 private:
  void AddControl() {
    ++plan_.controls;
    ++plan_.tokens;
  }

  void AddStep(const Case& spec, const StepSpec& step, const std::vector<std::string>& names) {
    plan_.requests.push_back({spec.Name(), step.repeat, Shown(step, names)});
    const auto repeat = static_cast<std::size_t>(step.repeat);
    plan_.total += repeat;
    if (MayGetToken(spec, step, options_.profile)) plan_.tokens += repeat;
    const std::vector<Login> logins = LoginsOf(real_.Build(step, names, {}), real_);
    if (logins.empty()) return;
    const std::vector<KnownClient> clients = real_.KnownClients();
    for (std::size_t i = 0; i < logins.size(); ++i) {
      if (logins[i] == Login::kMayFail) plan_.failed_logins[clients[i].role] += repeat;
    }
  }

  // The masked text may be impossible where the real one is not: it has other bytes to encode.
  std::string Shown(const StepSpec& step, const std::vector<std::string>& names) const {
    try {
      std::string text = redactor_.Clean(TextOf(masked_.Build(step, names, {})), Origin::kOurs);
      if (text.size() > kPlannedBytesMax) text = text.substr(0, kPlannedBytesMax) + "...";
      return text;
    } catch (const std::exception& error) {
      return "(the request cannot be shown: " + std::string(error.what()) + ")";
    }
  }

  const Options& options_;
  Binder real_, masked_;
  Redactor redactor_;
  ControlSchedule schedule_;
  RequestPlan plan_;
};

}  // namespace

RequestPlan PlanOf(const std::vector<Case>& cases, const Options& options, const TargetPlace& place,
                   bool embedded) {
  Planner planner(options, place, !embedded);
  for (const Case& one : cases) {
    if (IsSelected(one, options)) planner.Add(one);
  }
  return planner.Finish();
}

void PrintPlan(std::ostream& out, const RequestPlan& plan) {
  for (const PlannedRequest& one : plan.requests) {
    out << one.case_name << (one.repeat > 1 ? " x" + std::to_string(one.repeat) : "") << "  "
        << Printable(one.text) << '\n';
  }
  out << "\nabout " << Counted(plan.total, "request") << ", " << plan.controls
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
