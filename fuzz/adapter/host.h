// Calls adapters and the reference through one interface.

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

/// How a parser reads an input.
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
/// suite's own second reader. One that cannot be used ends the program with one sentence and exit
/// code 2.
const grantspec_adapter& TheAdapter();

/// Whether that is an adapter of the user's.
bool HasAdapter();

/// How an adapter reads. Aborts where its output is too long or not netstrings.
Reading AskAdapter(const grantspec_adapter& adapter, Entry entry, std::string_view input);

/// How the reference reads.
Reading AskReference(Entry entry, std::string_view input);

/// How the suite's own second reader reads; it offers no requests.
Reading AskSecondReader(Entry entry, std::string_view input);

/// The adapter's function, or null.
grantspec_read FunctionOf(const grantspec_adapter& adapter, Entry entry);

}  // namespace grantspec::fuzz
