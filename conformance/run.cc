#include "conformance/run.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <random>

#include "conformance/answer.h"
#include "conformance/check.h"
#include "conformance/expression.h"
#include "conformance/report/text.h"
#include "fixtures/grammar/json_text.h"
#include "fixtures/grammar/url.h"
#include "fixtures/http/render.h"

namespace grantspec {
namespace {

constexpr std::size_t kShownBytesMax = 16 * 1024;
constexpr std::size_t kShownFieldsMax = 100;
constexpr std::size_t kLotMax = 160;  // refusals between two control requests

// What holds for every answer, and the level of its violation where its standing case is not among
// the cases asked for: then the case whose answer it was carries it.
constexpr std::string_view kAlways[] = {"no_server_error", "no_secret", "no_token_in_error"};

std::string Shorten(std::string text) {
  if (text.size() <= kShownBytesMax) return text;
  const std::string rest = std::to_string(text.size() - kShownBytesMax);
  text.resize(kShownBytesMax);
  return text + "... (" + rest + " octets more)";
}

std::string Clipped(std::string text) {
  if (text.size() <= 400) return text;
  text.resize(400);
  return text + "...";
}

// Whether a case passes only where a token came.
bool WantsToken(const Case& spec) {
  for (const StepSpec& step : spec.steps) {
    const auto& answers = step.expect.answer;
    if (answers.size() == 1 && (answers[0] == "token" || answers[0] == "success")) return true;
  }
  return false;
}

bool IsFailedLogin(const Exchange& exchange) {
  const Response* response = exchange.response();
  return response != nullptr &&
         (response->status == 401 || Matches("invalid_client_400", exchange));
}

}  // namespace

bool MayFailLogin(const StepSpec& step) {
  if (step.at != "token" || step.client == "none" || step.client == "nobody") return false;
  const auto has = [&step](std::string_view name) {
    const auto& answers = step.expect.answer;
    return std::find(answers.begin(), answers.end(), name) != answers.end();
  };
  if (has("token")) return false;
  for (const NamedChange& change : step.fields) {
    for (const Text& value : change.values) {
      if (value.text.find("nobody.") != std::string::npos) return false;
    }
  }
  return has("invalid_client") || has("refused") || has("400") || has("closed");
}

std::string CanaryOf(unsigned long seed) {
  std::mt19937_64 random(seed);
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(random()));
  return text.data();
}

SuiteRun::SuiteRun(const Profile& profile, TargetPlace place, Executor& executor, RunRecord& record,
                   unsigned long seed)
    : profile_(profile),
      seed_(seed),
      executor_(executor),
      record_(record),
      binder_(std::make_unique<Binder>(profile, place, CanaryOf(seed))),
      masked_(std::make_unique<Binder>(profile, place, CanaryOf(seed), true)),
      redactor_(profile) {}

std::optional<std::string> SuiteRun::Preflight(Profile& profile) {
  const Exchange exchange = executor_.Ask(binder_->Control());
  Count(exchange);
  if (exchange.failure) {
    return std::string(ToString(exchange.failure->error)) + ": " +
           Printable(Clipped(Clean(exchange.failure->detail)));
  }
  const Response& response = *exchange.response();
  if (!Matches("token", exchange)) {
    std::string text = "the control request got no token but " + NameOf(exchange) + " (status " +
                       std::to_string(response.status);
    if (!response.content.empty()) {
      LearnTokens({exchange});
      text += ", " + Printable(Clean(response.content).substr(0, 200));
    }
    return text + ")";
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
          Clipped(Clean(scope->text)));
      binder_ = std::make_unique<Binder>(profile, binder_->place(), CanaryOf(seed_));
      masked_ = std::make_unique<Binder>(profile, masked_->place(), CanaryOf(seed_), true);
    } else {
      record_.notes.push_back(
          "no --scope was given and the target tells none: cases about scopes "
          "are not applicable");
    }
  }
  return std::nullopt;
}

