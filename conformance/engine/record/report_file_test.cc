#include "conformance/engine/record/report_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "conformance/engine/record/conclusion.h"
#include "conformance/engine/record/report_read.h"
#include "conformance/engine/report/report.h"

namespace grantspec {
namespace {

const Clause kClause = {"RFC6749-5.2-04", "RFC 6749", "5.2", "MUST", "says", "black-box"};

namespace fs = std::filesystem;

/// A directory of its own for each test.
class Files : public testing::Test {
 protected:
  Files() {
    std::string name = (fs::temp_directory_path() / "grantspec-test-XXXXXX").string();
    folder_ = mkdtemp(name.data());
  }
  ~Files() override { fs::remove_all(folder_); }

  std::string Path(const std::string& name) const { return (folder_ / name).string(); }

  static std::string TextOf(const std::string& path) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }

  fs::path folder_;
};

/// Reports made by the program's own writer, of cases named a.0, a.1 ...
class Reports : public Files {
 protected:
  Reports() {
    for (int i = 0; i < 6; ++i) {
      Case one;
      one.category = "a";
      one.id = std::to_string(i);
      one.title = "A case";
      one.clauses = {&kClause};
      cases_.push_back(one);
    }
    record_.url = "https://a.example/token";
    record_.clauses = &clauses_;
    record_.started = "2026-01-01T00:00:00Z";
  }

  /// A record with the outcomes of the cases from `first` on.
  RunRecord Run(const std::vector<Outcome>& outcomes, std::size_t first = 0) const {
    RunRecord record = record_;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      RecordedCase one;
      one.spec = &cases_[first + i];
      one.verdict.outcome = outcomes[i];
      record.cases.push_back(one);
    }
    return record;
  }

  RunRecord Shard(int shard, int shards, const std::vector<Outcome>& outcomes,
                  std::size_t first) const {
    RunRecord record = Run(outcomes, first);
    record.shard = shard;
    record.shards = shards;
    record.run_id = "7";
    return record;
  }

  std::string Write(const std::string& name, const RunRecord& record) const {
    WriteAtomically(Path(name), JsonReport(record));
    return Path(name);
  }

  int Compared(const RunRecord& before, const RunRecord& now, bool allow_gone = false) const {
    std::stringstream out;
    return PrintComparison(out, CompareReports(Write("old.json", before), Write("new.json", now)),
                           allow_gone);
  }

  MergedReport Merged(const std::vector<RunRecord>& records) const {
    std::vector<std::string> paths;
    paths.reserve(records.size());
    for (const RunRecord& one : records) {
      paths.push_back(Write(std::to_string(paths.size()) + ".json", one));
    }
    return MergeReports(paths);
  }

  Clauses clauses_;
  std::vector<Case> cases_;
  RunRecord record_;
};

constexpr Outcome kPass = Outcome::kPass, kFail = Outcome::kFail;

TEST_F(Files, AFileIsReplacedWithItsMode) {
  std::ofstream(Path("r.json")) << "old";
  chmod(Path("r.json").c_str(), 0640);
  WriteAtomically(Path("r.json"), "new");
  struct stat status {};
  ASSERT_EQ(stat(Path("r.json").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0640U);
  EXPECT_EQ(TextOf(Path("r.json")), "new");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 1);
}

TEST_F(Files, ALinkStaysAndItsTargetIsReplaced) {
  fs::create_directory(folder_ / "deep");
  std::ofstream(Path("deep/real")) << "old";
  fs::create_symlink("deep/real", folder_ / "link");
  fs::create_symlink("deep/absent", folder_ / "dangling");
  WriteAtomically(Path("link"), "new");
  WriteAtomically(Path("dangling"), "made");
  EXPECT_TRUE(fs::is_symlink(folder_ / "link"));
  EXPECT_TRUE(fs::is_symlink(folder_ / "dangling"));
  EXPECT_EQ(TextOf(Path("deep/real")), "new");
  EXPECT_EQ(TextOf(Path("deep/absent")), "made");
}

TEST_F(Files, APlantedLinkIsNotFollowed) {
  std::ofstream(Path("victim")) << "precious";
  fs::create_symlink("victim", Path("r.json.part-" + std::to_string(getpid())));
  WriteAtomically(Path("r.json"), "new");
  EXPECT_EQ(TextOf(Path("victim")), "precious");
}

