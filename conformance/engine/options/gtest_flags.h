// GoogleTest's own flags on the command line of a program.

#pragma once

#include <string>

namespace grantspec {

/// Whether an argument is a flag of GoogleTest. GoogleTest ignores a flag that it does not know,
/// and a mistyped filter would then select everything: throws UsageError for one.
///
///     IsGtestFlag("--gtest_filter=a.*")  // true
///     IsGtestFlag("--gtest_fliter=a.*")  // throws: did you mean --gtest_filter?
bool IsGtestFlag(const std::string& argument);

}  // namespace grantspec
