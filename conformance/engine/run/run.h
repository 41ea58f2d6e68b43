// One run of the suite: sends the cases, judges what is received, records it.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "conformance/engine/bind/binder.h"
#include "conformance/engine/judge/judge.h"
#include "conformance/engine/record/conclusion.h"
#include "conformance/engine/record/present.h"
#include "conformance/engine/record/record.h"
#include "conformance/engine/run/run_rules.h"
#include "conformance/engine/run/runner.h"
#include "conformance/engine/run/schedule.h"
#include "conformance/engine/run/standing.h"
#include "conformance/engine/run/trouble.h"
#include "fixtures/http/executor.h"

namespace grantspec {

/// One run of the suite on one target. Only what a report shows is kept.
class SuiteRun {
 public:
  /// Receives how many cases are done, of how many.
  using Progress = std::function<void(std::size_t done, std::size_t all)>;

  SuiteRun(const Profile& profile, TargetPlace place, Executor& executor, RunRecord& record,
           unsigned long seed);

  void set_rules(RunRules rules);

  /// Called several times a second; once it returns false, nothing more is sent.
  void set_keep_going(std::function<bool()> keep_going) { keep_going_ = std::move(keep_going); }

  /// Why nothing more was sent, where that has happened.
  const std::string& stopped() const { return stopped_; }

  /// Sends a request without a client and without credentials. Returns why the target does not
  /// serve yet: no connection, TLS that is not ready, silence, 404, 502, 503 or 504.
  std::optional<std::string> WhyNotReady();

  /// Whether the control request was not sent at all, because sending it would do harm.
  bool control_unsent() const { return control_unsent_; }

  /// Sends the control request. Returns why it got no valid token response, or nothing. A server
  /// error is asked again. Takes the granted scope from the response where the profile names none.
  std::optional<std::string> Preflight(Profile& profile);

  /// Whether the target can be judged although its control request got no valid token response: the
  /// defect of that response is a finding then. Not so without a connection, where the URL is not
  /// the token endpoint's, or where the client or its scope was refused.
  bool judges_control() const {
    return control_asked_ && baseline_.kind() != ControlKind::kRefusal;
  }

  /// Sends the requests of the cases, judges them, and repeats what failed.
  void Ask(const std::vector<const Case*>& cases, const Progress& progress);

  /// Sends shorter requests for the failing causes of the record, which index its cases, and keeps
  /// the shortest one that shows the defect of a cause twice in `smallest`. Under the rules of the
  /// run; with at most 12 requests of a cause and 120 of the run. `requests_max`: of the executor;
  /// 0: no limit. Sends nothing once the run was stopped.
  void Shrink(const std::vector<Cause>& causes, std::int64_t requests_max);

  /// The first failure that was seen twice while cases are still being sent, or null. Cases that
  /// are sent first are repeated at once until there is one.
  const RecordedCase* FirstFailure() const;

  /// What was recorded for a case, or null where it was not run.
  const RecordedCase* RecordOf(const Case& spec) const;

  const Binder& binder() const { return *binder_; }
  const Presenter& presenter() const { return *presenter_; }

  /// What each X-Request-Id of the run begins with.
  const std::string& tag() const { return tag_; }

 private:
  struct Suspect {
    const Case* spec = nullptr;
    bool response_missing = false;
    bool server_error = false;
    // As RefusalOf and RefusedText say, where a firewall may refuse so.
    std::string refusal = {}, text = {};
  };
  /// What the proof by repetition has seen so far.
  struct Proof {
    std::map<std::string, int> silent;       // cases without a response, by category
    std::vector<const Case*> server_errors;  // that were repeated
    int passing_server_errors = 0;           // that were not
  };
  /// A case and when its latest exchange ended, among all exchanges of the run.
  struct LatestCase {
    const Case* spec = nullptr;
    std::int64_t ended = 0;
  };
  /// The cases after which the target may have stopped serving, the likeliest first.
  struct Candidates {
    std::vector<const Case*> cases;
    std::size_t lost = 0;  // the first of them: those that got no response
  };
  /// When no more requests are shortened.
  struct ShrinkBounds {
    std::chrono::steady_clock::time_point until;
    std::int64_t requests_max = 0;  // of the executor
    std::string ended;              // why it ended early; empty: it did not
  };
  enum class Next { kGoOn, kAskAgain, kStop };

