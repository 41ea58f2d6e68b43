// Cases whose requests are equal, so that one response judges all of them.

#pragma once

#include <string>
#include <vector>

#include "conformance/engine/case/case.h"

namespace grantspec {

/// What a case asks with a single request that changes nothing: the name of its place, or the path.
/// Cases for which this is equal are judged by one response. Empty: the case has other requests, or
/// is about more than one response, as with a limit of time.
///
///     SharedRequestOf(<json.strict_parse_200>)  // "token"
///     SharedRequestOf(<scope.unknown_only>)     // ""
std::string SharedRequestOf(const Case& spec);

/// A case that is sent, and the others that its response judges.
struct SharingCases {
  const Case* sent = nullptr;
  std::vector<const Case*> others;
};

/// The cases by the requests that they share, those named in `sent_first` before the others: a
/// request is sent as early as the first case that has it.
std::vector<SharingCases> ByRequest(std::vector<const Case*> cases,
                                    const std::vector<std::string>& sent_first);

}  // namespace grantspec
