// grantspec-prove: shows that every case can fail, and for the right targets.
//
// Runs all cases on the reference endpoint as it is, with each fault, and with each lawful variant,
// over real HTTP. It ends with 1 where a fault turns no case red (it survives),
// where a case is turned red by no fault (it is dead), where a variant turns a case red (a false
// alarm), or where a case only warns of what has to fail.

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "conformance/engine/bind/shaped_profile.h"
#include "conformance/engine/case/case_file.h"
#include "conformance/engine/case/clause.h"
#include "conformance/engine/program/find_login.h"
#include "conformance/engine/run/run.h"
#include "fixtures/endpoint/deviation.h"
#include "fixtures/endpoint/shaped_server.h"
#include "fixtures/files/json_file.h"
#include "fixtures/files/output.h"
#include "fixtures/text/hash.h"

namespace grantspec {
namespace {

constexpr int kAtOnce = 10;
constexpr int kWaitExpirySeconds = 2;
constexpr int kAloneMax = 3;  // runs alone of a fault that seems to survive

using Outcomes = std::map<std::string, Outcome>;
using Apply = std::function<void(Deployment&)>;

/// Sets the members of a profile that a variant has to state.
void SetMembers(std::string_view members, Profile& profile) {
  if (members.empty()) return;
  const auto stated = nlohmann::json::parse(members);
  for (const auto& [name, value] : stated.items()) {
    if (name == "granted_scopes") {
      profile.clients["main"].scopes = value.get<std::vector<std::string>>();
    } else if (name == "ungranted_scope") {
      profile.ungranted_scope = value.get<std::string>();
    } else if (name == "resource_second_site") {
      profile.resource_second_site.reset();
    } else {
      SetSwitch(profile, name, value.get<std::string>(), {});
    }
  }
}

/// How an endpoint differs from the reference endpoint.
struct Difference {
  const EndpointShape* shape = nullptr;  // null: it takes the same requests
  Apply apply = {};                      // a fault or a variant; empty: neither
  std::string_view members = {};         // of its profile
};

/// What one run of all cases came to.
struct RunResult {
  Outcomes outcomes;
  std::map<std::string, std::string> received;  // by failed case
  std::string why_not;                          // why the endpoint cannot be judged; empty: it can
};

/// One run of all cases on an endpoint.
RunResult RunOn(const std::vector<Case>& cases, const Clauses& clauses, Profile profile,
                const Difference& difference) {
  TokenEndpoint endpoint{ClientRegistry(), {}};
  Deployment deployment{
      endpoint, [&endpoint](const Request& q) { return endpoint.Respond(q); }, {}};
  // OAuth 2.1 section 2.4.1 wants what the contract of the endpoint excludes.
  if (profile.base == "oauth21") ApplyByName("credentials_in_content", deployment);
  if (difference.apply) difference.apply(deployment);
  if (difference.shape != nullptr) FitTo(*difference.shape, profile);
  const ShapedServer server(difference.shape, deployment, profile.main().id);
  profile.url = server.url() + std::string(kTokenPath);
  SetEmbeddedResources(profile, server.url());
  SetMembers(difference.members, profile);

  RunRecord record;
  record.clauses = &clauses;
  record.url = profile.url;
  const TargetPlace place = *PlaceOf(profile.url);
  NetworkOptions network = server.network();
  network.max_time_ms = 8'000;
  Executor executor(network, {});
  SuiteRun run(profile, place, executor, record, 1);
  RunResult result;
  if (const auto why = run.Preflight(profile); why && !run.judges_control()) {
    // Such a target cannot be judged: a run ends with exit code 3.
    result.why_not = *why;
    return result;
  }
  std::vector<const Case*> all;
  all.reserve(cases.size());
  for (const Case& one : cases) all.push_back(&one);
  AskForContentLogin(all, profile, place, executor, 1);
  run.Ask(all, {});
  for (const RecordedCase& one : record.cases) {
    const Verdict& verdict = one.verdict;
    result.outcomes[one.spec->Name()] = verdict.outcome;
    if (verdict.outcome == Outcome::kFail) result.received[one.spec->Name()] = verdict.actual;
  }
  return result;
}

/// One endpoint to run all cases on: with a fault, or with a variant.
struct Job {
  const Deviation* fault = nullptr;
  const Variant* variant = nullptr;
  const Profile* profile = nullptr;
  const EndpointShape* shape = nullptr;  // in front of the endpoint; null: none
  RunResult result;
};

/// Whether a case of this clause waits for the end of a token.
bool WaitsForExpiry(const std::vector<Case>& cases, std::string_view clause) {
  return std::any_of(cases.begin(), cases.end(), [clause](const Case& spec) {
    const bool waits = std::any_of(spec.steps.begin(), spec.steps.end(), [](const StepSpec& step) {
      return step.await != Await::kNothing;
    });
    return waits && std::any_of(spec.clauses.begin(), spec.clauses.end(),
                                [clause](const Clause* one) { return one->id == clause; });
  });
}

/// Seconds of waiting are spent where they may show something.
void RunJob(Job& job, const std::vector<Case>& cases, const Clauses& clauses) {
  Profile profile = *job.profile;
  if (job.fault != nullptr && WaitsForExpiry(cases, job.fault->clause)) {
    profile.limits["wait_expiry"] = kWaitExpirySeconds;
  }
  Difference difference{job.shape};
  if (job.fault != nullptr) difference.apply = job.fault->apply;
  if (job.variant != nullptr) difference = {job.shape, job.variant->apply, job.variant->profile};
  job.result = RunOn(cases, clauses, std::move(profile), difference);
}

/// Runs jobs some at a time: they wait for pauses in requests more than for a processor.
void RunJobs(std::vector<Job>& jobs, const std::vector<Case>& cases, const Clauses& clauses) {
  std::atomic<std::size_t> next = 0;
  std::vector<std::thread> threads;
  threads.reserve(kAtOnce);
  for (int i = 0; i < kAtOnce; ++i) {
    threads.emplace_back([&] {
      // The slow ones, which break connections, are at the end of the list: they start first.
      for (std::size_t done = next++; done < jobs.size(); done = next++) {
        RunJob(jobs[jobs.size() - 1 - done], cases, clauses);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

/// Whether a verdict is a red one that the clean endpoint did not get.
bool IsRed(Outcome outcome, Outcome clean) {
  if (outcome == Outcome::kInconclusive || outcome == Outcome::kNotApplicable) return false;
  return outcome > clean && outcome != Outcome::kPass;
}

/// Faults whose victims depend on which request comes when. They prove the cases of their own
/// clause only: what else they turn red differs from run to run.
bool DependsOnOrder(const Deviation& fault) {
  static const std::set<std::string_view> names = {
      "each_seventh_request_fails", "first_request_fails", "failed_logins_lock_out",
      "http_dies_after_trace",      "http_ends_serving",   "http_idle_connection_refused",
      "success_only_now_and_then",  "scopes_mixed_at_once"};
  return names.contains(fault.name);
}

/// Cases that plain http on this machine cannot show, with the reason.
std::string WhyUnproven(const Case& spec) {
  for (const CaseNeed& need : spec.needs) {
    if (need.text == "https") return "needs a target over https";
    if (need.text == "other_auth" || need.text.starts_with("auth.")) {
      return "needs a client that logs in otherwise: see --shape";
    }
    if (need.text == "parameters_in=query" || need.text == "body=json" ||
        need.text == "scope_separator=comma") {
      return "needs an endpoint of another shape: see --shape";
    }
  }
  if (spec.id.ends_with(".digits_more")) return "needs a value that begins with a digit";
  if (spec.id.ends_with(".slash_for_colon")) return "needs a value with a colon";
  if (spec.id == "secret.special_case") return "needs a secret with a small k, s or i";
  if (spec.standing == FindCheck("transport_protected")) return "needs a target off the loopback";
  return "";
}

struct Arguments {
  const EndpointShape* shape = nullptr;  // in front of every endpoint
  std::string matrix;                    // a file to write; empty: none
  std::string only;     // faults and variants, by names or beginnings with *; empty: all
  unsigned sample = 1;  // one of so many deviations and variants
};

std::optional<Arguments> ParseArguments(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument.starts_with("--matrix=")) {
      arguments.matrix = argument.substr(9);
    } else if (argument.starts_with("--only=")) {
      arguments.only = argument.substr(7);
    } else if (argument.starts_with("--sample=")) {
      const std::string_view number = std::string_view(argument).substr(9);
      const auto read =
          std::from_chars(number.data(), number.data() + number.size(), arguments.sample);
      if (read.ec != std::errc() || arguments.sample == 0) return std::nullopt;
    } else if (argument.starts_with("--shape=")) {
      arguments.shape = FindEndpointShape(argument.substr(8));
      if (arguments.shape == nullptr) return std::nullopt;
    } else {
      return std::nullopt;
    }
  }
  return arguments;
}

/// A case that has to fail with a deviation: to warn is not enough (cost.h). `everywhere`: under
/// the contract of the embedded endpoint and without one.
struct MustFail {
  std::string_view deviation, of_case;
  bool everywhere = true;
};

constexpr MustFail kMustFail[] = {
    {"pair_reserved_never_logs_in", "client_auth_basic.enc_either", false},
    {"cookie_overrides", "form_encoding.cookie_param"},
    {"failed_login_echoes_header", "error_response.reflect_canary_secret"},
    {"failed_login_echoes_secret", "error_response.reflect_canary_secret"},
    {"failed_login_shows_registered_secret", "error_response.no_secret_in_answers"},
    {"form_decoded_twice", "form_encoding.double_encoded_scope"},
    {"form_decoded_twice", "form_encoding.double_encoded_value"},
    {"form_u_escape_decoded", "form_encoding.pct_u_in_grant"},
    {"grant_unknown_is_invalid_request", "grant_type.unknown_name"},
    {"method_cors_open", "headers_caching.cors_no_wildcard_credentials"},
    {"post_secret_echoed", "error_response.reflect_canary_secret"},
    {"query_parameters_override", "form_encoding.query_scope_conflict"},
    {"jwt_holds_secret", "token.jwt_no_secret"},
    {"type_never_checked", "content_type.octet_stream", false},
    {"type_never_checked", "content_type.text_plain", false},
    {"refresh_token_given", "success_response.no_refresh_token", false},
    {"challenge_without_realm", "headers_caching.challenge_realm", false},
};

/// The clients of the embedded endpoint with another base.
Profile ProfileOf(std::string_view base) {
  Profile profile = EmbeddedProfile();
  profile.base = std::string(base);
  profile.switches = BuiltInProfile(base)->switches;
  return profile;
}

/// Whether a list such as `scope_any,assertion_*` has the name.
bool IsListed(std::string_view name, std::string_view list) {
  while (!list.empty()) {
    const std::string_view one = list.substr(0, list.find(','));
    list.remove_prefix(std::min(one.size() + 1, list.size()));
    const bool begins = one.ends_with('*') && name.starts_with(one.substr(0, one.size() - 1));
    if (begins || one == name) return true;
  }
  return false;
}

class Proof {
 public:
  Proof(const std::vector<Case>& cases, const Clauses& clauses, Arguments arguments)
      : cases_(cases),
        clauses_(clauses),
        shape_(arguments.shape),
        only_(std::move(arguments.only)),
        sample_(arguments.sample) {
    for (const Case& one : cases_) {
      for (const std::string& clause : ClauseIds(one)) citing_[clause].insert(one.Name());
    }
  }

  /// Prints what is wrong, and a summary. Returns how many things are wrong.
  std::size_t Run() {
    RunClean();
    std::vector<Job> jobs = Jobs();
    RunJobs(jobs, cases_, clauses_);
    // Behind another shape many survive by right: what is about Basic cannot be seen there.
    if (shape_ == nullptr) {
      for (Job& job : jobs) RepeatIfSurviving(job);
    }
    for (const Job& job : jobs) {
      if (job.fault == nullptr) continue;
      if (job.profile == &embedded_) JudgeFault(*job.fault, job);
      JudgeCost(*job.fault, job);
    }
    if (only_.empty() && sample_ == 1) JudgeCases();
    for (const Job& job : jobs) {
      if (job.variant != nullptr) JudgeVariant(*job.variant, job);
    }
    std::cout << faults_ << " faults, " << caught_ << " caught (" << stopped_
              << " by the control request); " << cases_.size() << " cases, " << dead_ << " dead, "
              << unproven_ << " not provable here; " << variants_.size() << " variants, "
              << false_alarms_ << " false alarms\n";
    return problems_;
  }

  /// Which case is turned red by which fault.
  const nlohmann::ordered_json& matrix() const { return matrix_; }

 private:
  void Problem(const std::string& line) {
    ++problems_;
    std::cout << line << std::endl;
  }

  // A sample is the same in every run, and takes deviations and variants from all tables.
  bool Selected(std::string_view name) const {
    if (!only_.empty()) return IsListed(name, only_);
    return Fnv1a(name) % sample_ == 0;
  }

  void RunClean() {
    Profile waiting = embedded_;
    waiting.limits["wait_expiry"] = kWaitExpirySeconds;
    clean_[shape_] = JudgedClean(std::move(waiting), shape_, embedded_.base);
    for (const Profile* profile : {&generic_, &oauth21_, &strict_}) {
      JudgedClean(*profile, shape_, profile->base);
    }
    for (const Deviation& fault : Deviations()) {
      const EndpointShape* shape = ShapeOf(fault);
      if (!Selected(fault.name) || clean_.contains(shape)) continue;
      clean_[shape] = JudgedClean(embedded_, shape, std::string(shape->name));
    }
  }

  // Runs all cases on the endpoint without a deviation: each failure is a problem.
  Outcomes JudgedClean(Profile profile, const EndpointShape* shape, const std::string& where) {
    RunResult result = RunOn(cases_, clauses_, std::move(profile), {shape});
    if (!result.why_not.empty()) Problem("RED ON CLEAN  (" + where + "): " + result.why_not);
    for (const auto& [name, outcome] : result.outcomes) {
      // What a shape deviates in is a finding of its own.
      const bool of_shape = shape_ != nullptr && name.ends_with("_required");
      if (of_shape || (outcome != Outcome::kFail && outcome != Outcome::kInconclusive)) continue;
      Problem("RED ON CLEAN  " + name + " (" + where + ")");
    }
    return std::move(result.outcomes);
  }

  // The shape in which a fault shows: its own, or that of the whole proof.
  const EndpointShape* ShapeOf(const Deviation& fault) const {
    return fault.shape.empty() ? shape_ : FindEndpointShape(fault.shape);
  }

  std::vector<Job> Jobs() const {
    std::vector<Job> jobs;
    for (const Deviation& fault : Deviations()) {
      if (Selected(fault.name)) jobs.push_back({&fault, nullptr, &embedded_, ShapeOf(fault)});
      const auto is_of = [&fault](const MustFail& one) {
        return one.everywhere && one.deviation == fault.name;
      };
      if (Selected(fault.name) && std::any_of(std::begin(kMustFail), std::end(kMustFail), is_of)) {
        jobs.push_back({&fault, nullptr, &generic_, ShapeOf(fault)});
      }
    }
    for (const Variant& variant : Variants()) {
      if (!Selected(variant.name)) continue;
      if (variant.profiles == "all") {
        jobs.push_back({nullptr, &variant, &embedded_, shape_});
        jobs.push_back({nullptr, &variant, &strict_, shape_});
      }
      jobs.push_back({nullptr, &variant, &generic_, shape_});
      jobs.push_back({nullptr, &variant, &oauth21_, shape_});
    }
    return jobs;
  }

  std::vector<std::string> RedCasesOf(const Job& job) const {
    std::vector<std::string> red;
    for (const auto& [name, outcome] : job.result.outcomes) {
      if (IsRed(outcome, clean_.at(job.shape).at(name))) red.push_back(name);
    }
    return red;
  }

  // What only shows in times may be lost in the noise of runs side by side: a fault that seems to
  // survive runs again, alone.
  void RepeatIfSurviving(Job& job) const {
    if (job.fault == nullptr || job.profile != &embedded_) return;
    for (int i = 0; i < kAloneMax && job.result.why_not.empty() && RedCasesOf(job).empty(); ++i) {
      RunJob(job, cases_, clauses_);
    }
  }

  void JudgeFault(const Deviation& fault, const Job& job) {
    ++faults_;
    const std::string name(fault.name);
    std::vector<std::string> red = RedCasesOf(job);
    if (!job.result.why_not.empty()) {
      ++stopped_;
      red.push_back("(preflight)");
    }
    if (red.empty()) {
      Problem("SURVIVES      " + name + ": " + std::string(fault.says));
    } else {
      ++caught_;
    }
    const std::string clause(fault.clause);
    if (!clauses_.contains(clause)) Problem("NO CLAUSE     " + name + " cites " + clause);
    std::vector<std::string> proves;
    for (const std::string& one : red) {
      if (DependsOnOrder(fault) && !citing_[clause].contains(one)) continue;
      caught_by_[one].push_back(name);
      proves.push_back(one);
    }
    matrix_["faults"][name] = {
        {"clause", fault.clause}, {"says", fault.says}, {"red", red}, {"proves", proves}};
    if (only_.empty()) return;
    std::cout << name << '\n';
    for (const std::string& one : red) std::cout << "  red: " << one << '\n';
  }

  // Whether what has to fail does.
  void JudgeCost(const Deviation& fault, const Job& job) {
    const bool contract = job.profile == &embedded_;
    for (const MustFail& one : kMustFail) {
      if (one.deviation != fault.name || !(one.everywhere || contract)) continue;
      const auto found = job.result.outcomes.find(std::string(one.of_case));
      if (found != job.result.outcomes.end() && found->second == Outcome::kFail) continue;
      Problem("DOES NOT FAIL " + std::string(fault.name) + " (" + job.profile->base +
              "): " + std::string(one.of_case));
    }
  }

  // A case that no fault turns red is dead, unless it cannot fail on this machine.
  void JudgeCases() {
    for (const Case& one : cases_) {
      const std::string name = one.Name();
      if (caught_by_.contains(name)) continue;
      // A case that sends the control request itself is red wherever that request stops the run.
      if (stopped_ > 0 && IsAboutControl(one)) continue;
      const std::string reason = WhyUnproven(one);
      if (reason.empty()) {
        ++dead_;
        Problem("DEAD CASE     " + name);
      } else {
        ++unproven_;
        matrix_["unproven"][name] = reason;
      }
    }
  }

  void JudgeVariant(const Variant& variant, const Job& job) {
    const std::string name(variant.name);
    if (variants_.insert(name).second) matrix_["variants"].push_back(name);
    std::vector<std::string> red;
    if (!job.result.why_not.empty()) red.push_back("(preflight: " + job.result.why_not + ")");
    for (const auto& [one, outcome] : job.result.outcomes) {
      if (outcome == Outcome::kFail) red.push_back(one);
    }
    for (const std::string& one : red) {
      ++false_alarms_;
      const auto received = job.result.received.find(one);
      Problem("FALSE ALARM   " + name + " (" + job.profile->base + "): " + one +
              (received == job.result.received.end() ? "" : ": " + received->second));
    }
  }

  const std::vector<Case>& cases_;
  const Clauses& clauses_;
  const EndpointShape* const shape_;  // in front of every endpoint; null: none
  const std::string only_;
  const unsigned sample_;
  const Profile embedded_ = EmbeddedProfile();
  const Profile generic_ = ProfileOf("rfc6749");
  const Profile oauth21_ = ProfileOf("oauth21");
  const Profile strict_ = ProfileOf("strict");
  std::map<const EndpointShape*, Outcomes> clean_;  // of the embedded profile
  nlohmann::ordered_json matrix_;
  std::map<std::string, std::set<std::string>> citing_;        // clause -> cases
  std::map<std::string, std::vector<std::string>> caught_by_;  // case -> faults
  std::set<std::string> variants_;
  std::size_t problems_ = 0, faults_ = 0, caught_ = 0, stopped_ = 0;
  std::size_t dead_ = 0, unproven_ = 0, false_alarms_ = 0;
};

int Main(int argc, char** argv) {
  const std::optional<Arguments> arguments = ParseArguments(argc, argv);
  if (!arguments) {
    std::cerr << "usage: grantspec-prove [--matrix=FILE] [--shape=NAME] [--only=NAME,PREFIX* | "
                 "--sample=N]\n";
    return 2;
  }
  const std::string folder = std::string(GRANTSPEC_SOURCE_DIR) + "/conformance";
  const Clauses clauses = ReadClauses(folder + "/clauses.json");
  const std::vector<Case> cases = ReadSuite(folder, clauses);
  Proof proof(cases, clauses, *arguments);
  const std::size_t problems = proof.Run();
  if (!arguments->matrix.empty()) {
    std::ofstream(arguments->matrix) << proof.matrix().dump(1) << '\n';
  }
  return problems == 0 ? 0 : 1;
}

}  // namespace
}  // namespace grantspec

int main(int argc, char** argv) {
  try {
    return grantspec::CheckedExit("grantspec-prove", grantspec::Main(argc, argv));
  } catch (const std::exception& error) {
    std::cerr << "grantspec-prove: " << error.what() << '\n';
    return 70;
  }
}
