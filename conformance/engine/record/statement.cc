#include "conformance/engine/record/statement.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "conformance/engine/record/conclusion.h"
#include "conformance/engine/record/report_read.h"
#include "conformance/engine/record/text.h"
#include "fixtures/files/json_file.h"
#include "fixtures/jose/digest.h"
#include "fixtures/text/version.h"

namespace grantspec {
namespace {

namespace fs = std::filesystem;
// Its objects sort their members by name, which is the canonical order for names in ASCII.
using nlohmann::json;

constexpr std::size_t kProgramBytesMax = std::size_t{2} * 1024 * 1024 * 1024;
constexpr std::size_t kFileBytesMax = 64 * 1024 * 1024;
constexpr std::string_view kSchema = "grantspec-statement/1";

std::string Canonical(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string Sha256(std::string_view text) {
  return HexDigest(text, DigestAlgorithm::kSha256);
}

std::string ProgramDigest() {
  return Sha256(ReadFile("/proc/self/exe", kProgramBytesMax));
}

// The files of a directory with cases, or the file itself; sorted.
std::vector<fs::path> CaseFiles(const fs::path& path) {
  if (!fs::is_directory(path)) return {path};
  std::vector<fs::path> files;
  for (const fs::directory_entry& one : fs::recursive_directory_iterator(path)) {
    if (one.is_regular_file() && one.path().extension() == ".json") files.push_back(one.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// One digest for all files: that of their digests and names, one a line, as sha256sum prints them.
std::string CaseSetDigest(const StatementSources& sources) {
  const fs::path folder = sources.data_folder;
  std::string lines;
  const auto add = [&lines](const fs::path& file, const std::string& name) {
    lines += Sha256(ReadFile(file.string(), kFileBytesMax)) + "  " + name + "\n";
  };
  for (const char* name : {"clauses.json", "probes.json"}) add(folder / name, name);
  for (const fs::path& file : CaseFiles(folder / "cases")) {
    add(file, fs::relative(file, folder).generic_string());
  }
  for (const std::string& path : sources.case_paths) {
    for (const fs::path& file : CaseFiles(path)) add(file, file.filename().string());
  }
  return Sha256(lines);
}

std::string ProfileDigest(const std::map<std::string, std::string>& members) {
  return Sha256(Canonical(json(members)));
}

std::string VerdictDigest(const std::map<std::string, std::string>& verdicts) {
  return Sha256(Canonical(json(verdicts)));
}

std::map<std::string, std::string> VerdictsOf(const RunRecord& record) {
  std::map<std::string, std::string> verdicts;
  for (const RecordedCase& one : record.cases) {
    verdicts[one.spec->Name()] = ToString(one.verdict.outcome);
  }
  return verdicts;
}

// The digest of a statement is that of everything else in it.
std::string DigestOfRest(json statement) {
  statement.erase("sha256");
  return Sha256(Canonical(statement));
}

// A member of a member; nothing where it is missing or no string.
std::string TextAt(const json& statement, const char* object, const char* name) {
  const auto outer = statement.find(object);
  if (outer == statement.end() || !outer->is_object()) return {};
  const auto inner = outer->find(name);
  return inner != outer->end() && inner->is_string() ? inner->get<std::string>() : std::string();
}

/// Prints what was compared, and remembers whether all of it agrees.
class Comparer {
 public:
  explicit Comparer(std::ostream& out) : out_(out) {}

  void Line(std::string_view what, bool agrees, const std::string& more) {
    good_ = good_ && agrees;
    out_ << (agrees ? "same     " : "DIFFERS  ") << what << (more.empty() ? "" : ": ")
         << Printable(more) << '\n';
  }

  bool good() const { return good_; }

 private:
  std::ostream& out_;
  bool good_ = true;
};

void CompareReport(Comparer& comparer, const json& statement, const std::string& path) {
  const StoredReport report = ReadReport(path);
  std::map<std::string, std::string> verdicts, profile;
  for (const StoredCase& one : report.cases) verdicts[one.id] = ToString(one.outcome);
  for (const JsonEntry& one : report.json.Find("profile")->members) {
    profile[one.name] = one.value.string;
  }
  comparer.Line("verdicts", TextAt(statement, "verdicts", "sha256") == VerdictDigest(verdicts),
                Counted(report.cases.size(), "case") + " in " + path);
  comparer.Line("profile", TextAt(statement, "profile", "sha256") == ProfileDigest(profile), "");
  comparer.Line("target", TextAt(statement, "target", "sha256") == Sha256(report.url), report.url);
  const JsonValue* started = report.json.Find("started");
  comparer.Line("start of the run",
                started != nullptr && statement.value("started", "") == started->string,
                started != nullptr ? started->string : "");
}

json ReadStatement(const std::string& path, std::string& text) {
  text = ReadFile(path, kFileBytesMax);
  ParseJsonText(text, path);  // strictly: no duplicate members
  json statement = json::parse(text, nullptr, false);
  const bool good = statement.is_object() && statement.contains("schema") &&
                    statement["schema"] == std::string(kSchema) && statement.contains("sha256") &&
                    statement["sha256"].is_string() &&
                    (!statement.contains("started") || statement["started"].is_string());
  if (!good) throw FileError({path, 1}, "this is no statement (" + std::string(kSchema) + ")");
  return statement;
}

}  // namespace

std::string StatementOf(const RunRecord& record, const StatementSources& sources) {
  std::map<std::string, std::string> profile = record.switches;
  profile["base"] = record.profile_base;
  json counts;
  for (const auto& [outcome, number] : record.Count()) {
    counts[std::string(ToString(outcome))] = number;
  }
  json out;
  out["schema"] = kSchema;
  out["program"] = {{"name", "grantspec"}, {"version", Version()}, {"sha256", ProgramDigest()}};
  out["case_set"] = {{"name", record.case_set}, {"sha256", CaseSetDigest(sources)}};
  out["profile"] = {{"base", record.profile_base}, {"sha256", ProfileDigest(profile)}};
  out["target"] = {{"url", record.url}, {"sha256", Sha256(record.url)}};
  out["verdicts"] = {{"count", counts}, {"sha256", VerdictDigest(VerdictsOf(record))}};
  out["started"] = record.started;
  out["exit_code"] = record.exit_code;
  out["sha256"] = DigestOfRest(out);
  return Canonical(out) + "\n";
}

int VerifyStatement(std::ostream& out, const std::string& path, const std::string& report_path,
                    const StatementSources& sources) {
  std::string text;
  const json statement = ReadStatement(path, text);
  Comparer comparer(out);
  comparer.Line(
      "statement",
      text == Canonical(statement) + "\n" && statement["sha256"] == DigestOfRest(statement),
      "SHA-256 of the statement itself");
  comparer.Line("program", TextAt(statement, "program", "sha256") == ProgramDigest(),
                "grantspec " + std::string(Version()));
  comparer.Line("case set", TextAt(statement, "case_set", "sha256") == CaseSetDigest(sources),
                TextAt(statement, "case_set", "name"));
  if (report_path.empty()) {
    out << "skipped  verdicts, profile and target: --json REPORT compares them\n";
  } else {
    CompareReport(comparer, statement, report_path);
  }
  return comparer.good() ? kNoFailure : kFailures;
}

}  // namespace grantspec
