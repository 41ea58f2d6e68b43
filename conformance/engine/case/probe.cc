#include "conformance/engine/case/probe.h"

#include <algorithm>
#include <set>

#include "fixtures/grammar/ascii.h"

namespace grantspec {
namespace {

bool IsOfName(char c) {
  return IsAlpha(c) || IsDigit(c) || c == '_' || c == '.';
}

Probe ReadProbe(const JsonValue& row) {
  Probe probe;
  probe.where = row.where;
  for (const auto& [name, value] : row.AsObject("a probe").members) {
    if (name == "needs") {
      probe.needs = value.AsStrings("needs");
    } else if (value.kind == JsonValue::Kind::kObject) {
      probe.objects[name] = value;
    } else {
      probe.members[name] = value.AsString(name);
    }
  }
  for (std::string_view name : {"id", "says"}) {
    if (probe.members.find(name) == probe.members.end()) {
      throw FileError(row.where, "a probe needs \"" + std::string(name) + "\"");
    }
  }
  for (char c : probe.id()) {
    if ((c >= 'a' && c <= 'z') || IsDigit(c) || c == '_') continue;
    throw FileError(row.where, "the id of a probe has the characters a-z, 0-9 and _");
  }
  return probe;
}

// An expression with names replaced; literals stay.
std::string Renamed(std::string_view expression, std::string_view name, std::string_view by) {
  std::string out;
  for (std::size_t at = 0; at < expression.size();) {
    const char c = expression[at];
    std::size_t end = at + 1;
    if (c == '\'' || c == '"') {
      end = std::min(expression.find(c, at + 1), expression.size() - 1) + 1;
    } else if (IsOfName(c)) {
      while (end < expression.size() && IsOfName(expression[end])) ++end;
    }
    const std::string_view part = expression.substr(at, end - at);
    out += part == name ? by : part;
    at = end;
  }
  return out;
}

// The object of a row that a text `{name}` stands for.
const JsonValue* ObjectNamed(const JsonValue& value, const Probe& probe) {
  const std::string_view text = value.string;
  if (value.kind != JsonValue::Kind::kString || text.size() < 3 || text.front() != '{' ||
      text.back() != '}') {
    return nullptr;
  }
  const auto found = probe.objects.find(text.substr(1, text.size() - 2));
  return found != probe.objects.end() ? &found->second : nullptr;
}

void Fill(JsonValue& value, const Probe& probe, std::string_view of) {
  if (const JsonValue* object = ObjectNamed(value, probe)) {
    value = *object;
    return;
  }
  value.string = Filled(value.string, probe, of);
  for (JsonValue& item : value.items) Fill(item, probe, of);
  for (JsonEntry& member : value.members) {
    member.name = Filled(member.name, probe, of);
    Fill(member.value, probe, of);
  }
}

void SetMember(JsonValue& object, std::string_view name, JsonValue value) {
  for (JsonEntry& member : object.members) {
    if (member.name == name) {
      member.value = std::move(value);
      return;
    }
  }
  object.members.push_back({std::string(name), std::move(value)});
}

JsonValue StringAt(std::string text, const SourceLine& where) {
  JsonValue value;
  value.kind = JsonValue::Kind::kString;
  value.string = std::move(text);
  value.where = where;
  return value;
}

// The rule's own needs, and those of the row.
void AddNeeds(JsonValue& made, const Probe& probe) {
  if (probe.needs.empty()) return;
  JsonValue needs;
  needs.kind = JsonValue::Kind::kArray;
  needs.where = made.where;
  if (const JsonValue* own = made.Find("needs")) {
    for (const std::string& text : own->AsStrings("needs")) {
      needs.items.push_back(StringAt(text, own->where));
    }
  }
  for (const std::string& text : probe.needs) needs.items.push_back(StringAt(text, probe.where));
  SetMember(made, "needs", std::move(needs));
}

// The names of rows that a member of `for_each` lists, or of members that it has; each exists.
std::set<std::string> RowsIn(const JsonValue* value, const std::vector<Probe>& table) {
  std::set<std::string> named;
  if (value == nullptr) return named;
  if (value->kind == JsonValue::Kind::kObject) {
    for (const JsonEntry& member : value->members) named.insert(member.name);
  } else {
    for (const std::string& name : value->AsStrings("a list of probes")) named.insert(name);
  }
  for (const std::string& name : named) {
    const auto is_named = [&name](const Probe& probe) { return probe.id() == name; };
    if (std::none_of(table.begin(), table.end(), is_named)) {
      throw FileError(value->where, "the table has no probe \"" + name + "\"");
    }
  }
  return named;
}

const std::vector<Probe>& TableNamed(const JsonValue& name, const Probes& probes) {
  const auto table = probes.find(name.AsString("a table of probes"));
  if (table == probes.end()) {
    throw FileError(name.where, "no table of probes is called \"" + name.string + "\"");
  }
  return table->second;
}

Probe PairOf(const Probe& first, const Probe& second) {
  Probe pair = first;
  pair.members["id"] = first.id() + "_" + second.id();
  for (const auto& [name, text] : second.members) pair.members["with." + name] = text;
  pair.needs.insert(pair.needs.end(), second.needs.begin(), second.needs.end());
  return pair;
}

JsonValue Made(const JsonValue& rule, const JsonValue& for_each, const Probe& probe,
               std::string_view of) {
  JsonValue made = rule;
  std::erase_if(made.members, [](const JsonEntry& member) { return member.name == "for_each"; });
  const JsonValue* id = rule.Find("id");
  if (id == nullptr) throw FileError(rule.where, "a rule needs \"id\"");
  SetMember(made, "id", StringAt(id->AsString("id") + "." + probe.id(), id->where));
  if (const JsonValue* but = for_each.Find("but")) {
    if (const JsonValue* other = but->Find(probe.id())) {
      for (const JsonEntry& member : other->AsObject("but").members) {
        SetMember(made, member.name, member.value);
      }
    }
  }
  Fill(made, probe, of);
  AddNeeds(made, probe);
  return made;
}

// The rows of a table, or each of them with each row of a second one.
std::vector<Probe> RowsOf(const JsonValue& for_each, const Probes& probes) {
  const JsonValue* name = for_each.Find("probe");
  if (name == nullptr) throw FileError(for_each.where, "for_each needs \"probe\"");
  const std::vector<Probe>& table = TableNamed(*name, probes);
  const std::set<std::string> without = RowsIn(for_each.Find("without"), table);
  const std::set<std::string> only = RowsIn(for_each.Find("only"), table);
  RowsIn(for_each.Find("but"), table);
  std::vector<Probe> rows;
  for (const Probe& probe : table) {
    if (without.contains(probe.id()) || (!only.empty() && !only.contains(probe.id()))) continue;
    rows.push_back(probe);
  }
  const JsonValue* with = for_each.Find("with");
  if (with == nullptr) return rows;
  std::vector<Probe> pairs;
  for (const Probe& first : rows) {
    for (const Probe& second : TableNamed(*with, probes)) pairs.push_back(PairOf(first, second));
  }
  return pairs;
}

}  // namespace

Probes ParseProbes(std::string_view text, const std::string& name) {
  const JsonValue file = ParseJsonText(text, name);
  Probes probes;
  for (const auto& [table, rows] : file.AsObject("the file").members) {
    if (table == "note") continue;
    std::vector<Probe>& read = probes[table];
    std::set<std::string> ids;
    for (const JsonValue& row : rows.AsArray(table)) {
      read.push_back(ReadProbe(row));
      if (!ids.insert(read.back().id()).second) {
        throw FileError(row.where, "the id " + read.back().id() + " is a duplicate");
      }
    }
  }
  return probes;
}

Probes ReadProbes(const std::string& path) {
  return ParseProbes(ReadFile(path, kJsonFileBytesMax), path);
}

std::string Filled(std::string_view text, const Probe& probe, std::string_view of) {
  std::string out;
  while (!text.empty()) {
    const std::size_t open = std::min(text.find('{'), text.size());
    out += text.substr(0, open);
    text.remove_prefix(open);
    if (text.starts_with("{{")) {
      const std::size_t close = std::min(text.find("}}"), text.size());
      const auto is = probe.members.find("is");
      std::string expression(text.substr(0, close));
      if (is != probe.members.end()) {
        // A change that changes nothing is the right value: no case for this target.
        expression =
            Renamed(expression, "probe",
                    "differs(" + Renamed(is->second, "v", of) + "," + std::string(of) + ")");
      }
      out += expression;
      text.remove_prefix(close);
      continue;
    }
    const std::size_t close = text.find('}');
    const auto member = close == std::string_view::npos
                            ? probe.members.end()
                            : probe.members.find(text.substr(1, close - 1));
    if (member != probe.members.end()) {
      out += member->second;
      text.remove_prefix(close + 1);
    } else if (!text.empty()) {
      out += text.front();
      text.remove_prefix(1);
    }
  }
  return out;
}

std::vector<JsonValue> Expanded(const JsonValue& rule, const Probes& probes) {
  const JsonValue* for_each = rule.Find("for_each");
  if (for_each == nullptr) return {rule};
  for_each->OnlyMembers("for_each", {"probe", "of", "with", "without", "only", "but"});
  const JsonValue* of = for_each->Find("of");
  const std::string_view expression = of != nullptr ? of->AsString("of") : std::string_view();
  std::vector<JsonValue> made;
  for (const Probe& probe : RowsOf(*for_each, probes)) {
    made.push_back(Made(rule, *for_each, probe, expression));
  }
  return made;
}

}  // namespace grantspec
