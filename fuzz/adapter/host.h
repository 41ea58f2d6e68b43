// Calls adapters, and the reference through the same eyes.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fuzz/adapter.h"

namespace grantspec::fuzz {

enum class Entry { kForm, kBasic, kScope, kRequest };

inline constexpr Entry kEntries[] = {Entry::kForm, Entry::kBasic, Entry::kScope, Entry::kRequest};

/// "form", "basic", "scope", "request".
std::string_view ToString(Entry entry);

/// What somebody makes of an input.
struct Reading {
  enum class Kind { kRead, kRefused, kNotOffered };
  Kind kind = Kind::kNotOffered;
  std::vector<std::string> parts;
  std::string reason;  // why it was refused, where that is known

  bool operator==(const Reading& other) const { return kind == other.kind && parts == other.parts; }
};

/// For people: `refused`, or the parts in quotes with escapes.
std::string ToString(const Reading& reading);

/// The adapter that GRANTSPEC_ADAPTER names (a shared library), the one that was linked in, or the
/// suite's own second reader. Says why and ends the program where it cannot be used.
const grantspec_adapter& TheAdapter();

/// What an adapter reads. Aborts where its output is longer than it may be, or no netstrings.
Reading AskAdapter(const grantspec_adapter& adapter, Entry entry, std::string_view input);

/// What the reference reads.
Reading AskReference(Entry entry, std::string_view input);

/// The adapter's function, or null.
grantspec_read FunctionOf(const grantspec_adapter& adapter, Entry entry);

}  // namespace grantspec::fuzz
