// Expressions inside {{ }}.

#include "conformance/engine/case/expression.h"

#include <gtest/gtest.h>

namespace grantspec {
namespace {

const SourceLine kHere{"f.json", 7};

TEST(Expression, Examples) {
  const NameLookup lookup = [](std::string_view name) -> std::optional<std::string> {
    if (name == "id") return "me";
    if (name == "secret") return "S3";
    return std::nullopt;
  };
  EXPECT_EQ(Expand("Basic {{base64(id ':' secret)}}", lookup, kHere), "Basic bWU6UzM=");
  EXPECT_EQ(Expand("{{repeat('ab',3)}}{{length(id secret)}}", lookup, kHere), "ababab4");
  EXPECT_EQ(Expand("{{chunked(id,1)}}", lookup, kHere), "1\r\nm\r\n1\r\ne\r\n0\r\n\r\n");
  EXPECT_EQ(Expand("{{swapcase(secret)}}", lookup, kHere), "s3");
  EXPECT_THROW(Expand("{{swapcase('12')}}", lookup, kHere), NotApplicable);
  for (const char* bad : {"{{nobody}}", "{{base64(id}}", "{{id", "{{}}", "{{repeat(id)}}",
                          "{{frob(id)}}", "{{'x}}", "{{repeat('aaaaaaaaaa',99999999)}}"}) {
    EXPECT_THROW(Expand(bad, lookup, kHere), FileError) << bad;
  }
}

}  // namespace
}  // namespace grantspec
