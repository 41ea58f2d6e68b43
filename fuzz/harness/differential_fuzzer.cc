// Input: what a form, a Basic field, a scope or a request is made of; an adapter's functions all
// get it, and each has to read it as the reference does.
//
// GRANTSPEC_ADAPTER names a shared library (fuzz/adapter.h), GRANTSPEC_QUIRKS the file of its
// declared differences.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "fixtures/files/json_file.h"
#include "fixtures/grammar/percent.h"
#include "fuzz/adapter/host.h"
#include "fuzz/adapter/quirks.h"
#include "fuzz/oracle/model.h"

namespace grantspec::fuzz {
namespace {

void ReportStaleQuirks() {
  for (const std::string& id : StaleQuirks(TheAdapter(), TheQuirks())) {
    std::fprintf(stderr, "stale: the quirk \"%s\" no longer occurs with its proof\n", id.c_str());
  }
}

[[noreturn]] void Undeclared(Entry entry, Difference difference, std::string_view input,
                             const Reading& reference, const Reading& adapter) {
  const char* library = std::getenv("GRANTSPEC_ADAPTER");
  const Reading shown{Reading::Kind::kRead, {std::string(input)}, {}};
  std::fprintf(stderr, "\nundeclared difference: %s, %s\n", std::string(ToString(entry)).c_str(),
               std::string(ToString(difference)).c_str());
  std::fprintf(stderr, "  input:     %s\n", ToString(shown).c_str());
  std::fprintf(stderr, "  reference: %s\n", ToString(reference).c_str());
  std::fprintf(stderr, "  %-10s %s\n", (std::string(TheAdapter().name) + ":").c_str(),
               ToString(adapter).c_str());
  std::fprintf(
      stderr,
      "  replay:    printf %%s %s | basenc --base16 -d > input && %s%s differential_replay input\n",
      [&] {
        std::string hex = EncodeHex(input);
        std::transform(hex.begin(), hex.end(), hex.begin(),
                       [](char c) { return c >= 'a' ? static_cast<char>(c - 32) : c; });
        return hex;
      }()
          .c_str(),
      library != nullptr ? "GRANTSPEC_ADAPTER=" : "", library != nullptr ? library : "");
  std::fflush(stderr);
  std::abort();
}

void HoldAdapter(std::string_view input) {
  const grantspec_adapter& adapter = TheAdapter();
  for (Entry entry : kEntries) {
    if (FunctionOf(adapter, entry) == nullptr) continue;
    const Reading reference = AskReference(entry, input),
                  theirs = AskAdapter(adapter, entry, input);
    const Difference difference = Compare(reference, theirs);
    if (difference == Difference::kNone) continue;
    const bool declared = std::any_of(
        TheQuirks().begin(), TheQuirks().end(),
        [&](const Quirk& quirk) { return quirk.Covers(entry, difference, input, reference); });
    if (!declared) Undeclared(entry, difference, input, reference, theirs);
  }
}

}  // namespace
}  // namespace grantspec::fuzz

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  try {
    grantspec::fuzz::ReportStaleQuirks();
  } catch (const grantspec::FileError& error) {
    std::fprintf(stderr, "%s\n", error.what());
    std::exit(2);
  }
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // An input's second reading guides the engine where the adapter has no coverage of its own.
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  (void)grantspec::model::ReadForm(input);
  grantspec::fuzz::HoldAdapter(input);
  return 0;
}
