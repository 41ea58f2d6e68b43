// Makes a mutator libFuzzer's own: GRANTSPEC_MUTATE names the function, one per harness.
//
// A fifth of the mutations stay libFuzzer's, which knows the dictionary and the compares.
// GRANTSPEC_MUTATOR=off in the environment leaves all of them to it, for comparisons.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "fuzz/mutator/mutator.h"

#ifndef GRANTSPEC_MUTATE
#define GRANTSPEC_MUTATE MutateAny  // where a tool reads this file alone
#endif

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace {

bool IsOff() {
  static const bool off = [] {
    const char* value = std::getenv("GRANTSPEC_MUTATOR");
    return value != nullptr && std::string_view(value) == "off";
  }();
  return off;
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned int seed) {
  using namespace grantspec::mutator;
  Random random(seed);
  if (IsOff() || random.OneIn(5)) return LLVMFuzzerMutate(data, size, max_size);
  std::string bytes(reinterpret_cast<const char*>(data), size);
  for (std::size_t n = 1 + random.Below(3); n > 0; --n) bytes = GRANTSPEC_MUTATE(bytes, random);
  const std::size_t length = std::min(bytes.size(), max_size);
  std::copy_n(bytes.begin(), length, data);
  return length;
}
