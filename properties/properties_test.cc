// Each law is broken by faults of the reference endpoint, and what is left of the example is as
// small as it can be.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "conformance/engine/case/case_file.h"
#include "conformance/engine/run/run.h"
#include "fixtures/endpoint/deviation.h"
#include "fixtures/endpoint/server.h"
#include "fixtures/grammar/form.h"
#include "properties/pairwise.h"
#include "properties/runner.h"
#include "properties/save.h"

namespace grantspec {
namespace {

const Clauses& AllClauses() {
  static const Clauses clauses =
      ReadClauses(std::string(GRANTSPEC_SOURCE_DIR) + "/conformance/clauses.json");
  return clauses;
}

const std::vector<Case>& Catalogue() {
  static const std::vector<Case> cases =
      ReadSuite(std::string(GRANTSPEC_SOURCE_DIR) + "/conformance", AllClauses());
  return cases;
}

/// The reference endpoint with a deviation, and everything that checks laws on it.
class Faulty {
 public:
  explicit Faulty(std::string_view fault) {
    Deployment deployment{
        endpoint_, [this](const Request& request) { return endpoint_.Respond(request); }, {}};
    EXPECT_TRUE(fault.empty() || ApplyByName(fault, deployment)) << fault;
    Server::Options options;
    options.hooks = deployment.hooks;
    server_ = std::make_unique<Server>(options, deployment.handler);
    place_ = *PlaceOf(server_->url() + std::string(kTokenPath));
    NetworkOptions network;
    network.origin = place_.origin;
    network.max_time_ms = 3'000;
    executor_ = std::make_unique<Executor>(network, LoadOptions{});
    subject_ = std::make_unique<TargetSubject>(*executor_);
    binder_ = std::make_unique<Binder>(profile_, place_, CanaryOf(1));
    presenter_ = std::make_unique<Presenter>(*binder_, "grantspec-properties");
    examiner_ = std::make_unique<Examiner>(*subject_, *binder_, record_.counters);
    world_ = std::make_unique<World>(World::Of(profile_));
    runner_ = std::make_unique<LawRunner>(*world_, *examiner_, *presenter_, record_, 1,
                                          "grantspec-properties");
    record_.clauses = &AllClauses();
  }

  LawRunner& runner() { return *runner_; }
  const RunRecord& record() const { return record_; }
  Server& server() { return *server_; }

  /// Checks the law of that name and returns what was recorded.
  const RecordedCase& Check(std::string_view name, int examples = 100) {
    for (const auto* laws : {&ScopeLaws(), &RequestLaws(), &TokenLaws()}) {
      for (const Law& law : *laws) {
        if (std::string(law.category) + "." + std::string(law.id) != name) continue;
        runner_->Check(law, examples);
        return record_.cases.back();
      }
    }
    ADD_FAILURE() << "unknown law " << name;
    static const RecordedCase none;
    return none;
  }

