#include "conformance/engine/options/group.h"

#include "fixtures/grammar/ascii.h"

namespace grantspec {

CLI::Option* OptionGroup::WithVariable(CLI::Option* option) {
  std::string name = option->get_lnames().front();
  for (char& c : name) c = c == '-' ? '_' : ToUpper(c);
  return option->envname("GRANTSPEC_" + name);
}

}  // namespace grantspec
