// Laws: what holds for every request of a kind. An example of a law is a case, judged as the cases
// of the catalogue are; so the smallest one that breaks it can be kept as a case file.

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "conformance/engine/case/case.h"
#include "fixtures/target/profile.h"

namespace grantspec {

/// What examples are made of: what is known of the target.
struct World {
  const Profile& profile;
  std::vector<std::string> granted;  // scopes of the main client, 6 at most
  std::string ungranted;             // known to the target, not granted; or empty
  bool contract = false;             // whether a contract tells what is granted

  static World Of(const Profile& profile);
};

/// One law about responses.
struct Law {
  std::string_view category;  // scope, request, token
  std::string_view id;
  std::string_view title;
  Level level = Level::kMust;
  std::vector<std::string_view> clauses;
  std::vector<std::string_view> needs;  // as a case's
  int requests_max = 1;                 // of one example

  /// One example: steps and relations. Called inside RapidCheck; null where the law is finite.
  Case (*draw)(const World& world) = nullptr;

  /// Every example of a finite law.
  std::vector<Case> (*all)(const World& world) = nullptr;

  int line = 0;  // where it stands, for reports
  std::string_view file;
};

/// One law about the grammar alone: no target is asked. Asserts with RapidCheck's RC_ASSERT.
struct GrammarLaw {
  std::string_view id;
  std::string_view title;
  std::vector<std::string_view> clauses;
  void (*holds)() = nullptr;
  int line = 0;
  std::string_view file;
};

/// A law with the place of the caller, so that each entry of a table knows its own line.
template <typename AnyLaw>
AnyLaw Located(AnyLaw law, int line, std::string_view file) {
  law.line = line;
  law.file = file;
  return law;
}
inline Law Here(Law law, int line = __builtin_LINE(), std::string_view file = __builtin_FILE()) {
  return Located(std::move(law), line, file);
}
inline GrammarLaw Here(GrammarLaw law, int line = __builtin_LINE(),
                       std::string_view file = __builtin_FILE()) {
  return Located(std::move(law), line, file);
}

const std::vector<Law>& ScopeLaws();
const std::vector<Law>& RequestLaws();
const std::vector<Law>& TokenLaws();
const std::vector<GrammarLaw>& GrammarLaws();

/// A case's text that stands for exactly these bytes.
Text Verbatim(std::string_view bytes);

/// A step that asks for this scope text, form-encoded as usual.
StepSpec AskFor(std::string name, const std::string& scope);

/// A step with this content as it is.
StepSpec SendContent(std::string name, std::string_view content);

}  // namespace grantspec
