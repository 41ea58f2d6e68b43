#include "conformance/commands/inspect.h"

#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "conformance/engine/case/case_file.h"
#include "conformance/engine/options/case_selection.h"
#include "conformance/engine/program/gate.h"
#include "conformance/engine/record/report_file.h"
#include "conformance/engine/record/statement.h"
#include "conformance/engine/record/text.h"
#include "conformance/engine/report/console.h"
#include "conformance/engine/report/report.h"
#include "conformance/engine/response/response_class.h"

namespace grantspec {
namespace {

int Merge(const Options& options) {
  const MergedReport report = MergeReports(options.merge);
  if (options.report_json.empty()) {
    std::cout << report.text;
  } else {
    WriteAtomically(options.report_json, report.text);
  }
  if (!report.message.empty()) std::cerr << "grantspec: " << Printable(report.message) << '\n';
  return report.exit_code;
}

void CheckCases(const std::string& path) {
  const std::filesystem::path folder = DataFolder();
  const Clauses clauses = ReadClauses((folder / "clauses.json").string());
  const Probes probes = ReadProbes((folder / "probes.json").string());
  const std::vector<Case> known = ReadSuite(folder.string(), clauses);
  const std::vector<Case> cases = ReadCases(path, clauses, probes);
  for (const Case& one : cases) {
    for (const Case& other : known) {
      if (one.Name() == other.Name() && one.where.file != other.where.file) {
        throw FileError(one.where, "the suite has a case " + one.Name() + " of its own");
      }
    }
  }
  std::cout << Counted(cases.size(), "case") << ", no mistake found\n";
}

void PrintSwitches() {
  for (const Switch& one : Switches()) {
    std::cout << one.name << ": " << one.says << " (" << one.clause << ")\n  values:";
    for (std::string_view value : one.values) std::cout << ' ' << value;
    std::cout << "\n  rfc6749 " << one.rfc6749 << ", pyng " << one.pyng << ", oauth21 "
              << one.oauth21 << ", strict " << one.strict << '\n';
  }
}

void PrintList(const std::vector<Case>& cases, const Options& options) {
  for (const Case& one : cases) {
    if (IsSelected(one, options)) std::cout << one.Name() << "  " << one.title << '\n';
  }
}

void PrintJsonList(const std::vector<Case>& cases, const Options& options) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Case& one : cases) {
    if (!IsSelected(one, options)) continue;
    list.push_back({{"id", one.Name()},
                    {"category", one.category},
                    {"title", one.title},
                    {"level", ToString(one.level)},
                    {"requirements", ClauseIds(one)},
                    {"catalogue", one.catalogue},
                    {"tier", ToString(one.tier)},
                    {"file", one.where.file},
                    {"line", one.where.line}});
  }
  std::cout << list.dump(2) << '\n';
}

void Explain(const Options& options, const std::vector<Case>& cases, const Clauses& clauses) {
  const ConsoleStyle style = ConsoleStyleOf(options);
  std::vector<std::string> names;
  for (const Case& one : cases) {
    if (one.Name() == options.explain || one.catalogue == options.explain) {
      return PrintCase(std::cout, one, clauses, style);
    }
    names.push_back(one.Name());
  }
  ThrowUnknownName("case", options.explain, names);
}

}  // namespace

std::optional<int> RunOnFiles(const Options& options) {
  if (!options.compare.empty()) {
    return PrintComparison(std::cout, CompareReports(options.compare[0], options.compare[1]),
                           options.allow_gone);
  }
  if (!options.merge.empty()) return Merge(options);
  if (!options.verify.empty()) {
    return VerifyStatement(std::cout, options.verify, options.verified_report,
                           {DataFolder().string(), options.case_paths});
  }
  if (!options.check_cases.empty()) {
    CheckCases(options.check_cases);
  } else if (options.list_switches) {
    PrintSwitches();
  } else if (options.list_answers) {
    for (const ResponseClass& one : ResponseClasses())
      std::cout << one.name << ": " << one.says << '\n';
  } else {
    return std::nullopt;
  }
  return kNoFailure;
}

std::optional<int> RunOnCases(const Options& options, const std::vector<Case>& cases,
                              const Clauses& clauses) {
  if (options.list_json) {
    PrintJsonList(cases, options);
  } else if (options.list) {
    PrintList(cases, options);
  } else if (!options.explain.empty()) {
    Explain(options, cases, clauses);
  } else {
    return std::nullopt;
  }
  return kNoFailure;
}

}  // namespace grantspec
