// Input: a case file. What is good is bound to the embedded endpoint, so that the little language
// inside {{ }} is read too.

#include <cstdint>
#include <set>
#include <string>

#include "conformance/engine/bind/binder.h"
#include "conformance/engine/case/case_file.h"
#include "conformance/engine/case/expression.h"
#include "fuzz/oracle/file_error.h"
#include "fuzz/oracle/require.h"
#include "fuzz/oracle/work.h"

namespace grantspec::fuzz {
namespace {

const char* const kClauseIds[] = {
#include <clause_ids.inc>
};

const Clauses& KnownClauses() {
  static const Clauses clauses = [] {
    Clauses all;
    for (const char* id : kClauseIds) all[id] = Clause{.id = id};
    return all;
  }();
  return clauses;
}

void HoldCases(const std::vector<Case>& cases) {
  std::set<std::string> names;
  for (const Case& c : cases) {
    Require(names.insert(c.Name()).second, "no two cases have one name");
    Require(!c.id.empty() && !c.clauses.empty(), "a case has an id and a clause");
    for (const Clause* clause : c.clauses) {
      Require(&KnownClauses().at(clause->id) == clause, "a clause is known");
    }
  }
}

void BindCases(const std::vector<Case>& cases, std::string_view text) {
  static const Profile profile = EmbeddedProfile();
  static const Binder binder(profile, *PlaceOf("http://127.0.0.1:1/billing/oauth2/token"),
                             "0123456789abcdef");
  for (const Case& c : cases) {
    try {
      if (binder.WhyNot(c) || c.standing != nullptr) continue;
      for (const StepSpec& step : c.steps) (void)binder.Build(step, {}, {});
    } catch (const FileError& error) {
      HoldFileError(error, "fuzz.json", text);
    } catch (const NotApplicable&) {
      continue;
    }
  }
}

void HoldCaseFile(std::string_view text) {
  const WorkMeter work;
  std::vector<Case> cases;
  try {
    cases = ParseCases(text, "fuzz.json", KnownClauses());
  } catch (const FileError& error) {
    HoldFileError(error, "fuzz.json", text);
    return;
  }
  work.RequireLinear(text.size(), 4000, 4096, "ParseCases");
  Require(text.find('\0') == std::string_view::npos, "no JSON text contains a NUL");
  HoldCases(cases);
  BindCases(cases, text);
}

}  // namespace
}  // namespace grantspec::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  grantspec::fuzz::HoldCaseFile({reinterpret_cast<const char*>(data), size});
  return 0;
}
