// A connection to a target under fuzzing: bytes as they are, one request at a time.

#pragma once

#include <netdb.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "fixtures/http/message.h"
#include "fixtures/http/response_reader.h"
#include "fuzz/remote/restraint.h"

namespace grantspec::fuzz {

/// From a request to the last byte of its response.
inline constexpr std::chrono::milliseconds kResponseMax{5'000};

/// A plain http target. Connects when it has to, keeps connections where the target does. Where the
/// target throttles requests or locks a client out, it ends the program with exit code 2.
class RemoteTarget {
 public:
  /// GRANTSPEC_TARGET_URL and its companions; says why and ends the program where they are wrong.
  static RemoteTarget FromEnvironment();

  /// The response to the bytes of one request, or nothing; then problem() tells why. The path of
  /// the fixture endpoint becomes the target's own.
  std::optional<Response> Ask(std::string_view bytes, bool head,
                              std::chrono::milliseconds limit = kResponseMax);

  /// Why the last response can be a lockout, once; empty: it cannot.
  std::string TakeSuspicion() { return std::exchange(suspicion_, {}); }

  /// The next request is sent on a fresh connection.
  void EndConnection();

  /// Ends the program with exit code 2: no further request is sent.
  [[noreturn]] static void Stop(const std::string& reason);

  const std::string& problem() const { return problem_; }
  const std::string& host() const { return host_; }
  bool standing_only() const { return standing_only_; }

  /// Whether the URL names the loopback interface.
  bool is_loopback() const { return loopback_; }

 private:
  RemoteTarget() = default;

  bool Connect();
  bool ConnectWithin(const addrinfo& address);
  std::optional<Response> AskOnFresh(std::string_view bytes, bool head,
                                     std::chrono::milliseconds limit);
  std::optional<Response> AskOnce(std::string_view bytes, bool head,
                                  std::chrono::milliseconds limit);
  void Exchange(std::string_view bytes, ResponseReader& reader, std::chrono::milliseconds limit);

  std::string host_, port_, path_, problem_, suspicion_;
  bool loopback_ = false;
  bool standing_only_ = false;
  bool any_host_ = false;  // not only the loopback interface
  Restraint restraint_;
  int socket_ = -1;
};

}  // namespace grantspec::fuzz
