#include "conformance/engine/options/selection.h"

#include "conformance/engine/case/case_set.h"
#include "conformance/engine/options/group.h"

namespace grantspec {

void DeclareSelection(CLI::App& app, Program program, SelectionOptions& options) {
  OptionGroup group(app, "Selection");
  group.Add("--category", options.categories, "Only these categories: a list, or repeated")
      ->delimiter(',');
  group.AddArgument("--level", options.levels, "Only must, should or may: a list, or repeated")
      ->delimiter(',')
      ->check(CLI::IsMember({"must", "should", "may"}));
  group
      .Add("--requirement", options.requirements,
           "Only cases of these clauses, or prefixes: a list, or repeated")
      ->delimiter(',');
  if (program == Program::kProperties) return;
  group.AddFlag("--quick", options.quick,
                "Only the cases that show most: about 60 requests, for pull requests");
  group.Add("--cases", options.case_paths, "Cases of your own: a file or a directory (repeatable)");
  group.Add("--case-set", options.case_set,
            "Cases that are newer than this set are reported, not scored: 2026.1");
  group.Add("--tier", options.tier, "safe, abuse or all")
      ->check(CLI::IsMember({"safe", "abuse", "all"}));
}

void DeclareGeneration(CLI::App& app, GenerationOptions& options) {
  OptionGroup group(app, "Generation");
  group
      .Add("--examples", options.examples, "Examples of each law at the target (24; embedded: 100)")
      ->check(CLI::Range(1, 1'000'000));
  group
      .Add("--strength", options.strength,
           "Cover every combination of so many parameters of a request (2)")
      ->check(CLI::Range(1, 3));
  group.Add("--fuzz", options.hostile, "Send N hostile requests, too")
      ->check(CLI::Range(0, 10'000'000));
  group.Add("--save-cases", options.save_cases,
            "Write each finding to this directory, for grantspec --cases");
}

void CheckCaseSet(const std::string& name) {
  if (name.empty()) return;
  const auto set = CaseSetOf(name);
  if (!set) throw UsageError("--case-set must be a year, a dot and a number, such as 2026.1");
  if (*set > *CaseSetOf(kNewestCaseSet)) {
    throw UsageError("unknown case set " + name + "; the newest is " + std::string(kNewestCaseSet));
  }
  if (*set < *CaseSetOf(kFirstCaseSet)) {
    throw UsageError("no case set is older than " + std::string(kFirstCaseSet));
  }
}

}  // namespace grantspec