TEST_F(Files, DevicesAreWrittenInPlace) {
  EXPECT_FALSE(IsReplaced("/dev/null"));
  // Not the system's own devices: a mistake here would replace them.
  if (mknod(Path("null").c_str(), S_IFCHR | 0666, makedev(1, 3)) == 0 &&
      mknod(Path("full").c_str(), S_IFCHR | 0666, makedev(1, 7)) == 0) {
    WriteAtomically(Path("null"), "gone");
    EXPECT_TRUE(fs::is_character_file(Path("null")));
    EXPECT_THROW(WriteAtomically(Path("full"), "x"), WriteError);
  }
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  WriteAtomically("/dev/fd/" + std::to_string(ends[1]), "through");
  char text[16] = {};
  EXPECT_EQ(read(ends[0], text, sizeof text), 7);
  close(ends[0]);
  close(ends[1]);
}

TEST_F(Files, WhatCannotBeWrittenIsFoundBefore) {
  EXPECT_NO_THROW(CheckWritable(Path("new.json")));
  EXPECT_FALSE(fs::exists(folder_ / "new.json"));
  EXPECT_THROW(CheckWritable(folder_.string()), WriteError);
  EXPECT_THROW(CheckWritable(Path("no/such/folder")), WriteError);
  EXPECT_THROW(CheckWritable("/dev/fd/9999"), WriteError);
}

TEST(Conclusion, TheFirstOfTheTableCounts) {
  RunState state;
  EXPECT_EQ(ConclusionOf(state).exit_code, kIncomplete);
  state.count[Outcome::kPass] = 1;
  EXPECT_EQ(ConclusionOf(state).exit_code, kNoFailure);
  state.missed = 1;
  EXPECT_EQ(ConclusionOf(state).exit_code, kIncomplete);
  state.attention = 1;
  EXPECT_EQ(ConclusionOf(state).exit_code, kWaivers);
  EXPECT_EQ(ConclusionOf(state).message, "1 waiver needs attention");
  state.count[Outcome::kFail] = 1;
  EXPECT_EQ(ConclusionOf(state).exit_code, kFailures);
  state.stopped = "locked out";
  EXPECT_EQ(ConclusionOf(state).exit_code, kNothingJudged);
  state.interrupted = true;
  EXPECT_EQ(ConclusionOf(state).exit_code, kInterrupted);
}

TEST_F(Reports, GoneCasesAreRegressionsUnlessAllowed) {
  EXPECT_EQ(Compared(Run({kPass, kPass}), Run({kPass, kPass})), kNoFailure);
  EXPECT_EQ(Compared(Run({kPass, kPass}), Run({kPass})), kFailures);
  EXPECT_EQ(Compared(Run({kPass, kPass}), Run({kPass}), true), kNoFailure);
  EXPECT_EQ(Compared(Run({kPass, kPass}), Run({kPass, kFail}), true), kFailures);
}

TEST_F(Reports, ARunThatWasNotJudgedIsNoSuccess) {
  EXPECT_EQ(Compared(Run({kPass}), Run({}), true), kFailures);
  EXPECT_EQ(Compared(Run({}), Run({kPass})), kFailures);
  RunRecord stopped = Run({kPass}), interrupted = Run({kPass});
  stopped.stopped = "locked out";
  interrupted.interrupted = true;
  EXPECT_EQ(Compared(Run({kPass}), stopped), kFailures);
  EXPECT_EQ(Compared(Run({kPass}), interrupted), kFailures);
  const RunRecord missed = Run({kPass, Outcome::kInconclusive});
  EXPECT_EQ(Compared(Run({kPass}), missed), kFailures);
  EXPECT_EQ(Compared(missed, missed), kNoFailure);
}

TEST_F(Reports, AnotherTargetIsNotCompared) {
  RunRecord other = Run({kPass});
  other.url = "https://b.example/token";
  EXPECT_EQ(Compared(Run({kPass}), other), kFailures);
  RunRecord embedded = Run({kPass}), again = Run({kPass});
  embedded.embedded = again.embedded = true;
  again.url = "http://127.0.0.1:2/token";
  EXPECT_EQ(Compared(embedded, again), kNoFailure);
  EXPECT_EQ(Compared(embedded, Run({kPass})), kFailures);
}

TEST_F(Reports, AllShardsMakeOneRun) {
  const MergedReport merged =
      Merged({Shard(0, 3, {kPass, kPass}, 0), Shard(1, 3, {kPass}, 2), Shard(2, 3, {}, 0)});
  EXPECT_EQ(merged.exit_code, kNoFailure) << merged.message;
  WriteAtomically(Path("merged.json"), merged.text);
  EXPECT_EQ(ReadReport(Path("merged.json")).cases.size(), 3U);
}

