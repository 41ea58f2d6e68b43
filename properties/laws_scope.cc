// The algebra of scopes (RFC 6749 section 3.3).

#include <algorithm>

#include "fixtures/grammar/ascii.h"
#include "fixtures/grammar/form.h"
#include "properties/draw.h"
#include "properties/law.h"

namespace grantspec {
namespace {

using Words = std::vector<std::string>;

std::string Joined(const Words& words, std::string_view separator = " ") {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : std::string(separator)) + word;
  return text;
}

// Asks for words that are all granted: the response is a token for exactly these.
StepSpec Granted(std::string name, const Words& words) {
  StepSpec step = AskFor(std::move(name), Joined(words));
  step.expect.response = {"token"};
  step.granted = words;
  return step;
}

// Asks for something that may not be granted. Without a contract a server may ignore what it does
// not know, and hand out what it would have given anyway.
StepSpec Refused(std::string name, const std::string& scope, const World& world) {
  StepSpec step = AskFor(std::move(name), scope);
  step.expect.response = {"invalid_scope", "invalid_request"};
  if (!world.contract) step.expect.warn = {"token"};
  step.checks = {"granted_within_registered"};
  return step;
}

bool Has(const Words& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// A word that is nearly one that is granted, and is not.
std::string NearMiss(const World& world) {
  const std::string& word = AnyOf(world.granted);
  std::string near;
  switch (AnyIndex(7)) {
    case 0:
      near = word + "x";
      break;
    case 1:
      near = word.substr(0, word.size() - 1);
      break;
    case 2:
      near = AnyCase(word);
      break;
    case 3:
      near = word.substr(0, word.rfind(':') == std::string::npos ? 1 : word.rfind(':'));
      break;
    case 4:
      near = word.substr(0, word.find(':') + 1) + "*";
      break;
    case 5:
      near = word + ":" + AnyWord();
      break;
    default:
      near = "no:such:" + AnyWord();
  }
  RC_PRE(!near.empty());
  RC_PRE(!Has(world.profile.main().scopes, near) && near != world.ungranted);
  return near;
}

Case AnySubset(const World& world) {
  Case one;
  one.steps = {Granted("request", SetOf(world.granted, 10))};
  return one;
}

std::vector<Case> EverySubset(const World& world) {
  std::vector<Case> all;
  const std::size_t count = std::min<std::size_t>(world.granted.size(), 4);
  for (unsigned bits = 1; bits < (1U << count); ++bits) {
    Words words;
    for (std::size_t i = 0; i < count; ++i) {
      if (((bits >> i) & 1U) != 0) words.push_back(world.granted[i]);
    }
    all.emplace_back().steps = {Granted("request", words)};
  }
  return all;
}

Case Order(const World& world) {
  const Words words = TwoOrMoreOf(world.granted, 5);
  Case one;
  one.steps = {Granted("one_way", words), Granted("other_way", Shuffled(words))};
  one.relations = {{true, {Related::kResponse, Related::kScope}, {"one_way", "other_way"}}};
  return one;
}

Case Repetition(const World& world) {
  const Words words = SomeOf(world.granted, 6);
  Case one;
  one.steps = {Granted("request", words)};
  return one;
}

Case Union(const World& world) {
  const Words left = SetOf(world.granted, 4), right = SetOf(world.granted, 4);
  Words both = left;
  for (const std::string& word : right) {
    if (!Has(both, word)) both.push_back(word);
  }
  Case one;
  one.steps = {Granted("left", left), Granted("right", right), Granted("both", both)};
  return one;
}

Case Mixture(const World& world) {
  Words words = SetOf(world.granted, 3);
  const Words granted = words;
  Words others = {"no:such:" + AnyWord()};
  if (!world.ungranted.empty()) others.push_back(world.ungranted);
  for (const std::string& other : SetOf(others, 2)) words.push_back(other);
  Case one;
  StepSpec step = AskFor("request", Joined(Shuffled(words)));
  step.expect.response = {"invalid_scope", "token"};
  step.granted = granted;
  step.checks = {"granted_within_registered"};
  one.steps = {step};
  return one;
}

Case NotGranted(const World& world) {
  Case one;
  one.steps = {Refused("request", NearMiss(world), world)};
  return one;
}

Case LimitedClient(const World& world) {
  Case one;
  StepSpec step = AskFor("request", Joined(SetOf(world.granted, 5)));
  step.client = "limited";
  step.expect.response = {"token", "invalid_scope"};
  step.checks = {"granted_within_registered"};
  one.steps = {step};
  return one;
}

Case Separators(const World& world) {
  // Bytes as they stand in the form; each of them makes one word out of two, or none.
  static const std::vector<std::string> kSeparators = {",",   "%3B", "%09",    "%0A",      "%00",
                                                       "%7C", "%2B", "%C2%A0", "%E3%80%80"};
  const Words words = TwoOrMoreOf(world.granted, 3);
  std::string scope;
  const std::string separator = AnyOf(kSeparators);
  for (const std::string& word : words) {
    scope += (scope.empty() ? "" : separator) + EncodeFormComponent(word);
  }
  Case one;
  StepSpec step = SendContent("request", "grant_type=client_credentials&scope=" + scope);
  step.expect.response = {"invalid_scope", "invalid_request"};
  step.expect.warn = {"token"};
  step.checks = {"granted_within_registered"};
  one.strict = "strict.scope";
  one.steps = {step};
  return one;
}

Case Elsewhere(const World& world) {
  static const std::vector<std::string> kNames = {
      "scope[0]", "scope[]", "scope%5B0%5D", "Scope", "SCOPE", "scopes", "scope.0", "scope%20"};
  const Words asked = {AnyOf(world.granted)};
  Words more = world.granted;
  if (!world.ungranted.empty()) more.insert(more.begin(), world.ungranted);
  const std::string other = AnyOf(more);
  const std::string pair = AnyOf(kNames) + "=" + EncodeFormComponent(other);
  const std::string form =
      "grant_type=client_credentials&scope=" + EncodeFormComponent(asked.front());
  Case one;
  StepSpec step;
  if (Perhaps()) {
    step = SendContent("request", form);
    step.target = Text{"{{path}}?scope=" + EncodeFormComponent(other), {"generated", 0}};
    step.expect.response = {"token", "invalid_request", "invalid_scope"};
  } else {
    step = SendContent("request", Perhaps() ? pair + "&" + form : form + "&" + pair);
    step.expect.response = {"token"};
    step.expect.warn = {"invalid_request"};
  }
  step.granted = asked;
  one.steps = {step};
  return one;
}

const std::vector<Law> kLaws = {
    Here({.category = "scope",
          .id = "any_subset",
          .title = "Any subset of the granted scopes is granted as requested",
          .clauses = {"RFC6749-3.3-04"},
          .needs = {"scope"},
          .draw = AnySubset}),
    Here({.category = "scope",
          .id = "every_subset",
          .title = "Every subset of four granted scopes is granted as requested",
          .clauses = {"RFC6749-3.3-04"},
          .needs = {"two_scopes"},
          .requests_max = 15,
          .all = EverySubset}),
    Here({.category = "scope",
          .id = "order",
          .title = "The order of scopes does not matter",
          .clauses = {"RFC6749-3.3-03"},
          .needs = {"two_scopes"},
          .requests_max = 2,
          .draw = Order}),
    Here({.category = "scope",
          .id = "repetition",
          .title = "A repeated scope counts once",
          .clauses = {"RFC6749-3.3-10"},
          .needs = {"scope"},
          .draw = Repetition}),
    Here({.category = "scope",
          .id = "join",
          .title = "The union of two scopes is granted as the union of what each is granted",
          .clauses = {"RFC6749-3.3-04"},
          .needs = {"two_scopes"},
          .requests_max = 3,
          .draw = Union}),
    Here({.category = "scope",
          .id = "mixture",
          .title =
              "An ungranted scope among granted ones is rejected, or left out of the stated scope",
          .clauses = {"RFC6749-3.3-07"},
          .needs = {"scope"},
          .draw = Mixture}),
    Here({.category = "scope",
          .id = "near_miss",
          .title = "A scope that differs slightly from a granted one is rejected",
          .clauses = {"RFC6749-3.3-02", "RFC6749-5.2-12"},
          .needs = {"scope"},
          .draw = NotGranted}),
    Here({.category = "scope",
          .id = "limited_client",
          .title = "No client is granted a scope that it is not registered for",
          .clauses = {"RFC6749-3.3-07"},
          .needs = {"scope"},
          .draw = LimitedClient}),
    Here({.category = "scope",
          .id = "separators",
          .title = "Only a space separates scopes",
          .clauses = {"RFC6749-3.3-11"},
          .needs = {"two_scopes"},
          .draw = Separators}),
    Here({.category = "scope",
          .id = "elsewhere",
          .title = "No other parameter and no query widens the scope",
          .clauses = {"RFC6749-3.2-07", "RFC6749-3.3-07"},
          .needs = {"scope"},
          .draw = Elsewhere}),
};

}  // namespace

const std::vector<Law>& ScopeLaws() {
  return kLaws;
}

}  // namespace grantspec
