// A target whose clients are not to be locked out: which of the fixture clients it knows, and how
// often each may fail to log in.

#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "fixtures/http/login_guard.h"
#include "fixtures/http/message.h"
#include "fuzz/remote/connection.h"

namespace grantspec::fuzz {

/// Sends requests to a target, and control requests between them: before a client could fail to log
/// in more than GRANTSPEC_MAX_FAILED_LOGINS times in a row (2; on the loopback interface without a
/// limit unless it is set), and after a response that can be a lockout. A control request that gets
/// no token ends the program.
class GuardedTarget {
 public:
  explicit GuardedTarget(RemoteTarget target);

  /// Asks with a plain login of each fixture client which of them the target knows; the first one
  /// has to be known.
  void LearnClients();

  /// Whether the target knows a client; before LearnClients() it is taken to know all.
  bool Knows(std::string_view client) const;

  /// As RemoteTarget::Ask.
  std::optional<Response> Ask(std::string_view bytes, bool head,
                              std::chrono::milliseconds limit = kResponseMax);

  void EndConnection() { target_.EndConnection(); }

  /// The right login of a client was refused. Ends the program where its plain spelling is, too.
  void RequireLogin(std::string_view client);

  const std::string& problem() const { return target_.problem(); }
  bool standing_only() const { return target_.standing_only(); }

 private:
  void StartGuard();
  std::optional<Response> Control(const std::string& client, const std::string& scope);
  bool GetsToken(const std::string& client);
  std::optional<Response> Send(std::string_view bytes, bool head, std::chrono::milliseconds limit);

  RemoteTarget target_;
  LoginGuard guard_;
  std::map<std::string, std::string, std::less<>> scope_of_;  // that a client gets, by its id
  std::string control_;                                       // how the last control request ended
  bool learned_ = false;
};

}  // namespace grantspec::fuzz
