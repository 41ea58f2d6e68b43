#include "conformance/run.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "conformance/conclusion.h"
#include "conformance/control_message.h"
#include "conformance/expression.h"
#include "conformance/present.h"
#include "conformance/report/text.h"
#include "conformance/response_class.h"
#include "fixtures/grammar/json_text.h"

namespace grantspec {
namespace {

using std::chrono::milliseconds;

constexpr int kBatchAsksMax = 3;    // of one batch
constexpr int kAskedAgainMax = 10;  // batches of a run
constexpr int kControlAsksMax = 4;  // of a control request that gets a server error
constexpr milliseconds kTroublePause{1'000}, kErrorPause{200}, kTickPause{50};
constexpr int kSilentMax = 3;   // cases of a category; then the others are not repeated
constexpr int kTrialsMax = 20;  // of a case that failed once and then did not
constexpr std::chrono::seconds kTrialsTimeMax{3};
constexpr int kRepeatedMax = 10;  // cases of a run

// What a person types to run a part of this again.
std::string Command(const RunRecord& record) {
  return "grantspec " + ShellQuoted(record.embedded ? "" : record.url);
}

bool IsFailedLogin(const Exchange& exchange) {
  const Response* response = exchange.response();
  return response != nullptr &&
         (response->status == 401 || Matches("invalid_client_400", exchange));
}

bool IsUnsent(const Exchange& exchange) {
  return exchange.failure && exchange.failure->error == TransportError::kNotSent;
}

// The first exchange of a case that was not sent, or null.
const Exchange* UnsentOf(const HeldCase& held) {
  const auto found = std::find_if(held.exchanges.begin(), held.exchanges.end(), IsUnsent);
  return found == held.exchanges.end() ? nullptr : &*found;
}

bool IsResponseMissing(const HeldCase& held) {
  return std::any_of(held.exchanges.begin(), held.exchanges.end(),
                     [](const Exchange& one) { return one.failure && !IsUnsent(one); });
}

std::vector<std::string> WordsOf(const std::string& text) {
  std::vector<std::string> words;
  std::string word;
  for (char c : text + " ") {
    if (c != ' ') {
      word += c;
    } else if (!word.empty()) {
      words.push_back(std::exchange(word, {}));
    }
  }
  return words;
}

// The step that stands for the control request in reports.
StepSpec ControlStep() {
  StepSpec step;
  step.name = "control";
  return step;
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
  presenter_ = std::make_unique<Presenter>(*binder_, seed_, Command(record_));
}

void SuiteRun::set_rules(RunRules rules) {
  rules_ = std::move(rules);
  GuardLogins();
}

// The schedule keeps the limits by itself; the guard decides by the bytes that are sent.
void SuiteRun::GuardLogins() {
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
    stopped_ = "stopped early: " + executor_.pace().stopped();
  }
  return stopped_.empty() && (!keep_going_ || keep_going_());
}

std::optional<std::string> SuiteRun::WhyNotReady() {
  const Exchange exchange = executor_.Ask(binder_->Probe());
  record_.counters.requests = executor_.requests_sent();
  if (exchange.failure && exchange.failure->error != TransportError::kGarbage) {
    return std::string(ToString(exchange.failure->error)) + ": " +
           Printable(Clipped(presenter_->Clean(exchange.failure->detail)));
  }
  const Response* response = exchange.response();
  if (response == nullptr) return std::nullopt;
  for (int status : {404, 502, 503, 504}) {
    if (response->status == status) return "status " + std::to_string(status);
  }
  return std::nullopt;
}

std::optional<std::string> SuiteRun::Preflight(Profile& profile) {
  const Exchange exchange = executor_.Ask(binder_->Control());
  Count(exchange);
  control_unsent_ = IsUnsent(exchange);
  if (!control_unsent_) {
    const StepSpec step = ControlStep();
    record_.control = presenter_->Shown(step, {step.name}, {exchange}, 0);
  }
  if (!Matches("token", exchange)) {
    ControlContext context;
    context.client_id = profile.main().id;
    context.credentials_from = rules_.credentials_from;
    context.has_scope = !profile.main().scopes.empty();
    context.clean = [this](std::string_view text) { return presenter_->Clean(text); };
    return ControlMessage(exchange, context);
  }
  profile.answers_in_http_1_0 = exchange.response()->version == 10;
  profile.latency_seconds = exchange.seconds;
  if (profile.main().scopes.empty()) LearnScope(profile, exchange);
  return std::nullopt;
}

void SuiteRun::LearnScope(Profile& profile, const Exchange& control) {
  const auto object = ObjectOf(*control.response());
  const JsonMember* scope = object ? object->Find("scope") : nullptr;
  if (scope == nullptr || scope->kind != JsonKind::kString) {
    record_.notes.push_back(
        "no --scope was given and the target states none: cases about scopes are not applicable");
    return;
  }
  profile.clients["main"].scopes = WordsOf(scope->text);
  record_.notes.push_back(
      "no --scope was given; the scope of the control response counts as granted: " +
      Clipped(presenter_->Clean(scope->text)));
  Bind(profile, TargetPlace(binder_->place()));
  presenter_->LearnTokens(control);
  GuardLogins();
}

PlannedCase SuiteRun::Plan(const Case& spec) const {
  return Planned(spec, *binder_, LimitsOf(rules_, *binder_).CountsLogins());
}

// Schedules the cases that apply; records the others.
Schedule SuiteRun::PlanCases(const std::vector<const Case*>& cases) {
  std::vector<PlannedCase> planned;
  for (const Case* spec : cases) {
    if (spec->standing != nullptr) {
      if (!distrusts_) standing_.Add(*spec);
    } else if (const auto why = binder_->WhyNot(*spec)) {
      Keep({spec, spec->level, {Outcome::kNotApplicable, "", "", *why, 0}});
    } else {
      planned.push_back(Plan(*spec));
    }
  }
  Schedule schedule = ScheduleOf(std::move(planned), LimitsOf(rules_, *binder_));
  for (const UnsentCase& one : schedule.unsent) {
    Keep({one.spec, one.spec->level, {Outcome::kInconclusive, "", "", one.why, 0}});
  }
  return schedule;
}

Runner SuiteRun::MakeRunner() {
  return Runner(*binder_, executor_, tag_, [this] { return IsGoing(); });
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
  Confirm();
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
  const bool distrusted = distrusts_;
  const Schedule schedule = PlanCases(cases);
  Runner runner = MakeRunner();
  std::size_t done = 0;
  for (const Batch& batch : schedule.batches) {
    if (!IsGoing()) break;
    SendBatch(runner, schedule, batch);
    if (distrusts_ && !distrusted) return;
    done += batch.parts.size();
    if (progress) progress(std::min(done, schedule.cases.size()), schedule.cases.size());
  }
  KeepUnsent(schedule);
}

// Sends a batch, and sends it again where the target had too much to do: its responses say
// nothing then.
void SuiteRun::SendBatch(Runner& runner, const Schedule& schedule, const Batch& batch) {
  for (int attempt = 1;; ++attempt) {
    BatchResult result = runner.Send(schedule, batch);
    if (CollectUnsolicited() && !distrusts_) {
      distrusts_ = true;
      return;
    }
    Next next = AfterBatch(runner, result);
    if (next == Next::kAskAgain && attempt < kBatchAsksMax && asked_again_ < kAskedAgainMax) {
      ++asked_again_;
      continue;
    }
    const bool proven = next == Next::kGoOn;
    for (const FinishedCase& one : result.finished) Finish(one, proven);
    return;
  }
}

// What the control request after a batch means for the run.
SuiteRun::Next SuiteRun::AfterBatch(Runner& runner, const BatchResult& result) {
  InspectControls(result);
  if (!result.control) return Next::kGoOn;
  const Trouble trouble = TroubleOf(*result.control);
  if (trouble == Trouble::kNone || trouble == Trouble::kNotSent) return Next::kGoOn;
  if (!rules_.careful) return Next::kStop;  // stops nothing: the batch alone is not judged
  if (trouble == Trouble::kLockedOut || trouble == Trouble::kThrottled) {
    return Stop(*result.control);
  }
  return AskControlAgain(runner, trouble, *result.control);
}

// A server error may be one of many good responses, and a refusal the sign of too much at once.
SuiteRun::Next SuiteRun::AskControlAgain(Runner& runner, Trouble trouble, const Exchange& first) {
  const bool overloaded = trouble == Trouble::kOverloaded;
  if (overloaded) executor_.SlowDown();
  BatchResult again;
  for (int asked = 1; asked < (overloaded ? 2 : kControlAsksMax); ++asked) {
    Pause(overloaded ? kTroublePause : kErrorPause * asked);
    if (!IsGoing()) return Next::kStop;
    again.control = runner.ControlAlone();
    InspectControls(again);
    const Trouble now = TroubleOf(*again.control);
    if (now == Trouble::kNone) return overloaded ? Next::kAskAgain : Next::kGoOn;
    if (now == Trouble::kLockedOut) break;
  }
  return Stop(again.control ? *again.control : first);
}

SuiteRun::Next SuiteRun::Stop(const Exchange& control) {
  if (!IsGoing()) return Next::kStop;
  stopped_ = "stopped early: the control request got " + NameOf(control) + " after " +
             Counted(static_cast<std::size_t>(record_.counters.failed_logins), "failed login") +
             ", although it got a token before";
  return Next::kStop;
}

void SuiteRun::Pause(milliseconds how_long) {
  const auto until = std::chrono::steady_clock::now() + how_long;
  while (std::chrono::steady_clock::now() < until && IsGoing()) {
    std::this_thread::sleep_for(kTickPause);
  }
}

// Control responses are checked, too: a server error in one of forty shows there.
void SuiteRun::InspectControls(const BatchResult& result) {
  const auto inspect = [this](const Exchange& exchange) {
    Count(exchange);
    static const StepSpec step = ControlStep();
    HeldCase held;
    held.sequence = {&step};
    held.exchanges = {exchange};
    Verdict nowhere;
    InspectStanding("control", held, 0, nowhere);
  };
  if (result.control) inspect(*result.control);
  for (const Exchange& exchange : result.successes) Count(exchange);
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
void SuiteRun::KeepUnsent(const Schedule& schedule) {
  const std::string why =
      "not sent: " + (stopped_.empty() ? std::string("the run was ended") : stopped_);
  for (const PlannedCase& one : schedule.cases) {
    if (index_.contains(one.spec)) continue;
    Keep({one.spec, one.spec->level, {Outcome::kInconclusive, "", "", why, 0}});
  }
}

void SuiteRun::Count(const Exchange& exchange) {
  for (const Response& response : exchange.responses) {
    if (response.status == 200 && HoldsToken(response)) ++record_.counters.tokens_issued;
  }
  if (IsFailedLogin(exchange)) ++record_.counters.failed_logins;
  record_.counters.requests = executor_.requests_sent();
}

void SuiteRun::InspectStanding(const std::string& name, const HeldCase& held, std::size_t at,
                               Verdict& verdict) {
  const StepSpec& step = *held.sequence[at];
  const Exchange& exchange = held.exchanges[at];
  const Response* response = exchange.response();
  if (response == nullptr) return;
  const Client* client = nullptr;
  try {
    client = binder_->ClientOf(step);
  } catch (const NotApplicable&) {
  }
  // A response for another path, or to OPTIONS, is not the token endpoint's word.
  const bool at_endpoint =
      step.at == Place::kToken && !step.target && !step.method && step.raw.empty();
  const CheckedResponse answer{held.InspectionAt(at),
                               *response,
                               exchange,
                               at_endpoint,
                               ScopeAsked(exchange),
                               client != nullptr ? &client->scopes : nullptr,
                               &binder_->secrets(),
                               &profile_};
  const StandingSource source = {
      name, [&] { return presenter_->Shown(step, NamesOf(held.sequence), held.exchanges, at); },
      [&](const std::string& text) { return Clipped(presenter_->CleanMessage(text)); }};
  standing_.Inspect(answer, source, verdict);
}

// The verdict on what was received, standing checks included.
Verdict SuiteRun::Judged(const Case& spec, const HeldCase& held) {
  Verdict verdict = Judge(spec, held, *binder_);
  for (std::size_t i = 0; i < held.exchanges.size(); ++i) {
    Count(held.exchanges[i]);
    InspectStanding(spec.Name(), held, i, verdict);
  }
  if (held.control) Count(*held.control);
  if (const Exchange* unsent = UnsentOf(held)) {
    return {Outcome::kInconclusive, "", "", unsent->failure->detail, 0};
  }
  if (verdict.outcome == Outcome::kFail && verdict.exchange < held.exchanges.size()) {
    const Response* response = held.exchanges[verdict.exchange].response();
    verdict.server_error = response != nullptr && response->status >= 500;
  }
  if (verdict.outcome == Outcome::kFail && !WantsToken(spec)) {
    verdict.received_secret =
        std::any_of(held.exchanges.begin(), held.exchanges.end(), [](const Exchange& one) {
          return one.response() != nullptr && HoldsToken(*one.response());
        });
  }
  return verdict;
}

// Records a case. `proven`: a control request got a token after it.
void SuiteRun::Finish(const FinishedCase& one, bool proven) {
  Verdict verdict = Judged(*one.spec, one.held);
  const bool refusal = !WantsToken(*one.spec);
  const bool proves_nothing =
      verdict.outcome == Outcome::kPass ? refusal : rules_.careful && !verdict.received_secret;
  if (!proven && proves_nothing && verdict.outcome != Outcome::kInconclusive) {
    verdict.outcome = Outcome::kInconclusive;
    verdict.why = "the control request after it got no token either";
  }
  const bool missing = IsResponseMissing(one.held);
  if (NeedsProof(verdict, missing)) suspects_.push_back({one.spec, missing});
  Keep(presenter_->Record(*one.spec, one.held, std::move(verdict)));
}

// Sends everything that failed once more: a failure that is reported was seen twice.
void SuiteRun::Confirm() {
  std::vector<PlannedCase> planned;
  for (const Suspect& one : suspects_) {
    planned.push_back(Plan(*one.spec));
    if (!one.response_missing) continue;
    for (PlannedStep& step : planned.back().steps) step.may_hold_worker = true;
  }
  ScheduleLimits limits = LimitsOf(rules_, *binder_);
  limits.isolated_max = 1;
  limits.isolate = true;
  limits.failed_total_max = 0;
  const Schedule schedule = ScheduleOf(std::move(planned), limits);
  Runner runner = MakeRunner();
  std::map<std::string, int> silent;
  for (const Batch& batch : schedule.batches) {
    if (!IsGoing()) break;
    ConfirmBatch(runner, schedule, batch, silent);
  }
  if (IsGoing()) return;
  // What could not be repeated is no failure where a response was missing.
  for (const Suspect& one : suspects_) {
    RecordedCase& recorded = record_.cases[index_.at(one.spec)];
    if (!one.response_missing || recorded.verdict.repeated) continue;
    recorded.verdict.outcome = Outcome::kInconclusive;
    recorded.verdict.why = "no response, and the run ended before the request was sent again";
  }
}

void SuiteRun::ConfirmBatch(Runner& runner, const Schedule& schedule, const Batch& batch,
                            std::map<std::string, int>& silent) {
  if (batch.isolated) {
    const Case& spec = *schedule.cases[batch.parts.front().at].spec;
    if (silent[spec.category] >= kSilentMax) {
      Verdict& verdict = record_.cases[index_.at(&spec)].verdict;
      verdict.repeated = true;
      verdict.why += std::string(verdict.why.empty() ? "" : "; ") +
                     "three cases of this category without a response were repeated";
      return;
    }
  }
  BatchResult result =
      runner.Send(schedule, batch, batch.isolated ? Connections::kFreshAlone : Connections::kFresh);
  const bool proven = AfterBatch(runner, result) == Next::kGoOn;
  for (const FinishedCase& one : result.finished) {
    RecordedCase& recorded = record_.cases[index_.at(one.spec)];
    const Verdict again = Judged(*one.spec, one.held);
    if (again.outcome == recorded.verdict.outcome) {
      recorded.verdict.repeated = true;
      if (IsResponseMissing(one.held)) ++silent[one.spec->category];
    } else if (proven && UnsentOf(one.held) == nullptr) {
      Repeat(runner, recorded, again);
    }
  }
}

// Asks a case that failed once and then did not many times more, each time alone.
void SuiteRun::Repeat(Runner& runner, RecordedCase& recorded, const Verdict& again) {
  const Case& spec = *recorded.spec;
  Repetitions seen{1, 2};
  const auto until = std::chrono::steady_clock::now() + kTrialsTimeMax;
  if (spec.analysis == nullptr && ++repeated_ <= kRepeatedMax) {
    for (int trial = 0; trial < kTrialsMax && IsGoing(); ++trial) {
      if (std::chrono::steady_clock::now() > until) break;
      ++seen.sent;
      if (FailsAgain(runner, spec)) ++seen.failed;
    }
  }
  recorded.verdict = AfterRepetitions(recorded.verdict, again, seen);
  recorded.verdict.repeated = true;
  if (recorded.verdict.outcome == Outcome::kPass) recorded.exchanges.clear();
}

bool SuiteRun::FailsAgain(Runner& runner, const Case& spec) {
  const Schedule schedule = ScheduleOf({Plan(spec)}, LimitsOf(rules_, *binder_));
  bool failed = false;
  for (const Batch& batch : schedule.batches) {
    const BatchResult result = runner.Send(schedule, batch, Connections::kFreshAlone);
    const bool proven = AfterBatch(runner, result) == Next::kGoOn;
    for (const FinishedCase& one : result.finished) {
      failed = failed || (proven && Judged(*one.spec, one.held).outcome == Outcome::kFail);
    }
  }
  return failed;
}

void SuiteRun::FinishStanding() {
  for (RecordedCase& recorded :
       standing_.Records(profile_, binder_->place().allow_plaintext, Command(record_))) {
    // Tokens that were received since the violation are known only now.
    recorded.verdict.actual = presenter_->CleanMessage(recorded.verdict.actual);
    Keep(std::move(recorded));
  }
  standing_.Clear();
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
