// A run of all cases at endpoints that take other requests than Basic and a form: they are lawful
// or deviate in what they take, and are judged for the rest.

#include <gtest/gtest.h>

#include "conformance/engine/bind/shaped_profile.h"
#include "conformance/engine/case/case_file.h"
#include "conformance/engine/run/run.h"
#include "fixtures/endpoint/shaped_server.h"
#include "fixtures/endpoint/token_endpoint.h"

namespace grantspec {

// GoogleTest prints a parameter with it.
void PrintTo(const EndpointShape& shape, std::ostream* out) {
  *out << shape.name;
}

namespace {

/// Runs the default tier at an endpoint of a shape; null: the reference endpoint as it is.
RunRecord RunAt(const EndpointShape* shape) {
  const std::string folder = std::string(GRANTSPEC_SOURCE_DIR) + "/conformance";
  static const Clauses clauses = ReadClauses(folder + "/clauses.json");
  static const std::vector<Case> cases = ReadSuite(folder, clauses);
  TokenEndpoint endpoint{ClientRegistry(), {}};
  Deployment deployment{
      endpoint, [&endpoint](const Request& q) { return endpoint.Respond(q); }, {}};
  Profile profile = EmbeddedProfile();
  if (shape != nullptr) FitTo(*shape, profile);
  const ShapedServer server(shape, deployment, profile.main().id);
  profile.url = server.url() + std::string(kTokenPath);
  Executor executor(server.network(), {});
  RunRecord record;
  record.clauses = &clauses;
  SuiteRun run(profile, *PlaceOf(profile.url), executor, record, 1);
  EXPECT_EQ(run.Preflight(profile), std::nullopt);
  std::vector<const Case*> selected;
  for (const Case& one : cases) {
    if (one.tier == Tier::kSafe) selected.push_back(&one);
  }
  run.Ask(selected, {});
  EXPECT_EQ(run.stopped(), "");
  return record;
}

std::size_t JudgedIn(const RunRecord& record) {
  std::size_t judged = 0;
  for (const RecordedCase& one : record.cases) {
    judged += one.verdict.outcome != Outcome::kNotApplicable &&
                      one.verdict.outcome != Outcome::kInconclusive
                  ? 1U
                  : 0U;
  }
  return judged;
}

class EachShape : public testing::TestWithParam<EndpointShape> {};

TEST_P(EachShape, IsJudgedAndAccusedOfNothing) {
  static const std::size_t judged_as_it_is = JudgedIn(RunAt(nullptr));
  const RunRecord record = RunAt(&GetParam());
  // At least three of four cases have something to say about every shape.
  EXPECT_GE(JudgedIn(record) * 4, judged_as_it_is * 3);
  for (const RecordedCase& one : record.cases) {
    // What a shape deviates in is one finding of its own.
    if (one.verdict.outcome != Outcome::kFail || one.spec->id.ends_with("_required")) continue;
    ADD_FAILURE() << one.spec->Name() << ": expected " << one.verdict.expected << ", got "
                  << one.verdict.actual;
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, EachShape, testing::ValuesIn(EndpointShapes()),
                         [](const auto& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace grantspec
