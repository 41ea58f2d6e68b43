/* An adapter for parsers in any language: a program that answers over its standard input and
 * output. GRANTSPEC_PIPE is the command that starts it, for /bin/sh.
 *
 *   question: netstring of the function's name ("form", "basic", "scope" or "request"), netstring
 * of the input answer:   one byte, then a netstring
 *             "+"  the input was read; the netstring holds the parts, each a netstring (adapter.h)
 *             "-"  it was refused; the netstring is empty
 *             "?"  the program has no such function; the netstring is empty
 *
 * A netstring is `length:bytes,`. The program ends when its input ends. One that ends earlier, or
 * answers something else, ends the run with one sentence and exit code 2.
 */

#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "fuzz/adapter.h"

static int questions = -1, answers = -1;
static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

static void unusable(const char* why) {
  fprintf(stderr, "adapter: the program of GRANTSPEC_PIPE %s\n", why);
  fflush(NULL);
  _exit(2);
}

static void start(void) {
  const char* command = getenv("GRANTSPEC_PIPE");
  int to[2], from[2];
  if (command == NULL || *command == '\0') unusable("is not set");
  if (pipe(to) != 0 || pipe(from) != 0) unusable("cannot be started");
  signal(SIGPIPE, SIG_IGN);
  const pid_t child = fork();
  if (child < 0) unusable("cannot be started");
  if (child == 0) {
    signal(SIGPIPE, SIG_DFL);
    dup2(to[0], STDIN_FILENO);
    dup2(from[1], STDOUT_FILENO);
    close(to[0]), close(to[1]), close(from[0]), close(from[1]);
    execl("/bin/sh", "sh", "-c", command, (char*)NULL);
    _exit(127);
  }
  close(to[0]), close(from[1]);
  questions = to[1];
  answers = from[0];
}

/* The engine's timer interrupts calls, so that stdio would see an end where there is none. */
static void write_all(const void* bytes, size_t size) {
  const char* at = bytes;
  while (size > 0) {
    const ssize_t written = write(questions, at, size);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) unusable("ended");
    at += written;
    size -= (size_t)written;
  }
}

static char next_byte(void) {
  static char buffer[65536];
  static size_t at, filled;
  while (at == filled) {
    const ssize_t got = read(answers, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) unusable("ended");
    at = 0;
    filled = (size_t)got;
  }
  return buffer[at++];
}

static void write_netstring(const void* bytes, size_t size) {
  char head[24];
  write_all(head, (size_t)snprintf(head, sizeof head, "%zu:", size));
  write_all(bytes, size);
  write_all(",", 1);
}

/* Reads the length of a netstring up to its colon. */
static size_t read_length(void) {
  size_t length = 0;
  int digits = 0;
  char c = next_byte();
  for (; c >= '0' && c <= '9' && digits < 9; c = next_byte(), ++digits) {
    length = length * 10 + (size_t)(c - '0');
  }
  if (c != ':' || digits == 0) unusable("does not answer with a netstring");
  return length;
}

static long ask(const char* name, const uint8_t* in, size_t size, char* out, size_t cap) {
  pthread_mutex_lock(&one_at_a_time);
  write_netstring(name, strlen(name));
  write_netstring(in, size);
  const char kind = next_byte();
  if (kind != '+' && kind != '-' && kind != '?') unusable("answers without +, - or ?");
  const size_t length = read_length();
  long result = kind == '-' ? GRANTSPEC_REFUSED : GRANTSPEC_NOT_OFFERED;
  if (kind == '+' && length <= cap) result = (long)length;
  for (size_t i = 0; i < length; ++i) {
    const char c = next_byte();
    if (result >= 0) out[i] = c;
  }
  if (next_byte() != ',') unusable("does not answer with a netstring");
  pthread_mutex_unlock(&one_at_a_time);
  return result;
}

static long read_form(const uint8_t* in, size_t size, char* out, size_t cap) {
  return ask("form", in, size, out, cap);
}
static long read_basic(const uint8_t* in, size_t size, char* out, size_t cap) {
  return ask("basic", in, size, out, cap);
}
static long read_scope(const uint8_t* in, size_t size, char* out, size_t cap) {
  return ask("scope", in, size, out, cap);
}
static long read_request(const uint8_t* in, size_t size, char* out, size_t cap) {
  return ask("request", in, size, out, cap);
}

const grantspec_adapter* grantspec_adapter_v1(void) {
  static grantspec_adapter adapter = {
      GRANTSPEC_ADAPTER_ABI, sizeof adapter, "pipe", read_form, read_basic, read_scope,
      read_request};
  if (questions < 0) start();
  return &adapter;
}
