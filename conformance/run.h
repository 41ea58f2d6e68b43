// A run: sends the requests of cases, judges the responses and keeps what a report shows.

#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "conformance/case.h"
#include "conformance/conversations.h"
#include "conformance/judge.h"
#include "conformance/plan.h"
#include "conformance/present.h"
#include "conformance/record.h"
#include "conformance/standing.h"
#include "fixtures/http/executor.h"

namespace grantspec {

/// Sends the requests of cases and records what was found. Responses are judged as they are
/// received and then dropped: only what a report shows is kept.
class SuiteRun {
 public:
  /// Receives how many cases are done, of how many.
  using Progress = std::function<void(std::size_t done, std::size_t all)>;

  SuiteRun(const Profile& profile, TargetPlace place, Executor& executor, RunRecord& record,
           unsigned long seed);

  /// Never more than this many failed logins of a real client in a row; 0: no limit.
  void set_max_failed_logins(int limit);

  /// Whether to send nothing more once a control request is refused that was granted before.
  void set_stop_when_refused(bool stop) { stop_when_refused_ = stop; }

  /// Where the main client's credentials were read, for the message about a refused login.
  void set_credentials_from(std::string source) { credentials_from_ = std::move(source); }

  /// Why nothing more was sent, where that has happened.
  const std::string& stopped() const { return stopped_; }

  /// Called several times a second; once it returns false, nothing more is sent.
  void set_keep_going(std::function<bool()> keep_going) { keep_going_ = std::move(keep_going); }

  /// Sends a request without a client and without credentials. Returns why the target does not
  /// serve yet: no connection, TLS that is not ready, silence, 404, 502, 503 or 504.
  std::optional<std::string> WhyNotReady();

  /// Whether the control request was not sent at all, because sending it would do harm.
  bool control_unsent() const { return control_unsent_; }

  /// Sends the control request. Returns why the target cannot be judged, or nothing. Takes the
  /// granted scope from the response where the profile names none.
  std::optional<std::string> Preflight(Profile& profile);

  /// Sends the requests of the cases, all cases side by side.
  void Ask(const std::vector<const Case*>& cases, const Progress& progress);

  /// What was recorded for a case, or null where it was not run.
  const RecordedCase* RecordOf(const Case& spec) const;

  const Binder& binder() const { return *binder_; }
  const Presenter& presenter() const { return *presenter_; }

 private:
  void GuardLogins();
  bool IsGoing() const;
  void LearnScope(Profile& profile, const Exchange& control);
  std::optional<Verdict> WhyNotAsked(const Case& spec) const;
  void Keep(RecordedCase recorded);
  void Finish(const Case& spec, HeldCase held);
  void FinishStanding();
  void Control(const Exchange& control);
  void Discount(std::size_t first, const Exchange& control);
  Conversation ControlConversation(const std::string& role);
  void Count(const Exchange& exchange);
  void InspectStanding(const Case& spec, const HeldCase& held, std::size_t at, Verdict& verdict);

  const Profile& profile_;
  unsigned long seed_;
  std::string tag_;  // the run in X-Request-Id
  int max_failed_logins_ = 0;
  bool stop_when_refused_ = false;
  bool control_unsent_ = false;
  std::string credentials_from_;
  std::string stopped_;
  std::size_t controlled_ = 0;  // recorded cases with a control request after them
  std::function<bool()> keep_going_;
  Executor& executor_;
  RunRecord& record_;
  std::unique_ptr<Binder> binder_;
  std::unique_ptr<Presenter> presenter_;
  std::map<const Case*, std::size_t> index_;
  StandingChecks standing_;
};

/// Takes tokens that were received later out of the recorded control exchange.
void CleanControl(const Presenter& presenter, RunRecord& record);

}  // namespace grantspec
