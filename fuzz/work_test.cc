// Doubles the input of each parser and counts its steps: twice the input, about twice the work.
//
// Steps are the basic blocks that run, as the compiler's -fsanitize-coverage=trace-pc reports them.
// They are the same in every run and on every machine, which times are not.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>

#include "fixtures/grammar/basic.h"
#include "fixtures/grammar/challenge.h"
#include "fixtures/grammar/form.h"
#include "fixtures/grammar/media_type.h"
#include "fixtures/grammar/token_response.h"

namespace {
std::uint64_t steps = 0;
}  // namespace

extern "C" void __sanitizer_cov_trace_pc() {
  ++steps;
}

namespace grantspec {
namespace {

constexpr std::size_t kBytesFirst = 4 * 1024, kBytesLast = 256 * 1024;
constexpr double kRatioMax = 2.3;

// An input of about that many bytes.
using Grow = std::string (*)(std::size_t bytes);

std::string Repeat(std::string_view part, std::size_t bytes) {
  std::string text;
  while (text.size() < bytes) text += part;
  return text;
}

// Parts with a number each, so that no two are the same.
std::string Number(std::string_view before, std::string_view behind, std::size_t bytes) {
  std::string text;
  for (std::size_t i = 0; text.size() < bytes; ++i) {
    text.append(before).append(std::to_string(10'000'000 + i)).append(behind);
  }
  text.resize(text.size() - behind.size());
  return text;
}

void Form_(std::string_view text) {
  (void)ParseForm(text);
  (void)ParseFormWhatwg(text);
}
void Basic_(std::string_view text) {
  (void)ParseBasic(text);
}
void Scope_(std::string_view text) {
  (void)Scope::Parse(text);
}
void MediaType_(std::string_view text) {
  (void)ParseMediaType(text);
}
void Challenge_(std::string_view text) {
  (void)ParseChallenges(text);
}
void TokenResponse_(std::string_view text) {
  (void)ParseTokenResponse(text);
}

struct Family {
  const char* name;
  void (*parse)(std::string_view);
  Grow grow;
};

const Family kFamilies[] = {
    {"form: distinct pairs", Form_, [](std::size_t n) { return Number("p", "=1&", n); }},
    {"form: equal pairs", Form_, [](std::size_t n) { return Repeat("a=1&", n); }},
    {"form: one long value", Form_, [](std::size_t n) { return "a=" + std::string(n, 'x'); }},
    {"form: escapes", Form_, [](std::size_t n) { return "a=" + Repeat("%41", n); }},
    {"form: broken escapes", Form_, [](std::size_t n) { return "a=" + std::string(n, '%'); }},
    {"form: ampersands", Form_, [](std::size_t n) { return std::string(n, '&'); }},
    {"basic: a long pair", Basic_,
     [](std::size_t n) {
       return FormatBasic({std::string(n / 2, 'u'), std::string(n / 4, 'p')});
     }},
    {"basic: spaces", Basic_, [](std::size_t n) { return "Basic" + std::string(n, ' ') + "Og=="; }},
    {"basic: equals signs", Basic_, [](std::size_t n) { return "Basic " + std::string(n, '='); }},
    {"scope: distinct tokens", Scope_, [](std::size_t n) { return Number("s", " ", n); }},
    {"scope: one long token", Scope_, [](std::size_t n) { return std::string(n, 's'); }},
    {"scope: equal tokens", Scope_, [](std::size_t n) { return Repeat("a ", n) + "a"; }},
    {"media type: parameters", MediaType_,
     [](std::size_t n) { return "a/b;" + Number("p", "=1;", n); }},
    {"media type: a quoted string", MediaType_,
     [](std::size_t n) { return "a/b;c=\"" + Repeat("\\\"", n) + "\""; }},
    {"media type: semicolons", MediaType_,
     [](std::size_t n) { return "a/b" + std::string(n, ';'); }},
    {"challenge: schemes", Challenge_, [](std::size_t n) { return Number("S", ", ", n); }},
    {"challenge: parameters", Challenge_,
     [](std::size_t n) { return "Basic " + Number("p", "=1, ", n); }},
    {"challenge: commas", Challenge_, [](std::size_t n) { return std::string(n, ','); }},
    {"JSON: distinct members", TokenResponse_,
     [](std::size_t n) { return "{" + Number("\"m", "\":1,", n) + "\":1}"; }},
    {"JSON: equal members", TokenResponse_,
     [](std::size_t n) { return "{" + Repeat("\"m\":1,", n) + "\"m\":1}"; }},
    {"JSON: a long string", TokenResponse_,
     [](std::size_t n) { return "{\"x\":\"" + Repeat("\\u0041", n) + "\"}"; }},
    {"JSON: items", TokenResponse_,
     [](std::size_t n) { return "{\"x\":[" + Repeat("\"a\",", n) + "1]}"; }},
    {"JSON: digits", TokenResponse_,
     [](std::size_t n) { return "{\"expires_in\":" + std::string(n, '9') + "}"; }},
};

std::uint64_t StepsOf(const Family& family, std::size_t bytes) {
  const std::string text = family.grow(bytes);
  const std::uint64_t before = steps;
  family.parse(text);
  return steps - before;
}

int Run() {
  int failures = 0;
  for (const Family& family : kFamilies) {
    double worst = 0;
    for (std::size_t bytes = kBytesFirst; bytes < kBytesLast; bytes *= 2) {
      const double once = static_cast<double>(StepsOf(family, bytes));
      const double twice = static_cast<double>(StepsOf(family, bytes * 2));
      worst = std::max(worst, twice / std::max(once, 1.0));
    }
    const std::uint64_t last = StepsOf(family, kBytesLast);
    const bool good = worst <= kRatioMax && steps > 0;
    std::printf("%s %-28s %6.2f times the steps for twice the input; %.1f steps a byte\n",
                good ? "ok  " : "FAIL", family.name, worst,
                static_cast<double>(last) / static_cast<double>(kBytesLast));
    failures += good ? 0 : 1;
  }
  if (steps == 0) std::puts("FAIL nothing was counted: built without -fsanitize-coverage=trace-pc");
  return failures == 0 && steps > 0 ? 0 : 1;
}

}  // namespace
}  // namespace grantspec

int main() {
  return grantspec::Run();
}
