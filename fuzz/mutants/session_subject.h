// The endpoint and its connections that the session harness examines, through one seam.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fixtures/endpoint/deviation.h"
#include "fixtures/endpoint/local_server.h"
#include "fixtures/endpoint/token_endpoint.h"
#include "fuzz/mutants/mutant.h"

namespace grantspec::subject {

/// The deviations in what a request leaves behind for others, and in connections.
std::vector<Mutant> SessionMutants();

/// A fresh reference endpoint behind a local server; its clients are the fixture clients. Its
/// tokens are counted: the same requests get the same tokens in each run.
class LocalEndpoint {
 public:
  LocalEndpoint();

  LocalServer& server() { return *server_; }

  /// Whom a token was issued to, according to the endpoint's own store.
  std::optional<IssuedToken> Find(std::string_view token) const {
    return endpoint_.tokens().Find(token);
  }

 private:
  TokenEndpoint endpoint_;
  std::optional<LocalServer> server_;
};

}  // namespace grantspec::subject