  void Bind(const Profile& profile, const TargetPlace& place);
  void GuardLogins();
  bool IsGoing();
  void LearnScope(Profile& profile, const Exchange& control);
  PlannedCase Plan(const Case& spec) const;
  std::vector<PlannedCase> PlanCases(const std::vector<const Case*>& cases);
  Runner MakeRunner();
  void SendAll(const std::vector<const Case*>& cases, const Progress& progress);
  void SendLeft(const std::vector<PlannedCase>& planned, const ScheduleLimits& limits,
                const std::function<void()>& count);
  void SendBatch(Runner& runner, const Schedule& schedule, Batch batch);
  Next AfterBatch(Runner& runner, const BatchResult& result);
  Next AskControlAgain(Runner& runner, Trouble trouble, const BatchResult& result);
  Next AfterSilence(Runner& runner, const BatchResult& result);
  Next AfterDeath(Runner& runner, const BatchResult& result);
  bool Serves();
  bool WaitUntilItServes();
  Candidates CandidatesOf(const std::vector<FinishedCase>& finished) const;
  void KeepLatest(const std::vector<FinishedCase>& finished);
  std::optional<FinishedCase> ReplayToDeath(Runner& runner, const Case& spec);
  static std::string UnderWay(const Candidates& candidates);
  void AccuseUnreplayed(const Candidates& candidates, const std::vector<FinishedCase>& finished);
  void Accuse(const FinishedCase& one, const std::string& why,
              std::string_view actual = kStopsServing);
  Next Stop(const Exchange& control);
  void Pause(std::chrono::milliseconds how_long);
  Exchange AskFirstControl();
  Exchange AskWarmControl(Exchange first);
  const BoundRequest& ControlRequest();
  void InspectControl(const Exchange& exchange);
  void InspectControls(const BatchResult& result);
  bool CollectUnsolicited();

  Verdict Judged(const Case& spec, const SentCase& sent);
  Verdict JudgedAlone(const Case& spec, const SentCase& sent) const;
  void Finish(const FinishedCase& one, bool proven);
  void Record(const FinishedCase& one, Verdict verdict, bool proven);
  void Keep(RecordedCase recorded);
  void KeepUnsent(const std::vector<PlannedCase>& planned);
  void FinishStanding();
  void Count(const Exchange& exchange);
  void InspectStanding(const std::string& name, const SentCase& sent, std::size_t at,
                       Verdict& verdict);

  bool EndsAtFailure();
  void ProveFirstFailure();
  void Confirm();
  void ConfirmSuspects();
  void ConfirmBatch(Runner& runner, const Schedule& schedule, const Batch& batch, Proof& proof);
  void ConfirmCase(Runner& runner, const FinishedCase& one, bool proven, Proof& proof);
  void ConfirmServerErrors(Runner& runner, const Proof& proof);
  void KeepRefusedText(const SentCase& sent, std::size_t at, Suspect& suspect) const;
  bool IsRefusedElsewhere(const Suspect& suspect);
  void TakeBackRefusalsOfFirewall();
  Connections ArrangementOf(const Schedule& schedule) const;
  void Repeat(Runner& runner, RecordedCase& recorded, const Verdict& again, Repetitions seen);
  void RepeatOther(Runner& runner, RecordedCase& recorded, const FinishedCase& one,
                   const Verdict& again);
  void FailWhatCameBesideOthers();
  double ChanceOf(const Case& spec) const;
  std::optional<Verdict> VerdictAlone(Runner& runner, const Case& spec);
  bool MayShrink(const ShrinkBounds& bounds);
  std::optional<RecordedCase> RecordAlone(Runner& runner, const Case& spec, ShrinkBounds& bounds);
  std::optional<SmallestRequest> Shrunk(Runner& runner, const RecordedCase& finding,
                                        ShrinkBounds& bounds);

  const Profile& profile_;
  unsigned long seed_;
  std::string tag_;  // the run in X-Request-Id
  RunRules rules_;
  ScheduleLimits limits_;  // of the rules, for the clients of the binder
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  bool control_unsent_ = false;
  Baseline baseline_;
  bool control_asked_ = false;            // not while the target is waited for
  std::vector<Exchange> first_controls_;  // of the preflight: one, or several after server errors
  Repetitions controls_;                  // with a server error, of all control requests
  std::string stopped_;
  std::string ended_;  // why a failure ended the run; empty: none did
  std::function<bool()> keep_going_;
  Executor& executor_;
  RunRecord& record_;
  std::unique_ptr<Binder> binder_;
  std::optional<BoundRequest> control_request_;  // made by the binder, once it is asked for
  std::unique_ptr<Presenter> presenter_;
  std::map<const Case*, std::size_t> index_;
  std::vector<LatestCase> latest_;  // of earlier batches
  std::set<const Case*> deadly_;    // cases after which the target stopped serving
  std::map<const Case*, std::vector<const Case*>> judged_with_;  // by that case: the others
  const Case* first_failure_ = nullptr;
  std::vector<Suspect> suspects_;
  std::vector<Suspect> closed_;    // cases that a closed connection passes
  bool inspects_silence_ = false;  // a batch is under way: what makes it silent is looked for
  bool distrusts_ = false;         // kept connections: unsolicited bytes were found on one
  int asked_again_ = 0;            // batches of the run
  int repeated_ = 0;               // cases that were asked many times
  int asked_elsewhere_ = 0;        // texts of refused requests
  std::map<std::string, int> asked_in_vain_;  // of those, in a row, by refusal
  std::vector<const Case*> received_once_;    // cases that received a token or a secret once
  StandingChecks standing_;
};

/// Takes tokens that were received later out of the recorded control exchange.
void CleanControl(const Presenter& presenter, RunRecord& record);

}  // namespace grantspec
