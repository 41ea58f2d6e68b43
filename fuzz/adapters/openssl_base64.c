/* Basic credentials read with OpenSSL's EVP_DecodeBlock. */

#include <openssl/evp.h>
#include <stdlib.h>
#include <strings.h>

#include "fuzz/adapter.h"

static long read_basic(const uint8_t* in, size_t size, char* out, size_t cap) {
  if (size < 6 || strncasecmp((const char*)in, "Basic ", 6) != 0) return GRANTSPEC_REFUSED;
  while (size > 6 && in[6] == ' ') ++in, --size;
  const size_t symbols = size - 6;
  if (symbols == 0) return GRANTSPEC_REFUSED;
  unsigned char* pair = malloc(symbols + 3);
  if (pair == NULL) return GRANTSPEC_NOT_OFFERED;
  /* The length that comes back counts a byte for each "=". */
  int length = EVP_DecodeBlock(pair, in + 6, (int)symbols);
  for (size_t i = size; i > 6 && in[i - 1] == '=' && length > 0; --i) --length;
  const unsigned char* colon = length > 0 ? memchr(pair, ':', (size_t)length) : NULL;
  long at = colon == NULL ? GRANTSPEC_REFUSED : 0;
  for (int i = 0; i < length; ++i) {
    if (pair[i] < 0x20 || pair[i] == 0x7f) at = GRANTSPEC_REFUSED;
  }
  if (at == 0) {
    at = grantspec_put(out, cap, at, pair, (size_t)(colon - pair));
    at = grantspec_put(out, cap, at, colon + 1, (size_t)length - (size_t)(colon - pair) - 1);
  }
  free(pair);
  return at;
}

const grantspec_adapter* grantspec_adapter_v1(void) {
  static const grantspec_adapter adapter = {
      GRANTSPEC_ADAPTER_ABI, sizeof adapter, "EVP_DecodeBlock", NULL, read_basic, NULL, NULL};
  return &adapter;
}
