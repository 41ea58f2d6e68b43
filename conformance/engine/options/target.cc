#include "conformance/engine/options/target.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <utility>

#include "conformance/engine/bind/binder.h"
#include "conformance/engine/options/from_curl.h"
#include "conformance/engine/options/group.h"
#include "conformance/engine/options/options_check.h"
#include "conformance/engine/secrets/redact.h"
#include "fixtures/grammar/form.h"
#include "fixtures/grammar/url.h"
#include "fixtures/target/client_file.h"

namespace grantspec {
namespace {

constexpr std::size_t kCommandBytesMax = 64 * 1024;
constexpr const char* kFoundProfile = "./grantspec.json";  // where no --profile is given

// id:secret, or the id alone where the client logs in without a secret.
Client SplitUser(const std::string& text, const std::string& source, bool with_secret) {
  const std::size_t colon = text.find(':');
  if (colon == 0 || text.empty() || (colon == std::string::npos && with_secret)) {
    throw UsageError(source + " must contain id:secret");
  }
  if (colon == std::string::npos) return {text, "", {}};
  return {text.substr(0, colon), text.substr(colon + 1), {}};
}

// name=value, as --data-urlencode and --switch take it. Nothing of a value is in a message.
std::pair<std::string, std::string> SplitPair(const std::string& text, const std::string& option) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) throw UsageError(option + " takes name=value");
  return {text.substr(0, equals), text.substr(equals + 1)};
}

void SetParameter(Profile& profile, ExtraParameter parameter) {
  auto& known = profile.parameters;
  std::erase_if(known, [&](const ExtraParameter& one) { return one.name == parameter.name; });
  known.push_back(std::move(parameter));
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

void CheckUrl(const std::string& url, const std::string& what) {
  if (!PlaceOf(url)) {
    throw UsageError("\"" + url + "\" is not " + what +
                     "; it must start with https:// or http:// and name a host");
  }
  if (!ParseUrl(url)->userinfo.empty()) {
    throw UsageError(
        "the URL carries user information; name the client with --user-env or --user-file");
  }
}

}  // namespace

void UseAuth(AuthMethod method, Options& options) {
  Client& main = options.profile.clients["main"];
  main.auth = method;
  if (ShowsCertificate(method) && options.network.cert.empty()) {
    throw UsageError("--auth " + std::string(ToString(method)) + " needs --cert FILE");
  }
  if (method == AuthMethod::kClientSecretJwt) SetSigner(main, "", "");
  // What logs in is offered.
  if (method == AuthMethod::kClientSecretBasic) options.profile.switches["auth.basic"] = "on";
  if (method == AuthMethod::kClientSecretPost) options.profile.switches["auth.post"] = "on";
}

void TargetGroup::Declare(CLI::App& app, Options& options,
                          const std::vector<std::string>& arguments) {
  OptionGroup target(app, "Target");
  target.AddArgument("url", options.url, "Token endpoint, https://host/path")
      ->envname("GRANTSPEC_URL");
  target.AddArgument("--from-curl", from_curl_,
                     "A curl command line that gets a token, or @FILE with one: its URL, login and "
                     "parameters are used");
  target.Add("--issuer", issuer_,
             "Issuer whose metadata name the token endpoint (RFC 8414, OpenID Connect Discovery)");
  target.Add("--profile", profile_path_,
             "What is known of the target (JSON); else ./grantspec.json, if present");
  target.Add("--base", base_, "Built-in profile: rfc6749, pyng, oauth21 or strict");
  DeclareLogin(app, arguments);
  DeclareRequest(app, options);
}

void TargetGroup::DeclareLogin(CLI::App& app, const std::vector<std::string>& arguments) {
  OptionGroup login(app, "Login");
  login.Add("--auth", auth_,
            "How the client authenticates, by its name in RFC 8414 (client_secret_basic)");
  CLI::Option* ways[] = {
      login.AddArgument("--user-env", user_env_, "Environment variable that contains id:secret"),
      login.AddArgument("--user-file", user_file_,
                        "File that contains id:secret; - for standard input"),
      login.AddArgument("-u,--user", user_, "id:secret (visible in the process list)")};
  if (std::none_of(arguments.begin(), arguments.end(), NamesClient)) {
    for (CLI::Option* way : ways) OptionGroup::WithVariable(way);
  }
  login.Add("--assertion-key", assertion_key_,
            "Private key of the client, PEM or JWK, for private_key_jwt");
  login.Add("--assertion-alg", assertion_alg_, "RS256, PS256, ES256 or EdDSA; else by the key");
  login.Add("--assertion-audience", assertion_audience_,
            "aud of client assertions; else the issuer, else the URL");
}

