// What a request has that the control request has not: what a case changed.

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace grantspec {

/// A stretch of a request; what the control request has, too, is not marked.
struct RequestStretch {
  std::string text;
  bool changed = false;
};

struct RequestDiff {
  std::vector<RequestStretch> stretches;  // all of the request, in order
  std::vector<std::string> missing;       // headers and parameters of the control request alone
};

/// Compares a request with the control request, header by header and parameter by parameter; of a
/// value that differs, what both begin and end with is not marked. X-Request-Id and Content-Length
/// follow from other changes and are never marked. Without a control request nothing is.
RequestDiff DiffOfRequest(std::string_view request, std::string_view control);

}  // namespace grantspec
