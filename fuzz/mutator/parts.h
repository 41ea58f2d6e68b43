// What mutators are made of: texts in parts, escapes, base64, odd bytes.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fuzz/mutator/random.h"

namespace grantspec::mutator {

using Parts = std::vector<std::string>;

inline constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

Parts Split(std::string_view text, std::string_view separator);
std::string Join(const Parts& parts, std::string_view separator);

/// Drops, doubles, swaps, moves or multiplies parts.
void MutateParts(Parts& parts, Random& random);

/// The bytes of a form component; invalid escapes stay as they are.
std::string Unescaped(std::string_view text);

/// Bytes as a form component, each in one of its spellings.
std::string Escaped(std::string_view bytes, Random& random);

/// The bytes of a base64 text, foreign characters left out.
std::string Decoded64(std::string_view text);
std::string Encoded64(std::string_view bytes);

/// Some letters in the other case.
std::string SwappedCase(std::string text, Random& random);

/// One byte at which parsers decide something.
std::string Odd(Random& random);

/// Inserts a text anywhere.
void Insert(std::string& text, std::string_view what, Random& random);

}  // namespace grantspec::mutator
