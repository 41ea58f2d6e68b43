#include "conformance/options/target.h"

#include <algorithm>
#include <cstdlib>

#include "conformance/options/group.h"
#include "conformance/options_check.h"
#include "conformance/plan.h"
#include "conformance/redact.h"
#include "fixtures/grammar/url.h"

namespace grantspec {
namespace {

Client SplitUser(const std::string& text, const std::string& source) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos || colon == 0) {
    throw UsageError(source + " must contain id:secret");
  }
  return {text.substr(0, colon), text.substr(colon + 1), {}};
}

std::vector<std::string> SplitScope(const std::string& text) {
  std::vector<std::string> tokens;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    if (end > at) tokens.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return tokens;
}

bool NamesClient(const std::string& argument) {
  return argument.starts_with("-u") || argument.starts_with("--user=") || argument == "--user" ||
         argument.starts_with("--user-env") || argument.starts_with("--user-file");
}

void CheckUrl(const std::string& url) {
  if (!PlaceOf(url)) {
    throw UsageError("\"" + url +
                     "\" is not the URL of a token endpoint; it must start with https:// or "
                     "http:// and name a host");
  }
  if (!ParseUrl(url)->userinfo.empty()) {
    throw UsageError(
        "the URL carries user information; name the client with --user-env or --user-file");
  }
}

}  // namespace

void TargetGroup::Declare(CLI::App& app, Options& options,
                          const std::vector<std::string>& arguments) {
  OptionGroup target(app, "Target");
  target.AddArgument("url", options.url, "Token endpoint, https://host/path")
      ->envname("GRANTSPEC_URL");
  target.Add("--profile", profile_path_, "What is known of the target (JSON)");
  target.Add("--base", base_, "Built-in profile: rfc6749, pyng, oauth21 or strict");
  OptionGroup login(app, "Login");
  CLI::Option* ways[] = {
      login.AddArgument("--user-env", user_env_, "Environment variable that contains id:secret"),
      login.AddArgument("--user-file", user_file_,
                        "File that contains id:secret; - for standard input"),
      login.AddArgument("-u,--user", user_, "id:secret (visible in the process list)")};
  if (std::none_of(arguments.begin(), arguments.end(), NamesClient)) {
    for (CLI::Option* way : ways) OptionGroup::WithVariable(way);
  }
  OptionGroup request(app, "Request");
  request.Add("--scope", scope_, "Granted scopes, separated by spaces");
  request.Add("--ungranted-scope", ungranted_, "A scope that the client is not granted");
  request.AddArgument("-H,--header", options.network.headers,
                      "An additional header, \"Name: value\"");
  request.Add("-A,--user-agent", options.network.user_agent, "User-Agent");
}

int TargetGroup::LoginCount() const {
  return static_cast<int>(!user_env_.empty()) + static_cast<int>(!user_file_.empty()) +
         static_cast<int>(!user_.empty());
}

void TargetGroup::ResolveTarget(Options& options) const {
  options.profile = *BuiltInProfile("rfc6749");
  if (!base_.empty() && !BuiltInProfile(base_)) {
    throw UsageError("--base must be rfc6749, pyng, oauth21 or strict");
  }
  if (!profile_path_.empty()) {
    options.profile = ReadProfile(profile_path_, base_, LoginCount() > 0);
    options.credentials_from = "the profile " + profile_path_;
  }
  if (options.url.empty()) options.url = options.profile.url;
  const bool embedded = options.url.empty();
  if (embedded && profile_path_.empty()) options.profile = EmbeddedProfile();
  if (!base_.empty() && profile_path_.empty()) {
    options.profile.base = base_;
    options.profile.switches = BuiltInProfile(base_)->switches;
  }
  if (!embedded) CheckUrl(options.url);
}

Client TargetGroup::ReadLogin(Options& options) const {
  if (!user_env_.empty()) {
    options.credentials_from = "the environment variable " + user_env_;
    const char* value = std::getenv(user_env_.c_str());
    if (value == nullptr) {
      throw UsageError(options.credentials_from + " is not set; it must contain id:secret");
    }
    return SplitUser(value, options.credentials_from);
  }
  if (!user_file_.empty()) {
    options.credentials_from = user_file_ == "-" ? "standard input" : "the file " + user_file_;
    return SplitUser(ReadUserFile(user_file_), user_file_);
  }
  options.credentials_from = "--user";
  if (std::getenv("GRANTSPEC_USER") == nullptr) {
    options.warnings.push_back(
        "--user shows the secret in the process list; --user-env and --user-file do not");
  }
  return SplitUser(user_, "--user");
}

void TargetGroup::ResolveClient(Options& options) const {
  if (LoginCount() > 1) throw UsageError("--user, --user-env and --user-file exclude each other");
  auto& clients = options.profile.clients;
  if (LoginCount() == 1) {
    Client main = ReadLogin(options);
    if (const auto known = clients.find("main"); known != clients.end()) {
      main.scopes = known->second.scopes;
    }
    clients["main"] = std::move(main);
  }
  if (!clients.contains("main") && !options.NeedsNoClient()) {
    throw UsageError("no client: name one with --user-env VAR, --user-file FILE or a --profile");
  }
  if (!scope_.empty()) clients["main"].scopes = SplitScope(scope_);
  if (!ungranted_.empty()) options.profile.ungranted_scope = ungranted_;
  options.profile.extra_secrets = HeaderSecrets(options.network.headers);
}

}  // namespace grantspec
