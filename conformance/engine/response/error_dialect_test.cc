#include "conformance/engine/response/error_dialect.h"

#include <gtest/gtest.h>

#include <string>

#include "conformance/engine/response/testing.h"

namespace grantspec {
namespace {

std::string DialectOf(std::string content, std::string type = "application/json") {
  return std::string(
      ErrorDialect(InspectionOf(Responded(400, std::move(content), {{{"Content-Type", type}}}))));
}

TEST(ErrorDialect, NamesTheHabit) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"error":"invalid_client"})", ""},
      {R"({"error":"invalid_request","error_description":"x","errors":null})", ""},
      {R"({"timestamp":"t","status":400,"error":"Bad Request","path":"/token"})", "Spring Boot as"},
      {R"({"type":"about:blank","title":"Bad Request","status":400})", "RFC 9457"},
      {R"({"errors":[{"code":"x"}]})", "a list of errors"},
      {R"({"errors":{"scope":["x"]}})", "an object errors"},
      {R"({"error":{"code":400,"message":"x"}})", "an object as error"},
      {R"({"statusCode":400,"message":"x","error":"Bad Request"})", "NestJS"},
      {R"({"fault":{"faultstring":"x"}})", "Apigee"},
      {R"({"detail":[{"loc":["body"],"msg":"x"}]})", "FastAPI"},
      {R"({"message":"Forbidden"})", "a member message alone"},
      {"<html></html>", ""},
  };
  for (const auto& [content, part] : cases) {
    const std::string dialect = DialectOf(content);
    if (std::string(part).empty()) {
      EXPECT_EQ(dialect, "") << content;
    } else {
      EXPECT_NE(dialect.find(part), std::string::npos) << content << ": " << dialect;
    }
  }
  EXPECT_NE(DialectOf("{}", "application/problem+json").find("RFC 9457"), std::string::npos);
  EXPECT_EQ(ErrorDialect(InspectionOf(Responded(200, R"({"message":"x"})"))), "");
}

}  // namespace
}  // namespace grantspec
