// What the tables of planted defects are made of.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/mutants/mutant.h"

namespace grantspec::subject {

/// A reader with one defect. `memory`: only a sanitizer sees it.
template <typename Read>
struct Planted {
  std::string_view name, says;
  Read (*read)(std::string_view);
  bool memory = false;
};

/// A text with every occurrence replaced.
std::string Replaced(std::string_view text, std::string_view from, std::string_view to);

/// A byte that the compiler may not leave unread.
void Touch(const char& byte);

/// Changes what is refused and reads it once more.
template <typename Read, typename Parse, typename Change>
Read OrElse(std::string_view text, const Parse& parse, const Change& change) {
  Read read = parse(text);
  return read ? read : parse(std::string(change(text)));
}

/// The reader of the defect that GRANTSPEC_MUTANT switches on, or null.
template <typename Read, std::size_t N>
auto Active(const Planted<Read> (&all)[N]) {
  Read (*read)(std::string_view) = nullptr;
  for (const Planted<Read>& one : all) {
    if (one.name == ActiveMutant()) read = one.read;
  }
  return read;
}

template <typename Read, std::size_t N>
void Append(std::vector<Mutant>& list, const Planted<Read> (&all)[N], std::string_view harness) {
  for (const Planted<Read>& one : all) list.push_back({one.name, harness, one.says, one.memory});
}

/// Each grammar's defects.
void AppendFormMutants(std::vector<Mutant>& list);
void AppendBasicMutants(std::vector<Mutant>& list);
void AppendScopeMutants(std::vector<Mutant>& list);
void AppendContentTypeMutants(std::vector<Mutant>& list);
void AppendTokenResponseMutants(std::vector<Mutant>& list);

}  // namespace grantspec::subject