TEST_F(Reports, AMissingOrDoubledShardIsIncomplete) {
  const RunRecord first = Shard(0, 3, {kPass}, 0), second = Shard(1, 3, {kPass}, 1);
  const MergedReport missing = Merged({first, second});
  EXPECT_EQ(missing.exit_code, kIncomplete);
  EXPECT_EQ(missing.message, "no report of shard 2 (of 3, counted from 0)");
  const MergedReport doubled = Merged({first, second, second});
  EXPECT_EQ(doubled.exit_code, kIncomplete);
  EXPECT_NE(doubled.message.find("shard 1 is given twice"), std::string::npos);
  RunRecord other = Shard(2, 3, {kPass}, 2);
  other.run_id = "8";
  EXPECT_NE(Merged({first, second, other}).message.find("different runs"), std::string::npos);
  // Merged once more, it stays incomplete.
  WriteAtomically(Path("merged.json"), missing.text);
  EXPECT_EQ(MergeReports({Path("merged.json")}).exit_code, kIncomplete);
}

TEST_F(Reports, WholeRunsAreMergedWhereTheirCasesDiffer) {
  EXPECT_EQ(Merged({Run({kPass}, 0), Run({kPass}, 1)}).exit_code, kNoFailure);
  const MergedReport twice = Merged({Run({kPass}, 0), Run({kFail}, 0)});
  EXPECT_EQ(twice.exit_code, kFailures);
  EXPECT_NE(twice.message.find("1 case in two reports: a.0"), std::string::npos);
  EXPECT_EQ(Merged({Run({kPass}, 0), Run({kPass}, 0)}).exit_code, kIncomplete);
}

std::string RequirementVerdict(const std::string& report) {
  return nlohmann::json::parse(report)["requirements"][0]["verdict"];
}

TEST_F(Reports, ARequirementPassesWhereOneCaseDoesAndOthersDoNotApply) {
  constexpr Outcome kNotApplicable = Outcome::kNotApplicable;
  const RunRecord mixed = Run({kNotApplicable, kPass, kNotApplicable});
  EXPECT_EQ(RequirementVerdict(JsonReport(mixed)), "pass");
  EXPECT_EQ(RequirementVerdict(Merged({mixed}).text), "pass");
  const RunRecord none = Run({kNotApplicable});
  EXPECT_EQ(RequirementVerdict(JsonReport(none)), "not_applicable");
  EXPECT_EQ(RequirementVerdict(Merged({none}).text), "not_applicable");
  const RunRecord failed = Run({kPass, kFail, Outcome::kInconclusive});
  EXPECT_EQ(RequirementVerdict(JsonReport(failed)), "fail");
  EXPECT_EQ(RequirementVerdict(Merged({failed}).text), "fail");
}

