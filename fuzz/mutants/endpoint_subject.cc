#include "fuzz/mutants/endpoint_subject.h"

namespace grantspec::subject {

std::optional<HeadProblem> CheckHead(std::string_view head) {
  return grantspec::CheckHead(head);
}

Response Answer(const Request& request) {
  static const TokenEndpoint endpoint{ClientRegistry(), EndpointOptions()};
  return endpoint.Answer(request);
}

}  // namespace grantspec::subject
