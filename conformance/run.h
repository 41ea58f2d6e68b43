// A run: which cases are asked, asking them, and keeping what came of it.

#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "conformance/case.h"
#include "conformance/judge.h"
#include "conformance/plan.h"
#include "conformance/present.h"
#include "conformance/record.h"
#include "fixtures/http/executor.h"

namespace grantspec {

/// How a standing check came out over the answers of a run.
struct Standing {
  std::size_t looked_at = 0;
  std::size_t violated = 0;
  std::set<std::string> texts;              // different violations, at most 5
  std::vector<std::string> cases;           // where, at most 5
  std::vector<RecordedExchange> exchanges;  // the first of them, at most 3
};

/// Asks cases and records what came of them. Answers are judged as they come in and then dropped:
/// only what a report shows is kept.
class SuiteRun {
 public:
  SuiteRun(const Profile& profile, TargetPlace place, Executor& executor, RunRecord& record,
           unsigned long seed);

  /// Never more than this many failed logins of a real client in a row; 0: no limit.
  void set_max_failed_logins(int limit);

  /// Whether to send nothing more once a control request is refused that was granted before.
  void set_stop_when_refused(bool stop) { stop_when_refused_ = stop; }

  /// Why nothing more was sent, where that has happened.
  const std::string& stopped() const { return stopped_; }

  /// Asked now and then; once it says no, nothing more is sent.
  void set_keep_going(std::function<bool()> keep_going) { keep_going_ = std::move(keep_going); }

  /// Asks, without a client and without credentials, whether the target serves. Returns why not
  /// yet: no connection, TLS that is not ready, silence, 404, 502, 503 or 504.
  std::optional<std::string> WhyNotReady();

  /// Whether the control request was not sent at all, because sending it would do harm.
  bool control_unsent() const { return control_unsent_; }

  /// The control request. Returns why the target cannot be judged, or nothing. Learns the granted
  /// scope from the answer where the profile tells none.
  std::optional<std::string> Preflight(Profile& profile);

  /// Asks the cases side by side; `progress` hears how many are done.
  void Ask(const std::vector<const Case*>& cases,
           const std::function<void(std::size_t done, std::size_t all)>& progress);

  /// What was recorded for a case, or null where it was not asked.
  const RecordedCase* RecordOf(const Case& spec) const;

  const Binder& binder() const { return *binder_; }
  const Presenter& presenter() const { return *presenter_; }

 private:
  struct Asked;

  Outgoing Tagged(Outgoing outgoing, const Case& spec, std::size_t step) const;
  void GuardLogins();
  std::size_t MostFailuresOf(const Case& spec, const std::vector<const StepSpec*>& sequence) const;
  void Finish(const Case& spec, HeldCase held);
  void Control(const Exchange& control);
  Conversation ControlConversation(const std::string& role);
  void Count(const Exchange& exchange);
  void LookStanding(const Case& spec, const StepSpec& step, const Exchange& exchange,
                    const std::function<RecordedExchange()>& shown, Verdict& verdict);
  void FinishStanding();

  const Profile& profile_;
  unsigned long seed_;
  std::string tag_;  // the run in X-Request-Id
  int max_failed_logins_ = 0;
  bool stop_when_refused_ = false;
  bool control_unsent_ = false;
  std::string stopped_;
  std::size_t controlled_ = 0;  // recorded cases with a control request behind them
  std::function<bool()> keep_going_;
  Executor& executor_;
  RunRecord& record_;
  std::unique_ptr<Binder> binder_;
  std::unique_ptr<Presenter> presenter_;
  std::map<const Case*, std::size_t> index_;
  std::map<std::string, Standing> standing_;  // by check
  std::vector<const Case*> standing_cases_;   // selected ones
};

/// What a request means for the login of each client of the binder, decided from its bytes.
std::vector<Login> LoginsOf(const Outgoing& outgoing, const Binder& binder);

}  // namespace grantspec
