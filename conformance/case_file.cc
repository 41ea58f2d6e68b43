#include "conformance/case_file.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "conformance/analysis.h"
#include "conformance/answer.h"
#include "conformance/case_set.h"
#include "conformance/check.h"
#include "conformance/need.h"
#include "fixtures/grammar/ascii.h"
#include "fixtures/target/profile.h"

namespace grantspec {
namespace {

constexpr std::size_t kFileBytesMax = 16 * 1024 * 1024;

// Code points up to U+00FF as one octet each (the Infra Standard's isomorphic encoding).
std::string Octets(const JsonValue& value, std::string_view what) {
  const std::string& text = value.AsString(what);
  std::string octets;
  octets.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80) {
      octets += text[i];
    } else if (lead == 0xc2 || lead == 0xc3) {
      const auto next = static_cast<unsigned char>(text[++i]);
      octets += static_cast<char>(((lead & 3) << 6) | (next & 0x3f));
    } else {
      throw FileError(value.where, "a code point above U+00FF in " + std::string(what) +
                                       "; octets are written \\u0000 to \\u00ff");
    }
  }
  return octets;
}

Text TextOf(const JsonValue& value, std::string_view what) {
  return {Octets(value, what), value.where};
}

// What of a text stands outside {{ }}: it is sent as it is.
std::string LiteralIn(std::string_view text) {
  std::string literal;
  while (!text.empty()) {
    const std::size_t open = std::min(text.find("{{"), text.size());
    literal += text.substr(0, open);
    const std::size_t close = text.find("}}", open);
    text.remove_prefix(close == std::string_view::npos ? text.size() : close + 2);
  }
  return literal;
}

// A text of which a request has one line: only a raw request may say more.
Text OneLineOf(const JsonValue& value, std::string_view what) {
  Text text = TextOf(value, what);
  if (LiteralIn(text.text).find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
    throw FileError(value.where, std::string(what) +
                                     " has CR, LF or NUL, which would split the request; only raw "
                                     "may carry them");
  }
  return text;
}

std::vector<std::string> AnswerList(const JsonValue& value, std::string_view what) {
  std::vector<std::string> names = value.AsStrings(what);
  if (names.empty()) throw FileError(value.where, std::string(what) + " is an empty list");
  for (const std::string& name : names) {
    if (!IsAnswerName(name)) {
      throw FileError(value.where, "no answer is called \"" + name +
                                       "\"; grantspec --list-answers tells the names");
    }
  }
  return names;
}

// The name of a switch, which has to be one.
std::string SwitchName(const std::string& name, const SourceLine& where) {
  for (const Switch& one : Switches()) {
    if (one.name == name) return name;
  }
  throw FileError(where,
                  "no switch is called \"" + name + "\"; grantspec --list-switches tells them");
}

std::vector<std::string> ReadNeeds(const JsonValue& value) {
  std::vector<std::string> needs = value.AsStrings("needs");
  for (const std::string& need : needs) {
    if (FindNeed(need) != nullptr) continue;
    const std::size_t equals = need.find('=');
    if (equals == std::string::npos) {
      throw FileError(value.where, "nothing that a case can need is called \"" + need + "\"");
    }
    SwitchName(need.substr(0, equals), value.where);
  }
  return needs;
}

Expectation ReadExpectation(const JsonValue& value) {
  Expectation expectation;
  if (const JsonValue* v = value.Find("answer")) expectation.answer = AnswerList(*v, "answer");
  if (const JsonValue* v = value.Find("never")) expectation.never = AnswerList(*v, "never");
  if (const JsonValue* v = value.Find("warn")) expectation.warn = AnswerList(*v, "warn");
  if (const JsonValue* v = value.Find("info")) expectation.info = AnswerList(*v, "info");
  return expectation;
}

Level ReadLevel(const JsonValue& value) {
  const std::string& text = value.AsString("level");
  if (text == "MUST" || text == "MUST NOT") return Level::kMust;
  if (text == "SHOULD" || text == "SHOULD NOT") return Level::kShould;
  if (text == "MAY") return Level::kMay;
  if (text == "PROFILE") return Level::kProfile;
  if (text == "SECURITY") return Level::kSecurity;
  throw FileError(value.where, "level has to be MUST, SHOULD, MAY, PROFILE or SECURITY");
}

std::vector<NamedChange> ReadChanges(const JsonValue& value, std::string_view what,
                                     Text (*read)(const JsonValue&, std::string_view)) {
  std::vector<NamedChange> changes;
  for (const auto& [name, change] : value.AsObject(what).members) {
    NamedChange one{{name, change.where}, {}};
    if (change.kind == JsonValue::Kind::kString) {
      one.values.push_back(read(change, what));
    } else if (change.kind != JsonValue::Kind::kNull) {
      for (const JsonValue& item : change.AsArray(what)) one.values.push_back(read(item, what));
      if (one.values.empty()) throw FileError(change.where, "an empty list; null takes away");
    }
    changes.push_back(std::move(one));
  }
  return changes;
}