TEST(OutcomeOrder, IsTheOrderOfSeverity) {
  const std::vector<Outcome> order = {
      Outcome::kNotApplicable, Outcome::kPass,   Outcome::kInfo, Outcome::kWarn,
      Outcome::kInconclusive,  Outcome::kWaived, Outcome::kFail};
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST_F(Reports, TheStoredExitCodeIsNotTrusted) {
  RunRecord failed = Run({kFail});
  failed.exit_code = 0;
  EXPECT_EQ(Merged({failed}).exit_code, kFailures);
  RunRecord stopped = Shard(0, 2, {kPass}, 0);
  stopped.stopped = "locked out";
  const MergedReport merged = Merged({stopped, Shard(1, 2, {kPass}, 1)});
  EXPECT_EQ(merged.exit_code, kNothingJudged);
  EXPECT_EQ(merged.message, "locked out; 2 of 2 cases were judged");
}

TEST_F(Reports, AWaiverIsUnusedOnlyWhereNoShardUsesIt) {
  RunRecord first = Shard(0, 2, {kPass}, 0), second = Shard(1, 2, {Outcome::kWaived}, 1);
  first.attention = {{"a.*", "w.json:3: a.* passes now", true, {"a.1"}}};
  EXPECT_EQ(Merged({first, second}).exit_code, kNoFailure);
  second.cases[0].verdict.outcome = kPass;
  EXPECT_EQ(Merged({first, second}).exit_code, kWaivers);
}

TEST_F(Reports, CausesComeGoAndStay) {
  RunRecord before = Run({Outcome::kFail, Outcome::kWarn, Outcome::kPass});
  RunRecord now = Run({Outcome::kFail, Outcome::kPass, Outcome::kFail});
  const auto cause = [](const char* id, Outcome severity, std::size_t at) {
    Cause one;
    one.id = id;
    one.title = std::string("title of ") + id;
    one.severity = severity;
    one.clauses = {"RFC6749-5.2-04"};
    one.cases = {at};
    return one;
  };
  before.causes = {cause("aaaaaaaa", Outcome::kFail, 0), cause("bbbbbbbb", Outcome::kWarn, 1)};
  now.causes = {cause("aaaaaaaa", Outcome::kFail, 0), cause("cccccccc", Outcome::kFail, 2)};
  WriteAtomically(Path("old"), JsonReport(before));
  WriteAtomically(Path("new"), JsonReport(now));
  const Comparison found = CompareReports(Path("old"), Path("new"));
  const auto line = [](const std::string& id, const char* severity) {
    return std::vector<std::string>{id + " " + severity + ": title of " + id + " (1 case)"};
  };
  EXPECT_EQ(found.causes_stayed, line("aaaaaaaa", "fail"));
  EXPECT_EQ(found.causes_gone, line("bbbbbbbb", "warn"));
  EXPECT_EQ(found.causes_added, line("cccccccc", "fail"));
  EXPECT_EQ(FailuresOf(Path("new"), "cccccccc"), (std::set<std::string>{"a.2"}));
  EXPECT_THROW(FailuresOf(Path("new"), "bbbbbbbb"), FileError);
}

TEST_F(Reports, ShardsOfOneCauseAreMerged) {
  RunRecord a = Shard(0, 2, {Outcome::kWarn}, 0), b = Shard(1, 2, {Outcome::kFail}, 1);
  Cause cause;
  cause.id = "aaaaaaaa";
  cause.title = "a title";
  cause.clauses = {"RFC6749-5.2-04"};
  cause.cases = {0};
  cause.severity = Outcome::kWarn;
  a.causes = {cause};
  cause.severity = Outcome::kFail;
  b.causes = {cause};
  WriteAtomically(Path("a"), JsonReport(a));
  WriteAtomically(Path("b"), JsonReport(b));
  const auto merged = nlohmann::json::parse(MergeReports({Path("a"), Path("b")}).text);
  ASSERT_EQ(merged["causes"].size(), 1U);
  EXPECT_EQ(merged["causes"][0]["severity"], "fail");
  EXPECT_EQ(merged["causes"][0]["explains"], (std::vector<std::string>{"a.0", "a.1"}));
}

TEST_F(Reports, AReportOfVersion1IsRead) {
  auto json = nlohmann::json::parse(JsonReport(Run({Outcome::kFail})));
  json["schema"] = "grantspec-report/1";
  json.erase("causes");
  WriteAtomically(Path("old"), json.dump());
  WriteAtomically(Path("new"), JsonReport(Run({Outcome::kFail})));
  EXPECT_EQ(ReadReport(Path("old")).cases.size(), 1U);
  EXPECT_TRUE(CompareReports(Path("old"), Path("new")).causes_added.empty());
  json["schema"] = "grantspec-report/3";
  WriteAtomically(Path("old"), json.dump());
  EXPECT_THROW(ReadReport(Path("old")), FileError);
}

TEST_F(Reports, MarkdownHasACauseOnceAndStaysBelowTheLimitOfAComment) {
  RunRecord record = Run({Outcome::kFail, Outcome::kFail, Outcome::kWarn});
  for (int i = 0; i < 2'000; ++i) {
    Cause one;
    one.id = "aaaaaaaa";
    one.title = "a defect " + std::string(60, 'x');
    one.severity = i % 3 == 0 ? Outcome::kFail : i % 3 == 1 ? Outcome::kWarn : Outcome::kWaived;
    one.clauses = {"RFC6749-5.2-04"};
    one.cases = {i % 3 == 0 ? 0U : 2U, 1U};
    record.causes.push_back(one);
  }
  for (int i = 0; i < 2'000; ++i) record.notes.push_back("a note " + std::string(100, 'n'));
  record.cases[0].verdict.actual = std::string(400, '|');
  const std::string text = MarkdownReport(record);
  EXPECT_LT(text.size(), 65'536U);
  EXPECT_NE(text.find("more causes of failures"), std::string::npos);
  record.causes.resize(1);
  record.notes.clear();
  const std::string one = MarkdownReport(record);
  EXPECT_NE(one.find("(2 cases, cause aaaaaaaa)"), std::string::npos) << one;
  EXPECT_EQ(one.find("<details>"), one.rfind("<details>"));
}

}  // namespace
}  // namespace grantspec
