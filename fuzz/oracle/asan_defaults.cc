// How AddressSanitizer runs under a fuzzer: a small quarantine, whose memory stays in the caches,
// and short stacks of allocations. ASAN_OPTIONS in the environment wins.

extern "C" const char* __asan_default_options();

extern "C" const char* __asan_default_options() {
  return "quarantine_size_mb=4:thread_local_quarantine_size_kb=256:max_malloc_fill_size=64:"
         "malloc_context_size=3";
}
