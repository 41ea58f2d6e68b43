// Planted defects: each makes a parser or the endpoint wrong in one way, so that it can be shown
// that a harness notices.

#pragma once

#include <string_view>
#include <vector>

namespace grantspec::subject {

/// One planted defect. An input that proves it one is fuzz/mutants/proofs/NAME.
struct Mutant {
  std::string_view name;
  std::string_view harness;
  std::string_view says;  // what it does wrong
  bool memory = false;    // only a sanitizer sees it
};

/// The defects of the grammar, and those of heads and of the endpoint.
std::vector<Mutant> GrammarMutants();
std::vector<Mutant> EndpointMutants();

/// The name of the defect that GRANTSPEC_MUTANT switches on; empty: none.
std::string_view ActiveMutant();

}  // namespace grantspec::subject
