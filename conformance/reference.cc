#include "conformance/reference.h"

#include "conformance/plan.h"
#include "fixtures/http/executor.h"

namespace grantspec {

void CheckReferenceIsThere(const Options& options) {
  if (options.reference.empty()) return;
  NetworkOptions network = options.network;
  const TargetPlace place = *PlaceOf(options.reference);
  network.origin = place.origin;
  network.headers.clear();  // they may hold credentials
  Executor executor(network, {});
  Request request;
  request.method = "GET";
  request.target = place.target;
  request.fields.Set("Accept", "application/json");
  Outgoing outgoing;
  outgoing.message = std::move(request);
  const Exchange exchange = executor.Ask(std::move(outgoing));
  if (exchange.response() != nullptr) return;
  const std::string why = exchange.failure ? exchange.failure->detail : "";
  throw UsageError("--reference " + options.reference + ": no HTTP response" +
                   (why.empty() ? "" : ": " + why));
}

}  // namespace grantspec
