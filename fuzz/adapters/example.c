/* An adapter in few lines: a scope, split at its spaces. Put your own parser in place of the loop.
 */

#include "fuzz/adapter.h"

static int is_token_character(uint8_t c) {
  return c == 0x21 || (c >= 0x23 && c <= 0x5b) || (c >= 0x5d && c <= 0x7e);
}

static long read_scope(const uint8_t* in, size_t size, char* out, size_t cap) {
  long at = 0;
  size_t begin = 0;
  for (size_t i = 0; i <= size; ++i) {
    if (i < size && is_token_character(in[i])) continue;
    if (i == begin || (i < size && in[i] != ' ')) return GRANTSPEC_REFUSED;
    at = grantspec_put(out, cap, at, in + begin, i - begin);
    begin = i + 1;
  }
  return at;
}

const grantspec_adapter* grantspec_adapter_v1(void) {
  static const grantspec_adapter adapter = {
      GRANTSPEC_ADAPTER_ABI, sizeof adapter, "example", NULL, NULL, read_scope, NULL};
  return &adapter;
}
