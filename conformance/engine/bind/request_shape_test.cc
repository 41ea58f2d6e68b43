#include "conformance/engine/bind/request_shape.h"

#include <gtest/gtest.h>

#include "conformance/engine/case/expression.h"

namespace grantspec {
namespace {

const Form kForm{{{"grant_type", "client_credentials"}, {"scope", "a:b c"}}};

TEST(RequestShape, IsWhatTheProfileSays) {
  Profile profile = *BuiltInProfile("rfc6749");
  EXPECT_EQ(ShapeOf(profile), RequestShape::kForm);
  profile.switches["body"] = "json";
  EXPECT_EQ(ShapeOf(profile), RequestShape::kJson);
  profile.switches["parameters_in"] = "query";
  EXPECT_EQ(ShapeOf(profile), RequestShape::kQuery);
}

TEST(RequestShape, WritesContent) {
  EXPECT_EQ(ContentOf(kForm, RequestShape::kForm), "grant_type=client_credentials&scope=a%3Ab+c");
  EXPECT_EQ(ContentOf(kForm, RequestShape::kJson),
            R"({"grant_type":"client_credentials","scope":"a:b c"})");
  EXPECT_EQ(ContentOf(kForm, RequestShape::kQuery), "");
}

TEST(RequestShape, JsonHasNoRepeatedParameters) {
  EXPECT_THROW(ContentOf({{{"a", "1"}, {"a", "2"}}}, RequestShape::kJson), NotApplicable);
}

TEST(RequestShape, AddsToAQueryThatIsThere) {
  EXPECT_EQ(WithQuery("/t", {{{"c", "d e"}}}), "/t?c=d+e");
  EXPECT_EQ(WithQuery("/t?a=b", {{{"c", "d"}}}), "/t?a=b&c=d");
  EXPECT_EQ(WithQuery("/t", {}), "/t");
}

TEST(RequestShape, JoinsScopes) {
  Profile profile = *BuiltInProfile("rfc6749");
  EXPECT_EQ(JoinedScopes({"a", "b"}, profile), "a b");
  profile.switches["scope_separator"] = "comma";
  EXPECT_EQ(JoinedScopes({"a", "b"}, profile), "a,b");
}

}  // namespace
}  // namespace grantspec
