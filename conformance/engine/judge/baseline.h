// What the control request of a run gets: the measure for every later one.

#pragma once

#include <string>

#include "conformance/engine/case/case.h"
#include "conformance/engine/response/inspection.h"
#include "fixtures/http/exchange.h"

namespace grantspec {

/// What the response to a control request means for the run.
enum class ControlKind {
  kToken,      // a token response
  kDefective,  // 2xx with a token that no client could read, or with another status than 200
  kNoToken,    // 2xx without a token, a content coding, or 500: judged, since it is no refusal
  kRefusal,    // the target cannot be judged: no response, a redirect, 4xx, another page, 502 ...
};

/// What a control response means.
ControlKind ControlKindOf(const Exchange& control);

/// Whether a 502, 503 or 504 is the word of a gateway, or of a server that is not ready, and not of
/// the application: its body is no OAuth error, or it names a time to come back.
bool IsOfGateway(const Response& response);

/// What every control request of a run is compared with. A target whose control response has a
/// defect is judged nevertheless: its defect is a finding, not a sign of trouble.
class Baseline {
 public:
  Baseline() = default;
  explicit Baseline(const Exchange& control);

  ControlKind kind() const { return kind_; }

  /// Why cases that need a token are inconclusive; empty where tokens are granted.
  const std::string& why_no_token() const { return why_; }

  /// The same, with what is in the response.
  const std::string& summary() const { return summary_; }

  /// Whether a response is what a control request gets, as far as status and kind show.
  bool IsUsual(const Inspection& received) const;

  /// Whether a control request shows that the target serves as it did at the start.
  bool IsAlive(const Exchange& control) const;

 private:
  ControlKind kind_ = ControlKind::kToken;
  int status_ = 200;
  bool contains_token_ = true;
  std::string error_, why_, summary_;
};

/// Whether a case sends the control request and nothing else, so that its verdict is about the
/// control response.
bool IsAboutControl(const Case& spec);

}  // namespace grantspec
