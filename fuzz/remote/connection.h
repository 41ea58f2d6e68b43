// A connection to a target under fuzzing: octets as they are, one request at a time.

#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "fixtures/http/message.h"

namespace grantspec::fuzz {

/// A plain http target. Connects when it has to, keeps connections where the target does.
class RemoteTarget {
 public:
  /// GRANTSPEC_TARGET_URL and its companions; says why and ends the program where they are wrong.
  static RemoteTarget FromEnvironment();

  /// The response to the octets of one request, or nothing; then problem() tells why. The path of
  /// the fixture endpoint becomes the target's own.
  std::optional<Response> Ask(std::string_view octets, bool head);

  const std::string& problem() const { return problem_; }
  bool standing_only() const { return standing_only_; }

 private:
  RemoteTarget() = default;

  bool Connect();
  void Disconnect();
  std::optional<Response> AskOnce(std::string_view octets, bool head);

  std::string host_, port_, path_, problem_;
  bool standing_only_ = false;
  bool any_host_ = false;  // not only the loopback interface
  std::chrono::microseconds pause_{0};
  std::chrono::steady_clock::time_point last_{};
  int socket_ = -1;
};

}  // namespace grantspec::fuzz
