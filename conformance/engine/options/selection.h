// The options that say which cases are run, or which examples of the laws.

#pragma once

#include "conformance/engine/options/options.h"

namespace CLI {
class App;
}

namespace grantspec {

/// Categories, levels, requirements; case files, case sets and tiers of the conformance suite.
void DeclareSelection(CLI::App& app, Program program, SelectionOptions& options);

/// How many examples of the laws are generated.
void DeclareGeneration(CLI::App& app, GenerationOptions& options);

/// Throws UsageError for an unknown --case-set.
void CheckCaseSet(const std::string& name);

}  // namespace grantspec
