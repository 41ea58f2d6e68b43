#include "conformance/engine/case/clause.h"

#include <stdexcept>

#include "fixtures/files/json_file.h"

namespace grantspec {

Clauses ReadClauses(const std::string& path) {
  const JsonValue file = ReadJsonFile(path);
  file.OnlyMembers("the file of clauses", {"note", "clauses"});
  const JsonValue* list = file.Find("clauses");
  if (list == nullptr) throw FileError(file.where, "the member \"clauses\" is missing");
  Clauses clauses;
  for (const JsonValue& item : list->AsArray("clauses")) {
    item.OnlyMembers("a clause", {"id", "source", "section", "level", "says", "testable"});
    const auto text = [&item](std::string_view name) {
      const JsonValue* value = item.Find(name);
      if (value == nullptr) {
        throw FileError(item.where, "a clause needs \"" + std::string(name) + "\"");
      }
      return value->AsString(name);
    };
    Clause clause{text("id"),    text("source"), text("section"),
                  text("level"), text("says"),   text("testable")};
    if (!clauses.emplace(clause.id, clause).second) {
      throw FileError(item.where, "the clause " + clause.id + " is a duplicate");
    }
  }
  return clauses;
}

const Clause& ClauseNamed(const Clauses& clauses, std::string_view id) {
  const auto found = clauses.find(id);
  if (found == clauses.end()) throw std::logic_error("no clause is called " + std::string(id));
  return found->second;
}

}  // namespace grantspec
