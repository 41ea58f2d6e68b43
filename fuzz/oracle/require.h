// The assertion of the fuzz harnesses: it speaks and aborts whatever NDEBUG says.

#pragma once

#include <string_view>

namespace grantspec::fuzz {

/// Prints the broken rule and what was read, control characters escaped, and aborts.
[[noreturn]] void Broken(std::string_view rule, std::string_view got = {},
                         std::string_view expected = {});

/// Asserts a rule of the parsers; the rule is a sentence that states what should be.
inline void Require(bool satisfied, std::string_view rule) {
  if (!satisfied) [[unlikely]]
    Broken(rule);
}

/// The same, with what was read and what should have been.
inline void RequireEqual(std::string_view got, std::string_view expected, std::string_view rule) {
  if (got != expected) [[unlikely]]
    Broken(rule, got, expected);
}

}  // namespace grantspec::fuzz
