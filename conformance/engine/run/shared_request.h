// Cases whose requests are equal, so that one response judges all of them.

#pragma once

#include <string>
#include <vector>

#include "conformance/engine/bind/binder.h"
#include "conformance/engine/case/case.h"

namespace grantspec {

/// The bytes of the single request of a case, after what it is about: cases for which this is equal
/// are judged by one response. Empty: the case has other requests, is about more than one response,
/// as with a limit of time, or its request is sent byte for byte. The baseline request, and a GET
/// of a path that changes nothing, have names instead of bytes.
std::string SharedRequestOf(const Case& spec, const Binder& binder);

/// A case that is sent, and the others that its response judges.
struct SharingCases {
  const Case* sent = nullptr;
  std::vector<const Case*> others;
};

/// The cases, which apply to the target of the binder, by the requests that they share, those named
/// in `sent_first` before the others: a request is sent as early as the first case that has it.
std::vector<SharingCases> ByRequest(std::vector<const Case*> cases, const Binder& binder,
                                    const std::vector<std::string>& sent_first);

}  // namespace grantspec
