// The commands that print something and send nothing.

#pragma once

#include <optional>
#include <vector>

#include "conformance/engine/case/case.h"
#include "conformance/engine/case/clause.h"
#include "conformance/engine/options/options.h"

namespace grantspec {

/// Compares, merges or checks files, or lists switches or responses, where the options ask for
/// that. Returns the exit code, or nothing where they ask for something else. Throws FileError.
std::optional<int> RunOnFiles(const Options& options);

/// Lists the selected cases, or explains one, where the options ask for that. Returns the exit
/// code, or nothing. Throws UsageError for an unknown name.
std::optional<int> RunOnCases(const Options& options, const std::vector<Case>& cases,
                              const Clauses& clauses);

}  // namespace grantspec
