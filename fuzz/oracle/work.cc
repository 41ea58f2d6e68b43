#include "fuzz/oracle/work.h"

#include <cstdlib>
#include <new>
#include <string>

#include "fuzz/oracle/require.h"

#if defined(__SANITIZE_ADDRESS__)
#define GRANTSPEC_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define GRANTSPEC_ASAN 1
#endif
#endif

namespace {
std::size_t allocations_so_far = 0;
std::size_t bytes_so_far = 0;
}  // namespace

#ifdef GRANTSPEC_ASAN

// The sanitizer keeps its own allocator, and tells of each call.
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*malloc_hook)(const volatile void*,
                                                                             std::size_t),
                                                         void (*free_hook)(const volatile void*));

namespace {
[[maybe_unused]] const int hooks_installed = __sanitizer_install_malloc_and_free_hooks(
    [](const volatile void*, std::size_t size) {
      ++allocations_so_far;
      bytes_so_far += size;
    },
    [](const volatile void*) {});
}  // namespace

#else

void* operator new(std::size_t size) {
  ++allocations_so_far;
  bytes_so_far += size;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

#endif

namespace grantspec::fuzz {

WorkMeter::WorkMeter() : allocations_before_(allocations_so_far), bytes_before_(bytes_so_far) {}

std::size_t WorkMeter::allocations() const {
  return allocations_so_far - allocations_before_;
}

std::size_t WorkMeter::bytes() const {
  return bytes_so_far - bytes_before_;
}

void WorkMeter::RequireLinear(std::size_t input_bytes, std::size_t allocations_max,
                              std::size_t bytes_max, std::string_view what) const {
  const std::size_t made = allocations(), size = bytes();
  const std::size_t made_max = 64 + input_bytes * allocations_max / 100;
  const std::size_t size_max = 16 * 1024 + input_bytes * bytes_max;
  if (made <= made_max && size <= size_max) return;
  Broken("the work of " + std::string(what) + " is linear in its input",
         std::to_string(made) + " allocations of " + std::to_string(size) + " bytes",
         "at most " + std::to_string(made_max) + " of " + std::to_string(size_max) + " for " +
             std::to_string(input_bytes) + " bytes of input");
}

}  // namespace grantspec::fuzz
