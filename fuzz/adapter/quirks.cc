#include "fuzz/adapter/quirks.h"

#include <algorithm>
#include <cstdlib>

#include "fixtures/files/json_file.h"

namespace grantspec::fuzz {
namespace {

constexpr Difference kDifferences[] = {Difference::kAdapterAccepts, Difference::kAdapterRefuses,
                                       Difference::kReadsOtherwise};

// Code points up to U+00FF as one byte each.
std::string Bytes(const std::string& text, const SourceLine& where) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80) {
      bytes += text[i];
    } else if ((lead == 0xc2 || lead == 0xc3) && i + 1 < text.size()) {
      bytes += static_cast<char>((lead & 3) << 6 | (static_cast<unsigned char>(text[++i]) & 63));
    } else {
      throw FileError(where, "a code point above U+00FF");
    }
  }
  return bytes;
}

std::vector<std::string> ByteLists(const JsonValue* value, std::string_view what) {
  std::vector<std::string> list;
  if (value == nullptr) return list;
  for (const std::string& text : value->AsStrings(what)) list.push_back(Bytes(text, value->where));
  return list;
}

const JsonValue& Needed(const JsonValue& quirk, std::string_view name) {
  const JsonValue* value = quirk.Find(name);
  if (value == nullptr) throw FileError(quirk.where, "a quirk needs \"" + std::string(name) + "\"");
  return *value;
}

Quirk ReadQuirk(const JsonValue& value) {
  value.OnlyMembers(
      "a quirk", {"id", "entry", "differs", "contains", "ends_with", "because", "says", "proof"});
  Quirk quirk;
  quirk.id = Needed(value, "id").AsString("id");
  quirk.says = Needed(value, "says").AsString("says");
  quirk.proof = Bytes(Needed(value, "proof").AsString("proof"), value.where);
  quirk.contains = ByteLists(value.Find("contains"), "contains");
  quirk.ends_with = ByteLists(value.Find("ends_with"), "ends_with");
  quirk.because = ByteLists(value.Find("because"), "because");
  if (quirk.contains.empty() && quirk.ends_with.empty() && quirk.because.empty()) {
    throw FileError(value.where,
                    "a quirk needs \"contains\", \"ends_with\" or \"because\": it excuses no more "
                    "than it has to");
  }
  const JsonValue& entry = Needed(value, "entry");
  const auto found = std::find_if(std::begin(kEntries), std::end(kEntries),
                                  [&](Entry e) { return ToString(e) == entry.AsString("entry"); });
  if (found == std::end(kEntries))
    throw FileError(entry.where, "entry is form, basic, scope or request");
  quirk.entry = *found;
  const JsonValue& differs = Needed(value, "differs");
  for (Difference d : kDifferences) {
    if (ToString(d) == differs.AsString("differs")) quirk.differs = d;
  }
  if (quirk.differs == Difference::kNone) {
    throw FileError(differs.where,
                    "differs is adapter_accepts, adapter_refuses or reads_otherwise");
  }
  return quirk;
}

}  // namespace

std::string_view ToString(Difference difference) {
  switch (difference) {
    case Difference::kNone:
      return "none";
    case Difference::kAdapterAccepts:
      return "adapter_accepts";
    case Difference::kAdapterRefuses:
      return "adapter_refuses";
    case Difference::kReadsOtherwise:
      return "reads_otherwise";
  }
  return "?";
}

Difference Compare(const Reading& reference, const Reading& adapter) {
  using Kind = Reading::Kind;
  if (reference.kind == Kind::kNotOffered || adapter.kind == Kind::kNotOffered)
    return Difference::kNone;
  if (reference == adapter) return Difference::kNone;
  if (reference.kind == Kind::kRefused) return Difference::kAdapterAccepts;
  return adapter.kind == Kind::kRefused ? Difference::kAdapterRefuses : Difference::kReadsOtherwise;
}

bool Quirk::Covers(Entry of, Difference difference, std::string_view input,
                   const Reading& reference) const {
  if (of != entry || difference != differs) return false;
  if (std::find(because.begin(), because.end(), reference.reason) != because.end()) return true;
  return std::any_of(
             contains.begin(), contains.end(),
             [&](const std::string& text) { return input.find(text) != std::string_view::npos; }) ||
         std::any_of(ends_with.begin(), ends_with.end(),
                     [&](const std::string& text) { return input.ends_with(text); });
}

std::vector<Quirk> ReadQuirks(const std::string& path) {
  const JsonValue file = ReadJsonFile(path);
  file.OnlyMembers("a quirks file", {"note", "quirks"});
  std::vector<Quirk> quirks;
  for (const JsonValue& value : Needed(file, "quirks").AsArray("quirks")) {
    quirks.push_back(ReadQuirk(value));
  }
  return quirks;
}

const std::vector<Quirk>& TheQuirks() {
  static const std::vector<Quirk> quirks = [] {
    const char* path = std::getenv("GRANTSPEC_QUIRKS");
    return path != nullptr && *path != '\0' ? ReadQuirks(path) : std::vector<Quirk>();
  }();
  return quirks;
}

std::vector<std::string> StaleQuirks(const grantspec_adapter& adapter,
                                     const std::vector<Quirk>& quirks) {
  std::vector<std::string> stale;
  for (const Quirk& quirk : quirks) {
    const Reading reference = AskReference(quirk.entry, quirk.proof);
    const Difference difference = Compare(reference, AskAdapter(adapter, quirk.entry, quirk.proof));
    if (!quirk.Covers(quirk.entry, difference, quirk.proof, reference)) stale.push_back(quirk.id);
  }
  return stale;
}

}  // namespace grantspec::fuzz
