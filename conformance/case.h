// A case as its file has it.

#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fixtures/files/json_file.h"

namespace grantspec {

/// How much a missed expectation costs. RFC 2119's words, a contract's, and the security advice's.
enum class Level { kMust, kShould, kMay, kProfile, kSecurity };

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

/// The responses that may be received, each a name of answer.h. The first list that matches
/// decides.
struct Expectation {
  std::vector<std::string> answer;  // pass
  std::vector<std::string> never;   // fail at every level
  std::vector<std::string> warn;    // tolerated
  std::vector<std::string> info;    // recorded
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
  Text octets;
  int pause_ms = 0;
  std::string await;  // "", "interim" or "answer"
};

/// One request, as a difference from the baseline request.
struct StepSpec {
  std::string name = "request";
  SourceLine where;
  std::string client = "main";
  std::string at = "token";  // token, resource, resource_other or url of another place
  std::optional<Text> method, target, content;
  std::vector<NamedChange> fields;
  std::vector<NamedChange> form;
  std::vector<RawPart> raw;
  bool half_close = false;
  bool fresh = false;
  int answers = 1;
  int linger_ms = 0;
  int repeat = 1;
  std::string tls;  // this version of TLS alone
  bool plaintext = false;
  Expectation expect;
  std::vector<std::string> granted;  // texts: the granted scope as a set, where a token is received
  std::vector<std::string> checks;
};

/// What has to hold between steps.
struct RelationSpec {
  bool same = true;               // else: has to differ
  std::vector<std::string> what;  // status, answer, scope, content, token
  std::vector<std::string> of;    // names of steps
};

struct Case {
  std::string category;
  std::string id;         // within the category
  std::string catalogue;  // the id in the catalogue of cases
  std::string title;
  std::string note;
  SourceLine where;
  Level level = Level::kMust;
  std::vector<std::string> clauses;
  std::vector<std::string> needs;
  std::string strict;  // the switch that turns warn and info into failures
  std::vector<Alternative> alternatives;
  std::vector<StepSpec> steps;
  std::vector<RelationSpec> relations;
  std::string standing;  // a check of all responses of the run; such a case sends nothing
  std::string analysis;  // a statistical analysis of all responses of the case
  bool side_by_side = false;
  bool alive = false;
  std::string tier = "safe";
  std::string since = "2026.1";  // the case set that added it
  int within_ms = 0;

  /// The one name: category.id.
  std::string Name() const { return category + "." + id; }
};

}  // namespace grantspec
