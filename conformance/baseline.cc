#include "conformance/baseline.h"

#include <algorithm>

#include "conformance/response_class.h"
#include "conformance/response_summary.h"
#include "fixtures/grammar/ascii.h"

namespace grantspec {
namespace {

// A login page or a welcome page: the URL is another one than the token endpoint's.
bool IsPage(const Response& response) {
  const std::size_t begin =
      std::min(response.content.find_first_not_of(" \t\r\n"), response.content.size());
  const std::string start = ToLower(response.content.substr(begin, 14));
  if (start.starts_with("<!doctype html") || start.starts_with("<html")) return true;
  const std::string type = ToLower(response.fields.First("Content-Type").value_or(""));
  return type.starts_with("text/html") || type.starts_with("application/xhtml");
}

}  // namespace

ControlKind ControlKindOf(const Exchange& control) {
  const Response* response = control.response();
  if (response == nullptr) return ControlKind::kRefusal;
  const Inspection inspection = InspectionOf(control);
  if (TokenClass().Matches(inspection)) return ControlKind::kToken;
  const int status = response->status;
  if (status >= 200 && status < 300) {
    if (inspection.holds_token) return ControlKind::kDefective;
    return IsPage(*response) ? ControlKind::kRefusal : ControlKind::kNoToken;
  }
  // A gateway without a server after it, or a server that is starting: --wait-for waits for those.
  const bool starting = status == 502 || status == 503 || status == 504;
  return status >= 500 && !starting ? ControlKind::kNoToken : ControlKind::kRefusal;
}

Baseline::Baseline(const Exchange& control) : kind_(ControlKindOf(control)) {
  const Response* response = control.response();
  if (response == nullptr || kind_ == ControlKind::kToken) return;
  const Inspection inspection = InspectionOf(control);
  status_ = inspection.status;
  holds_token_ = inspection.holds_token;
  error_ = inspection.error;
  const auto coding = response->fields.First("Content-Encoding");
  why_ = "the control request got no valid token response: " + std::to_string(status_);
  if (coding) why_ += " with a content coding that was not asked for";
  summary_ = why_;
  if (status_ < 300) summary_ += ", " + SummaryOf(*response);
}

bool Baseline::IsUsual(const Inspection& received) const {
  if (kind_ == ControlKind::kToken) return TokenClass().Matches(received);
  return received.has_response && received.status == status_ &&
         received.holds_token == holds_token_ && received.error == error_;
}

bool Baseline::IsAlive(const Exchange& control) const {
  const ControlKind kind = ControlKindOf(control);
  return kind == ControlKind::kToken || kind == ControlKind::kDefective ||
         (kind_ == ControlKind::kNoToken && IsUsual(InspectionOf(control)));
}

bool IsAboutControl(const Case& spec) {
  if (spec.steps.size() != 1 || !spec.relations.empty()) return false;
  const StepSpec& step = spec.steps.front();
  return step.client == "main" && step.at == Place::kToken && !step.method && !step.target &&
         !step.content && step.fields.empty() && step.form.empty() && step.raw.empty();
}

}  // namespace grantspec
