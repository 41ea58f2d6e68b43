/* The border between the fuzz harnesses and a parser of yours: C, so that any language can cross
 * it.
 *
 * Write the functions that you can offer, leave the others null, and build a shared library or name
 * an object in -DGRANTSPEC_ADAPTER_LIBRARY. What a function has read it writes as netstrings,
 * `length:bytes,`, so that every byte can be compared and none needs an escape.
 *
 * Each function returns the length of what it wrote, at most `cap`; GRANTSPEC_REFUSED where the
 * input is not what the grammar allows; GRANTSPEC_NOT_OFFERED where it cannot tell. It writes
 * nothing behind out[cap - 1], keeps no pointer, and may be called from several threads.
 */
#ifndef GRANTSPEC_FUZZ_ADAPTER_H_
#define GRANTSPEC_FUZZ_ADAPTER_H_

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GRANTSPEC_ADAPTER_ABI 1
#define GRANTSPEC_REFUSED (-1L)
#define GRANTSPEC_NOT_OFFERED (-2L)

typedef long (*grantspec_read)(const uint8_t* in, size_t size, char* out, size_t cap);

/* C has no namespaces: NOLINTNEXTLINE(readability-identifier-naming) */
typedef struct grantspec_adapter {
  uint32_t abi;  /* GRANTSPEC_ADAPTER_ABI */
  uint32_t size; /* sizeof(grantspec_adapter): later versions may grow */
  const char* name;
  grantspec_read form;    /* a form's content: name, value, name, value ... in order */
  grantspec_read basic;   /* an Authorization value: user-id, password, as sent */
  grantspec_read scope;   /* a scope: its tokens, in any order */
  grantspec_read request; /* a whole request: status, error or "", granted scope or "" */
} grantspec_adapter;

/* What an adapter exports. */
const grantspec_adapter* grantspec_adapter_v1(void);

/* Appends one netstring at out[at]; returns where the next one goes. Start with 0. */
static inline long grantspec_put(char* out, size_t cap, long at, const void* bytes, size_t size) {
  char head[24];
  const int digits = snprintf(head, sizeof head, "%zu:", size);
  if (at < 0 || (size_t)at + (size_t)digits + size + 1 > cap) return GRANTSPEC_NOT_OFFERED;
  memcpy(out + at, head, (size_t)digits);
  if (size != 0) memcpy(out + at + digits, bytes, size);
  out[(size_t)at + (size_t)digits + size] = ',';
  return at + digits + (long)size + 1;
}

#ifdef __cplusplus
}
#endif

#endif /* GRANTSPEC_FUZZ_ADAPTER_H_ */
