// The random numbers of the mutators: small, and the same from the same seed everywhere.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace grantspec::mutator {

/// splitmix64.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15u + 1) {}

  std::uint64_t Next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

  /// From 0 to below, which is not 0.
  std::size_t Below(std::size_t below) { return static_cast<std::size_t>(Next() % below); }

  /// True once in so many times.
  bool OneIn(std::size_t times) { return Below(times) == 0; }

  template <typename T, std::size_t N>
  const T& OneOf(const T (&choices)[N]) {
    return choices[Below(N)];
  }

 private:
  std::uint64_t state_;
};

}  // namespace grantspec::mutator