 private:
  TokenEndpoint endpoint_{ClientRegistry(), {}};
  std::unique_ptr<Server> server_;
  Profile profile_ = EmbeddedProfile();
  TargetPlace place_;
  RunRecord record_;
  std::unique_ptr<Executor> executor_;
  std::unique_ptr<TargetSubject> subject_;
  std::unique_ptr<Binder> binder_;
  std::unique_ptr<Presenter> presenter_;
  std::unique_ptr<Examiner> examiner_;
  std::unique_ptr<World> world_;
  std::unique_ptr<LawRunner> runner_;
};

std::vector<std::string> WordsOf(const std::string& text) {
  std::vector<std::string> words;
  std::istringstream in(text);
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

/// The scope that the only step of a recorded case asks for.
std::vector<std::string> ScopeAskedBy(const RecordedCase& recorded, std::size_t step = 0) {
  const StepSpec& spec = recorded.spec->steps.at(step);
  if (spec.content) {
    return WordsOf(std::string(ParseFormWhatwg(spec.content->text).First("scope").value_or("")));
  }
  return WordsOf(spec.form.at(0).values.at(0).text);
}

struct Broken {
  const char* law;
  const char* fault;
};

class EachLaw : public testing::TestWithParam<Broken> {};

TEST_P(EachLaw, IsBrokenByAFault) {
  Faulty faulty(GetParam().fault);
  const RecordedCase& recorded = faulty.Check(GetParam().law);
  EXPECT_EQ(recorded.verdict.outcome >= Outcome::kWarn &&
                recorded.verdict.outcome != Outcome::kInconclusive,
            true)
      << ToString(recorded.verdict.outcome) << ' ' << recorded.verdict.why;
}

INSTANTIATE_TEST_SUITE_P(
    Laws, EachLaw,
    testing::Values(Broken{"scope.any_subset", "scope_four_refused"},
                    Broken{"scope.every_subset", "scope_four_refused"},
                    Broken{"scope.order", "scope_order_matters"},
                    Broken{"scope.repetition", "scope_repeat_refused"},
                    Broken{"scope.join", "scope_more_gets_less"},
                    Broken{"scope.mixture", "scope_unknown_grants_all"},
                    Broken{"scope.near_miss", "scope_case_insensitive"},
                    Broken{"scope.near_miss", "scope_wildcards"},
                    Broken{"scope.near_miss", "scope_prefix_matches"},
                    Broken{"scope.limited_client", "scope_ungranted_given"},
                    Broken{"scope.separators", "scope_commas_separate"},
                    Broken{"scope.separators", "scope_nbsp_separates"},
                    Broken{"scope.elsewhere", "scope_index_grants_all"},
                    Broken{"scope.elsewhere", "query_parameters_override"},
                    Broken{"request.parameter_order", "form_order_matters"},
                    Broken{"request.unknown_parameters", "form_unknown_refused"},
                    Broken{"request.escapes", "form_names_not_decoded"},
                    Broken{"request.escapes", "form_lower_hex_refused"},
                    Broken{"request.spaces", "form_plus_not_decoded"},
                    Broken{"request.spaces", "form_pct20_not_decoded"},
                    Broken{"request.media_type_case", "type_case_sensitive"},
                    Broken{"request.scheme_case", "basic_case_sensitive_scheme"},
                    Broken{"request.field_lines", "basic_field_name_case"},
                    Broken{"request.chunks", "http_chunked_refused"},
                    Broken{"request.one_after_another", "state_leaks_between_requests"},
                    Broken{"request.side_by_side", "http_answers_swapped"},
                    Broken{"token.distinct", "token_collides"},
                    Broken{"token.distinct_at_once", "token_collides"},
                    Broken{"token.entropy", "token_low_entropy"},
                    Broken{"token.no_counter", "token_sequential"}),
    [](const auto& info) {
      std::string name = std::string(info.param.law) + "_" + info.param.fault;
      for (char& c : name) c = c == '.' ? '_' : c;
      return name;
    });

TEST(Laws, HoldOnTheReferenceEndpoint) {
  Faulty clean("");
  for (const auto* laws : {&ScopeLaws(), &RequestLaws(), &TokenLaws()}) {
    for (const Law& law : *laws) clean.runner().Check(law, 40);
  }
  clean.runner().CheckPairwise(Catalogue(), 2);
  clean.runner().CheckHostile(200);
  for (const RecordedCase& one : clean.record().cases) {
    EXPECT_EQ(one.verdict.outcome, Outcome::kPass)
        << one.spec->Name() << ": " << one.verdict.actual << ' ' << one.verdict.why;
  }
}

// What is left of a list of up to seven scopes.
TEST(Shrinking, LeavesOneScopeWhereOneIsEnough) {
  Faulty faulty("scope_repeat_refused");
  const RecordedCase& recorded = faulty.Check("scope.repetition");
  const std::vector<std::string> words = ScopeAskedBy(recorded);
  ASSERT_EQ(words.size(), 2U);
  EXPECT_EQ(words[0], words[1]);
}

TEST(Shrinking, LeavesTwoScopesInAMixture) {
  Faulty faulty("scope_unknown_grants_all");
  const std::vector<std::string> words = ScopeAskedBy(faulty.Check("scope.mixture"));
  EXPECT_EQ(words.size(), 2U);
}

TEST(Shrinking, LeavesOneLetterOfAnotherCase) {
  Faulty faulty("scope_case_insensitive");
  const std::vector<std::string> words = ScopeAskedBy(faulty.Check("scope.near_miss"));
  ASSERT_EQ(words.size(), 1U);
  std::size_t upper = 0;
  for (char c : words[0]) upper += c >= 'A' && c <= 'Z' ? 1 : 0;
  EXPECT_EQ(upper, 1U) << words[0];
}

TEST(Shrinking, LeavesOneUnknownParameter) {
  Faulty faulty("form_unknown_refused");
  const RecordedCase& recorded = faulty.Check("request.unknown_parameters");
  const Form form = ParseFormWhatwg(recorded.spec->steps.at(0).content->text);
  EXPECT_EQ(form.parameters.size(), 3U);
  EXPECT_EQ(form.parameters.back().name, "x1_a");
  EXPECT_EQ(form.parameters.back().value, "a");
}

TEST(Shrinking, LeavesTheFewestRequestsOfASequence) {
  Faulty faulty("state_leaks_between_requests");
  const RecordedCase& recorded = faulty.Check("request.one_after_another");
  EXPECT_LE(recorded.spec->steps.size(), 3U);
}

TEST(Laws, ATargetThatEndsIsAFindingWithTheRequestThatDidIt) {
  Faulty faulty("");
  faulty.server().Stop();
  const RecordedCase& recorded = faulty.Check("scope.any_subset");
  EXPECT_EQ(recorded.verdict.outcome, Outcome::kFail);
  EXPECT_FALSE(recorded.exchanges.empty());
  EXPECT_EQ(faulty.Check("scope.order").verdict.outcome, Outcome::kInconclusive);
}

TEST(Pairwise, RowsCoverEachPairAndAreFew) {
  const std::vector<std::size_t> counts = {5, 4, 4, 3, 6, 4, 4, 4, 3, 2};
  const auto rows = CoveringRows(counts, 2, 1);
  for (std::size_t p = 0; p < counts.size(); ++p) {
    for (std::size_t q = p + 1; q < counts.size(); ++q) {
      for (std::size_t v = 0; v < counts[p]; ++v) {
        for (std::size_t w = 0; w < counts[q]; ++w) {
          const bool covered = std::any_of(rows.begin(), rows.end(), [&](const auto& row) {
            return row[p] == v && row[q] == w;
          });
          EXPECT_TRUE(covered) << p << '=' << v << ' ' << q << '=' << w;
        }
      }
    }
  }
  EXPECT_LT(rows.size(), 60U);
  EXPECT_EQ(CoveringRows({3, 2}, 1, 1).size(), 3U);
}

TEST(Pairwise, TellsTheSmallestCombination) {
  Faulty faulty("type_json_taken");
  faulty.runner().CheckPairwise(Catalogue(), 2);
  for (const RecordedCase& one : faulty.record().cases) {
    EXPECT_EQ(one.spec->Name().find("grant_"), std::string::npos) << one.spec->Name();
  }
  Faulty crashes("type_charset_crash");
  crashes.runner().CheckPairwise(Catalogue(), 2);
  ASSERT_EQ(crashes.record().cases.size(), 1U);
}

TEST(Hostile, FindsACrashAndShrinksIt) {
  Faulty faulty("form_bad_escape_crash");
  faulty.runner().CheckHostile(600);
  ASSERT_GE(faulty.record().cases.size(), 1U);
  const RecordedCase& recorded = faulty.record().cases.front();
  EXPECT_EQ(recorded.verdict.outcome, Outcome::kFail) << recorded.verdict.why;
  EXPECT_EQ(recorded.spec->category, "hostile");
  EXPECT_LT(recorded.spec->steps.front().content->text.size(), 120U);
}

TEST(SavedCases, ReplayToTheSameVerdict) {
  for (const Broken& broken : {Broken{"scope.mixture", "scope_unknown_grants_all"},
                               Broken{"request.chunks", "http_chunked_refused"},
                               Broken{"request.one_after_another", "state_leaks_between_requests"},
                               Broken{"scope.separators", "scope_nbsp_separates"}}) {
    Faulty faulty(broken.fault);
    const RecordedCase recorded = faulty.Check(broken.law);
    ASSERT_EQ(recorded.verdict.outcome, Outcome::kFail) << broken.law;
    const std::string text = CaseFileText(faulty.runner().failed());
    const std::vector<Case> read = ParseCases(text, "found_law.json", AllClauses());
    ASSERT_EQ(read.size(), 1U);
    const Profile profile = EmbeddedProfile();
    const TargetPlace place = *PlaceOf(faulty.server().url() + std::string(kTokenPath));
    NetworkOptions network;
    network.origin = place.origin;
    Executor executor(network, {});
    RunRecord record;
    record.clauses = &AllClauses();
    SuiteRun run(profile, place, executor, record, 2);
    run.Ask({&read.front()}, {});
    ASSERT_EQ(record.cases.size(), 1U);
    EXPECT_EQ(record.cases.front().verdict.outcome, Outcome::kFail) << text;
  }
}

TEST(Verbatim, KeepsBracesFromBeginningAnExpression) {
  EXPECT_EQ(Verbatim("a{{b").text, "a{{'{{'}}b");
}

}  // namespace
}  // namespace grantspec
