#include "conformance/engine/run/run.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "conformance/engine/case/expression.h"
#include "conformance/engine/record/conclusion.h"
#include "conformance/engine/record/present.h"
#include "conformance/engine/record/text.h"
#include "conformance/engine/response/response_class.h"
#include "conformance/engine/run/shared_request.h"
#include "fixtures/grammar/ascii.h"
#include "fixtures/grammar/json_text.h"

namespace grantspec {
namespace {

using std::chrono::milliseconds;

constexpr int kBatchAsksMax = 3;    // of one batch
constexpr int kAskedAgainMax = 10;  // batches of a run

// What a person types to run a part of this again.
std::string Command(const RunRecord& record) {
  if (!record.command.empty()) return record.command;
  return "grantspec " + ShellQuoted(record.embedded ? "" : record.url);
}

bool IsFailedLogin(const Exchange& exchange) {
  const Response* response = exchange.response();
  return response != nullptr &&
         (response->status == 401 || Matches("invalid_client_400", exchange));
}

}  // namespace

SuiteRun::SuiteRun(const Profile& profile, TargetPlace place, Executor& executor, RunRecord& record,
                   unsigned long seed)
    : profile_(profile),
      seed_(seed),
      tag_(CanaryOf(seed).substr(0, 8)),
      executor_(executor),
      record_(record) {
  Bind(profile, place);
  executor_.Observe([this](const Exchange& exchange) { presenter_->LearnTokens(exchange); });
  GuardLogins();
}

void SuiteRun::Bind(const Profile& profile, const TargetPlace& place) {
  binder_ = std::make_unique<Binder>(profile, place, CanaryOf(seed_));
  control_request_.reset();
  presenter_ = std::make_unique<Presenter>(*binder_, Command(record_));
}

void SuiteRun::set_rules(RunRules rules) {
  rules_ = std::move(rules);
  GuardLogins();
}

// The schedule keeps the limits by itself; the guard decides by the bytes that are sent.
void SuiteRun::GuardLogins() {
  limits_ = LimitsOf(rules_, *binder_);
  LoginGuardOptions options;
  options.clients = binder_->KnownClients();
  options.surroundings = binder_->SurroundingsOfClients();
  options.failed_in_a_row_max = rules_.failed_in_a_row_max;
  options.failed_of_any_max = rules_.failed_of_any_max;
  options.success = [this](const std::string& role) {
    return SingleRequest(binder_->Login(role, "a login between failed logins"),
                         [this](const Exchange& exchange) { Count(exchange); });
  };
  executor_.GuardLogins(std::move(options));
}

bool SuiteRun::IsGoing() {
  const auto run_max = std::chrono::seconds(rules_.run_max_s);
  if (stopped_.empty() && rules_.run_max_s > 0 &&
      std::chrono::steady_clock::now() - begin_ > run_max) {
    stopped_ = "stopped early: --max-total (" + std::to_string(rules_.run_max_s) + " s) is used up";
  }
  if (stopped_.empty() && !executor_.pace().stopped().empty()) {
    if (inspects_silence_ && executor_.pace().is_silent()) return false;
    stopped_ = "stopped early: " + executor_.pace().stopped();
  }
  return stopped_.empty() && (!keep_going_ || keep_going_());
}

PlannedCase SuiteRun::Plan(const Case& spec) const {
  return Planned(spec, *binder_, limits_.CountsLogins());
}

// The cases that apply, with their requests; records the others.
std::vector<PlannedCase> SuiteRun::PlanCases(const std::vector<const Case*>& cases) {
  std::vector<const Case*> applicable;
  for (const Case* spec : cases) {
    if (spec->standing != nullptr) {
      if (!distrusts_) standing_.Add(*spec);
    } else if (const auto why = binder_->WhyNot(*spec)) {
      Keep({spec, spec->level, {Outcome::kNotApplicable, "", "", *why, 0}});
    } else {
      applicable.push_back(spec);
    }
  }
  std::vector<PlannedCase> planned;
  for (SharingCases& one : ByRequest(std::move(applicable), *binder_, limits_.sent_first)) {
    planned.push_back(Plan(*one.sent));
    judged_with_[one.sent] = std::move(one.others);
  }
  return planned;
}

Runner SuiteRun::MakeRunner() {
  return Runner(
      *binder_, executor_, tag_, [this] { return IsGoing(); }, baseline_);
}

void SuiteRun::Ask(const std::vector<const Case*>& cases, const Progress& progress) {
  distrusts_ = false;
  SendAll(cases, progress);
  if (distrusts_) {
    // Responses may have been taken for those to other requests: everything again, without reuse.
    executor_.StopReusingConnections();
    standing_.ForgetResponses();
    SendAll(cases, progress);
  }
  if (ended_.empty()) Confirm();
  CollectUnsolicited();
  FinishStanding();
  presenter_->CleanAgain(record_.cases);
  CleanControl(*presenter_, record_);
  HoldBackNewCases(record_);
}

// Sends the cases once, until unsolicited bytes are found for the first time.
void SuiteRun::SendAll(const std::vector<const Case*>& cases, const Progress& progress) {
  record_.cases.clear();  // with --gtest_repeat the last round counts
  index_.clear();
  suspects_.clear();
  closed_.clear();
  deadly_.clear();
  latest_.clear();
  judged_with_.clear();
  first_failure_ = nullptr;
  ended_.clear();
  const bool distrusted = distrusts_;
  const std::vector<PlannedCase> planned = PlanCases(cases);
  controls_ = {};
  for (const Exchange& control : first_controls_) InspectControl(control);
  const std::size_t recorded = record_.cases.size();  // cases that do not apply
  std::size_t total = planned.size();
  for (const auto& [spec, others] : judged_with_) total += others.size();
  const auto count = [&] {
    if (progress) progress(record_.cases.size() - recorded, total);
  };
  ScheduleLimits limits = limits_;
  bool reordered = false;
  do {
    limits.harmless_first = executor_.pace().has_been_throttled();
    SendLeft(planned, limits, count);
    if (distrusts_ && !distrusted) return;
    reordered = !limits.harmless_first && executor_.pace().has_been_throttled();
  } while (reordered && ended_.empty() && IsGoing());
  KeepUnsent(planned);
}

// Sends the cases that have no verdict yet. Where the target throttles for the first time, it
// returns after that batch: what a limiter counts may be failed logins, and then the cases without
// any are judged before it is waited for.
void SuiteRun::SendLeft(const std::vector<PlannedCase>& planned, const ScheduleLimits& limits,
                        const std::function<void()>& count) {
  std::vector<PlannedCase> left;
  for (const PlannedCase& one : planned) {
    if (!index_.contains(one.spec)) left.push_back(one);
  }
  const Schedule schedule = ScheduleOf(std::move(left), limits);
  for (const UnsentCase& one : schedule.unsent) {
    Keep({one.spec, one.spec->level, {Outcome::kInconclusive, "", "", one.why, 0}});
  }
  const bool distrusted = distrusts_;
  Runner runner = MakeRunner();
  for (std::size_t at = 0; at < schedule.batches.size() && IsGoing(); ++at) {
    SendBatch(runner, schedule, schedule.batches[at]);
    if (distrusts_ && !distrusted) return;
    if (at < schedule.first_batches) ProveFirstFailure();
    count();
    if (EndsAtFailure()) return;
    if (!limits.harmless_first && executor_.pace().has_been_throttled()) return;
  }
}

// Sends a batch, and sends it again where the target had too much to do: its responses say
// nothing then.
void SuiteRun::SendBatch(Runner& runner, const Schedule& schedule, Batch batch) {
  for (int attempt = 1;; ++attempt) {
    inspects_silence_ = rules_.careful;
    BatchResult result = runner.Send(schedule, batch);
    if (CollectUnsolicited() && !distrusts_) {
      distrusts_ = true;
      inspects_silence_ = false;
      return;
    }
    const std::size_t deadly = deadly_.size();
    Next next = AfterBatch(runner, result);
    inspects_silence_ = false;
    if (rules_.careful && executor_.pace().is_silent()) next = AfterSilence(runner, result);
    if (next == Next::kAskAgain && deadly_.size() > deadly) {
      const auto is_deadly = [&](const CasePart& part) {
        return deadly_.contains(schedule.cases[part.at].spec);
      };
      std::erase_if(batch.parts, is_deadly);
      if (batch.parts.empty()) return;
      --attempt;
      continue;
    }
    if (next == Next::kAskAgain && attempt < kBatchAsksMax && asked_again_ < kAskedAgainMax) {
      ++asked_again_;
      continue;
    }
    const bool proven = next == Next::kGoOn;
    KeepLatest(result.finished);
    for (const FinishedCase& one : result.finished) Finish(one, proven);
    return;
  }
}

bool SuiteRun::CollectUnsolicited() {
  const std::vector<UnsolicitedBytes> found = executor_.TakeUnsolicited();
  for (const UnsolicitedBytes& one : found) {
    standing_.AddViolation(
        "no_unsolicited_response", one.asked_by.substr(0, one.asked_by.find(',')),
        "bytes after a complete response: \"" + Clipped(presenter_->Clean(one.bytes)) + "\"");
  }
  return !found.empty();
}

void SuiteRun::Keep(RecordedCase recorded) {
  index_[recorded.spec] = record_.cases.size();
  record_.cases.push_back(std::move(recorded));
}

// Cases that the end of the run left without a verdict.
void SuiteRun::KeepUnsent(const std::vector<PlannedCase>& planned) {
  std::string why = "not sent: " + (stopped_.empty() ? std::string("the run was ended") : stopped_);
  if (!ended_.empty()) why = "not sent: " + ended_;
  const auto keep = [&](const Case& spec) {
    if (index_.contains(&spec)) return;
    Keep({&spec, spec.level, {Outcome::kInconclusive, "", "", why, 0}});
  };
  for (const PlannedCase& one : planned) {
    keep(*one.spec);
    for (const Case* other : judged_with_[one.spec]) keep(*other);
  }
}

void SuiteRun::Count(const Exchange& exchange) {
  for (const Response& response : exchange.responses) {
    if (response.status == 200 && ContainsToken(response)) ++record_.counters.tokens_issued;
  }
  if (IsFailedLogin(exchange)) ++record_.counters.failed_logins;
  record_.counters.requests = executor_.requests_sent();
}

void SuiteRun::InspectStanding(const std::string& name, const SentCase& sent, std::size_t at,
                               Verdict& verdict) {
  const StepSpec& step = *sent.sequence[at];
  const Exchange& exchange = sent.exchanges[at];
  const Response* response = exchange.response();
  if (response == nullptr) return;
  const Client* client = nullptr;
  try {
    client = binder_->ClientOf(step);
  } catch (const NotApplicable&) {
  }
  // A response for another path or host, or to OPTIONS, is not the token endpoint's word.
  const bool other_host =
      std::any_of(step.fields.begin(), step.fields.end(),
                  [](const NamedChange& change) { return EqualsFolded(change.name.text, "Host"); });
  const bool at_endpoint =
      step.at == Place::kToken && !step.target && !step.method && !other_host && step.raw.empty();
  const CheckedResponse checked{sent.InspectionAt(at),
                                *response,
                                exchange,
                                at_endpoint,
                                ScopeAsked(exchange),
                                client != nullptr ? &client->scopes : nullptr,
                                &binder_->secrets(),
                                &profile_,
                                step.at == Place::kToken && !step.target && step.raw.empty()};
  const StandingSource source = {
      name, at, [&] { return presenter_->Shown(step, sent.requests[at], exchange); },
      [&](const std::string& text) { return Clipped(presenter_->CleanMessage(text)); }};
  standing_.Inspect(checked, source, verdict);
}

// The verdict on what was received, standing checks included.
Verdict SuiteRun::Judged(const Case& spec, const SentCase& sent) {
  Verdict verdict = JudgedAlone(spec, sent);
  for (std::size_t i = 0; i < sent.exchanges.size(); ++i) {
    Count(sent.exchanges[i]);
    InspectStanding(spec.Name(), sent, i, verdict);
  }
  if (sent.control) Count(*sent.control);
  return verdict;
}

// The same without standing checks, which see each response once.
Verdict SuiteRun::JudgedAlone(const Case& spec, const SentCase& sent) const {
  Verdict verdict = Judge(spec, sent, *binder_);
  if (const Exchange* unsent = sent.Unsent()) {
    return {Outcome::kInconclusive, "", "", unsent->failure->detail, 0};
  }
  if (verdict.outcome != Outcome::kFail) return verdict;
  // Of a relation, either side may be what failed.
  const bool any_error =
      std::any_of(sent.exchanges.begin(), sent.exchanges.end(), [](const Exchange& exchange) {
        return std::any_of(exchange.responses.begin(), exchange.responses.end(),
                           [](const Response& response) { return response.status >= 500; });
      });
  const Response* after = sent.control ? sent.control->response() : nullptr;
  verdict.server_error = any_error || (after != nullptr && after->status >= 500);
  verdict.received_secret = ContainsForeignToken(spec, sent, profile_);
  return verdict;
}

// Records a case, and those that its response judges too. `proven`: a control request got a token
// after it.
void SuiteRun::Finish(const FinishedCase& one, bool proven) {
  if (deadly_.contains(one.spec)) return;
  Record(one, Judged(*one.spec, one.sent), proven);
  for (const Case* spec : judged_with_[one.spec]) {
    FinishedCase other{spec, one.sent};
    other.sent.sequence = SequenceOf(*spec);
    Verdict verdict = JudgedAlone(*spec, other.sent);
    Record(other, std::move(verdict), proven);
  }
}

void SuiteRun::Record(const FinishedCase& one, Verdict verdict, bool proven) {
  const bool refusal = !WantsToken(*one.spec);
  const bool proves_nothing =
      verdict.outcome == Outcome::kPass ? refusal : rules_.careful && !verdict.received_secret;
  if (!proven && proves_nothing && verdict.outcome != Outcome::kInconclusive) {
    verdict.outcome = Outcome::kInconclusive;
    verdict.why = "the control request after it got no token either";
  }
  const bool missing = one.sent.IsResponseMissing();
  if (NeedsProof(verdict, missing)) {
    Suspect suspect{one.spec, missing, verdict.server_error};
    KeepRefusedText(one.sent, verdict.exchange, suspect);
    suspects_.push_back(std::move(suspect));
  } else if (missing && verdict.outcome == Outcome::kPass) {
    closed_.push_back({one.spec, missing, false});
  }
  Keep(presenter_->Record(*one.spec, one.sent, std::move(verdict)));
}

void SuiteRun::FinishStanding() {
  for (RecordedCase& recorded :
       standing_.Records(profile_, binder_->place().allow_plaintext, Command(record_))) {
    // Tokens that were received since the violation are known only now.
    recorded.verdict.actual = presenter_->CleanMessage(recorded.verdict.actual);
    const bool intermittent = controls_.failed > 0 && controls_.failed < controls_.sent;
    if (intermittent && recorded.spec->standing == FindCheck("no_server_error")) {
      recorded.verdict.why = "intermittent, " + std::to_string(controls_.failed) + " of " +
                             Counted(controls_.sent, "control request") + "; " +
                             recorded.verdict.why;
    }
    if (!ended_.empty() && recorded.verdict.outcome <= Outcome::kPass) {
      recorded.verdict.outcome = Outcome::kInconclusive;
      recorded.verdict.why = "only some of the responses were checked: " + ended_;
    }
    Keep(std::move(recorded));
  }
  standing_.Clear();
}

const RecordedCase* SuiteRun::FirstFailure() const {
  return first_failure_ == nullptr ? nullptr : RecordOf(*first_failure_);
}

const RecordedCase* SuiteRun::RecordOf(const Case& spec) const {
  const auto found = index_.find(&spec);
  return found == index_.end() ? nullptr : &record_.cases[found->second];
}

void CleanControl(const Presenter& presenter, RunRecord& record) {
  if (!record.control) return;
  std::vector<RecordedCase> holder(1);
  holder.front().exchanges.push_back(std::move(*record.control));
  presenter.CleanAgain(holder);
  record.control = std::move(holder.front().exchanges.front());
}

}  // namespace grantspec