// What was issued must not be written, wherever in an answer it stands.
void SuiteRun::LearnTokens(const std::vector<Exchange>& exchanges) {
  tokens_.clear();
  for (const Exchange& exchange : exchanges) {
    for (const Response& response : exchange.responses) {
      const auto object = ObjectOf(response);
      for (std::string_view name : {"access_token", "refresh_token", "id_token"}) {
        const JsonMember* member = object ? object->Find(name) : nullptr;
        if (member != nullptr && member->text.size() >= 8) tokens_.push_back(member->text);
        const std::string key = std::string(name) + "=";
        if (const std::size_t at = response.content.find(key); at != std::string::npos) {
          const std::size_t begin = at + key.size();
          tokens_.push_back(response.content.substr(
              begin, response.content.find_first_of("&;\"' \r\n<", begin) - begin));
        }
      }
    }
  }
  std::erase_if(tokens_, [](const std::string& token) { return token.size() < 8; });
}

std::string SuiteRun::Clean(std::string_view text) const {
  std::string clean = redactor_.Clean(text);
  for (const std::string& token : tokens_) {
    ReplaceAll(clean, token, "[token]");
  }
  return clean;
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
  std::size_t done = 0, all = 0, may_fail = 0, refusals = 0;
  bool any_refusal = false;
  controlled_ = 0;
  const auto hold = [&] {
    executor_.Hold(std::exchange(conversations, {}), keep_going_);
    if (any_refusal && (!keep_going_ || keep_going_())) Control(executor_.Ask(binder_->Control()));
    may_fail = refusals = 0;
    any_refusal = false;
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
    std::size_t failing = 0;
    for (const StepSpec* step : asked->held.sequence) {
      names.push_back(step->name);
      failing += MayFailLogin(*step) ? 1 : 0;
    }
    // The guard against locking a client out: a success between two lots of failed logins.
    const auto limit = static_cast<std::size_t>(max_failed_logins_);
    if (limit > 0 && failing > limit) {
      --all;
      index_[spec] = record_.cases.size();
      record_.cases.push_back(
          {spec,
           spec->level,
           {Outcome::kInconclusive, "", "",
            "it takes more failed logins in a row than --max-failed-logins allows", 0}});
      continue;
    }
    if (limit > 0 && may_fail + failing > limit) hold();
    may_fail += failing;
    if (!WantsToken(*spec)) {
      any_refusal = true;
      if (++refusals > kLotMax) {  // among the others: nobody waits for it
        conversations.push_back(ControlConversation());
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
          return binder_->Build(*asked->held.sequence[i], {}, {});
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
          return binder_->Build(*asked->held.sequence[at], names, held);
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
  hold();
  FinishStanding();
}

// A refusal proves something only between two requests that are not refused: the control request
// before the cases, and one behind each lot of refusals.
void SuiteRun::Control(const Exchange& control) {
  Count(control);
  const std::size_t first = std::exchange(controlled_, record_.cases.size());
  const bool unsent = control.failure && control.failure->error == TransportError::kNotSent;
  if (unsent || Matches("token", control)) return;
  for (std::size_t i = first; i < record_.cases.size(); ++i) {
    RecordedCase& one = record_.cases[i];
    if (one.verdict.outcome != Outcome::kPass || WantsToken(*one.spec)) continue;
    one.verdict.outcome = Outcome::kInconclusive;
    one.verdict.why =
        "refused as expected, but the control request behind it got no token either: " +
        NameOf(control);
  }
}

Conversation SuiteRun::ControlConversation() {
  Conversation one;
  one.next = [this](const std::vector<Exchange>& held) -> std::optional<Outgoing> {
    if (!held.empty()) return std::nullopt;
    return binder_->Control();
  };
  one.done = [this](std::vector<Exchange> held) { Control(held.front()); };
  return one;
}

void SuiteRun::Count(const Exchange& exchange) {
  for (const Response& response : exchange.responses) {
    if (response.status == 200 && HoldsToken(response)) ++record_.counters.tokens_issued;
  }
  if (IsFailedLogin(exchange)) ++record_.counters.failed_logins;
  record_.counters.requests = executor_.requests_sent();
}

RecordedExchange SuiteRun::Shown(const StepSpec& step, const std::vector<std::string>& names,
                                 const std::vector<Exchange>& held, std::size_t at) const {
  RecordedExchange shown;
  shown.step = step.name;
  const Exchange& exchange = held[at];
  try {
    const std::vector<Exchange> before(held.begin(),
                                       held.begin() + static_cast<std::ptrdiff_t>(at));
    const Outgoing masked = masked_->Build(step, names, before);
    std::string host = binder_->place().host;
    if (!masked.origin.empty()) host = masked.origin.substr(masked.origin.find("://") + 3);
    if (const auto* request = std::get_if<Request>(&masked.message)) {
      shown.request = RenderRequest(*request, host);
    } else {
      for (const RawStep& part : std::get<RawRequest>(masked.message).steps) {
        shown.request += part.octets;
      }
    }
  } catch (const std::exception&) {
    shown.request = "(the request cannot be shown)";
  }
  shown.request = Shorten(Clean(shown.request));
  const Response* response = exchange.response();
  if (response == nullptr) {
    if (exchange.failure) {
      shown.transport =
          std::string(ToString(exchange.failure->error)) + ": " + Clean(exchange.failure->detail);
    }
    return shown;
  }
  shown.has_response = true;
  shown.status_line = std::string("HTTP/1.") + (response->version == 10 ? "0 " : "1 ") +
                      std::to_string(response->status) + " " + Clipped(Clean(response->reason));
  const auto& lines = response->fields.lines;
  for (const Field& line : lines) {
    if (shown.fields.size() == kShownFieldsMax) {
      shown.fields.emplace_back(
          "...", std::to_string(lines.size() - kShownFieldsMax) + " more field lines");
      break;
    }
    shown.fields.emplace_back(Clipped(Clean(line.name)), Shorten(Clean(line.value)));
  }
  shown.content = Shorten(Clean(response->content));
  if (exchange.raw) {
    if (exchange.end == ConnectionEnd::kClosed) shown.end = "the connection was closed";
    if (exchange.end == ConnectionEnd::kReset) shown.end = "the connection was reset";
    if (exchange.responses.size() > 1) {
      shown.end += (shown.end.empty() ? "" : "; ") + std::to_string(exchange.responses.size()) +
                   " answers came";
    }
  }
  return shown;
}

// How to send it again without this program: curl where curl can, else the octets.
std::string SuiteRun::Again(const Case& spec, const HeldCase& held, std::size_t at) const {
  if (at >= held.exchanges.size()) return {};
  const StepSpec& step = *held.sequence[at];
  const std::string by_name = "grantspec " + ShellQuoted(record_.embedded ? "" : record_.url) +
                              " --gtest_filter=" + spec.Name();
  std::vector<std::string> names;
  for (const StepSpec* one : held.sequence) names.push_back(one->name);
  const std::vector<Exchange> before(held.exchanges.begin(),
                                     held.exchanges.begin() + static_cast<std::ptrdiff_t>(at));
  Outgoing real, masked;
  try {
    real = binder_->Build(step, names, before);
    masked = masked_->Build(step, names, before);
  } catch (const std::exception&) {
    return by_name;
  }
  const std::string origin = masked.origin.empty() ? binder_->place().origin : masked.origin;
  if (const auto* request = std::get_if<Request>(&masked.message)) {
    const Request& sent = std::get<Request>(real.message);
    if (request->content.size() > 4096 || request->content.find('\0') != std::string::npos) {
      return by_name;
    }
    std::string line = "curl -sS -i";
    if (request->method == "HEAD") {
      line += " -I";
    } else if (request->method != "POST") {
      line += " -X " + ShellQuoted(request->method);
    }
    const Client* client = nullptr;
    try {
      client = step.at == "token" ? masked_->ClientOf(step) : nullptr;
    } catch (const NotApplicable&) {
    }
    for (std::size_t i = 0; i < request->fields.lines.size(); ++i) {
      const Field& field = request->fields.lines[i];
      const bool secret = i < sent.fields.lines.size() && sent.fields.lines[i] != field;
      if (secret && client != nullptr &&
          field.value == masked_->Text(step, {"{{basic}}", step.where})) {
        line += " -u \"$CLIENT_ID:$CLIENT_SECRET\"";
      } else if (field.value.empty()) {
        line += " -H " + ShellQuoted(field.name + ";");
      } else {
        line += " -H " + ShellQuoted(field.name + ": " + field.value);
      }
    }
    if (!request->content.empty() || request->method == "POST") {
      line += " --data-binary " + ShellQuoted(request->content);
    }
    return Clean(line + " " + ShellQuoted(origin + request->target));
  }
  std::string octets;
  for (const RawStep& part : std::get<RawRequest>(masked.message).steps) octets += part.octets;
  if (octets.size() > 4096) return by_name;
  std::string text;
  for (char c : octets) {
    const auto octet = static_cast<unsigned char>(c);
    if (c == '\r') {
      text += "\\r";
    } else if (c == '\n') {
      text += "\\n";
    } else if (c == '\\' || c == '%' || c == '\'' || octet < 0x20 || octet > 0x7e) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), c == '%' ? "%%%%" : "\\%03o", octet);
      text += escape.data();
    } else {
      text += c;
    }
  }
  const std::string host = origin.substr(origin.find("://") + 3);
  const std::size_t colon = host.rfind(':');
  const bool https = origin.starts_with("https://");
  const std::string port =
      colon == std::string::npos ? (https ? "443" : "80") : host.substr(colon + 1);
  const std::string name = host.substr(0, colon);
  return Clean("printf '" + text + "' | " +
               (https ? "openssl s_client -quiet -connect " + name + ":" + port
                      : "nc -q 2 " + name + " " + port));
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
    const Finding finding = FindCheck(name)->look(answer);
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
    if (standing->texts.size() < 5) standing->texts.insert(Clipped(Clean(finding.text)));
    if (standing->cases.size() < 5) standing->cases.push_back(spec.Name());
    if (standing->exchanges.size() < 3) standing->exchanges.push_back(shown());
  };
  for (auto& [name, standing] : standing_) look(name, &standing);
  for (std::string_view name : kAlways) {
    if (!standing_.contains(std::string(name))) look(name, nullptr);
  }
}

