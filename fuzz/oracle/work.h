// The work oracle: allocations of a parser grow at most linearly with its input.
//
// No sanitizer sees quadratic code. What is counted here is the same in every run, so that a test
// can assert it; steps are counted by work_test.

#pragma once

#include <cstddef>
#include <string_view>

namespace grantspec::fuzz {

/// Counts what is allocated between its construction and the question.
class WorkMeter {
 public:
  WorkMeter();

  std::size_t allocations() const;
  std::size_t bytes() const;

  /// Aborts where more was allocated than `allocations_max` a hundred bytes of input, or more
  /// bytes than `bytes_max` a byte of input; both have a small constant on top.
  void RequireLinear(std::size_t input_bytes, std::size_t allocations_max, std::size_t bytes_max,
                     std::string_view what) const;

 private:
  std::size_t allocations_before_, bytes_before_;
};

}  // namespace grantspec::fuzz
