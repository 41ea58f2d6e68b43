// Bytes in place of random ones.

#pragma once

#include <cstdint>
#include <string>

namespace grantspec::subject {

/// Bytes that differ from number to number, and are the same in each run.
inline std::string NumberedBytes(std::uint64_t number, std::size_t count) {
  std::string bytes(count, '\0');
  for (char& c : bytes) {
    c = static_cast<char>(number);
    number >>= 8;
  }
  return bytes;
}

}  // namespace grantspec::subject
