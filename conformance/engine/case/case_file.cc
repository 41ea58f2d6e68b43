#include "conformance/engine/case/case_file.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "conformance/engine/case/analysis.h"
#include "conformance/engine/case/case_set.h"
#include "conformance/engine/case/need.h"
#include "conformance/engine/case/read_member.h"
#include "conformance/engine/case/step_file.h"
#include "fixtures/grammar/ascii.h"
#include "fixtures/target/profile.h"

namespace grantspec {
namespace {

constexpr std::size_t kFileBytesMax = 16 * 1024 * 1024;

// The name, if a switch has it.
std::string SwitchName(const std::string& name, const SourceLine& where) {
  for (const Switch& one : Switches()) {
    if (one.name == name) return name;
  }
  throw FileError(where, "no switch is called \"" + name + "\"; see grantspec --list-switches");
}

std::vector<CaseNeed> ReadNeeds(const JsonValue& value) {
  std::vector<CaseNeed> needs;
  for (const std::string& text : value.AsStrings("needs")) {
    auto need = FindCaseNeed(text);
    const std::size_t equals = text.find('=');
    if (!need && equals != std::string::npos) SwitchName(text.substr(0, equals), value.where);
    if (!need) {
      throw FileError(value.where, "nothing that a case can need is called \"" + text + "\"");
    }
    needs.push_back(std::move(*need));
  }
  return needs;
}

Level LevelOf(const std::string& text, const SourceLine& where) {
  if (const auto level = LevelNamed(text)) return *level;
  throw FileError(where, "level has to be MUST, SHOULD, MAY, PROFILE or SECURITY");
}

const std::vector<std::string_view> kCaseMembers = {
    "id",       "catalogue",    "title", "note",  "level",     "clauses",
    "needs",    "strict",       "if",    "steps", "relations", "standing",
    "analysis", "side_by_side", "alive", "tier",  "within_ms", "since"};

void CheckTitle(const JsonValue& title) {
  const std::string& text = title.AsString("title");
  if (text.empty() || text.size() > 110) {
    throw FileError(title.where, "a title has 1 to 110 characters");
  }
  if (text.back() == '.') throw FileError(title.where, "a title ends without a full stop");
  if (text.find("should") != std::string::npos) {
    throw FileError(title.where, "a title states the rule, without \"should\"");
  }
}

std::string ReadId(const JsonValue& value) {
  const std::string& id = value.AsString("id");
  for (char c : id) {
    if ((c >= 'a' && c <= 'z') || IsDigit(c) || c == '_' || c == '.') continue;
    throw FileError(value.where,
                    "an id has the characters a-z, 0-9, _ and . (a hyphen would break "
                    "--gtest_filter)");
  }
  if (id.empty()) throw FileError(value.where, "an id is empty");
  return id;
}

std::vector<const Clause*> ReadCitedClauses(const JsonValue& value, const JsonValue& spec,
                                            const Clauses& clauses) {
  std::vector<const Clause*> cited;
  for (const std::string& id : value.AsStrings("clauses")) {
    const auto found = clauses.find(id);
    if (found == clauses.end()) throw FileError(value.where, "no clause is called " + id);
    cited.push_back(&found->second);
  }
  if (cited.empty()) throw FileError(spec.where, "a case cites at least one clause");
  return cited;
}

// The texts that say what a case is about, and the clauses that it cites.
void ReadDescription(const JsonValue& value, const Clauses& clauses, Case& spec) {
  for (std::string_view name : {"id", "title", "clauses"}) {
    if (value.Find(name) == nullptr) {
      throw FileError(value.where, "a case needs \"" + std::string(name) + "\"");
    }
  }
  const JsonValue& id = *value.Find("id");
  spec.id = ReadId(id);
  spec.where = id.where;
  ReadIf(value, "catalogue", spec.catalogue);
  CheckTitle(*value.Find("title"));
  spec.title = value.Find("title")->string;
  ReadIf(value, "note", spec.note);
  spec.clauses = ReadCitedClauses(*value.Find("clauses"), value, clauses);
  const JsonValue* level = value.Find("level");
  spec.level = level != nullptr ? LevelOf(level->AsString("level"), level->where)
                                : LevelOf(spec.clauses.front()->level, value.where);
}

Alternative ReadAlternative(const JsonValue& value) {
  value.OnlyMembers("an alternative",
                    {"switch", "is", "response", "answer", "never", "warn", "info", "level"});
  const JsonValue* name = value.Find("switch");
  const JsonValue* is = value.Find("is");
  if (name == nullptr || is == nullptr) {
    throw FileError(value.where, "an alternative needs \"switch\" and \"is\"");
  }
  Alternative alternative{SwitchName(name->AsString("switch"), name->where), is->AsStrings("is"),
                          ReadExpectation(value)};
  if (const JsonValue* level = value.Find("level")) {
    alternative.level = LevelOf(level->AsString("level"), level->where);
  }
  return alternative;
}

std::string ReadSince(const JsonValue& value) {
  const std::string& since = value.AsString("since");
  const auto set = CaseSetOf(since);
  if (!set || *set > *CaseSetOf(kNewestCaseSet)) {
    throw FileError(value.where,
                    "since has to be a case set, from 2026.1 to " + std::string(kNewestCaseSet));
  }
  return since;
}

// When a case applies, and how it is run.
void ReadConditions(const JsonValue& value, Case& spec) {
  if (const JsonValue* v = value.Find("needs")) spec.needs = ReadNeeds(*v);
  if (const JsonValue* v = value.Find("strict")) {
    spec.strict = SwitchName(v->AsString("strict"), v->where);
  }
  if (const JsonValue* v = value.Find("if")) {
    for (const JsonValue& item : v->AsArray("if")) {
      spec.alternatives.push_back(ReadAlternative(item));
    }
  }
  ReadIf(value, "side_by_side", spec.side_by_side);
  ReadIf(value, "alive", spec.alive);
  if (const JsonValue* v = value.Find("tier")) {
    const auto tier = TierNamed(v->AsString("tier"));
    if (!tier) throw FileError(value.where, "tier has to be safe or abuse");
    spec.tier = *tier;
  }
  if (const JsonValue* v = value.Find("since")) spec.since = ReadSince(*v);
  ReadIf(value, "within_ms", spec.within_ms, 1, 600'000);
  if (const JsonValue* v = value.Find("analysis")) {
    const std::string& name = v->AsString("analysis");
    spec.analysis = FindAnalysis(name);
    if (spec.analysis == nullptr) throw FileError(v->where, "no analysis is called " + name);
  }
}

// The steps of a case: a list, or its own members as its only step.
std::vector<StepSpec> ReadSteps(const JsonValue& value) {
  std::vector<StepSpec> read;
  const JsonValue* steps = value.Find("steps");
  if (steps == nullptr) {
    read.push_back(ReadStep(value));
    return read;
  }
  for (std::string_view name : StepMembers()) {
    if (value.Find(name) != nullptr) {
      throw FileError(value.where,
                      "a case with steps has its " + std::string(name) + " in its steps");
    }
  }
  for (const JsonValue& item : steps->AsArray("steps")) read.push_back(ReadNamedStep(item));
  if (read.empty()) throw FileError(steps->where, "steps is an empty list");
  return read;
}

bool ExpectsNothing(const Case& spec, const StepSpec& step) {
  return step.expect.response.empty() && step.expect.never.empty() && step.checks.empty() &&
         spec.alternatives.empty() && spec.analysis == nullptr;
}

RelationSpec ReadRelation(const JsonValue& value, const std::vector<StepSpec>& steps) {
  value.OnlyMembers("a relation", {"same", "differ", "of"});
  RelationSpec relation;
  relation.same = value.Find("same") != nullptr;
  const JsonValue* what = value.Find(relation.same ? "same" : "differ");
  const JsonValue* of = value.Find("of");
  if (what == nullptr || of == nullptr) {
    throw FileError(value.where, "a relation needs same or differ, and of");
  }
  for (const std::string& name : what->AsStrings("what has to be the same")) {
    const auto related = RelatedNamed(name == "answer" ? "response" : name);
    if (!related) {
      throw FileError(what->where,
                      "a relation compares status, response, granted, scope, content, fields, "
                      "token or lifetime");
    }
    relation.what.push_back(*related);
  }
  relation.of = of->AsStrings("of");
  for (const std::string& name : relation.of) {
    const auto named = [&name](const StepSpec& step) { return step.name == name; };
    if (std::none_of(steps.begin(), steps.end(), named)) {
      throw FileError(of->where, "no step is called " + name);
    }
  }
  return relation;
}

Case ReadCase(const JsonValue& value, const std::string& category, const Clauses& clauses) {
  std::vector<std::string_view> members = kCaseMembers;
  members.insert(members.end(), StepMembers().begin(), StepMembers().end());
  value.OnlyMembers("a case", members);
  Case spec;
  spec.category = category;
  ReadDescription(value, clauses, spec);
  ReadConditions(value, spec);
  if (const JsonValue* v = value.Find("standing")) {
    spec.standing = &CheckNamed(v->AsString("standing"), v->where);
    return spec;
  }
  spec.steps = ReadSteps(value);
  const JsonValue* relations = value.Find("relations");
  for (const StepSpec& step : spec.steps) {
    if (relations == nullptr && ExpectsNothing(spec, step)) {
      throw FileError(step.where, "nothing is expected: a case needs \"response\"");
    }
  }
  if (relations != nullptr) {
    for (const JsonValue& item : relations->AsArray("relations")) {
      spec.relations.push_back(ReadRelation(item, spec.steps));
    }
  }
  return spec;
}

}  // namespace

std::vector<Case> ParseCases(std::string_view text, const std::string& name, const Clauses& clauses,
                             const Probes& probes) {
  const JsonValue file = ParseJsonText(text, name);
  file.OnlyMembers("a case file", {"$schema", "note", "cases"});
  const JsonValue* list = file.Find("cases");
  if (list == nullptr) throw FileError(file.where, "the member \"cases\" is missing");
  const std::string category = std::filesystem::path(name).stem().string();
  std::vector<Case> cases;
  std::set<std::string> ids;
  for (const JsonValue& item : list->AsArray("cases")) {
    for (const JsonValue& made : Expanded(item, probes)) {
      cases.push_back(ReadCase(made, category, clauses));
      if (!ids.insert(cases.back().id).second) {
        throw FileError(cases.back().where, "the id " + cases.back().id + " is a duplicate");
      }
    }
  }
  if (cases.empty()) throw FileError(list->where, "the file has no case");
  return cases;
}

std::vector<Case> ReadCases(const std::string& path, const Clauses& clauses, const Probes& probes) {
  namespace fs = std::filesystem;
  std::error_code error;
  std::vector<std::string> files;
  if (fs::is_directory(path, error)) {
    const fs::directory_iterator entries(path, error);
    if (error) throw FileError({path, 0}, error.message());
    for (const fs::directory_entry& entry : entries) {
      if (entry.path().extension() == ".json") files.push_back(entry.path().string());
    }
    std::sort(files.begin(), files.end());
    if (files.empty()) throw FileError({path, 0}, "there is no *.json in this folder");
  } else {
    files.push_back(path);
  }
  std::vector<Case> cases;
  for (const std::string& file : files) {
    std::vector<Case> more = ParseCases(ReadFile(file, kFileBytesMax), file, clauses, probes);
    cases.insert(cases.end(), std::make_move_iterator(more.begin()),
                 std::make_move_iterator(more.end()));
  }
  return cases;
}

std::vector<Case> ReadSuite(const std::string& directory, const Clauses& clauses) {
  return ReadCases(directory + "/cases", clauses, ReadProbes(directory + "/probes.json"));
}

}  // namespace grantspec
