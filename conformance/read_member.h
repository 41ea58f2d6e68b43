// Members that an object of a case file may leave out: each keeps its default then.

#pragma once

#include <string>
#include <vector>

#include "fixtures/files/json_file.h"

namespace grantspec {

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
