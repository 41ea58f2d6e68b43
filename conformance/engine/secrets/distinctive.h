// Tells secrets and tokens from words that stand in innocent text.

#pragma once

#include <string_view>

namespace grantspec {

/// Whether a value is distinctive, that is, unlikely in other text: 8 characters at least, and no
/// word of the protocol, nor a part of one.
///
///     IsDistinctive("gX1fBat3bV")  // true
///     IsDistinctive("credentials")  // false
bool IsDistinctive(std::string_view value);

}  // namespace grantspec
