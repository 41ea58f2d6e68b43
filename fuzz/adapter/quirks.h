// Differences that are known and lawful, each with the input that proves it.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fuzz/adapter/host.h"

namespace grantspec::fuzz {

/// How an adapter differs from the reference.
enum class Difference { kNone, kAdapterAccepts, kAdapterRefuses, kReadsOtherwise };

/// "adapter_accepts" ...
std::string_view ToString(Difference difference);

Difference Compare(const Reading& reference, const Reading& adapter);

/// One declared difference, as the quirks file has it:
///
///     {"id": "cr_behind", "entry": "basic", "differs": "adapter_accepts", "ends_with": ["\r"],
///      "says": "a trailing CR is skipped", "proof": "Basic YTpi\r"}
///
/// One of `contains`, `ends_with` and `because` bounds it: a text has to be in the input, or end
/// it, or be the reason for which the reference refuses it. Bytes are code points up to U+00FF.
struct Quirk {
  std::string id, says, proof;
  Entry entry = Entry::kForm;
  Difference differs = Difference::kNone;
  std::vector<std::string> contains, ends_with, because;

  bool Covers(Entry of, Difference difference, std::string_view input,
              const Reading& reference) const;
};

/// Reads `{"quirks": [...]}`. Throws FileError.
std::vector<Quirk> ReadQuirks(const std::string& path);

/// The quirks of GRANTSPEC_QUIRKS, or none.
const std::vector<Quirk>& TheQuirks();

/// The ids of those whose proof shows no such difference any more.
std::vector<std::string> StaleQuirks(const grantspec_adapter& adapter,
                                     const std::vector<Quirk>& quirks);

}  // namespace grantspec::fuzz
