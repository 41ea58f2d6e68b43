// Why an adapter differs from the reference, in as few bytes as show it.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "fuzz/adapter/host.h"
#include "fuzz/adapter/quirks.h"

namespace grantspec::fuzz {

/// One difference with a small input that shows it.
struct Cause {
  Entry entry = Entry::kForm;
  Difference difference = Difference::kNone;
  std::string input;
  Reading reference, adapter;

  /// What differences with one cause have in common: entry, difference, the reason of the
  /// reference, and the kinds of bytes of the small input. Letters and digits are one kind.
  std::string Key() const;

  /// Who is right, and which clause says so.
  std::string Verdict() const;

  /// An entry for a quirks file that declares the difference, in JSON.
  std::string QuirkEntry() const;
};

/// The difference of an adapter on an input that no quirk declares, or nothing.
std::optional<Cause> UndeclaredDifference(const grantspec_adapter& adapter, Entry entry,
                                          std::string_view input);

/// The same difference on an input from which no byte can be left out, and with plain letters for
/// bytes that do not matter.
Cause Minimized(const grantspec_adapter& adapter, Cause cause);

}  // namespace grantspec::fuzz
