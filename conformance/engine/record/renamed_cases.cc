#include "conformance/engine/record/renamed_cases.h"

#include <set>
#include <utility>

#include "fixtures/files/json_file.h"

namespace grantspec {

RenamedCases ReadRenamedCases(const std::string& path, const std::vector<Case>& cases) {
  std::set<std::string> known;
  for (const Case& one : cases) known.insert(one.Name());
  const JsonValue file = ReadJsonFile(path);
  file.AsObject("the file of renamed cases").OnlyMembers("the file of renamed cases", {"cases"});
  const JsonValue* lists = file.Find("cases");
  if (lists == nullptr) throw FileError(file.where, "the member \"cases\" is missing");
  RenamedCases renamed;
  for (const JsonEntry& entry : lists->AsObject("cases").members) {
    const std::string& name = entry.name;
    if (!known.contains(name)) throw FileError(entry.value.where, "there is no case " + name);
    for (const JsonValue& one : entry.value.AsArray(name)) {
      const std::string& old_name = one.AsString("an old name");
      if (known.contains(old_name)) throw FileError(one.where, old_name + " is a case");
      if (!renamed.emplace(old_name, name).second) {
        throw FileError(one.where, "duplicate old name " + old_name);
      }
    }
  }
  return renamed;
}

std::vector<Waiver> WithNewNames(std::vector<Waiver> waivers, const RenamedCases& renamed) {
  std::vector<Waiver> result;
  std::set<std::pair<std::string, std::string>> renamed_already;
  for (Waiver& waiver : waivers) {
    const auto found = renamed.find(waiver.pattern);
    if (found != renamed.end()) {
      waiver.pattern = found->second;
      if (!renamed_already.emplace(waiver.pattern, waiver.observed).second) continue;
    }
    result.push_back(std::move(waiver));
  }
  return result;
}

}  // namespace grantspec
