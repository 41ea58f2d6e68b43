#include "conformance/engine/options/command.h"

#include <gtest/gtest.h>

namespace grantspec {
namespace {

struct CommandRow {
  std::vector<std::string> arguments;
  const char* expected;
};

TEST(Command, KeepsWhatNamesTheTarget) {
  const std::vector<CommandRow> rows = {
      {{"build/grantspec"}, "build/grantspec"},
      {{"g", "https://a.example/t", "--user-env", "U", "--scope", "a b"},
       "g https://a.example/t --user-env U --scope 'a b'"},
      {{"g", "--base=strict", "-v", "--gtest_filter=a.b", "--tier", "all"},
       "g --base=strict --tier all"},
      {{"g", "--report-json", "r.json", "--report-html=r.html", "--category", "scope", "-q"}, "g"},
      {{"g", "-u", "id:secret"}, "g -u \"$CLIENT_ID:$CLIENT_SECRET\""},
      {{"g", "-uid:secret"}, "g -u \"$CLIENT_ID:$CLIENT_SECRET\""},
      {{"g", "--user=id:secret"}, "g -u \"$CLIENT_ID:$CLIENT_SECRET\""},
      {{"g", "-x", "http://me:password@proxy:1"}, "g -x http://proxy:1"},
      {{"g", "--proxy=me:password@proxy:1"}, "g -x proxy:1"},
      {{"g", "--replay", "r.json", "--cause", "0123abcd"}, "g"},
      {{"g", "--from-curl", "curl -u \"a:$S\" it's"}, "g --from-curl 'curl -u \"a:$S\" it'\\''s'"},
  };
  for (const CommandRow& row : rows) EXPECT_EQ(CommandOf(row.arguments), row.expected);
}

}  // namespace
}  // namespace grantspec
