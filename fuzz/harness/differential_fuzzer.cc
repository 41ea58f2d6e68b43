// Input: a form, a Basic field, a scope or a request; each of an adapter's functions receives it
// and has to read it as the reference does.
//
// GRANTSPEC_ADAPTER names a shared library (fuzz/adapter.h), GRANTSPEC_QUIRKS the file of its
// declared differences. Without an adapter, the suite's own second reader is compared. With
// GRANTSPEC_COLLECT=DIRECTORY an undeclared difference does not end the run: an input for each
// cause is written there.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <set>
#include <string>

#include "fixtures/files/json_file.h"
#include "fixtures/grammar/percent.h"
#include "fixtures/model/grammar.h"
#include "fuzz/adapter/cause.h"
#include "fuzz/adapter/host.h"
#include "fuzz/adapter/quirks.h"

namespace grantspec::fuzz {
namespace {

void ReportStaleQuirks() {
  for (const std::string& id : StaleQuirks(TheAdapter(), TheQuirks())) {
    std::fprintf(stderr, "stale: the quirk \"%s\" no longer occurs with its proof\n", id.c_str());
  }
}

// A word as a shell reads it.
std::string Quoted(std::string_view word) {
  std::string quoted = "'";
  for (char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

// The environment that a replay needs.
std::string Environment() {
  std::string text;
  for (const char* name : {"GRANTSPEC_ADAPTER", "GRANTSPEC_QUIRKS"}) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') text += std::string(name) + "=" + Quoted(value) + " ";
  }
  return text;
}

std::string UpperHex(std::string_view input) {
  std::string hex = EncodeHex(input);
  std::transform(hex.begin(), hex.end(), hex.begin(),
                 [](char c) { return c >= 'a' ? static_cast<char>(c - 32) : c; });
  return hex;
}

[[noreturn]] void Undeclared(Entry entry, Difference difference, std::string_view input,
                             const Reading& reference, const Reading& adapter) {
  const Reading shown{Reading::Kind::kRead, {std::string(input)}, {}};
  std::string text = "\nundeclared difference: ";
  text.append(ToString(entry)).append(", ").append(ToString(difference));
  text += "\n  input:     " + ToString(shown);
  text += "\n  reference: " + ToString(reference);
  text += "\n  " + std::string(TheAdapter().name) + ": " + ToString(adapter);
  text += "\n  replay:    printf %s " + UpperHex(input) + " | basenc --base16 -d > input && " +
          Environment() + "scripts/replay differential input\n";
  std::fputs(text.c_str(), stderr);
  std::fflush(stderr);
  std::abort();
}

// Writes an input for each new cause into a directory, instead of ending at the first one.
void Collect(const std::string& directory, Cause cause) {
  static std::set<std::string> met, known;
  // The difference as it was met is shortened once; two of these can have one cause.
  if (!met.insert(cause.Key()).second) return;
  cause = Minimized(TheAdapter(), std::move(cause));
  if (!known.insert(cause.Key()).second) return;
  const std::string name = directory + "/" + EncodeHex(cause.input.substr(0, 100));
  std::ofstream(name, std::ios::binary) << cause.input;
}

void CompareAdapter(std::string_view input) {
  static const char* const directory = std::getenv("GRANTSPEC_COLLECT");
  const grantspec_adapter& adapter = TheAdapter();
  for (Entry entry : kEntries) {
    if (FunctionOf(adapter, entry) == nullptr) continue;
    const auto cause = UndeclaredDifference(adapter, entry, input);
    if (!cause) continue;
    if (directory == nullptr) {
      Undeclared(entry, cause->difference, input, cause->reference, cause->adapter);
    }
    Collect(directory, *cause);
  }
}

}  // namespace
}  // namespace grantspec::fuzz

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  try {
    grantspec::fuzz::ReportStaleQuirks();
  } catch (const grantspec::FileError& error) {
    std::fprintf(stderr, "differential: %s\n", error.what());
    std::fflush(nullptr);
    std::_Exit(2);
  }
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // An input's second reading guides the engine where the adapter has no coverage of its own.
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  (void)grantspec::model::ReadForm(input);
  grantspec::fuzz::CompareAdapter(input);
  return 0;
}
