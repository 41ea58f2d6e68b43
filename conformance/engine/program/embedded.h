// The reference endpoint inside a program of the suite, as its default target.

#pragma once

#include <memory>

#include "conformance/engine/options/options.h"
#ifdef GRANTSPEC_WITH_ENDPOINT
#include "fixtures/endpoint/deviation.h"
#include "fixtures/endpoint/server.h"
#include "fixtures/endpoint/token_endpoint.h"
#endif

namespace grantspec {

#ifdef GRANTSPEC_WITH_ENDPOINT
/// A reference endpoint behind a server on a free port of the loopback.
struct EmbeddedTarget {
  TokenEndpoint endpoint{ClientRegistry(), EndpointOptions{}};
  std::unique_ptr<Server> server;
};
#else
struct EmbeddedTarget {};
#endif

/// Starts the reference endpoint where no target was named, and writes its URL and its protected
/// resources into the options. Null where a URL was named, where nothing will be sent (--plan), and
/// in a build without the endpoint.
inline std::unique_ptr<EmbeddedTarget> StartEmbedded(Options& options) {
  if (!options.url.empty() || options.plan) return nullptr;
#ifdef GRANTSPEC_WITH_ENDPOINT
  auto target = std::make_unique<EmbeddedTarget>();
  TokenEndpoint* endpoint = &target->endpoint;
  Deployment deployment{
      *endpoint, [endpoint](const Request& request) { return endpoint->Respond(request); }, {}};
  // OAuth 2.1 section 2.4.1 wants what the contract of the endpoint excludes.
  if (options.profile.base == "oauth21") ApplyByName("credentials_in_content", deployment);
  target->server = std::make_unique<Server>(Server::Options{}, deployment.handler);
  const std::string url = target->server->url();
  options.url = url + std::string(kTokenPath);
  target->endpoint.set_issuer(url);
  SetEmbeddedResources(options.profile, url);
  return target;
#else
  return nullptr;
#endif
}

}  // namespace grantspec
