#include "conformance/run.h"

#include <algorithm>
#include <utility>

#include "conformance/answer.h"
#include "conformance/conclusion.h"
#include "conformance/control_message.h"
#include "conformance/expression.h"
#include "conformance/present.h"
#include "conformance/report/text.h"
#include "fixtures/grammar/json_text.h"

namespace grantspec {
namespace {

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
      record_(record),
      binder_(std::make_unique<Binder>(profile, place, CanaryOf(seed))),
      presenter_(std::make_unique<Presenter>(*binder_, seed, Command(record))) {
  executor_.Observe([this](const Exchange& exchange) { presenter_->LearnTokens(exchange); });
  GuardLogins();
}

void SuiteRun::set_max_failed_logins(int limit) {
  max_failed_logins_ = limit;
  GuardLogins();
}

// The executor sends the successful logins by itself; their responses are counted here.
void SuiteRun::GuardLogins() {
  LoginGuardOptions options;
  options.clients = binder_->KnownClients();
  options.surroundings = binder_->SurroundingsOfClients();
  options.failed_in_a_row_max = max_failed_logins_;
  options.success = [this](const std::string& role) { return ControlConversation(role); };
  executor_.GuardLogins(std::move(options));
}

bool SuiteRun::IsGoing() const {
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
    context.credentials_from = credentials_from_;
    context.has_scope = !profile.main().scopes.empty();
    context.clean = [this](std::string_view text) { return presenter_->Clean(text); };
    return ControlMessage(exchange, context);
  }
  profile.answers_in_http_1_0 = exchange.response()->version == 10;
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
  binder_ = std::make_unique<Binder>(profile, binder_->place(), CanaryOf(seed_));
  presenter_ = std::make_unique<Presenter>(*binder_, seed_, Command(record_));
  presenter_->LearnTokens(control);
  GuardLogins();
}

void SuiteRun::Keep(RecordedCase recorded) {
  index_[recorded.spec] = record_.cases.size();
  record_.cases.push_back(std::move(recorded));
}

// The verdict on a case that is not sent, or nothing.
std::optional<Verdict> SuiteRun::WhyNotAsked(const Case& spec) const {
  if (const auto why = binder_->WhyNot(spec)) {
    return Verdict{Outcome::kNotApplicable, "", "", *why, 0};
  }
  // The login guard would send successful logins between the failed ones: only an analysis means
  // the same with them.
  const bool guarded = max_failed_logins_ > 0 && spec.analysis.empty();
  if (guarded && FailedLoginsOf(spec, *binder_) > static_cast<std::size_t>(max_failed_logins_)) {
    return Verdict{Outcome::kInconclusive, "", "",
                   "it takes more failed logins in a row than --max-failed-logins allows", 0};
  }
  return std::nullopt;
}

void SuiteRun::Ask(const std::vector<const Case*>& cases, const Progress& progress) {
  record_.cases.clear();  // with --gtest_repeat the last round counts
  index_.clear();
  controlled_ = 0;
  std::size_t done = 0, all = 0;
  const CaseDone finish = [&](const Case& spec, HeldCase held) {
    Finish(spec, std::move(held));
    ++done;
    if (progress) progress(done, all);
  };
  ControlSchedule schedule(stop_when_refused_);
  std::vector<Conversation> conversations;
  for (const Case* spec : cases) {
    if (!spec->standing.empty()) {
      standing_.Add(*spec);
      continue;
    }
    if (auto verdict = WhyNotAsked(*spec)) {
      Keep({spec, spec->level, std::move(*verdict)});
      continue;
    }
    ++all;
    if (schedule.IsDueBefore(*spec)) conversations.push_back(ControlConversation("main"));
    for (Conversation& one : ConversationsOf(*spec, *binder_, tag_, finish)) {
      conversations.push_back(std::move(one));
    }
  }
  executor_.Run(std::move(conversations), [this] { return IsGoing(); });
  if (schedule.IsDueAtEnd() && IsGoing()) Control(executor_.Ask(binder_->Control()));
  FinishStanding();
  presenter_->CleanAgain(record_.cases);
  CleanControl(*presenter_, record_);
  HoldBackNewCases(record_);
}

void SuiteRun::Control(const Exchange& control) {
  Count(control);
  const std::size_t first = std::exchange(controlled_, record_.cases.size());
  if (IsUnsent(control) || Matches("token", control)) return;
  if (stop_when_refused_ && !IsBusy(control) && stopped_.empty()) {
    stopped_ = "stopped early: the control request got " + NameOf(control) + " after " +
               Counted(static_cast<std::size_t>(record_.counters.failed_logins), "failed login") +
               ", although it got a token before";
  }
  Discount(first, control);
}

// Refusals prove nothing where the control request after them is refused, too.
void SuiteRun::Discount(std::size_t first, const Exchange& control) {
  for (std::size_t i = first; i < record_.cases.size(); ++i) {
    RecordedCase& one = record_.cases[i];
    if (one.verdict.outcome != Outcome::kPass || WantsToken(*one.spec)) continue;
    one.verdict.outcome = Outcome::kInconclusive;
    one.verdict.why =
        "refused as expected, but the control request after it got no token either: " +
        NameOf(control);
  }
}

Conversation SuiteRun::ControlConversation(const std::string& role) {
  Conversation one;
  one.next = [this, role](const std::vector<Exchange>& so_far) -> std::optional<Outgoing> {
    if (!so_far.empty()) return std::nullopt;
    if (role == "main") return binder_->Control();
    StepSpec success;
    success.client = role;
    Outgoing outgoing = binder_->Build(success, {}, {});
    outgoing.asked_by = "a login between failed logins";
    return outgoing;
  };
  one.done = [this, role](const std::vector<Exchange>& exchanges) {
    if (exchanges.empty()) return;
    if (role == "main") {
      Control(exchanges.front());
    } else {
      Count(exchanges.front());
    }
  };
  return one;
}

void SuiteRun::Count(const Exchange& exchange) {
  for (const Response& response : exchange.responses) {
    if (response.status == 200 && HoldsToken(response)) ++record_.counters.tokens_issued;
  }
  if (IsFailedLogin(exchange)) ++record_.counters.failed_logins;
  record_.counters.requests = executor_.requests_sent();
}

void SuiteRun::InspectStanding(const Case& spec, const HeldCase& held, std::size_t at,
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
  const bool at_endpoint = step.at == "token" && !step.target && !step.method && step.raw.empty();
  const CheckedAnswer answer{*response,
                             exchange,
                             at_endpoint,
                             ScopeAsked(exchange),
                             client != nullptr ? &client->scopes : nullptr,
                             &binder_->secrets(),
                             &profile_};
  const StandingSource source = {
      spec.Name(),
      [&] { return presenter_->Shown(step, NamesOf(held.sequence), held.exchanges, at); },
      [&](const std::string& text) { return Clipped(presenter_->CleanMessage(text)); }};
  standing_.Inspect(answer, source, verdict);
}

void SuiteRun::Finish(const Case& spec, HeldCase held) {
  Verdict verdict = Judge(spec, held, *binder_);
  for (std::size_t i = 0; i < held.exchanges.size(); ++i) {
    Count(held.exchanges[i]);
    InspectStanding(spec, held, i, verdict);
  }
  if (held.control) Count(*held.control);
  Keep(presenter_->Record(spec, held, std::move(verdict)));
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
