// Lists the planted defects: harness, name, what sees it ("any" build or a "sanitizer"), what it
// does wrong; tabs between.

#include <iostream>

#include "fuzz/mutants/mutant.h"
#include "fuzz/mutants/session_subject.h"

int main() {
  auto mutants = grantspec::subject::GrammarMutants();
  for (const auto& mutant : grantspec::subject::EndpointMutants()) mutants.push_back(mutant);
  for (const auto& mutant : grantspec::subject::SessionMutants()) mutants.push_back(mutant);
  for (const auto& mutant : mutants) {
    std::cout << mutant.harness << '\t' << mutant.name << '\t'
              << (mutant.memory ? "sanitizer" : "any") << '\t' << mutant.says << '\n';
  }
  return 0;
}
