// How long the parsers take, beside what others have for the same bytes; and what twice the input
// costs. Printed by Google Benchmark; scripts/benchmarks/grammar.py makes ratios of it.

#include <benchmark/benchmark.h>
#include <curl/curl.h>
#include <openssl/evp.h>

#include <string>
#include <string_view>
#include <vector>

#include "fixtures/grammar/basic.h"
#include "fixtures/grammar/challenge.h"
#include "fixtures/grammar/form.h"
#include "fixtures/grammar/json_text.h"
#include "fixtures/grammar/media_type.h"
#include "fixtures/grammar/scope.h"
#include "fixtures/grammar/token_response.h"

namespace grantspec {
namespace {

// 120 bytes, as a client sends them.
constexpr std::string_view kBody =
    "grant_type=client_credentials&scope=billing%3Acustomers%3Ainvite+billing%3Acustomers%3Aread"
    "+billing%3Abatches%3Asubmit+x";
static_assert(kBody.size() == 120);

constexpr std::string_view kPair = "s6BhdRkqt3:gX1fBat3bV-7Fjfp0ZBr1KtDRbnfVdmIw";
constexpr std::size_t kTokens = 1'000;

void Form_TokenBody(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(ParseForm(kBody));
}
BENCHMARK(Form_TokenBody);

void Form_TokenBody_CurlUnescape(benchmark::State& state) {
  CURL* easy = curl_easy_init();
  for (auto _ : state) {
    int size = 0;
    char* text = curl_easy_unescape(easy, kBody.data(), static_cast<int>(kBody.size()), &size);
    benchmark::DoNotOptimize(text);
    curl_free(text);
  }
  curl_easy_cleanup(easy);
}
BENCHMARK(Form_TokenBody_CurlUnescape);

// What any reader into strings of its own has to pay: the same names and values, not decoded.
void Form_TokenBody_Copies(benchmark::State& state) {
  const auto form = *ParseForm(kBody);
  for (auto _ : state) {
    Form copy = form;
    benchmark::DoNotOptimize(copy);
  }
}
BENCHMARK(Form_TokenBody_Copies);

std::string BasicValue() {
  const std::size_t colon = kPair.find(':');
  return FormatBasic({std::string(kPair.substr(0, colon)), std::string(kPair.substr(colon + 1))});
}

void Basic_(benchmark::State& state) {
  const std::string value = BasicValue();
  for (auto _ : state) benchmark::DoNotOptimize(ParseBasic(value));
}
BENCHMARK(Basic_)->Name("Basic");

void Basic_EvpDecodeBlock(benchmark::State& state) {
  const std::string value = BasicValue();
  const auto* token = reinterpret_cast<const unsigned char*>(value.data()) + 6;
  const int size = static_cast<int>(value.size()) - 6;
  unsigned char bytes[256];
  for (auto _ : state) {
    benchmark::DoNotOptimize(EVP_DecodeBlock(bytes, token, size));
    benchmark::ClobberMemory();
  }
}
BENCHMARK(Basic_EvpDecodeBlock);

// Distinct tokens: in ascending order, or shuffled by a step that meets each once.
std::string Tokens(std::size_t count, std::size_t step) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text += (text.empty() ? "" : " ") + ("billing:" + std::to_string(100'000 + i * step % count));
  }
  return text;
}

void Scope_(benchmark::State& state) {
  const std::string text = Tokens(kTokens, static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(Scope::Parse(text));
}
BENCHMARK(Scope_)->Name("Scope")->Arg(1)->Arg(377);

// The bare split: strings of their own in the order sent, nothing checked, repeats kept.
void Scope_Split(benchmark::State& state) {
  const std::string text = Tokens(kTokens, static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    std::vector<std::string> tokens;
    std::string_view rest = text;
    for (;;) {
      const std::size_t space = rest.find(' ');
      tokens.emplace_back(rest.substr(0, space));
      if (space == std::string_view::npos) break;
      rest.remove_prefix(space + 1);
    }
    benchmark::DoNotOptimize(tokens);
  }
}
BENCHMARK(Scope_Split)->Arg(1)->Arg(377);

std::string Repeat(std::string_view part, std::size_t bytes) {
  std::string text;
  while (text.size() < bytes) text += part;
  text.resize(bytes);
  return text;
}

// Parts with a number each, so that no two are the same.
std::string Number(std::string_view before, std::string_view behind, std::size_t bytes) {
  std::string text;
  for (std::size_t i = 0; text.size() + before.size() + 8 + behind.size() <= bytes; ++i) {
    text.append(before).append(std::to_string(10'000'000 + i)).append(behind);
  }
  text.resize(text.size() - behind.size());
  return text;
}

struct Family {
  const char* name;
  bool (*parse)(std::string_view);  // whether there was nothing to complain of
  std::string (*grow)(std::size_t bytes);
};

const Family kFamilies[] = {
    {"form: distinct pairs", [](std::string_view t) { return ParseForm(t).has_value(); },
     [](std::size_t n) { return Number("p", "=1&", n); }},
    {"form: escapes", [](std::string_view t) { return ParseForm(t).has_value(); },
     [](std::size_t n) { return "a=" + Repeat("%41", n / 3 * 3); }},
    {"form, URL Standard: escapes",
     [](std::string_view t) { return !ParseFormWhatwg(t).parameters.empty(); },
     [](std::size_t n) { return "a=" + Repeat("%41", n / 3 * 3); }},
    {"Basic: a long pair", [](std::string_view t) { return ParseBasic(t).has_value(); },
     [](std::size_t n) {
       return FormatBasic({std::string(n / 2, 'u'), std::string(n / 4, 'p')});
     }},
    {"scope: ascending tokens", [](std::string_view t) { return Scope::Parse(t).has_value(); },
     [](std::size_t n) { return Number("s", " ", n); }},
    {"scope: descending tokens", [](std::string_view t) { return Scope::Parse(t).has_value(); },
     [](std::size_t n) { return Tokens(n / 15, n / 15 - 1); }},
    {"media type: parameters", [](std::string_view t) { return ParseMediaType(t).has_value(); },
     [](std::size_t n) { return "a/b;" + Number("p", "=1;", n) + "=1"; }},
    {"challenges: parameters", [](std::string_view t) { return ParseChallenges(t).has_value(); },
     [](std::size_t n) { return "Basic " + Number("p", "=1, ", n) + "=1"; }},
    {"JSON: distinct members", [](std::string_view t) { return ParseJsonObject(t).has_value(); },
     [](std::size_t n) { return "{" + Number("\"m", "\":1,", n) + "\":1}"; }},
    {"token response: a long token",
     [](std::string_view t) { return ParseTokenResponse(t).has_value(); },
     [](std::size_t n) {
       return "{\"access_token\":\"" + std::string(n, 't') +
              "\",\"token_type\":\"Bearer\",\"expires_in\":900,\"scope\":\"a\"}";
     }},
};

void Doubling(benchmark::State& state, const Family& family) {
  const std::string text = family.grow(static_cast<std::size_t>(state.range(0)));
  if (!family.parse(text)) state.SkipWithError("the input is not what the parser takes");
  for (auto _ : state) benchmark::DoNotOptimize(family.parse(text));
}

}  // namespace
}  // namespace grantspec

int main(int argc, char** argv) {
  curl_global_init(CURL_GLOBAL_ALL);
  for (const auto& family : grantspec::kFamilies) {
    const std::string name = std::string("double/") + family.name;
    benchmark::RegisterBenchmark(
        name.c_str(), [&family](benchmark::State& state) { grantspec::Doubling(state, family); })
        ->RangeMultiplier(2)
        ->Range(512, 64 * 1024);
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
}
