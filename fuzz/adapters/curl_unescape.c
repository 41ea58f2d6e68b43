/* Forms read with libcurl's curl_easy_unescape, as a client of libcurl would write it. */

#include <curl/curl.h>
#include <stdlib.h>

#include "fuzz/adapter.h"

/* One name or value: "+" is a space, libcurl does the rest. Length 0 would mean strlen to it. */
static long put_decoded(char* out, size_t cap, long at, const uint8_t* in, size_t size) {
  char* spaced = malloc(size + 1);
  if (spaced == NULL) return GRANTSPEC_NOT_OFFERED;
  for (size_t i = 0; i < size; ++i) spaced[i] = in[i] == '+' ? ' ' : (char)in[i];
  int length = 0;
  char* bytes = size == 0 ? NULL : curl_easy_unescape(NULL, spaced, (int)size, &length);
  free(spaced);
  if (size != 0 && bytes == NULL) return GRANTSPEC_REFUSED;
  at = grantspec_put(out, cap, at, bytes, (size_t)length);
  curl_free(bytes);
  return at;
}

static long read_form(const uint8_t* in, size_t size, char* out, size_t cap) {
  long at = 0;
  size_t begin = 0;
  for (size_t i = 0; i <= size; ++i) {
    if (i < size && in[i] != '&') continue;
    const uint8_t* equals = begin == i ? NULL : memchr(in + begin, '=', i - begin);
    const size_t name = equals == NULL ? i - begin : (size_t)(equals - (in + begin));
    if (i > begin) {
      at = put_decoded(out, cap, at, in + begin, name);
      const size_t rest = equals == NULL ? 0 : i - begin - name - 1;
      if (at >= 0) at = put_decoded(out, cap, at, equals == NULL ? in : equals + 1, rest);
      if (at < 0) return at;
    }
    begin = i + 1;
  }
  return at;
}

const grantspec_adapter* grantspec_adapter_v1(void) {
  static const grantspec_adapter adapter = {
      GRANTSPEC_ADAPTER_ABI, sizeof adapter, "curl_easy_unescape", read_form, NULL, NULL, NULL};
  return &adapter;
}
