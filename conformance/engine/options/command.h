// The command line that a person types to run on the same target again.

#pragma once

#include <string>
#include <vector>

namespace grantspec {

/// The arguments of a run for a POSIX shell, program first, without what selects cases, writes
/// reports or changes the output. `-u id:secret` becomes a pair of variables, and a password of a
/// proxy is left out.
///
///     CommandOf({"grantspec", "https://a.example/token", "-u", "a:b", "-v"})
///     // grantspec https://a.example/token -u "$CLIENT_ID:$CLIENT_SECRET"
std::string CommandOf(const std::vector<std::string>& arguments);

}  // namespace grantspec