// A list of lines, CRLF between them, or objects for stretches with pauses between.
std::vector<RawPart> ReadRaw(const JsonValue& value) {
  std::vector<RawPart> parts;
  if (value.kind == JsonValue::Kind::kString) {
    parts.push_back({TextOf(value, "raw")});
    return parts;
  }
  const auto& items = value.AsArray("raw");
  if (items.empty()) throw FileError(value.where, "raw is an empty list");
  if (items.front().kind == JsonValue::Kind::kString) {
    RawPart part{{"", value.where}};
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (i > 0) part.octets.text += "\r\n";
      part.octets.text += Octets(items[i], "a line of raw");
    }
    parts.push_back(std::move(part));
    return parts;
  }
  for (const JsonValue& item : items) {
    item.OnlyMembers("a stretch of raw", {"send", "pause_ms", "await"});
    const JsonValue* send = item.Find("send");
    if (send == nullptr) throw FileError(item.where, "a stretch of raw needs \"send\"");
    RawPart part = ReadRaw(*send).front();
    if (const JsonValue* pause = item.Find("pause_ms")) {
      part.pause_ms = static_cast<int>(pause->AsInteger("pause_ms", 0, 30'000));
    }
    if (const JsonValue* await = item.Find("await")) {
      part.await = await->AsString("await");
      if (part.await != "interim" && part.await != "answer") {
        throw FileError(await->where, "await has to be interim or answer");
      }
    }
    parts.push_back(std::move(part));
  }
  return parts;
}

const std::vector<std::string_view> kStepMembers = {
    "client",    "at",    "change", "raw",   "half_close", "answers", "linger_ms", "repeat", "tls",
    "plaintext", "fresh", "answer", "never", "warn",       "info",    "granted",   "checks"};

const std::vector<std::string_view> kCaseMembers = {
    "id",       "catalogue",    "title", "note",  "level",     "clauses",
    "needs",    "strict",       "if",    "steps", "relations", "standing",
    "analysis", "side_by_side", "alive", "tier",  "within_ms", "since"};

StepSpec ReadStep(const JsonValue& value) {
  StepSpec step;
  step.where = value.where;
  step.expect = ReadExpectation(value);
  if (const JsonValue* v = value.Find("client")) {
    step.client = v->AsString("client");
    const auto& roles = ClientRoles();
    const bool known = step.client == "main" || step.client == "pad0" || step.client == "none" ||
                       step.client == "nobody" ||
                       std::find(roles.begin(), roles.end(), step.client) != roles.end();
    if (!known) throw FileError(v->where, "no role of a client is called \"" + step.client + "\"");
  }
  if (const JsonValue* v = value.Find("at")) step.at = v->AsString("at");
  if (const JsonValue* change = value.Find("change")) {
    change->OnlyMembers("change", {"method", "target", "fields", "form", "content"});
    if (const JsonValue* v = change->Find("method")) step.method = OneLineOf(*v, "method");
    if (const JsonValue* v = change->Find("target")) step.target = OneLineOf(*v, "target");
    if (const JsonValue* v = change->Find("content")) step.content = TextOf(*v, "content");
    if (const JsonValue* v = change->Find("fields")) {
      step.fields = ReadChanges(*v, "fields", OneLineOf);
    }
    if (const JsonValue* v = change->Find("form")) step.form = ReadChanges(*v, "form", TextOf);
    if (step.content && !step.form.empty()) {
      throw FileError(change->where, "a change has form or content, not both");
    }
  }
  if (const JsonValue* raw = value.Find("raw")) {
    if (value.Find("change") != nullptr) {
      throw FileError(raw->where, "a request has change or raw, not both");
    }
    step.raw = ReadRaw(*raw);
  }
  if (const JsonValue* v = value.Find("half_close")) step.half_close = v->AsBoolean("half_close");
  if (const JsonValue* v = value.Find("plaintext")) step.plaintext = v->AsBoolean("plaintext");
  if (const JsonValue* v = value.Find("fresh")) step.fresh = v->AsBoolean("fresh");
  if (const JsonValue* v = value.Find("tls")) step.tls = v->AsString("tls");
  if (const JsonValue* v = value.Find("answers")) {
    step.answers = static_cast<int>(v->AsInteger("answers", 0, 100));
  }
  if (const JsonValue* v = value.Find("linger_ms")) {
    step.linger_ms = static_cast<int>(v->AsInteger("linger_ms", 0, 30'000));
  }
  if (const JsonValue* v = value.Find("repeat")) {
    step.repeat = static_cast<int>(v->AsInteger("repeat", 1, 1000));
  }
  if (const JsonValue* v = value.Find("granted")) step.granted = v->AsStrings("granted");
  if (const JsonValue* v = value.Find("checks")) {
    step.checks = v->AsStrings("checks");
    for (const std::string& name : step.checks) {
      if (FindCheck(name) == nullptr) throw FileError(v->where, "no check is called " + name);
    }
  }
  return step;
}

void CheckTitle(const JsonValue& title) {
  const std::string& text = title.AsString("title");
  if (text.empty() || text.size() > 110) {
    throw FileError(title.where, "a title has 1 to 110 characters");
  }
  if (text.back() == '.') throw FileError(title.where, "a title ends without a full stop");
  if (text.find("should") != std::string::npos) {
    throw FileError(title.where, "a title says what holds, without \"should\"");
  }
}

Case ReadCase(const JsonValue& value, const std::string& category, const Clauses& clauses) {
  std::vector<std::string_view> members = kCaseMembers;
  members.insert(members.end(), kStepMembers.begin(), kStepMembers.end());
  value.OnlyMembers("a case", members);
  Case one;
  one.category = category;
  one.where = value.where;
  for (std::string_view name : {"id", "title", "clauses"}) {
    if (value.Find(name) == nullptr) {
      throw FileError(value.where, "a case needs \"" + std::string(name) + "\"");
    }
  }
  const JsonValue& id = *value.Find("id");
  one.id = id.AsString("id");
  one.where = id.where;
  for (char c : one.id) {
    if ((c >= 'a' && c <= 'z') || IsDigit(c) || c == '_') continue;
    throw FileError(id.where,
                    "an id has the characters a-z, 0-9 and _ (a hyphen would break "
                    "--gtest_filter)");
  }
  if (one.id.empty()) throw FileError(id.where, "an id is empty");
  if (const JsonValue* v = value.Find("catalogue")) one.catalogue = v->AsString("catalogue");
  CheckTitle(*value.Find("title"));
  one.title = value.Find("title")->string;
  if (const JsonValue* v = value.Find("note")) one.note = v->AsString("note");
  one.clauses = value.Find("clauses")->AsStrings("clauses");
  if (one.clauses.empty()) throw FileError(value.where, "a case cites at least one clause");
  for (const std::string& clause : one.clauses) {
    if (!clauses.contains(clause)) {
      throw FileError(value.Find("clauses")->where, "no clause is called " + clause);
    }
  }
  const JsonValue* level = value.Find("level");
  if (level != nullptr) {
    one.level = ReadLevel(*level);
  } else {
    JsonValue text;
    text.kind = JsonValue::Kind::kString;
    text.string = clauses.find(one.clauses.front())->second.level;
    text.where = value.where;
    one.level = ReadLevel(text);
  }
  if (const JsonValue* v = value.Find("needs")) one.needs = ReadNeeds(*v);
  if (const JsonValue* v = value.Find("strict")) {
    one.strict = SwitchName(v->AsString("strict"), v->where);
  }
  if (const JsonValue* v = value.Find("if")) {
    for (const JsonValue& item : v->AsArray("if")) {
      item.OnlyMembers("an alternative",
                       {"switch", "is", "answer", "never", "warn", "info", "level"});
      const JsonValue* name = item.Find("switch");
      const JsonValue* is = item.Find("is");
      if (name == nullptr || is == nullptr) {
        throw FileError(item.where, "an alternative needs \"switch\" and \"is\"");
      }
      Alternative alternative{SwitchName(name->AsString("switch"), name->where),
                              is->AsStrings("is"), ReadExpectation(item)};
      if (const JsonValue* l = item.Find("level")) alternative.level = ReadLevel(*l);
      one.alternatives.push_back(std::move(alternative));
    }
  }
  if (const JsonValue* v = value.Find("side_by_side")) {
    one.side_by_side = v->AsBoolean("side_by_side");
  }
  if (const JsonValue* v = value.Find("alive")) one.alive = v->AsBoolean("alive");
  if (const JsonValue* v = value.Find("tier")) one.tier = v->AsString("tier");
  if (one.tier != "safe" && one.tier != "abuse") {
    throw FileError(value.where, "tier has to be safe or abuse");
  }
  if (const JsonValue* v = value.Find("since")) {
    one.since = v->AsString("since");
    const auto set = CaseSetOf(one.since);
    if (!set || *set > *CaseSetOf(kNewestCaseSet)) {
      throw FileError(v->where,
                      "since has to be a case set, from 2026.1 to " + std::string(kNewestCaseSet));
    }
  }
  if (const JsonValue* v = value.Find("within_ms")) {
    one.within_ms = static_cast<int>(v->AsInteger("within_ms", 1, 600'000));
  }
  if (const JsonValue* v = value.Find("analysis")) {
    one.analysis = v->AsString("analysis");
    if (!IsAnalysis(one.analysis)) {
      throw FileError(v->where, "no analysis is called " + one.analysis);
    }
  }
  if (const JsonValue* v = value.Find("standing")) {
    one.standing = v->AsString("standing");
    if (FindCheck(one.standing) == nullptr) {
      throw FileError(v->where, "no check is called " + one.standing);
    }
    return one;
  }
  if (const JsonValue* steps = value.Find("steps")) {
    for (std::string_view name : kStepMembers) {
      if (value.Find(name) != nullptr) {
        throw FileError(value.where,
                        "a case with steps has its " + std::string(name) + " in its steps");
      }
    }
    std::vector<std::string_view> known = kStepMembers;
    known.push_back("name");
    for (const JsonValue& item : steps->AsArray("steps")) {
      item.OnlyMembers("a step", known);
      StepSpec step = ReadStep(item);
      const JsonValue* name = item.Find("name");
      if (name == nullptr) throw FileError(item.where, "a step needs a name");
      step.name = name->AsString("name");
      one.steps.push_back(std::move(step));
    }
    if (one.steps.empty()) throw FileError(steps->where, "steps is an empty list");
  } else {
    one.steps.push_back(ReadStep(value));
  }
  for (const StepSpec& step : one.steps) {
    const Expectation& e = step.expect;
    if (e.answer.empty() && e.never.empty() && one.alternatives.empty() && one.analysis.empty() &&
        step.checks.empty() && !value.Find("relations")) {
      throw FileError(step.where, "nothing is expected: a case needs \"answer\"");
    }
  }
  if (const JsonValue* relations = value.Find("relations")) {
    for (const JsonValue& item : relations->AsArray("relations")) {
      item.OnlyMembers("a relation", {"same", "differ", "of"});
      RelationSpec relation;
      relation.same = item.Find("same") != nullptr;
      const JsonValue* what = item.Find(relation.same ? "same" : "differ");
      const JsonValue* of = item.Find("of");
      if (what == nullptr || of == nullptr) {
        throw FileError(item.where, "a relation needs same or differ, and of");
      }
      relation.what = what->AsStrings("what has to be the same");
      for (const std::string& name : relation.what) {
        if (name != "status" && name != "answer" && name != "scope" && name != "content" &&
            name != "token" && name != "fields" && name != "granted") {
          throw FileError(what->where,
                          "a relation speaks of status, answer, granted, scope, content, "
                          "fields or token");
        }
      }
      relation.of = of->AsStrings("of");
      for (const std::string& name : relation.of) {
        const auto named = [&name](const StepSpec& step) { return step.name == name; };
        if (std::none_of(one.steps.begin(), one.steps.end(), named)) {
          throw FileError(of->where, "no step is called " + name);
        }
      }
      one.relations.push_back(std::move(relation));
    }
  }
  return one;
}

}  // namespace

std::string_view ToString(Level level) {
  switch (level) {
    case Level::kMust:
      return "MUST";
    case Level::kShould:
      return "SHOULD";
    case Level::kMay:
      return "MAY";
    case Level::kProfile:
      return "PROFILE";
    case Level::kSecurity:
      return "SECURITY";
  }
  return "?";
}

std::vector<Case> ParseCases(std::string_view text, const std::string& name,
                             const Clauses& clauses) {
  const JsonValue file = ParseJsonText(text, name);
  file.OnlyMembers("a case file", {"$schema", "note", "cases"});
  const JsonValue* list = file.Find("cases");
  if (list == nullptr) throw FileError(file.where, "the member \"cases\" is missing");
  const std::string category = std::filesystem::path(name).stem().string();
  std::vector<Case> cases;
  std::set<std::string> ids;
  for (const JsonValue& item : list->AsArray("cases")) {
    cases.push_back(ReadCase(item, category, clauses));
    if (!ids.insert(cases.back().id).second) {
      throw FileError(cases.back().where, "the id " + cases.back().id + " is there twice");
    }
  }
  if (cases.empty()) throw FileError(list->where, "the file has no case");
  return cases;
}

std::vector<Case> ReadCases(const std::string& path, const Clauses& clauses) {
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
    std::vector<Case> more = ParseCases(ReadFile(file, kFileBytesMax), file, clauses);
    cases.insert(cases.end(), std::make_move_iterator(more.begin()),
                 std::make_move_iterator(more.end()));
  }
  return cases;
}

}  // namespace grantspec
