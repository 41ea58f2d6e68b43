// Input: the value of a scope parameter, decoded.

#include <algorithm>
#include <cstdint>
#include <sstream>
#include <string>

#include "fixtures/model/grammar.h"
#include "fuzz/mutants/subject.h"
#include "fuzz/oracle/require.h"
#include "fuzz/oracle/work.h"

namespace grantspec::fuzz {
namespace {

template <typename Tokens>
std::string Listed(const Tokens& tokens) {
  std::string text;
  for (const std::string& token : tokens) text += model::Canonical(token);
  return text;
}

void HoldScope(std::string_view text) {
  const WorkMeter work;
  const auto scope = subject::ReadScope(text);
  work.RequireLinear(text.size(), 150, 64, "Scope::Parse");

  const auto expected = model::ReadScope(text);
  Require(IsScopeToken(text) ==
              (expected && expected->size() == 1 && text.find(' ') == std::string_view::npos),
          "a scope of one token is a token");
  const Scope known = Scope::Of({"a", std::string(text)});
  Require(known.Contains("a") && known.Contains(text) == IsScopeToken(text) &&
              known.size() == 1u + (text != "a" && IsScopeToken(text) ? 1u : 0u),
          "a scope is made of what is a token, and of nothing else");
  Require(scope.has_value() == expected.has_value(),
          "what the grammar allows is a scope, and nothing else");
  if (!scope) {
    Require(!ToString(scope.error()).empty(), "a refusal has words");
    Require((scope.error() == ScopeError::kEmpty) == text.empty(), "only nothing has no token");
    return;
  }
  for (const std::string& token : scope->tokens()) {
    Require(IsScopeToken(token), "each token is a scope-token");
  }
  if (!std::equal(scope->tokens().begin(), scope->tokens().end(), expected->begin(),
                  expected->end())) {
    Broken("both readers see the same set of tokens", Listed(scope->tokens()), Listed(*expected));
  }
  const std::string written = scope->ToString();
  // A stream takes longer to make than all the rest, and shows nothing of its own.
  static std::ostringstream shown;
  shown.str("");
  shown << *scope;
  RequireEqual(shown.view(), "\"" + written + "\"", "a scope is shown in quotes");
  Require(Scope::Of(*expected) == *scope, "a scope is made of its tokens");
  const auto again = subject::ReadScope(written);
  Require(again && *again == *scope, "a scope that was written is read back");
}

// A scope cut in two: laws of sets are checked between the halves and the whole.
void HoldSets(std::string_view text) {
  const std::size_t space = text.find(' ', text.size() / 2);
  if (space == std::string_view::npos) return;
  const auto whole = subject::ReadScope(text);
  const auto front = subject::ReadScope(text.substr(0, space));
  const auto back = subject::ReadScope(text.substr(space + 1));
  if (!front || !back) return;
  Require(whole.has_value(), "two scopes with a space between are a scope");
  Require(front->UnitedWith(*back) == *whole, "the whole is the union of its halves");
  Require(front->IsSubsetOf(*whole) && back->IsSubsetOf(*whole), "halves are within the whole");
  Require(whole->IsSubsetOf(*front) == (*front == *whole), "the whole is within no smaller half");
  Require(front->IntersectedWith(*whole) == *front, "a half meets the whole in itself");
  Require(whole->Without(*front).UnitedWith(*front) == *whole, "taking away and adding is nothing");
  Require(whole->Without(*whole).empty(), "nothing is left of a scope without itself");
  const auto swapped = subject::ReadScope(std::string(text.substr(space + 1)) + " " +
                                          std::string(text.substr(0, space)));
  Require(swapped && *swapped == *whole, "order has no meaning");
}

}  // namespace
}  // namespace grantspec::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  grantspec::fuzz::HoldScope(text);
  grantspec::fuzz::HoldSets(text);
  return 0;
}
