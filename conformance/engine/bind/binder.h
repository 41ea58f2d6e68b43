// Binds a case to a target: which requests are sent, or why none can be.

#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/engine/bind/client_login.h"
#include "conformance/engine/bind/request_shape.h"
#include "conformance/engine/case/case.h"
#include "conformance/engine/secrets/spelling_index.h"
#include "fixtures/grammar/form.h"
#include "fixtures/grammar/result.h"
#include "fixtures/http/exchange.h"
#include "fixtures/http/identity.h"
#include "fixtures/target/profile.h"
#include "fixtures/target/target_place.h"

namespace grantspec {

/// The request of a step, made twice at the same moment: as it is sent, and as reports show it,
/// with every secret and token replaced before anything is encoded, so that no encoding of a secret
/// can slip through.
struct BoundRequest {
  Outgoing wire;
  Result<Outgoing, std::string> shown;  // or why: other bytes may be impossible to encode
};

/// Makes requests out of steps.
class Binder {
 public:
  /// `canary` is a text that occurs nowhere else, different in each run. The profile must outlive
  /// the binder.
  Binder(const Profile& profile, TargetPlace place, std::string canary);

  /// Why the case cannot be asked here, or nothing. Throws FileError for a mistake in its texts.
  std::optional<std::string> WhyNot(const Case& spec) const;

  /// The request of a step, as it is sent and as it is shown: Build and BuildShown.
  BoundRequest Bind(const StepSpec& step, const std::vector<std::string>& names,
                    const std::vector<Exchange>& exchanges) const;

  /// The request of a step as it is sent, which may use responses to the steps before it.
  /// `names[i]` is the name of the step that `exchanges[i]` belongs to.
  ///
  /// Throws NotApplicable where the target cannot be asked: also where an access token would go to
  /// a URL that the profile does not name, or has bytes that no token may have (RFC 6750
  /// section 2.1, RFC 6749 appendix A.12).
  Outgoing Build(const StepSpec& step, const std::vector<std::string>& names,
                 const std::vector<Exchange>& exchanges) const;

  /// The same with masked values, or why it cannot be shown.
  Result<Outgoing, std::string> BuildShown(const StepSpec& step,
                                           const std::vector<std::string>& names,
                                           const std::vector<Exchange>& exchanges) const;

  /// The Authorization field value by which the client of a step logs in with Basic, as it is
  /// shown. Empty: it has no secret.
  std::string ShownBasic(const StepSpec& step) const;

  /// The baseline request of the main client, on a connection of its own.
  Outgoing Control() const;

  /// The baseline request of the client in a role; `asked_by` is for messages.
  Outgoing Login(const std::string& role, std::string asked_by) const;

  /// The clients of the profile as the login guard knows them, and what surrounds their names.
  std::vector<KnownClient> KnownClients() const;
  Surroundings SurroundingsOfClients() const;

  /// The request that asks whether the target serves: no client, no credentials.
  Outgoing Probe() const;

  /// The client that a step logs in with, or null where it is nobody's.
  const Client* ClientOf(const StepSpec& step) const;

  /// The text with {{ }} filled in for the client of a step.
  std::string Text(const StepSpec& step, const ::grantspec::Text& text) const;

  const TargetPlace& place() const { return place_; }
  const Profile& profile() const { return profile_; }

  /// The distinctive secrets of the profile, which no response may contain.
  const SpellingIndex& secrets() const { return secrets_; }

 private:
  enum class Values { kReal, kMasked };
  Binder(const Profile& profile, TargetPlace place, std::string canary, Values values);

  /// What a request contains that must not be sent to every place.
  struct Used {
    bool client = false;  // an id or a secret of a real client
    bool token = false;   // a token that an earlier step received
    // What a text of the step already put among the parameters.
    bool extra_parameters = false;
    // The login of {{body}}, the same wherever the text names it: an assertion is new each time.
    std::optional<LoginParts> body_login;
    // The assertion that logs the client of the step in, the same wherever a text names it.
    std::string assertion;
    bool in_assertion = false;  // texts of an assertion, which cannot name it
  };

  /// What a name in a text of a step can refer to.
  struct Context {
    const StepSpec& step;
    const std::vector<std::string>& names;   // of the steps of the case
    const std::vector<Exchange>& exchanges;  // of the steps before
    Used& used;
    bool of_other = false;  // the name was spelled `role.name`: it has no part in the step's login
  };

  std::optional<std::string> Lookup(std::string_view name, const Context& at) const;
  std::optional<std::string> LookupRole(std::string_view name, const Context& at) const;
  std::string LookupStep(std::string_view step, std::string_view member, const Context& at) const;
  std::string AssertionSentIn(std::string_view step, const Context& at) const;
  std::optional<std::string> LookupResource(std::string_view name) const;
  std::string OtherScopes(const Context& at) const;
  std::string PlainOfMain(std::string Client::*member, Used& used) const;
  std::string UngrantedScope() const;
  std::string IndicatorAt(std::size_t at) const;
  std::string Filled(const ::grantspec::Text& text, const Context& at) const;
  std::vector<std::string> FilledAll(const std::vector<::grantspec::Text>& texts,
                                     const Context& at) const;
  const std::optional<Resource>* ResourceAt(Place at) const;
  std::optional<std::string> TokenOf(const Exchange& exchange) const;
  static std::optional<std::string> CookiesOf(const Exchange& exchange);
  int DelayMs(const StepSpec& step, const std::vector<Exchange>& exchanges) const;
  void CheckPlace(const StepSpec& step, const Outgoing& outgoing, const Used& used) const;
  LoginContext Logins() const;
  RequestShape ShapeFor(const StepSpec& step) const;
  LoginParts LoginOf(const StepSpec& step, Used& used) const;
  AssertionDifference DifferenceOf(const StepSpec& step) const;
  std::optional<std::string> LookupAssertion(std::string_view name, const Context& at) const;
  std::vector<FormParameter> ExtraParameters() const;
  Form GrantForm(const StepSpec& step) const;
  Form BaselineForm(const Context& at) const;
  std::string BaselineRequest(const Context& at) const;
  std::optional<std::string> LookupRequest(std::string_view name, const Context& at) const;
  std::string ContentFor(const Context& at, const Request& request) const;
  Form FormIn(const std::string& content) const;
  std::pair<Request, Form> Baseline(const StepSpec& step, Used& used) const;
  Request RequestOf(const Context& at) const;
  RawRequest RawRequestOf(const Context& at) const;

  const Profile& profile_;
  TargetPlace place_;
  std::string canary_;
  bool masked_;
  std::map<std::string, Client> masked_clients_;  // of a masked binder
  std::unique_ptr<const Binder> shown_;           // the same with masked values; of the real one
  Client nobody_;
  SpellingIndex secrets_;
};

/// The steps of a case in the order in which they are sent, repeats written out.
std::vector<const StepSpec*> SequenceOf(const Case& spec);

/// The names of the steps, in the order in which they are sent.
std::vector<std::string> NamesOf(const std::vector<const StepSpec*>& sequence);

/// The names that the texts of a case can refer to: side by side, no step knows the response of
/// another.
std::vector<std::string> ReferableNames(const Case& spec);

}  // namespace grantspec
