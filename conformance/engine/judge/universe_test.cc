// The proof of the comparisons, without a request: which probe of a value shows which wrong way to
// compare it. What is missing here no case can find.

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "conformance/engine/case/expression.h"
#include "conformance/engine/case/probe.h"
#include "conformance/engine/case/step_file.h"
#include "fixtures/endpoint/comparison.h"

namespace grantspec {
namespace {

const std::vector<Probe>& Values() {
  static const Probes probes =
      ReadProbes(std::string(GRANTSPEC_SOURCE_DIR) + "/conformance/probes.json");
  return probes.at("value");
}

// What a probe makes of a value; nothing where it has nothing to change.
std::optional<std::string> Sent(const Probe& probe, const std::string& value) {
  JsonValue text;
  text.kind = JsonValue::Kind::kString;
  text.string = Filled("{{probe}}", probe, "value");
  try {
    return Expand(
        BytesOf(text, "probe"),
        [&value](std::string_view name) -> std::optional<std::string> {
          return name == "value" ? std::optional(value) : std::nullopt;
        },
        probe.where);
  } catch (const NotApplicable&) {
    return std::nullopt;
  }
}

// The probes that show an operator for a value.
std::set<std::string> Showing(const ComparisonOperator& one, const std::string& value) {
  std::set<std::string> showing;
  for (const Probe& probe : Values()) {
    const auto sent = Sent(probe, value);
    if (sent && one.accepts(value, *sent)) showing.insert(probe.id());
  }
  return showing;
}

// Shapes of values, and the operators that cannot be told from the right comparison there.
const std::map<std::string, std::set<std::string>>& Shapes() {
  static const std::map<std::string, std::set<std::string>> shapes = {
      // a number in front, and a small k, s or i, would be needed
      {"gX1fBat3bV", {"number", "special_lower", "slash_for_colon"}},
      {"7Fjfp0ZBr1KtDRbnfVdmIw", {"special_lower", "slash_for_colon"}},
      {"4711",
       {"folded", "first_8", "special_lower",
        "slash_for_colon"}},  // no letter; eight bytes and more
      {"3f2b8c1e-0d4a-4f7e-9b65-2c1d0e9f8a7b", {"special_lower", "slash_for_colon"}},
      {"se:cr:et-of-somebody", {"number", "after_colon"}},
      {"9" + std::string(71, 'q'), {"special_lower", "seven_bits", "slash_for_colon"}},
  };
  return shapes;
}

TEST(Comparisons, EachIsShownByAProbe) {
  ASSERT_EQ(ComparisonOperators().front().name, "always");
  for (const auto& [value, hidden] : Shapes()) {
    for (const ComparisonOperator& one : ComparisonOperators()) {
      EXPECT_TRUE(one.accepts(value, value)) << one.name << " refuses " << value;
      const bool is_hidden = hidden.contains(std::string(one.name));
      EXPECT_EQ(Showing(one, value).empty(), is_hidden) << one.name << " of " << value;
    }
  }
}

TEST(Comparisons, EachProbeShowsOne) {
  std::set<std::string> useful;
  for (const auto& [value, hidden] : Shapes()) {
    for (const ComparisonOperator& one : ComparisonOperators()) {
      if (one.name == "always") continue;
      useful.merge(Showing(one, value));
    }
  }
  for (const Probe& probe : Values()) EXPECT_TRUE(useful.contains(probe.id())) << probe.id();
}

// The first of some names, and how many more there are.
std::string FirstOf(const std::set<std::string>& names) {
  constexpr std::size_t kNamedMax = 5;
  std::string text;
  std::size_t named = 0;
  for (const std::string& name : names) {
    if (++named > kNamedMax) break;
    text += (text.empty() ? "`" : ", `") + name + "`";
  }
  if (names.size() > kNamedMax) {
    text += " and " + std::to_string(names.size() - kNamedMax) + " more";
  }
  return text;
}

// conformance/UNIVERSE.md says what the two tests above compute.
TEST(Comparisons, AreListedInAFile) {
  std::string text =
      "# Comparisons and the probes that show them\n\n"
      "Each way to compare a value wrongly (`fixtures/endpoint/comparison.cc`), and the rows of "
      "the\n"
      "table `value` in `probes.json` that a target with such a comparison answers wrongly. "
      "Computed\n"
      "by `universe_test` for six shapes of values; `GRANTSPEC_UPDATE_GOLDEN=1` writes this file "
      "anew.\n"
      "`grantspec-endpoint --deviate client_auth_basic.secret.prefix` compares so in one place; a "
      "case\n"
      "is named after its row: `client_auth_basic.secret.drop_last`.\n\n"
      "| comparison | probes | not to be told from the right one for |\n| --- | --- | --- |\n";
  for (const ComparisonOperator& one : ComparisonOperators()) {
    std::set<std::string> showing;
    std::string hidden_for;
    for (const auto& [value, hidden] : Shapes()) {
      showing.merge(Showing(one, value));
      if (!hidden.contains(std::string(one.name))) continue;
      const std::string shown = value.size() <= 24 ? value : value.substr(0, 21) + "...";
      hidden_for += (hidden_for.empty() ? "`" : ", `") + shown + "`";
    }
    text += "| `" + std::string(one.name) + "` | " + FirstOf(showing) + " | " + hidden_for + " |\n";
  }
  const std::string path = std::string(GRANTSPEC_SOURCE_DIR) + "/conformance/UNIVERSE.md";
  if (std::getenv("GRANTSPEC_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << text;
  std::ifstream file(path);
  EXPECT_EQ(text, std::string(std::istreambuf_iterator<char>(file), {})) << path;
}

}  // namespace
}  // namespace grantspec
