#include "properties/save.h"

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "conformance/engine/case/case_file.h"
#include "conformance/engine/report/report.h"

namespace grantspec {
namespace {

using nlohmann::ordered_json;

// Case files write bytes as the code points U+0000 to U+00FF.
std::string Latin(std::string_view bytes) {
  std::string text;
  for (char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      text += c;
    } else {
      text += static_cast<char>(0xc0 | (byte >> 6));
      text += static_cast<char>(0x80 | (byte & 0x3f));
    }
  }
  return text;
}

ordered_json Changes(const std::vector<NamedChange>& changes) {
  ordered_json out = ordered_json::object();
  for (const NamedChange& change : changes) {
    ordered_json& value = out[Latin(change.name.text)];
    if (change.values.size() == 1) {
      value = Latin(change.values.front().text);
    } else if (!change.values.empty()) {
      for (const Text& one : change.values) value.push_back(Latin(one.text));
    }
  }
  return out;
}

void PutStep(ordered_json& out, const StepSpec& step) {
  if (step.client != "main") out["client"] = step.client;
  ordered_json change = ordered_json::object();
  if (step.method) change["method"] = Latin(step.method->text);
  if (step.target) change["target"] = Latin(step.target->text);
  if (!step.fields.empty()) change["fields"] = Changes(step.fields);
  if (!step.form.empty()) change["form"] = Changes(step.form);
  if (step.content) change["content"] = Latin(step.content->text);
  if (!change.empty()) out["change"] = change;
  if (!step.raw.empty()) out["raw"] = Latin(step.raw.front().bytes.text);
  if (step.half_close) out["half_close"] = true;
  if (step.repeat > 1) out["repeat"] = step.repeat;
  if (!step.expect.response.empty()) out["response"] = step.expect.response.Names();
  if (!step.expect.never.empty()) out["never"] = step.expect.never.Names();
  if (!step.expect.warn.empty()) out["warn"] = step.expect.warn.Names();
  if (!step.expect.info.empty()) out["info"] = step.expect.info.Names();
  if (!step.granted.empty()) out["granted"] = step.granted;
  if (!step.checks.empty()) out["checks"] = step.checks.Names();
}

ordered_json CaseOf(const Case& one) {
  ordered_json out;
  out["id"] = one.id;
  out["title"] = one.title;
  out["clauses"] = ClauseIds(one);
  out["level"] = ToString(one.level);
  for (const CaseNeed& need : one.needs) out["needs"].push_back(need.text);
  if (!one.strict.empty()) out["strict"] = one.strict;
  for (const Alternative& alternative : one.alternatives) {
    ordered_json item = {{"switch", alternative.name}, {"is", alternative.is}};
    const Expectation& e = alternative.expectation;
    if (!e.response.empty()) item["response"] = e.response.Names();
    if (!e.never.empty()) item["never"] = e.never.Names();
    if (!e.warn.empty()) item["warn"] = e.warn.Names();
    if (!e.info.empty()) item["info"] = e.info.Names();
    if (alternative.level) item["level"] = ToString(*alternative.level);
    out["if"].push_back(item);
  }
  if (one.steps.size() == 1 && one.relations.empty()) {
    PutStep(out, one.steps.front());
  } else {
    for (const StepSpec& step : one.steps) {
      ordered_json item = {{"name", step.name}};
      PutStep(item, step);
      out["steps"].push_back(item);
    }
  }
  for (const RelationSpec& relation : one.relations) {
    ordered_json what = ordered_json::array();
    for (const Related one : relation.what) what.push_back(ToString(one));
    out["relations"].push_back({{relation.same ? "same" : "differ", what}, {"of", relation.of}});
  }
  if (one.analysis != nullptr) out["analysis"] = one.analysis->name;
  if (one.side_by_side) out["side_by_side"] = true;
  return out;
}

}  // namespace

std::string CaseFileText(const std::vector<std::shared_ptr<const Case>>& cases) {
  ordered_json file;
  file["cases"] = ordered_json::array();
  for (const auto& one : cases) {
    if (!one->steps.empty()) file["cases"].push_back(CaseOf(*one));
  }
  return file.dump(2, ' ', true) + "\n";
}

std::vector<std::string> SaveCases(const std::string& folder,
                                   const std::vector<std::shared_ptr<const Case>>& cases) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw std::runtime_error(folder + ": " + error.message());
  std::map<std::string, std::vector<std::shared_ptr<const Case>>> by_category;
  for (const auto& one : cases) {
    if (!one->steps.empty()) by_category[one->category].push_back(one);
  }
  std::vector<std::string> paths;
  for (const auto& [category, list] : by_category) {
    const std::string path =
        (std::filesystem::path(folder) / ("found_" + category + ".json")).string();
    WriteAtomically(path, CaseFileText(list));
    paths.push_back(path);
  }
  return paths;
}

}  // namespace grantspec
