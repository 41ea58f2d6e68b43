#include "conformance/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <random>

#include "conformance/case_set.h"
#include "conformance/options_check.h"
#include "conformance/plan.h"
#include "conformance/redact.h"
#include "fixtures/grammar/ascii.h"
#include "fixtures/grammar/url.h"

namespace grantspec {
namespace {

constexpr int kFailedLoginsMax = 2;  // in a row, at a URL, unless told otherwise: many lock at 3

// GoogleTest ignores what it does not know, and a misspelt filter would then select everything.
constexpr std::string_view kGtestFlags[] = {"list_tests",
                                            "filter",
                                            "also_run_disabled_tests",
                                            "repeat",
                                            "shuffle",
                                            "random_seed",
                                            "color",
                                            "brief",
                                            "print_time",
                                            "output",
                                            "stream_result_to",
                                            "death_test_style",
                                            "break_on_failure",
                                            "throw_on_failure",
                                            "catch_exceptions",
                                            "fail_fast",
                                            "recreate_environments_when_repeating",
                                            "print_utf8",
                                            "install_failure_signal_handler"};

void CheckGtestFlag(const std::string& argument) {
  std::string name = argument.substr(argument.find("gtest_") + 6);
  name = name.substr(0, name.find('='));
  for (std::string_view known : kGtestFlags) {
    if (name == known) return;
  }
  throw UsageError("unknown option " + argument.substr(0, argument.find('=')) +
                   "; GoogleTest has no such flag");
}

std::string EnvironmentName(std::string name) {
  for (char& c : name) c = c == '-' ? '_' : ToUpper(c);
  return "GRANTSPEC_" + name;
}

Client SplitUser(const std::string& text, const std::string& source) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos || colon == 0) {
    throw UsageError(source + " has to hold id:secret");
  }
  return {text.substr(0, colon), text.substr(colon + 1), {}};
}

std::vector<std::string> SplitScope(const std::string& text) {
  std::vector<std::string> tokens;
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t end = text.find(' ', at);
    if (end == std::string::npos) end = text.size();
    if (end > at) tokens.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return tokens;
}

double ParseRate(std::string text) {
  const std::size_t slash = text.find('/');
  double per = 1;
  if (slash != std::string::npos) {
    const std::string unit = text.substr(slash + 1);
    if (unit == "m")
      per = 60;
    else if (unit == "h")
      per = 3600;
    else if (unit != "s")
      throw UsageError("--rate takes N/s, N/m or N/h");
    text.resize(slash);
  }
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !(value > 0) || value > 100'000) {
    throw UsageError("--rate takes a number above 0, such as 50/s");
  }
  return value / per;
}

unsigned long ParseSeed(const std::string& text) {
  if (text == "random") return std::random_device{}();
  char* end = nullptr;
  errno = 0;
  const unsigned long seed = std::strtoul(text.c_str(), &end, 10);
  if (text.empty() || !IsDigit(text[0]) || *end != '\0' || errno != 0) {
    throw UsageError("--seed takes a number, or random");
  }
  return seed;
}

int Milliseconds(double seconds, const char* name) {
  if (!(seconds > 0) || seconds > 3600) {
    throw UsageError(std::string(name) + " takes seconds, more than 0 and at most 3600");
  }
  return std::max(1, static_cast<int>(seconds * 1000));
}

}  // namespace

