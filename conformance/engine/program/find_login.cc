#include "conformance/engine/program/find_login.h"

#include <algorithm>
#include <utility>

#include "conformance/engine/case/need.h"
#include "conformance/engine/record/present.h"
#include "conformance/engine/response/inspection.h"
#include "conformance/engine/response/response_class.h"

namespace grantspec {
namespace {

Exchange SendControl(const Options& options, const TargetPlace& place) {
  const Binder binder(options.profile, place, CanaryOf(options.seed));
  Executor executor(options.network, options.load);
  return executor.Ask(binder.Control());
}

bool MentionsScope(const Response& response) {
  return response.content.find("scope") != std::string::npos;
}

// A login of the main client by another method, with its right secret.
Exchange LogInBy(AuthMethod method, const Profile& profile, const TargetPlace& place,
                 Executor& executor, const std::string& canary) {
  StepSpec step;
  step.auth = method;
  Outgoing outgoing = Binder(profile, place, canary).Build(step, {step.name}, {});
  outgoing.asked_by = "the question whether " + std::string(ToString(method)) + " is offered";
  return executor.Ask(std::move(outgoing));
}

bool NeedsContentLogin(const Case& spec) {
  return std::any_of(spec.needs.begin(), spec.needs.end(), [](const CaseNeed& one) {
    return one.need != nullptr && one.need->name == "content_login";
  });
}

}  // namespace

OtherWay OtherWayAfter(const Exchange& control, const Profile& profile, bool auth_given) {
  const Response* response = control.response();
  if (response == nullptr || Matches("token", control)) return OtherWay::kNone;
  const Client& main = profile.main();
  const Inspection seen = InspectionOf(control);
  const bool about_scope = seen.error == "invalid_scope" ||
                           (seen.error == "invalid_request" && MentionsScope(*response));
  if (about_scope) return main.scopes.empty() ? OtherWay::kNone : OtherWay::kWithoutScope;
  if (response->status == 415) {
    return profile.Get("body") == "form" ? OtherWay::kJson : OtherWay::kNone;
  }
  if ((response->status != 400 && response->status != 401) || auth_given || main.secret.empty()) {
    return OtherWay::kNone;
  }
  if (main.auth == AuthMethod::kClientSecretBasic) return OtherWay::kPost;
  return main.auth == AuthMethod::kClientSecretPost ? OtherWay::kBasic : OtherWay::kNone;
}

void Take(OtherWay way, Profile& profile) {
  Client& main = profile.clients.at("main");
  switch (way) {
    case OtherWay::kNone:
      return;
    case OtherWay::kBasic:
      main.auth = AuthMethod::kClientSecretBasic;
      profile.switches["auth.basic"] = "on";
      return;
    case OtherWay::kPost:
      main.auth = AuthMethod::kClientSecretPost;
      profile.switches["auth.post"] = "on";
      profile.switches["auth.basic"] = "unknown";
      return;
    case OtherWay::kJson:
      profile.switches["body"] = "json";
      return;
    case OtherWay::kWithoutScope:
      main.scopes.clear();
      return;
  }
}

std::string_view ToString(OtherWay way) {
  switch (way) {
    case OtherWay::kNone:
      return "";
    case OtherWay::kBasic:
      return "credentials in the Authorization header (--auth client_secret_basic)";
    case OtherWay::kPost:
      return "credentials in the content (--auth client_secret_post)";
    case OtherWay::kJson:
      return "a JSON object (--switch body=json)";
    case OtherWay::kWithoutScope:
      return "a request without scope";
  }
  return "";
}

std::vector<std::string> FindLogin(Options& options, const TargetPlace& place) {
  const Exchange first = SendControl(options, place);
  const OtherWay way = OtherWayAfter(first, options.profile, options.auth_given);
  if (way == OtherWay::kNone) return {};
  const Profile before = options.profile;
  Take(way, options.profile);
  const std::string refused = InspectionOf(first).name;
  if (Matches("token", SendControl(options, place))) {
    return {"a token is got with " + std::string(ToString(way)) + "; without that: " + refused};
  }
  options.profile = before;
  return {};
}

std::string AskForBasic(Profile& profile, const TargetPlace& place, Executor& executor,
                        unsigned long seed) {
  const Client& main = profile.main();
  if (main.auth == AuthMethod::kClientSecretBasic || main.secret.empty()) return {};
  if (profile.Get("auth.basic") != "unknown") return {};
  const bool offered = Matches(
      "token", LogInBy(AuthMethod::kClientSecretBasic, profile, place, executor, CanaryOf(seed)));
  // Not offered stays unknown: off is for the user to say, who knows why.
  if (offered) profile.switches["auth.basic"] = "on";
  return offered
             ? "the target takes Basic as well"
             : "the target does not take Basic from this client: cases about Basic only look for "
               "a refusal";
}

void AskForContentLogin(const std::vector<const Case*>& cases, Profile& profile,
                        const TargetPlace& place, Executor& executor, unsigned long seed) {
  const Client& main = profile.main();
  if (main.auth != AuthMethod::kClientSecretBasic || main.secret.empty()) return;
  const auto needs_it = [](const Case* one) { return NeedsContentLogin(*one); };
  if (std::none_of(cases.begin(), cases.end(), needs_it)) return;
  const Exchange login =
      LogInBy(AuthMethod::kClientSecretPost, profile, place, executor, CanaryOf(seed));
  profile.refuses_content_login = Matches("refused", login);
}

}  // namespace grantspec
