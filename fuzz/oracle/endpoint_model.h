// The response that the endpoint's contract fixes for a request, written independently of
// fixtures/endpoint.

#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fuzz/oracle/model.h"

namespace grantspec::model {

/// A head as lines: what it states, and every reason to refuse it.
struct HeadReading {
  std::string method, target;
  Pairs fields;
  std::set<int> refusals;  // statuses; the endpoint may give any one of them
  bool chunked = false;
  std::optional<std::size_t> content_length;

  /// The values of every line of that name, given in lower case.
  std::vector<std::string> All(std::string_view name) const;
};
HeadReading ReadHead(std::string_view head);

/// A response as far as the contract fixes it.
struct Verdict {
  int status = 0;
  std::string error;               // of a refusal by the token endpoint
  std::vector<std::string> scope;  // of a token response
};
Verdict Predict(const HeadReading& head, std::string_view content);

}  // namespace grantspec::model
