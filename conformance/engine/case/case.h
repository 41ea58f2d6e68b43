// A case as its file has it.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "conformance/engine/case/analysis.h"
#include "conformance/engine/case/clause.h"
#include "conformance/engine/check/check.h"
#include "conformance/engine/response/response_class.h"
#include "fixtures/files/json_file.h"
#include "fixtures/http/exchange.h"
#include "fixtures/target/profile.h"

namespace grantspec {

/// How much a missed expectation costs. RFC 2119's words, a contract's, and the security advice's.
enum class Level { kMust, kShould, kMay, kProfile, kSecurity };

/// What a run may do to its target: `abuse` cases load it.
enum class Tier { kSafe, kAbuse };

/// Where a step goes: the token endpoint, a resource of the profile, or another path.
enum class Place {
  kToken,
  kResource,
  kResourceOther,
  kResourceSecondSite,
  kResourceForeignSite,
  kPath,
};

/// What relations compare.
enum class Related {
  kStatus,
  kResponse,
  kGranted,
  kScope,
  kContent,
  kMetadata,  // the members of metadata, where both responses are some
  kFields,
  kToken,
  kLifetime
};

/// The names in case files and reports: "MUST", "safe", "token", "status" ... A path has none.
std::string_view ToString(Level level);
std::string_view ToString(Tier tier);
std::string_view ToString(Place place);
std::string_view ToString(Related what);

/// The value of a name, or nothing. "MUST NOT" is the level of "MUST".
std::optional<Level> LevelNamed(std::string_view name);
std::optional<Tier> TierNamed(std::string_view name);
std::optional<Place> PlaceNamed(std::string_view name);
std::optional<Related> RelatedNamed(std::string_view name);

struct Need;

/// What a case needs: a row of need.h, or a switch of the profile with one of some values.
struct CaseNeed {
  std::string text;            // as the case file has it
  const Need* need = nullptr;  // null: the switch
  const Switch* of_profile = nullptr;
  std::vector<std::string> values;
};

/// A text with {{ }} in it, and where it stands.
struct Text {
  std::string text;
  SourceLine where;
};

/// A change of one field or form parameter: no values takes it away, one replaces it, several
/// repeat it.
struct NamedChange {
  Text name;
  std::vector<Text> values;
};

/// The responses that may be received. The first list that matches decides.
struct Expectation {
  ResponseClassList response;  // pass
  ResponseClassList never;     // fail at every level
  ResponseClassList warn;      // tolerated
  ResponseClassList info;      // recorded
};

/// Another expectation, where a switch of the profile has one of these values.
struct Alternative {
  std::string name;
  std::vector<std::string> is;
  Expectation expectation;
  std::optional<Level> level;
};

/// One part of a raw request.
struct RawPart {
  Text bytes;
  int pause_ms = 0;
  RawStep::Await await = RawStep::Await::kNothing;
};

/// The key that signs the assertion of a step.
enum class AssertionKey {
  kOfClient,
  kOther,           // of the same type, and nobody's
  kInHeader,        // the same, and the header has it as `jwk`
  kPublicKey,       // a MAC keyed with the text of the client's public key
  kSecond,          // of the client `assertion_second`
  kOtherAlgorithm,  // the client's own, by another algorithm
  kNone,            // no signature, and alg is none
};

/// A member of an assertion's header or claims: left out, or another value.
struct AssertionMember {
  enum class Kind { kLeftOut, kText, kTexts, kNumber };

  std::string name;
  Kind kind = Kind::kLeftOut;
  std::vector<Text> values;
};

/// How the assertion of a step differs from the right one.
struct AssertionSpec {
  std::vector<AssertionMember> header, claims;
  std::optional<Text> payload;  // signed in place of the claims
  AssertionKey key = AssertionKey::kOfClient;
};

/// What a step waits for before it is sent: a while after the token of the step before was
/// received, the last moments of that token, or its end.
enum class Await { kNothing, kAWhile, kLastMoments, kExpiry };

/// One request, as a difference from the baseline request.
struct StepSpec {
  std::string name = "request";
  SourceLine where;
  std::string client = "main";
  std::optional<AuthMethod> auth;     // it is about this way to log in; none: the client's own
  bool writes_authorization = false;  // it has an Authorization field of its own
  std::optional<AssertionSpec> assertion;
  std::optional<Text> secret;  // logs in with this one instead of the client's
  bool as_form = false;        // parameters as RFC 6749 has them, whatever the profile says
  Place at = Place::kToken;
  std::string path;  // where `at` is kPath
  std::optional<Text> method, target, content;
  std::vector<NamedChange> fields;
  std::vector<NamedChange> form;
  std::vector<RawPart> raw;
  bool half_close = false;
  bool fresh = false;
  int responses = 1;
  bool judges_last = false;  // of the responses on the connection only the last counts
  int linger_ms = 0;
  int repeat = 1;
  Await await = Await::kNothing;
  std::string tls;  // this version of TLS alone
  ClientCertificate certificate = ClientCertificate::kOfClient;
  bool plaintext = false;
  Expectation expect;
  std::vector<std::string> granted;  // texts: the granted scope as a set, where a token is received
  CheckList checks;
};

/// Whether a step sends its place one request of the main client that differs in nothing from the
/// baseline request, or from a GET without credentials.
bool IsPlain(const StepSpec& step);

/// What has to be true between steps.
struct RelationSpec {
  bool same = true;  // else: has to differ
  std::vector<Related> what;
  std::vector<std::string> of;  // names of steps
};

/// A case with every name resolved. Its clauses are rows of a Clauses, which must outlive it.
struct Case {
  std::string category;
  std::string id;         // within the category
  std::string catalogue;  // the id in the catalogue of cases
  std::string title;
  std::string note;
  SourceLine where;
  Level level = Level::kMust;
  std::vector<const Clause*> clauses;
  std::vector<CaseNeed> needs;
  std::string strict;  // the switch that turns warn and info into failures
  std::vector<Alternative> alternatives;
  std::vector<StepSpec> steps;
  std::vector<RelationSpec> relations;
  const Check* standing = nullptr;     // of all responses of the run: such a case sends nothing
  const Analysis* analysis = nullptr;  // a statistical analysis of all responses of the case
  bool side_by_side = false;
  bool alive = false;
  Tier tier = Tier::kSafe;
  std::string since = "2026.1";  // the case set that added it
  int within_ms = 0;

  /// The one name: category.id.
  std::string Name() const { return category + "." + id; }
};

/// The ids of the clauses that a case cites.
std::vector<std::string> ClauseIds(const Case& spec);

}  // namespace grantspec
