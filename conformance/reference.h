// The second target of --reference.

#pragma once

#include "conformance/options.h"

namespace grantspec {

/// Finds a reference that is not there before anything is sent to the target: one GET without
/// credentials has to get any HTTP response. Throws UsageError where it gets none. Sends nothing
/// without --reference.
void CheckReferenceIsThere(const Options& options);

}  // namespace grantspec
