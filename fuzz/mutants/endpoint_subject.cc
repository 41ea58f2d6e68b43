#include "fuzz/mutants/endpoint_subject.h"

namespace grantspec::subject {

std::optional<HeadProblem> CheckHead(std::string_view head) {
  return grantspec::CheckHead(head);
}

Response Answer(const Request& request) {
  static const TokenEndpoint endpoint = [] {
    TokenEndpoint made{ClientRegistry(), EndpointOptions()};
    // OpenSSL sets itself up at its first use, which is no work of a request's.
    (void)made.tokens().Issue("warm-up", KnownScopes());
    return made;
  }();
  return endpoint.Answer(request);
}

}  // namespace grantspec::subject
