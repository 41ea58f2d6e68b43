// grantspec-prove: shows that every case can fail, and for the right targets.
//
// Runs all cases on the reference endpoint as it is, with each fault put on, and with each lawful
// variant put on, over real HTTP. It ends with 1 where a fault turns no case red (it survives),
// where a case is turned red by no fault (it is dead), or where a variant turns a case red (a false
// alarm).

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "conformance/case_file.h"
#include "conformance/clause.h"
#include "conformance/run.h"
#include "fixtures/endpoint/fault.h"
#include "fixtures/endpoint/server.h"
#include "fixtures/files/json_file.h"
#include "fixtures/files/output.h"

namespace grantspec {
namespace {

constexpr int kAtOnce = 6;
constexpr int kAloneMax = 3;  // runs alone of a fault that seems to survive

using Outcomes = std::map<std::string, Outcome>;
using Apply = std::function<void(Deployment&)>;

/// One run of all cases on an endpoint with something put on.
Outcomes RunOn(const std::vector<Case>& cases, const Clauses& clauses, Profile profile,
               const Apply& apply, std::string* why_not) {
  TokenEndpoint endpoint{ClientRegistry(), {}};
  Deployment deployment{endpoint, [&endpoint](const Request& q) { return endpoint.Answer(q); }, {}};
  if (apply) apply(deployment);
  Server::Options options;
  options.hooks = deployment.hooks;
  Server server(options, deployment.handler);
  endpoint.set_issuer(server.url());
  profile.url = server.url() + std::string(kTokenPath);
  SetEmbeddedResources(profile, server.url());

  RunRecord record;
  record.clauses = &clauses;
  record.url = profile.url;
  const TargetPlace place = *PlaceOf(profile.url);
  Executor executor({.origin = place.origin, .max_time_ms = 8'000}, {});
  SuiteRun run(profile, place, executor, record, 1);
  Outcomes outcomes;
  if (const auto why = run.Preflight(profile)) {
    // Nobody could judge such a target: every case says so, by exit code 3.
    *why_not = *why;
    return outcomes;
  }
  std::vector<const Case*> all;
  for (const Case& one : cases) all.push_back(&one);
  run.Ask(all, {});
  for (const RecordedCase& one : record.cases) outcomes[one.spec->Name()] = one.verdict.outcome;
  return outcomes;
}

/// One endpoint to run all cases on.
struct Job {
  Apply apply;
  const Profile* profile = nullptr;
  Outcomes outcomes;
  std::string why_not;
};

/// Runs jobs some at a time: they wait for pauses in requests more than for a processor.
void RunJobs(std::vector<Job>& jobs, const std::vector<Case>& cases, const Clauses& clauses) {
  std::atomic<std::size_t> next = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kAtOnce; ++i) {
    threads.emplace_back([&] {
      for (std::size_t at = next++; at < jobs.size(); at = next++) {
        jobs[at].outcomes =
            RunOn(cases, clauses, *jobs[at].profile, jobs[at].apply, &jobs[at].why_not);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

/// Whether a verdict is a red one that the clean endpoint did not get.
bool IsRed(Outcome outcome, Outcome clean) {
  if (outcome == Outcome::kInconclusive || outcome == Outcome::kNotApplicable) return false;
  return static_cast<int>(outcome) > static_cast<int>(clean) && outcome != Outcome::kPass;
}

/// Whether a case sends the control request and wants no more than its token.
bool IsControl(const Case& spec) {
  if (spec.steps.size() != 1 || !spec.relations.empty()) return false;
  const StepSpec& step = spec.steps.front();
  return step.client == "main" && step.at == "token" && !step.method && !step.target &&
         !step.content && step.fields.empty() && step.form.empty() && step.raw.empty();
}

/// Faults whose victims depend on which request comes when. They prove the cases of their own
/// clause only: what else they turn red differs from run to run.
bool DependsOnOrder(const Fault& fault) {
  static const std::set<std::string_view> names = {
      "failed_logins_lock_out", "http_dies_after_trace", "http_ends_serving",
      "http_idle_connection_crash", "success_only_now_and_then"};
  return names.contains(fault.name);
}

/// Cases that plain http on this machine cannot show, with the reason.
std::string WhyUnproven(const Case& spec) {
  for (const std::string& need : spec.needs) {
    if (need == "https") return "needs a target over https";
  }
  if (spec.standing == "transport_protected") return "needs a target off the loopback";
  return "";
}

int Main(int argc, char** argv) {
  const std::string folder = std::string(GRANTSPEC_SOURCE_DIR) + "/conformance";
  const Clauses clauses = ReadClauses(folder + "/clauses.json");
  const std::vector<Case> cases = ReadCases(folder + "/cases", clauses);
  std::string matrix_path, only;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument.starts_with("--matrix="))
      matrix_path = argument.substr(9);
    else if (argument.starts_with("--only="))
      only = argument.substr(7);
    else {
      std::cerr << "usage: grantspec-prove [--matrix=FILE] [--only=NAME]\n";
      return 2;
    }
  }

  std::string why;
  const Outcomes clean = RunOn(cases, clauses, EmbeddedProfile(), {}, &why);
  Profile generic = EmbeddedProfile();
  generic.base = "rfc6749";
  generic.switches = BuiltInProfile("rfc6749")->switches;
  const Outcomes clean_generic = RunOn(cases, clauses, generic, {}, &why);
  const Profile embedded = EmbeddedProfile();
  std::size_t problems = 0;
  for (const auto* outcomes : {&clean, &clean_generic}) {
    for (const auto& [name, outcome] : *outcomes) {
      if (outcome != Outcome::kFail && outcome != Outcome::kInconclusive) continue;
      ++problems;
      std::cout << "RED ON CLEAN  " << name << '\n';
    }
  }

  nlohmann::ordered_json matrix;
  std::map<std::string, std::vector<std::string>> killers;
  std::map<std::string_view, std::set<std::string>> own_clause;
  for (const Case& one : cases) {
    for (const std::string& clause : one.clauses) own_clause[clause].insert(one.Name());
  }
  std::size_t killed = 0, faults = 0, stopped = 0;
  std::vector<Job> jobs;
  for (const Fault& fault : Faults()) {
    if (only.empty() || only == fault.name) jobs.push_back({fault.apply, &embedded});
  }
  const std::size_t fault_jobs = jobs.size();
  for (const Variant& variant : Variants()) {
    if (!only.empty() && only != variant.name) continue;
    if (variant.profiles == "all") jobs.push_back({variant.apply, &embedded});
    jobs.push_back({variant.apply, &generic});
  }
  RunJobs(jobs, cases, clauses);
  // What can only be seen in times may drown in the noise of runs side by side: a fault that seems
  // to survive is looked at again, alone.
  for (std::size_t at = 0; at < fault_jobs; ++at) {
    Job& job = jobs[at];
    const auto survives = [&] {
      return job.why_not.empty() &&
             std::none_of(job.outcomes.begin(), job.outcomes.end(),
                          [&](const auto& one) { return IsRed(one.second, clean.at(one.first)); });
    };
    for (int again = 0; again < kAloneMax && survives(); ++again) {
      job.outcomes = RunOn(cases, clauses, *job.profile, job.apply, &job.why_not);
    }
  }
  std::size_t next_job = 0;
  for (const Fault& fault : Faults()) {
    if (!only.empty() && only != fault.name) continue;
    ++faults;
    const Outcomes& outcomes = jobs[next_job].outcomes;
    why = jobs[next_job++].why_not;
    std::vector<std::string> red;
    for (const auto& [name, outcome] : outcomes) {
      if (IsRed(outcome, clean.at(name))) red.push_back(name);
    }
    if (!why.empty()) {
      ++stopped;
      ++killed;
      red.push_back("(preflight)");
    } else if (red.empty()) {
      ++problems;
      std::cout << "SURVIVES      " << fault.name << ": " << fault.says << std::endl;
    } else {
      ++killed;
    }
    if (!clauses.contains(fault.clause)) {
      ++problems;
      std::cout << "NO CLAUSE     " << fault.name << " cites " << fault.clause << '\n';
    }
    std::vector<std::string> proves;
    for (const std::string& name : red) {
      if (DependsOnOrder(fault) && !own_clause[fault.clause].contains(name)) continue;
      killers[name].push_back(std::string(fault.name));
      proves.push_back(name);
    }
    matrix["faults"][std::string(fault.name)] = {
        {"clause", fault.clause}, {"says", fault.says}, {"red", red}, {"proves", proves}};
    if (!only.empty()) {
      for (const std::string& name : red) std::cout << "  red: " << name << '\n';
    }
  }
  std::size_t dead = 0, unproven = 0;
  if (only.empty()) {
    for (const Case& one : cases) {
      if (killers.contains(one.Name())) continue;
      // A case that sends the control request itself is red wherever that request stops the run.
      if (stopped > 0 && IsControl(one)) {
        killers[one.Name()].push_back("(preflight)");
        continue;
      }
      const std::string reason = WhyUnproven(one);
      if (!reason.empty()) {
        ++unproven;
        matrix["unproven"][one.Name()] = reason;
        continue;
      }
      ++dead;
      ++problems;
      std::cout << "DEAD CASE     " << one.Name() << '\n';
    }
  }

  next_job = fault_jobs;
  std::size_t variants = 0, alarms = 0;
  for (const Variant& variant : Variants()) {
    if (!only.empty() && only != variant.name) continue;
    ++variants;
    for (const bool contract : {true, false}) {
      if (contract && variant.profiles != "all") continue;
      const Outcomes& outcomes = jobs[next_job].outcomes;
      why = jobs[next_job++].why_not;
      std::vector<std::string> red;
      if (!why.empty()) red.push_back("(preflight: " + why + ")");
      for (const auto& [name, outcome] : outcomes) {
        if (outcome == Outcome::kFail) red.push_back(name);
      }
      for (const std::string& name : red) {
        ++alarms;
        ++problems;
        std::cout << "FALSE ALARM   " << variant.name << (contract ? " (pyng): " : " (rfc6749): ")
                  << name << '\n';
      }
    }
    matrix["variants"].push_back(variant.name);
  }
  if (!matrix_path.empty()) std::ofstream(matrix_path) << matrix.dump(1) << '\n';
  std::cout << faults << " faults, " << killed << " caught (" << stopped
            << " by the control request); " << cases.size() << " cases, " << dead << " dead, "
            << unproven << " not provable here; " << variants << " variants, " << alarms
            << " false alarms\n";
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
