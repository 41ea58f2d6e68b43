// Members that an object of a case file may leave out: each keeps its default then.

#pragma once

#include <string>
#include <vector>

#include "fixtures/files/json_file.h"

namespace grantspec {

/// A member by its name, or by the name that it had before, which is read for one release.
inline const JsonValue* FindRenamed(const JsonValue& value, const std::string& name,
                                    const std::string& old_name) {
  const JsonValue* old = value.Find(old_name);
  if (old == nullptr) return value.Find(name);
  if (value.Find(name) != nullptr) {
    throw FileError(old->where, old_name + " is the old name of " + name + ": give one of them");
  }
  return old;
}

inline void ReadIf(const JsonValue& value, const char* name, std::string& out) {
  if (const JsonValue* v = value.Find(name)) out = v->AsString(name);
}

inline void ReadIf(const JsonValue& value, const char* name, bool& out) {
  if (const JsonValue* v = value.Find(name)) out = v->AsBoolean(name);
}

inline void ReadIf(const JsonValue& value, const char* name, std::vector<std::string>& out) {
  if (const JsonValue* v = value.Find(name)) out = v->AsStrings(name);
}

inline void ReadIf(const JsonValue& value, const char* name, int& out, int min, int max) {
  if (const JsonValue* v = value.Find(name)) {
    out = static_cast<int>(v->AsInteger(name, min, max));
  }
}

}  // namespace grantspec