void SuiteRun::Finish(const Case& spec, HeldCase held) {
  RecordedCase recorded;
  recorded.spec = &spec;
  recorded.level = spec.level;
  recorded.verdict = Judge(spec, held, *binder_);
  LearnTokens(held.exchanges);
  recorded.seconds = held.seconds;
  std::vector<std::string> names;
  for (const StepSpec* step : held.sequence) names.push_back(step->name);
  for (std::size_t i = 0; i < held.exchanges.size(); ++i) {
    Count(held.exchanges[i]);
    LookStanding(
        spec, *held.sequence[i], held.exchanges[i],
        [&] { return Shown(*held.sequence[i], names, held.exchanges, i); }, recorded.verdict);
  }
  if (held.control) {
    Count(*held.control);
  }
  const Outcome outcome = recorded.verdict.outcome;
  if (outcome != Outcome::kPass && outcome != Outcome::kNotApplicable) {
    const std::size_t at = recorded.verdict.exchange;
    const std::size_t first = held.exchanges.size() > 8 && at > 4 ? at - 4 : 0;
    for (std::size_t i = first; i < held.exchanges.size() && i < first + 8; ++i) {
      recorded.exchanges.push_back(Shown(*held.sequence[i], names, held.exchanges, i));
    }
    recorded.reproduce = Again(spec, held, at);
    recorded.observed = at < held.exchanges.size() ? NameOf(held.exchanges[at]) : "nothing";
    recorded.verdict.exchange = at - first;
  }
  // Cleaned first, cut afterwards: a secret that is cut in two is not recognised.
  recorded.verdict.expected = Clipped(Clean(recorded.verdict.expected));
  recorded.verdict.actual = Clipped(Clean(recorded.verdict.actual));
  recorded.verdict.why = Clipped(Clean(recorded.verdict.why));
  index_[&spec] = record_.cases.size();
  record_.cases.push_back(std::move(recorded));
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
        verdict.actual += (verdict.actual.empty() ? "" : "; ") + Clean(text);
      }
      verdict.why = std::to_string(standing.violated) + " of " +
                    std::to_string(standing.looked_at) + " answers, first in:";
      for (const std::string& name : standing.cases) verdict.why += " " + name;
      recorded.observed = "violated";
      recorded.exchanges = standing.exchanges;
      recorded.reproduce = "grantspec " + ShellQuoted(record_.embedded ? "" : record_.url) +
                           " --gtest_filter=" + spec->Name() + ":" + standing.cases.front();
      // Where a challenge or a realm may be otherwise by profile.
      if (spec->standing == "challenge_basic" && profile_.Get("challenge.scheme") == "any") {
        verdict.outcome = std::min(verdict.outcome, Outcome::kWarn);
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
