// Mutates scopes.

#include <cstddef>

#include "fuzz/mutator/mutator.h"
#include "fuzz/mutator/parts.h"

namespace grantspec::mutator {
namespace {

constexpr std::string_view kSeparators[] = {"  ",  "\t",  ",",        "\n", "+",
                                            " \t", "%20", "\xc2\xa0", ";"};

constexpr std::string_view kTokens[] = {"billing:batches:read",
                                        "billing:batches:submit",
                                        "billing:customers:read",
                                        "billing:customers:invite",
                                        "a",
                                        "A",
                                        "!",
                                        "~",
                                        "[",
                                        "]",
                                        "openid",
                                        "billing:batches:reads",
                                        "billing:batches:rea",
                                        "*",
                                        "#"};

constexpr std::string_view kFaults[] = {
    "\"", "\\", "\x7f", "\x1f", "\xc3\xa4", std::string_view("\0", 1), "\r", "\x80", "\xff"};

}  // namespace

std::string MutateScope(std::string_view text, Random& random) {
  Parts tokens = Split(text, " ");
  std::string& token = tokens[random.Below(tokens.size())];
  switch (random.Below(10)) {
    case 0:
    case 1:
      MutateParts(tokens, random);
      break;
    case 2:
      token = std::string(random.OneOf(kTokens));
      break;
    case 3:
      tokens.insert(tokens.begin() + static_cast<std::ptrdiff_t>(random.Below(tokens.size() + 1)),
                    std::string(random.OneOf(kTokens)));
      break;
    case 4:
      Insert(token, random.OneOf(kFaults), random);
      break;
    case 5:
      return Join(tokens, random.OneOf(kSeparators));
    case 6:
      token = SwappedCase(token, random);
      break;
    case 7:
      return (random.OneIn(2) ? " " : "") + Join(tokens, " ") + (random.OneIn(2) ? " " : "");
    case 8:
      token = MutateBytes(token, random);
      break;
    case 9:
      token.append(1 + random.Below(100), 'x');
      break;
  }
  return Join(tokens, " ");
}

}  // namespace grantspec::mutator
