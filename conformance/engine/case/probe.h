// Probes: tables of small changes, and rules that make a case of each.
//
//     {"id": "secret", "for_each": {"probe": "value", "of": "secret"},
//      "title": "A secret {says} is an invalid_client", ...
//      "change": {"fields": {"Authorization": "Basic {{base64(form(id) ':' form(probe))}}"}}}
//
// becomes `secret.drop_last`, `secret.append` and so on, one for each row of the table `value`. In
// {{ }} `probe` is the row's expression `is`, in which `v` is what the rule names as `of`.
// Elsewhere `{name}` is the row's member of that name; where that is an object, as `{fields}` with
// several header fields or `{change}` with a change of the request, it is the whole text.

#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "fixtures/files/json_file.h"

namespace grantspec {

/// One row: its members are texts or objects. Each has `id` (a-z, 0-9, _) and `says`, the words for
/// a title.
struct Probe {
  std::map<std::string, std::string, std::less<>> members;
  std::vector<std::string> needs;  // needs that a case made of it has beside the rule's
  std::map<std::string, JsonValue, std::less<>> objects;
  SourceLine where;

  const std::string& id() const { return members.at("id"); }
};

/// Tables of probes by name.
using Probes = std::map<std::string, std::vector<Probe>, std::less<>>;

/// Reads `probes.json`: an object of tables, each a list of rows. Throws FileError at the first
/// mistake: a row without `id` or `says`, an id that is a duplicate.
Probes ReadProbes(const std::string& path);
Probes ParseProbes(std::string_view text, const std::string& name);

/// The cases of a rule as if they had been written one by one; a case without `for_each` is itself
/// the only one. `without` of a rule names rows that make no case, `only` those that do, `but`
/// members that differ for a row. `with` names a second table: a case is made of each pair of rows,
/// `RULE.ROW_WITHROW`, in which the second row's members are `{with.name}`. Throws FileError where
/// the rule names a table or a row that does not exist.
std::vector<JsonValue> Expanded(const JsonValue& rule, const Probes& probes);

/// A text of a rule filled in for a row; `of` is the expression that `v` stands for. A case whose
/// change changes nothing is not applicable: that is what `differs` is for.
///
///     const Probe longer{{{"id", "longer"}, {"is", "v 'x'"}, {"says", "longer"}}, {}, {}, {}};
///     Filled("{{base64(probe)}} {says}", longer, "secret")
///     // "{{base64(differs(secret 'x',secret))}} longer"
std::string Filled(std::string_view text, const Probe& probe, std::string_view of);

}  // namespace grantspec
