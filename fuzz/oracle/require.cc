#include "fuzz/oracle/require.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace grantspec::fuzz {
namespace {

constexpr std::size_t kShownBytesMax = 400;

void PrintEscaped(std::string_view text) {
  for (char c : text.substr(0, std::min(text.size(), kShownBytesMax))) {
    if (c >= 0x20 && c <= 0x7e) {
      std::fputc(c, stderr);
    } else {
      std::fprintf(stderr, "\\x%02x", static_cast<unsigned char>(c));
    }
  }
  if (text.size() > kShownBytesMax) std::fprintf(stderr, " ... %zu bytes", text.size());
}

}  // namespace

void Broken(std::string_view rule, std::string_view got, std::string_view expected) {
  std::fprintf(stderr, "\nbroken: %.*s\n", static_cast<int>(rule.size()), rule.data());
  if (!got.empty() || !expected.empty()) {
    std::fputs("  got:      ", stderr);
    PrintEscaped(got);
    std::fputs("\n  expected: ", stderr);
    PrintEscaped(expected);
    std::fputc('\n', stderr);
  }
  std::fflush(stderr);
  std::abort();
}

}  // namespace grantspec::fuzz
