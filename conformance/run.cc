#include "conformance/run.h"

#include <algorithm>
#include <chrono>

#include "conformance/answer.h"
#include "conformance/check.h"
#include "conformance/expression.h"
#include "conformance/present.h"
#include "conformance/report/text.h"
#include "conformance/response_summary.h"
#include "fixtures/grammar/ascii.h"
#include "fixtures/grammar/json_text.h"
#include "fixtures/http/render.h"

namespace grantspec {
namespace {

// Refusals between two control requests; fewer where a control request that is refused ends the
// run, so that a target in trouble (it locks clients out, or answers in server errors only) is soon
// left alone.
constexpr std::size_t kLotMax = 160, kCarefulLotMax = 40;

// What holds for every answer, and the level of its violation where its standing case is not among
// the cases asked for: then the case whose answer it was carries it.
constexpr std::string_view kAlways[] = {"no_server_error", "no_secret", "no_token_in_error"};

// Whether a case passes only where a token came.
bool WantsToken(const Case& spec) {
  for (const StepSpec& step : spec.steps) {
    const auto& answers = step.expect.answer;
    if (answers.size() == 1 && (answers[0] == "token" || answers[0] == "success")) return true;
  }
  return false;
}

// What a person types to run a part of this again.
std::string Command(const RunRecord& record) {
  return "grantspec " + ShellQuoted(record.embedded ? "" : record.url);
}

bool IsFailedLogin(const Exchange& exchange) {
  const Response* response = exchange.response();
  return response != nullptr &&
         (response->status == 401 || Matches("invalid_client_400", exchange));
}

}  // namespace

std::vector<Login> LoginsOf(const Outgoing& outgoing, const Binder& binder) {
  return LoginsOf(BytesOf(outgoing, binder.place().host), binder.KnownClients(),
                  binder.SurroundingsOfClients());
}

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

// The executor asks for successes by itself; what came of them is looked at here.
void SuiteRun::GuardLogins() {
  LoginGuardOptions options;
  options.clients = binder_->KnownClients();
  options.surroundings = binder_->SurroundingsOfClients();
  options.failed_in_a_row_max = max_failed_logins_;
  options.success = [this](const std::string& role) { return ControlConversation(role); };
  executor_.GuardLogins(std::move(options));
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

// The failed logins of one client that a case may bring, at most; 0 without a guard.
std::size_t SuiteRun::MostFailuresOf(const Case& spec,
                                     const std::vector<const StepSpec*>& sequence) const {
  if (max_failed_logins_ == 0) return 0;
  std::vector<std::string> names;
  for (const StepSpec& step : spec.steps) {
    if (!spec.side_by_side) names.push_back(step.name);
  }
  std::map<const StepSpec*, std::vector<Login>> known;
  std::map<std::size_t, std::size_t> failures;
  for (const StepSpec* step : sequence) {
    auto [found, is_new] = known.emplace(step, std::vector<Login>());
    if (is_new) found->second = LoginsOf(binder_->Build(*step, names, {}), *binder_);
    for (std::size_t i = 0; i < found->second.size(); ++i) {
      if (found->second[i] == Login::kMayFail) ++failures[i];
    }
  }
  std::size_t most = 0;
  for (const auto& [client, count] : failures) most = std::max(most, count);
  return most;
}

std::optional<std::string> SuiteRun::Preflight(Profile& profile) {
  const Exchange exchange = executor_.Ask(binder_->Control());
  Count(exchange);
  if (exchange.failure) {
    control_unsent_ = exchange.failure->error == TransportError::kNotSent;
    if (control_unsent_) return exchange.failure->detail;
    return std::string(ToString(exchange.failure->error)) + ": " +
           Printable(Clipped(presenter_->Clean(exchange.failure->detail)));
  }
  const Response& response = *exchange.response();
  if (!Matches("token", exchange)) {
    std::string text = "no token: " + NameOf(exchange);
    if (response.status >= 200 && response.status < 300) {
      text += ", " + SummaryOf(response) + ". Is this the token endpoint?";
    } else {
      text += " (status " + std::to_string(response.status);
      if (!response.content.empty()) {
        text += ", " + Printable(presenter_->Clean(response.content).substr(0, 200));
      }
      text += ")";
    }
    if (Matches("invalid_scope", exchange) && profile.main().scopes.empty()) {
      text += "; --scope names what the client may ask for";
    }
    return text;
  }
  profile.answers_in_http_1_0 = response.version == 10;
  if (profile.main().scopes.empty()) {
    const auto object = ObjectOf(response);
    const JsonMember* scope = object ? object->Find("scope") : nullptr;
    if (scope != nullptr && scope->kind == JsonKind::kString) {
      std::string word;
      for (char c : scope->text + " ") {
        if (c != ' ') {
          word += c;
        } else if (!word.empty()) {
          profile.clients["main"].scopes.push_back(word);
          word.clear();
        }
      }
      record_.notes.push_back(
          "no --scope was given; the scope of the control request's answer is "
          "taken for what is granted: " +
          Clipped(presenter_->Clean(scope->text)));
      binder_ = std::make_unique<Binder>(profile, binder_->place(), CanaryOf(seed_));
      presenter_ = std::make_unique<Presenter>(*binder_, seed_, Command(record_));
      presenter_->LearnTokens(exchange);
      GuardLogins();
    } else {
      record_.notes.push_back(
          "no --scope was given and the target tells none: cases about scopes "
          "are not applicable");
    }
  }
  return std::nullopt;
}

// A request that can be found again in the logs of the target: the run, the case, the step.
Outgoing SuiteRun::Tagged(Outgoing outgoing, const Case& spec, std::size_t step) const {
  auto* request = std::get_if<Request>(&outgoing.message);
  if (request != nullptr && !request->fields.Has(kRequestId)) {
    request->fields.Add(kRequestId, tag_ + "." + spec.Name() + "." + std::to_string(step + 1));
  }
  outgoing.asked_by = spec.Name() + ", step " + std::to_string(step + 1);
  return outgoing;
}

// One case while it is being asked.
struct SuiteRun::Asked {
  const Case* spec = nullptr;
  HeldCase held;
  std::size_t open = 1;  // conversations still going
  std::chrono::steady_clock::time_point begin;
  std::vector<std::vector<Exchange>> parts;  // side by side: one conversation a step
};

void SuiteRun::Ask(const std::vector<const Case*>& cases,
                   const std::function<void(std::size_t, std::size_t)>& progress) {
  record_.cases.clear();  // with --gtest_repeat the last round counts
  index_.clear();
  std::vector<Conversation> conversations;
  std::size_t done = 0, all = 0, refusals = 0;
  bool any_refusal = false;
  controlled_ = 0;
  const auto going = [this] { return stopped_.empty() && (!keep_going_ || keep_going_()); };
  const auto hold = [&](std::vector<Conversation> some) {
    executor_.Hold(std::move(some), going);
    if (any_refusal && going()) Control(executor_.Ask(binder_->Control()));
  };
  for (const Case* spec : cases) {
    if (!spec->standing.empty()) {
      standing_cases_.push_back(spec);
      standing_[spec->standing];
      continue;
    }
    if (const auto why = binder_->WhyNot(*spec)) {
      index_[spec] = record_.cases.size();
      record_.cases.push_back({spec, spec->level, {Outcome::kNotApplicable, "", "", *why, 0}});
      continue;
    }
    auto asked = std::make_shared<Asked>();
    asked->spec = spec;
    asked->held.sequence = SequenceOf(*spec);
    asked->begin = std::chrono::steady_clock::now();
    ++all;
    const auto finish = [this, asked, &done, &all, &progress] {
      if (--asked->open > 0) return;
      for (auto& part : asked->parts) {
        for (Exchange& exchange : part) asked->held.exchanges.push_back(std::move(exchange));
      }
      asked->held.seconds = 0;
      for (const Exchange& exchange : asked->held.exchanges) {
        asked->held.seconds += exchange.seconds;
      }
      Finish(*asked->spec, std::move(asked->held));
      ++done;
      if (progress) progress(done, all);
    };
    std::vector<std::string> names;
    for (const StepSpec* step : asked->held.sequence) names.push_back(step->name);
    // The login guard would put successes between: only an analysis means the same with them.
    const bool split =
        MostFailuresOf(*spec, asked->held.sequence) > static_cast<std::size_t>(max_failed_logins_);
    if (split && spec->analysis.empty()) {
      --all;
      index_[spec] = record_.cases.size();
      record_.cases.push_back(
          {spec,
           spec->level,
           {Outcome::kInconclusive, "", "",
            "it takes more failed logins in a row than --max-failed-logins allows", 0}});
      continue;
    }
    if (!WantsToken(*spec)) {
      any_refusal = true;
      // Among the others: nobody waits for it.
      if (++refusals > (stop_when_refused_ ? kCarefulLotMax : kLotMax)) {
        conversations.push_back(ControlConversation("main"));
        refusals = 1;
      }
    }

    if (spec->side_by_side) {
      asked->open = asked->held.sequence.size();
      asked->parts.resize(asked->open);
      for (std::size_t i = 0; i < asked->open; ++i) {
        Conversation one;
        one.next = [this, asked, i](const std::vector<Exchange>& held) -> std::optional<Outgoing> {
          if (!held.empty()) return std::nullopt;
          return Tagged(binder_->Build(*asked->held.sequence[i], {}, {}), *asked->spec, i);
        };
        one.done = [asked, i, finish](std::vector<Exchange> held) {
          asked->parts[i] = std::move(held);
          finish();
        };
        conversations.push_back(std::move(one));
      }
      continue;
    }
    Conversation one;
    one.next = [this, asked, names](const std::vector<Exchange>& held) -> std::optional<Outgoing> {
      const std::size_t at = held.size();
      const std::size_t steps = asked->held.sequence.size();
      if (at < steps) {
        try {
          return Tagged(binder_->Build(*asked->held.sequence[at], names, held), *asked->spec, at);
        } catch (const UnusableToken& reason) {
          asked->held.stopped = reason.what();
          asked->held.unusable_token = true;
          return std::nullopt;
        } catch (const NotApplicable& reason) {
          asked->held.stopped = reason.what();  // an earlier step brought nothing to go on with
          return std::nullopt;
        }
      }
      if (at > steps) return std::nullopt;
      // A control request where silence has to be told from a dead line, or life from death.
      bool silent = asked->spec->alive;
      for (const Exchange& exchange : held) {
        silent =
            silent || (exchange.failure && exchange.failure->error == TransportError::kTimeout);
      }
      if (!silent) return std::nullopt;
      return binder_->Control();
    };
    one.done = [asked, finish](std::vector<Exchange> held) {
      if (held.size() > asked->held.sequence.size()) {
        asked->held.control = std::move(held.back());
        held.pop_back();
      }
      asked->parts.push_back(std::move(held));
      finish();
    };
    conversations.push_back(std::move(one));
  }
  hold(std::move(conversations));
  FinishStanding();
  presenter_->CleanAgain(record_.cases);
  HoldBackNewCases(record_);
}

// A refusal proves something only between two requests that are not refused: the control request
// before the cases, and one behind each lot of refusals.
void SuiteRun::Control(const Exchange& control) {
  Count(control);
  const std::size_t first = std::exchange(controlled_, record_.cases.size());
  const bool unsent = control.failure && control.failure->error == TransportError::kNotSent;
  if (unsent || Matches("token", control)) return;
  if (stop_when_refused_ && !IsBusy(control) && stopped_.empty()) {
    stopped_ =
        "stopped at the first sign of harm: the control request, which got a token before, got " +
        NameOf(control) + " after " + std::to_string(record_.counters.failed_logins) +
        " failed logins";
  }
  for (std::size_t i = first; i < record_.cases.size(); ++i) {
    RecordedCase& one = record_.cases[i];
    if (one.verdict.outcome != Outcome::kPass || WantsToken(*one.spec)) continue;
    one.verdict.outcome = Outcome::kInconclusive;
    one.verdict.why =
        "refused as expected, but the control request behind it got no token either: " +
        NameOf(control);
  }
}

Conversation SuiteRun::ControlConversation(const std::string& role) {
  Conversation one;
  one.next = [this, role](const std::vector<Exchange>& held) -> std::optional<Outgoing> {
    if (!held.empty()) return std::nullopt;
    if (role == "main") return binder_->Control();
    StepSpec success;
    success.client = role;
    Outgoing outgoing = binder_->Build(success, {}, {});
    outgoing.asked_by = "a login between failed logins";
    return outgoing;
  };
  one.done = [this, role](const std::vector<Exchange>& held) {
    if (held.empty()) return;
    if (role == "main") {
      Control(held.front());
    } else {
      Count(held.front());
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

void SuiteRun::LookStanding(const Case& spec, const StepSpec& step, const Exchange& exchange,
                            const std::function<RecordedExchange()>& shown, Verdict& verdict) {
  const Response* response = exchange.response();
  if (response == nullptr) return;
  const Client* client = nullptr;
  try {
    client = binder_->ClientOf(step);
  } catch (const NotApplicable&) {
  }
  // An answer for another path, or to OPTIONS, is not the token endpoint's word.
  const bool at_endpoint = step.at == "token" && !step.target && !step.method && step.raw.empty();
  const CheckedAnswer answer{*response,
                             exchange,
                             at_endpoint,
                             ScopeAsked(exchange),
                             client != nullptr ? &client->scopes : nullptr,
                             &binder_->secrets(),
                             &profile_};
  const auto look = [&](std::string_view name, Standing* standing) {
    const Finding finding = FindCheck(name)->inspect(answer);
    if (finding.kind == Finding::Kind::kDoesNotApply) return;
    if (standing == nullptr) {
      if (finding.kind != Finding::Kind::kViolated || verdict.outcome == Outcome::kFail) return;
      verdict.outcome = Outcome::kFail;
      verdict.expected = std::string(FindCheck(name)->says);
      verdict.actual = finding.text;
      return;
    }
    ++standing->looked_at;
    if (finding.kind != Finding::Kind::kViolated) return;
    ++standing->violated;
    if (standing->texts.size() < 5)
      standing->texts.insert(Clipped(presenter_->CleanMessage(finding.text)));
    if (standing->cases.size() < 5) standing->cases.push_back(spec.Name());
    if (standing->exchanges.size() < 3) standing->exchanges.push_back(shown());
  };
  for (auto& [name, standing] : standing_) look(name, &standing);
  for (std::string_view name : kAlways) {
    if (!standing_.contains(std::string(name))) look(name, nullptr);
  }
}

void SuiteRun::Finish(const Case& spec, HeldCase held) {
  Verdict verdict = Judge(spec, held, *binder_);
  std::vector<std::string> names;
  for (const StepSpec* step : held.sequence) names.push_back(step->name);
  for (std::size_t i = 0; i < held.exchanges.size(); ++i) {
    Count(held.exchanges[i]);
    LookStanding(
        spec, *held.sequence[i], held.exchanges[i],
        [&] { return presenter_->Shown(*held.sequence[i], names, held.exchanges, i); }, verdict);
  }
  if (held.control) Count(*held.control);
  index_[&spec] = record_.cases.size();
  record_.cases.push_back(presenter_->Record(spec, held, std::move(verdict)));
}

void SuiteRun::FinishStanding() {
  for (const Case* spec : standing_cases_) {
    const Standing& standing = standing_[spec->standing];
    RecordedCase recorded;
    recorded.spec = spec;
    recorded.level = spec->level;
    Verdict& verdict = recorded.verdict;
    verdict.expected = std::string(FindCheck(spec->standing)->says);
    if (standing.looked_at == 0) {
      verdict.outcome = Outcome::kNotApplicable;
      verdict.why = "no answer of the run is of the kind that this is about";
    } else if (standing.violated > 0) {
      verdict.outcome = CostOf(spec->level, profile_);
      for (const std::string& text : standing.texts) {
        verdict.actual += (verdict.actual.empty() ? "" : "; ") + presenter_->CleanMessage(text);
      }
      verdict.why = std::to_string(standing.violated) + " of " +
                    std::to_string(standing.looked_at) + " answers, first in:";
      for (const std::string& name : standing.cases) verdict.why += " " + name;
      recorded.observed = "violated";
      recorded.exchanges = standing.exchanges;
      recorded.reproduce =
          Command(record_) + " --gtest_filter=" + spec->Name() + ":" + standing.cases.front();
      // Where a challenge or a realm may be otherwise by profile.
      if (spec->standing == "challenge_basic" && profile_.Get("challenge.scheme") == "any") {
        verdict.outcome = std::min(verdict.outcome, Outcome::kWarn);
      }
      if (spec->standing == "transport_protected" && binder_->place().allow_plaintext) {
        verdict.outcome = std::min(verdict.outcome, Outcome::kInfo);  // the user's consent
      }
      if (spec->standing == "challenge_realm" && profile_.Get("challenge.realm") == "warn") {
        verdict.outcome = std::min(verdict.outcome, Outcome::kWarn);
      }
    }
    index_[spec] = record_.cases.size();
    record_.cases.push_back(std::move(recorded));
  }
  standing_cases_.clear();
  standing_.clear();
}

const RecordedCase* SuiteRun::RecordOf(const Case& spec) const {
  const auto found = index_.find(&spec);
  return found == index_.end() ? nullptr : &record_.cases[found->second];
}

}  // namespace grantspec
