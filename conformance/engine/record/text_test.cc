// Texts of a target made fit for terminals, XML and shells.

#include "conformance/engine/record/text.h"

#include <gtest/gtest.h>

namespace grantspec {
namespace {

TEST(Text, IsFitForTerminalsAndXml) {
  EXPECT_EQ(Printable("a\x1b[31m\xff\xE2\x80\xAE"), "a\\x1b[31m\\xff\\xe2\\x80\\xae");
  EXPECT_EQ(Printable("ä\n", true), "ä\n");
  EXPECT_EQ(XmlText("]]><a b=\"c\">&\x01"), "]]&gt;&lt;a b=&quot;c&quot;&gt;&amp;\\x01");
  EXPECT_EQ(ShellQuoted("it's"), "'it'\\''s'");
}

TEST(Text, HoldsNoCommandsToBuildRunners) {
  EXPECT_EQ(Printable("##[error]a ##vso[x] ## [b] #[c]"),
            "##\\x5berror]a ##vso\\x5bx] ## [b] #[c]");
  EXPECT_EQ(Wrapped("aaaa ::error::b cccc", 6, "  "), "aaaa ::error::b\n  cccc");
}

}  // namespace
}  // namespace grantspec
