#include "conformance/engine/run/standing.h"

#include <gtest/gtest.h>

#include "conformance/engine/response/inspection.h"
#include "conformance/engine/response/testing.h"

namespace grantspec {
namespace {

// The second exchange of a case fails it: this one is shown, and decides about the cause.
TEST(StandingChecks, AViolationIsThatOfItsExchange) {
  const Exchange exchange = Responded(500, "");
  const Inspection inspection = InspectionOf(exchange);
  StandingChecks standing;
  Verdict verdict;
  standing.Inspect({.inspection = inspection,
                    .response = exchange.responses.front(),
                    .exchange = exchange,
                    .requested_scope = {},
                    .registered = nullptr,
                    .secrets = nullptr},
                   {.case_name = "a.case", .at = 1, .shown = {}, .cleaned = {}}, verdict);
  EXPECT_EQ(verdict.outcome, Outcome::kFail);
  EXPECT_EQ(verdict.check, "no_server_error");
  EXPECT_EQ(verdict.exchange, 1U);
}

}  // namespace
}  // namespace grantspec
