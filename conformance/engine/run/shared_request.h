// Cases whose requests are equal, so that one response judges all of them.

#pragma once

#include <string>

#include "conformance/engine/case/case.h"

namespace grantspec {

/// What a case asks with a single request that changes nothing: the name of its place, or the path.
/// Cases for which this is equal are judged by one response. Empty: the case has other requests, or
/// is about more than one response, as with a limit of time.
///
///     SharedRequestOf(<json.strict_parse_200>)  // "token"
///     SharedRequestOf(<scope.unknown_only>)     // ""
std::string SharedRequestOf(const Case& spec);

}  // namespace grantspec