Options ReadOptions(Program program, int argc, char** argv, std::string& help) {
  Options options;
  const bool laws = program == Program::kProperties;
  const std::string name = laws ? "grantspec-properties" : "grantspec";
  std::vector<std::string> arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument.starts_with("--gtest_") || argument.starts_with("-gtest_")) {
      CheckGtestFlag(argument);
      options.gtest_arguments.push_back(argument);
    } else if (argument.starts_with("--gtest")) {
      throw UsageError("unknown option " + argument + "; GoogleTest's start with --gtest_");
    } else if (argument == "--list=json") {
      options.list_json = true;
    } else {
      arguments.push_back(argument);
    }
  }

  std::string seed_text, profile_path, user_env, user_file, user, scope, ungranted, rate, base;
  double max_time = 0, connect_timeout = 0;
  bool v4 = false, v6 = false;
  CLI::App app{
      laws ? "Holds an OAuth 2.0 token endpoint (client_credentials, HTTP Basic) to laws of "
             "scopes and requests, and shrinks what breaks one.\nThe laws are held against "
             "a model first. Without URL the target is the embedded reference endpoint."
           : "Tests an OAuth 2.0 token endpoint (client_credentials, HTTP Basic). Without "
             "URL it tests the embedded reference endpoint.\n"
             "GoogleTest's --gtest_* options work too.",
      name};
  app.failure_message(CLI::FailureMessage::simple);
  app.set_version_flag("-V,--version", name + " 0.1.0");
  const auto env = [](CLI::Option* option, const char* name) {
    return option->envname(EnvironmentName(name));
  };
  app.add_option("url", options.url, "Token endpoint, https://host/path")->envname("GRANTSPEC_URL");
  env(app.add_option("--profile", profile_path, "What is known of the target (JSON)"), "profile");
  env(app.add_option("--base", base, "Built-in profile: rfc6749, pyng, oauth21 or strict"), "base");
  auto* by_env =
      app.add_option("--user-env", user_env, "Environment variable that holds id:secret");
  auto* by_file =
      app.add_option("--user-file", user_file, "File that holds id:secret; - for standard input");
  auto* by_user = app.add_option("-u,--user", user, "id:secret (visible in the process list)");
  // The command line wins: where it names the client in one way, the environment is not asked.
  const bool named = std::any_of(arguments.begin(), arguments.end(), [](const std::string& a) {
    return a.starts_with("-u") || a.starts_with("--user=") || a == "--user" ||
           a.starts_with("--user-env") || a.starts_with("--user-file");
  });
  if (!named) {
    env(by_env, "user_env");
    env(by_file, "user_file");
    env(by_user, "user");
  }
  env(app.add_option("--scope", scope, "Granted scopes, separated by spaces"), "scope");
  env(app.add_option("--ungranted-scope", ungranted, "A scope the client may not have"),
      "ungranted_scope");

  NetworkOptions& net = options.network;
  const std::string network = "Network";
  env(app.add_option("--cacert", net.cacert, "CA certificates (PEM)")->group(network), "cacert");
  env(app.add_option("--capath", net.capath, "Folder of CA certificates")->group(network),
      "capath");
  env(app.add_option("-E,--cert", net.cert, "Client certificate (PEM)")->group(network), "cert");
  env(app.add_option("--key", net.key, "Its key (PEM)")->group(network), "key");
  app.add_flag("--allow-plaintext", net.allow_plaintext,
               "Send credentials over plain http beyond the loopback (told in every report)")
      ->group(network)
      ->envname("GRANTSPEC_ALLOW_PLAINTEXT");
  app.add_flag("-k,--insecure", net.insecure,
               "Do not verify the certificate (told in every report)")
      ->group(network)
      ->envname("GRANTSPEC_INSECURE");
  env(app.add_option("--pinnedpubkey", net.pinnedpubkey, "Public key to insist on")->group(network),
      "pinnedpubkey");
  app.add_option("--resolve", net.resolve, "host:port:address")->group(network);
  app.add_option("--connect-to", net.connect_to, "host1:port1:host2:port2")->group(network);
  env(app.add_option("-x,--proxy", net.proxy, "Proxy")->group(network), "proxy");
  env(app.add_option("--noproxy", net.noproxy, "Hosts without proxy")->group(network), "noproxy");
  env(app.add_option("--unix-socket", net.unix_socket, "Connect through this socket")
          ->group(network),
      "unix_socket");
  app.add_flag("-4,--ipv4", v4, "IPv4 only")->group(network);
  app.add_flag("-6,--ipv6", v6, "IPv6 only")->group(network);
  app.add_flag("--tlsv1.2", net.tls12_or_later, "TLS 1.2 or later")->group(network);
  env(app.add_option("--tls-max", net.tls_max, "Highest TLS version")
          ->check(CLI::IsMember({"1.0", "1.1", "1.2", "1.3"}))
          ->group(network),
      "tls_max");
  auto* connect = env(
      app.add_option("--connect-timeout", connect_timeout, "Seconds to connect")->group(network),
      "connect_timeout");
  auto* time =
      env(app.add_option("-m,--max-time", max_time, "Seconds for one request")->group(network),
          "max_time");
  env(app.add_option("-A,--user-agent", net.user_agent, "User-Agent")->group(network),
      "user_agent");
  app.add_option("-H,--header", net.headers, "A further field, \"Name: value\"")->group(network);

  const std::string load = "Load";
  auto* parallel =
      env(app.add_option("--parallel-max", options.load.parallel_max, "Requests in flight (32)")
              ->check(CLI::Range(1, 512))
              ->group(load),
          "parallel_max");
  auto* rate_option =
      env(app.add_option("--rate", rate, "Requests per time: N/s, N/m, N/h")->group(load), "rate");
  auto* requests = env(
      app.add_option("--max-requests", options.load.requests_max, "Send no more than N requests")
          ->check(CLI::Range(1, 1'000'000'000))
          ->group(load),
      "max_requests");
  auto* logins =
      env(app.add_option("--max-failed-logins", options.max_failed_logins,
                         "Failed logins in a row before a success is asked for (2 at a URL)")
              ->check(CLI::Range(1, 1'000'000))
              ->group(load),
          "max_failed_logins");

  env(app.add_option("--wait-for", options.wait_for_seconds,
                     "Seconds to wait for a target that is starting (0)")
          ->check(CLI::Range(0, 3600))
          ->group(load),
      "wait_for");

  const std::string selection = "Selection";
  env(app.add_option("--category", options.categories, "Only these categories: a list, or repeated")
          ->delimiter(',')
          ->group(selection),
      "category");
  app.add_option("--level", options.levels, "Only must, should or may: a list, or repeated")
      ->delimiter(',')
      ->check(CLI::IsMember({"must", "should", "may"}))
      ->group(selection);
  env(app.add_option("--requirement", options.requirements,
                     "Only cases of these clauses, or prefixes: a list, or repeated")
          ->delimiter(',')
          ->group(selection),
      "requirement");
  if (!laws) {
    env(app.add_option("--cases", options.case_paths,
                       "Cases of your own: a file or a folder (repeatable)")
            ->group(selection),
        "cases");
    env(app.add_option("--case-set", options.case_set,
                       "Cases that came after this set are reported, not scored: 2026.1")
            ->group(selection),
        "case_set");
    env(app.add_option("--tier", options.tier, "safe, abuse or all")
            ->check(CLI::IsMember({"safe", "abuse", "all"}))
            ->group(selection),
        "tier");
  } else {
    const std::string generation = "Generation";
    env(app.add_option("--examples", options.examples,
                       "Examples of each law at the target (24; embedded: 100)")
            ->check(CLI::Range(1, 1'000'000))
            ->group(generation),
        "examples");
    env(app.add_option("--strength", options.strength,
                       "Cover every combination of so many parameters of a request (2)")
            ->check(CLI::Range(1, 3))
            ->group(generation),
        "strength");
    env(app.add_option("--fuzz", options.hostile, "Send N hostile requests besides")
            ->check(CLI::Range(0, 10'000'000))
            ->group(generation),
        "fuzz");
    env(app.add_option("--save-cases", options.save_cases,
                       "Write each finding to this folder, for grantspec --cases")
            ->group(generation),
        "save_cases");
  }

  const std::string look = "Look, don't send";
  app.add_flag("--list", options.list, "The cases; --list=json for programs")->group(look);
  app.add_flag("--plan", options.plan, "Every request that would go out")->group(look);
  app.add_option("--explain", options.explain, "What a case sends, what passes, and why")
      ->group(look);
  if (!laws)
    app.add_flag("--list-switches", options.list_switches, "The switches of a profile")
        ->group(look);
  if (!laws)
    app.add_flag("--list-answers", options.list_answers, "The names of answers in case files")
        ->group(look);

  if (!laws) {
    app.add_option("--check-cases", options.check_cases, "Read case files, and say what is wrong")
        ->group(look);
    const std::string again = "Again";
    env(app.add_option("--replay", options.replay,
                       "Only what failed, or could not be judged, in this JSON report")
            ->group(again),
        "replay");
    env(app.add_option("--reference", options.reference,
                       "The same cases at this URL too: where the two differ")
            ->group(again),
        "reference");
    app.add_option("--write-profile", options.write_profile,
                   "Ask a target that is known to be good a few harmless questions, and write a "
                   "profile of it")
        ->group(again);
    app.add_option("--compare", options.compare, "Two JSON reports, OLD NEW: what changed")
        ->expected(2)
        ->group(again);
    app.add_flag("--allow-gone", options.allow_gone,
                 "With --compare: cases that are gone from NEW are no regressions")
        ->group(again);
    app.add_option("--merge-reports", options.merge,
                   "JSON reports of shards, joined to --report-json or stdout")
        ->expected(1, 1000)
        ->group(again);
  }

  const std::string gate = "Gate and reports";
  env(app.add_option("--fail-on", options.fail_on, "must, should or never (must)")
          ->check(CLI::IsMember({"must", "should", "never"}))
          ->group(gate),
      "fail_on");
  env(app.add_option("--waivers", options.waivers, "Failures that are accepted (JSON)")
          ->group(gate),
      "waivers");
  app.add_flag("--update-waivers", options.update_waivers,
               "Write the file of --waivers anew for what fails now")
      ->group(gate);
  env(app.add_option("--report-json", options.report_json, "Write a JSON report")->group(gate),
      "report_json");
  env(app.add_option("--report-junit", options.report_junit, "Write a JUnit report")->group(gate),
      "report_junit");
  env(app.add_option("--report-sarif", options.report_sarif, "Write a SARIF 2.1.0 report")
          ->group(gate),
      "report_sarif");
  env(app.add_option("--report-html", options.report_html, "Write an HTML report, one file")
          ->group(gate),
      "report_html");
  env(app.add_option("--report-markdown", options.report_markdown, "Write a summary in Markdown")
          ->group(gate),
      "report_markdown");
  app.add_flag("-v,--verbose", options.verbose, "Show passing cases too")->group(gate);
  auto* seed =
      env(app.add_option("--seed", seed_text,
                         laws ? "Seed of all examples (1), or random" : "Seed of invented names")
              ->group(gate),
          "seed");

  std::reverse(arguments.begin(), arguments.end());
  try {
    app.parse(arguments);
  } catch (const CLI::CallForHelp&) {
    help = app.help();
    return options;
  } catch (const CLI::CallForVersion&) {
    help = name + " 0.1.0\n";
    return options;
  } catch (const CLI::ParseError& error) {
    throw UsageError(std::string(error.what()) + "; " + name + " --help tells the options");
  }

  if (options.allow_gone && options.compare.empty()) {
    throw UsageError("--allow-gone goes with --compare OLD NEW");
  }
  if (!options.compare.empty() || !options.merge.empty() || !options.check_cases.empty()) {
    if (!options.report_json.empty()) CheckWritablePath(options.report_json);
    return options;  // nothing is sent: no client is needed
  }
  CheckReferenceUrl(options.reference);
  if (!options.case_set.empty()) {
    const auto set = CaseSetOf(options.case_set);
    if (!set) throw UsageError("--case-set has to be a year, a dot and a number, as 2026.1");
    if (*set > *CaseSetOf(kNewestCaseSet)) {
      throw UsageError("the case set " + options.case_set + " is not known here; the newest is " +
                       std::string(kNewestCaseSet));
    }
    if (*set < *CaseSetOf(kFirstCaseSet)) {
      throw UsageError("no case set is older than " + std::string(kFirstCaseSet));
    }
  }
  CheckOutputPaths(options);
  CheckNetworkOptions(net);
  if (!options.write_profile.empty()) {
    if (!options.replay.empty() || !options.reference.empty() || options.plan || options.list) {
      throw UsageError(
          "--write-profile is a run of its own; leave --replay, --reference, --plan and "
          "--list out");
    }
    if (std::filesystem::exists(options.write_profile)) {
      throw UsageError(options.write_profile + " is there already, and is not written over");
    }
    CheckWritablePath(options.write_profile);
  }
  if (v4 && v6) throw UsageError("-4 and -6 exclude each other");
  net.ip_version = v4 ? 4 : v6 ? 6 : 0;
  options.profile = *BuiltInProfile("rfc6749");
  if (!base.empty() && !BuiltInProfile(base)) {
    throw UsageError("--base has to be rfc6749, pyng, oauth21 or strict");
  }
  const int users =
      (user_env.empty() ? 0 : 1) + (user_file.empty() ? 0 : 1) + (user.empty() ? 0 : 1);
  if (!profile_path.empty()) options.profile = ReadProfile(profile_path, base, users > 0);
  if (options.url.empty()) options.url = options.profile.url;
  const bool embedded = options.url.empty();
  if (embedded && profile_path.empty()) options.profile = EmbeddedProfile();
  if (!base.empty() && profile_path.empty()) {
    const auto built_in = BuiltInProfile(base);
    options.profile.base = base;
    options.profile.switches = built_in->switches;
  }
  if (!embedded && PlaceOf(options.url) && ParseUrl(options.url)->userinfo != "") {
    throw UsageError(
        "the URL carries user information; name the client with --user-env or --user-file");
  }
  if (!embedded && !PlaceOf(options.url)) {
    throw UsageError("\"" + options.url +
                     "\" is no URL of a token endpoint; it starts with "
                     "https:// or http:// and names a host");
  }

  const auto limit = [&options](const char* name, CLI::Option* option) -> std::int64_t {
    const auto found = options.profile.limits.find(name);
    return option->count() == 0 && found != options.profile.limits.end() ? found->second : 0;
  };
  if (connect->count() > 0)
    net.connect_timeout_ms = Milliseconds(connect_timeout, "--connect-timeout");
  else if (limit("connect_timeout", connect) > 0)
    net.connect_timeout_ms = Milliseconds(static_cast<double>(limit("connect_timeout", connect)),
                                          "limits.connect_timeout");
  if (time->count() > 0)
    net.max_time_ms = Milliseconds(max_time, "--max-time");
  else if (limit("max_time", time) > 0)
    net.max_time_ms = Milliseconds(static_cast<double>(limit("max_time", time)), "limits.max_time");
  if (rate_option->count() > 0)
    options.load.rate_per_second = ParseRate(rate);
  else
    options.load.rate_per_second = static_cast<double>(limit("rate", rate_option));
  if (limit("parallel_max", parallel) > 0)
    options.load.parallel_max = static_cast<int>(limit("parallel_max", parallel));
  if (limit("max_requests", requests) > 0)
    options.load.requests_max = limit("max_requests", requests);
  if (limit("max_failed_logins", logins) > 0)
    options.max_failed_logins = static_cast<int>(limit("max_failed_logins", logins));
  if (seed->count() == 0) seed_text = laws ? "1" : "random";
  options.seed = ParseSeed(seed_text);

  if (users > 1) throw UsageError("--user, --user-env and --user-file exclude each other");
  if (users == 1) {
    Client main;
    if (!user_env.empty()) {
      const char* value = std::getenv(user_env.c_str());
      if (value == nullptr) {
        throw UsageError("the environment variable " + user_env +
                         " is not set; it has to hold id:secret");
      }
      main = SplitUser(value, "the environment variable " + user_env);
    } else if (!user_file.empty()) {
      main = SplitUser(ReadUserFile(user_file), user_file);
    } else {
      main = SplitUser(user, "--user");
      if (std::getenv("GRANTSPEC_USER") == nullptr) {
        options.warnings.push_back(
            "--user shows the secret in the process list; --user-env and "
            "--user-file do not");
      }
    }
    const auto known = options.profile.clients.find("main");
    if (known != options.profile.clients.end()) main.scopes = known->second.scopes;
    options.profile.clients["main"] = main;
  }
  if (!options.profile.clients.contains("main")) {
    throw UsageError("no client: name one with --user-env VAR, --user-file FILE or a --profile");
  }
  if (!scope.empty()) options.profile.clients["main"].scopes = SplitScope(scope);
  if (!ungranted.empty()) options.profile.ungranted_scope = ungranted;
  options.profile.extra_secrets = HeaderSecrets(net.headers);
  // A server of somebody may lock a client out that others need; the embedded one has no such rule.
  if (!embedded && options.max_failed_logins == 0) options.max_failed_logins = kFailedLoginsMax;
  if (options.tier.empty()) options.tier = embedded ? "all" : "safe";
  return options;
}

}  // namespace grantspec
