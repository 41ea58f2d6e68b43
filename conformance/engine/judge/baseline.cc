#include "conformance/engine/judge/baseline.h"

#include <algorithm>
#include <optional>
#include <string>

#include "conformance/engine/response/response_class.h"
#include "conformance/engine/response/response_summary.h"
#include "fixtures/grammar/json_text.h"
#include "fixtures/grammar/media_type.h"

namespace grantspec {
namespace {

// Whether a success may be meant as a token response. Another page, for a person to read, shows
// that the URL is not the token endpoint's.
bool IsMeantAsToken(const Response& response) {
  if (response.fields.Has("Content-Encoding")) return true;
  const std::size_t begin =
      std::min(response.content.find_first_not_of("\xEF\xBB\xBF \t\r\n"), response.content.size());
  const std::string start = response.content.substr(begin, 1);
  const auto type = response.fields.First("Content-Type");
  const auto media = type ? ParseMediaType(*type) : std::nullopt;
  return start == "{" || start == "[" || (start != "<" && media && media->subtype == "json");
}

bool IsGatewayStatus(int status) {
  return status == 502 || status == 503 || status == 504;
}

}  // namespace

ControlKind ControlKindOf(const Exchange& control) {
  const Response* response = control.response();
  if (response == nullptr) return ControlKind::kRefusal;
  const Inspection inspection = InspectionOf(control);
  if (TokenClass().Matches(inspection)) return ControlKind::kToken;
  const int status = response->status;
  if (status >= 200 && status < 300) {
    if (inspection.contains_token) return ControlKind::kDefective;
    return IsMeantAsToken(*response) ? ControlKind::kNoToken : ControlKind::kRefusal;
  }
  return status >= 500 && !IsOfGateway(*response) ? ControlKind::kNoToken : ControlKind::kRefusal;
}

// A gateway reports that it has no server after it (RFC 9110 sections 15.6.3 to 15.6.5), and a
// server that is starting is not ready: both by a text of their own. An application responds with
// an error of RFC 6749 section 5.2.
bool IsOfGateway(const Response& response) {
  if (!IsGatewayStatus(response.status)) return false;
  const auto object = ObjectOf(response);
  return response.fields.Has("Retry-After") || !object || object->Find("error") == nullptr;
}

Baseline::Baseline(const Exchange& control) : kind_(ControlKindOf(control)) {
  const Response* response = control.response();
  if (response == nullptr || kind_ == ControlKind::kToken) return;
  const Inspection inspection = InspectionOf(control);
  status_ = inspection.status;
  contains_token_ = inspection.contains_token;
  error_ = inspection.error;
  const auto coding = response->fields.First("Content-Encoding");
  why_ = "the control request got no valid token response: " + std::to_string(status_);
  if (IsGatewayStatus(status_)) why_ += " with an error of the application, not of a gateway";
  if (coding) why_ += " with a content coding that was not asked for";
  summary_ = why_;
  if (status_ < 300) summary_ += ", " + SummaryOf(*response);
}

bool Baseline::IsUsual(const Inspection& received) const {
  if (kind_ == ControlKind::kToken) return TokenClass().Matches(received);
  return received.has_response && received.status == status_ &&
         received.contains_token == contains_token_ && received.error == error_;
}

bool Baseline::IsAlive(const Exchange& control) const {
  const ControlKind kind = ControlKindOf(control);
  return kind == ControlKind::kToken || kind == ControlKind::kDefective ||
         (kind_ == ControlKind::kNoToken && IsUsual(InspectionOf(control)));
}

bool IsAboutControl(const Case& spec) {
  return spec.steps.size() == 1 && spec.relations.empty() && IsPlain(spec.steps.front()) &&
         spec.steps.front().at == Place::kToken;
}

}  // namespace grantspec