void TargetGroup::DeclareRequest(CLI::App& app, Options& options) {
  OptionGroup request(app, "Request");
  request.Add("--scope", scope_, "Granted scopes, separated by spaces");
  request.Add("--ungranted-scope", ungranted_, "A scope that the client is not granted");
  request.AddArgument("--data-urlencode", data_,
                      "A parameter that every request needs: name=value");
  request.AddArgument("--data-env", data_env_,
                      "The same with the value of an environment variable, which is not shown: "
                      "name=VAR");
  request.AddArgument("-H,--header", options.network.headers,
                      "An additional header, \"Name: value\"");
  request.Add("-A,--user-agent", options.network.user_agent, "User-Agent");
  request.AddArgument("--switch", switches_, "A switch of the profile, such as body=json");
}

int TargetGroup::LoginCount() const {
  return static_cast<int>(!user_env_.empty()) + static_cast<int>(!user_file_.empty()) +
         static_cast<int>(!user_.empty());
}

// Reads the profile that was named, or the one that the working directory has.
void TargetGroup::ReadProfileFile(Options& options) {
  std::error_code reason;  // a directory that cannot be searched has no profile
  const bool found = profile_path_.empty() && !options.NeedsNoClient() &&
                     std::filesystem::exists(kFoundProfile, reason);
  if (found) profile_path_ = kFoundProfile;
  if (profile_path_.empty()) return;
  try {
    // A curl command names the client, too: the secret of a file that was not asked for need not
    // be known.
    const bool own_client = LoginCount() > 0 || (found && !from_curl_.empty());
    options.profile = ReadProfile(profile_path_, base_, own_client);
  } catch (const FileError& error) {
    if (!found) throw;
    throw UsageError(std::string(error.what()) +
                     " (found in the working directory; --profile FILE names another profile)");
  }
  options.profile_path = profile_path_;
  options.credentials_from = "the profile " + profile_path_;
  if (found) std::cerr << "profile: " << profile_path_ << " (found in the working directory)\n";
}

void TargetGroup::ResolveTarget(Options& options) {
  options.profile = *BuiltInProfile("rfc6749");
  if (!base_.empty() && !BuiltInProfile(base_)) {
    throw UsageError("--base must be rfc6749, pyng, oauth21 or strict");
  }
  ReadProfileFile(options);
  if (!from_curl_.empty()) UseCurlRequest(options);
  if (!issuer_.empty()) options.profile.issuer = issuer_;
  if (options.url.empty()) options.url = options.profile.url;
  if (!options.profile.issuer.empty()) CheckUrl(options.profile.issuer, "an issuer");
  const bool embedded = options.IsEmbedded();
  if (embedded && profile_path_.empty()) options.profile = EmbeddedProfile();
  if (!base_.empty() && profile_path_.empty()) {
    options.profile.base = base_;
    options.profile.switches = BuiltInProfile(base_)->switches;
  }
  // The metadata of an issuer tell the URL.
  if (!options.url.empty()) CheckUrl(options.url, "the URL of a token endpoint");
}

// The request of a curl command as a profile has it. What the command line says itself comes first.
void TargetGroup::UseCurlRequest(Options& options) const {
  const CurlRequest request = ReadCurlCommand(
      from_curl_.starts_with("@") ? ReadFile(from_curl_.substr(1), kCommandBytesMax) : from_curl_);
  Profile& profile = options.profile;
  if (options.url.empty()) options.url = request.url;
  Client main{request.id, request.secret, request.scopes, request.auth};
  // curl does not form-encode the pair (RFC 6749 section 2.3.1), and the command works.
  if (EncodeFormComponent(main.id + main.secret) != main.id + main.secret) {
    profile.switches["basic.credential_encoding"] = "raw";
  }
  profile.clients["main"] = std::move(main);
  profile.switches["body"] = request.body;
  profile.switches["parameters_in"] = request.parameters_in;
  profile.switches["scope_separator"] = request.scope_separator;
  profile.grant_type = request.grant_type;
  for (const ExtraParameter& one : request.parameters) SetParameter(profile, one);
  profile.headers.insert(profile.headers.end(), request.headers.begin(), request.headers.end());
  NetworkOptions& network = options.network;
  const std::pair<std::string*, const std::string*> texts[] = {{&network.cert, &request.cert},
                                                               {&network.key, &request.key},
                                                               {&network.cacert, &request.cacert},
                                                               {&network.proxy, &request.proxy}};
  for (const auto& [own, of_curl] : texts) {
    if (own->empty()) *own = *of_curl;
  }
  if (!request.user_agent.empty() && network.user_agent == NetworkOptions().user_agent) {
    network.user_agent = request.user_agent;
  }
  network.insecure = network.insecure || request.insecure;
  options.credentials_from = "--from-curl";
}

