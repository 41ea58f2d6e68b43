#include <cstdlib>

#include "fuzz/mutants/mutant.h"
#include "fuzz/mutants/planted.h"

namespace grantspec::subject {

std::string Replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string out;
  while (!text.empty()) {
    if (text.starts_with(from)) {
      out += to;
      text.remove_prefix(from.size());
    } else {
      out += text.front();
      text.remove_prefix(1);
    }
  }
  return out;
}

void Touch(const char& byte) {
  [[maybe_unused]] const volatile char read = byte;
}

std::string_view ActiveMutant() {
  static const std::string_view name = [] {
    const char* value = std::getenv("GRANTSPEC_MUTANT");
    return std::string_view(value != nullptr ? value : "");
  }();
  return name;
}

std::vector<Mutant> GrammarMutants() {
  std::vector<Mutant> list;
  AppendFormMutants(list);
  AppendBasicMutants(list);
  AppendScopeMutants(list);
  AppendContentTypeMutants(list);
  AppendTokenResponseMutants(list);
  return list;
}

}  // namespace grantspec::subject