Client TargetGroup::ReadLogin(Options& options, bool with_secret) const {
  if (!user_env_.empty()) {
    options.credentials_from = "the environment variable " + user_env_;
    const char* value = std::getenv(user_env_.c_str());
    if (value == nullptr) {
      throw UsageError(options.credentials_from + " is not set; it must contain id:secret");
    }
    return SplitUser(value, options.credentials_from, with_secret);
  }
  if (!user_file_.empty()) {
    options.credentials_from = user_file_ == "-" ? "standard input" : "the file " + user_file_;
    return SplitUser(ReadUserFile(user_file_), user_file_, with_secret);
  }
  options.credentials_from = "--user";
  if (std::getenv("GRANTSPEC_USER") == nullptr) {
    options.warnings.push_back(
        "--user shows the secret in the process list; --user-env and --user-file do not");
  }
  return SplitUser(user_, "--user", with_secret);
}

// The way in which the main client logs in, and what it needs for that.
void TargetGroup::ResolveAuth(Options& options) const {
  Client& main = options.profile.clients["main"];
  if (!assertion_audience_.empty()) options.profile.assertion_audience = assertion_audience_;
  if (main.auth == AuthMethod::kPrivateKeyJwt && assertion_key_.empty() && main.signer == nullptr) {
    throw UsageError("--auth private_key_jwt needs --assertion-key FILE");
  }
  if (!assertion_key_.empty() && main.auth != AuthMethod::kPrivateKeyJwt) {
    throw UsageError("--assertion-key goes with --auth private_key_jwt");
  }
  if (!assertion_key_.empty()) SetSigner(main, assertion_key_, assertion_alg_);
  const AuthMethod auth = main.auth;
  UseAuth(auth, options);
}

void TargetGroup::ResolveParameters(Options& options) const {
  Profile& profile = options.profile;
  for (const std::string& text : data_) {
    auto [name, value] = SplitPair(text, "--data-urlencode");
    const bool is_secret = IsNamedLikeSecret(name);
    SetParameter(profile, {std::move(name), std::move(value), is_secret});
  }
  for (const std::string& text : data_env_) {
    auto [name, variable] = SplitPair(text, "--data-env");
    const char* value = std::getenv(variable.c_str());
    if (value == nullptr) {
      throw UsageError("the environment variable " + variable + " is not set (--data-env)");
    }
    SetParameter(profile, {std::move(name), value, true});
  }
  for (const std::string& text : switches_) {
    const auto [name, value] = SplitPair(text, "--switch");
    SetSwitch(profile, name, value, {"--switch"});
  }
  for (const std::string& header : profile.headers) CheckHeader(header);
  auto& headers = options.network.headers;
  headers.insert(headers.end(), profile.headers.begin(), profile.headers.end());
  profile.extra_secrets = HeaderSecrets(headers);
  for (const ExtraParameter& one : profile.parameters) {
    if (one.is_secret) profile.extra_secrets.push_back(one.value);
  }
}

void TargetGroup::ResolveClient(Options& options) const {
  if (LoginCount() > 1) throw UsageError("--user, --user-env and --user-file exclude each other");
  auto& clients = options.profile.clients;
  const auto known = clients.find("main");
  AuthMethod auth = known != clients.end() ? known->second.auth : AuthMethod::kClientSecretBasic;
  if (!auth_.empty()) {
    const auto named = AuthMethodNamed(auth_);
    if (!named) throw UsageError("--auth takes " + NamesOfAuthMethods());
    auth = *named;
  } else if (!assertion_key_.empty()) {
    auth = AuthMethod::kPrivateKeyJwt;
  }
  options.auth_given =
      !auth_.empty() || !assertion_key_.empty() || !profile_path_.empty() || !from_curl_.empty();
  if (LoginCount() == 1) {
    Client main = ReadLogin(options, NeedsSecret(auth));
    if (known != clients.end()) {
      main.scopes = known->second.scopes;
      main.signer = known->second.signer;
    }
    clients["main"] = std::move(main);
  }
  if (!clients.contains("main") && !options.NeedsNoClient()) {
    throw UsageError("no client: name one with --user-env VAR, --user-file FILE or a --profile");
  }
  ResolveParameters(options);
  if (!scope_.empty()) clients["main"].scopes = SplitScope(scope_);
  if (!ungranted_.empty()) options.profile.ungranted_scope = ungranted_;
  if (!clients.contains("main")) return;
  clients["main"].auth = auth;
  ResolveAuth(options);
}

}  // namespace grantspec
