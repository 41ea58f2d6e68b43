// Client assertions that are sent: JWTs (RFC 7523), right ones and such as differ from them.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "conformance/engine/case/case.h"
#include "fixtures/jose/signer.h"

namespace grantspec {

/// What a right assertion states.
struct RightAssertion {
  std::string client_id;  // iss and sub
  std::string audience;
  std::string id;  // jti
  std::int64_t now_seconds = 0;
  int valid_seconds = 0;
};

/// An AssertionSpec with its texts filled in.
struct AssertionDifference {
  struct Member {
    std::string name;
    AssertionMember::Kind kind;
    std::vector<std::string> values;
  };

  std::vector<Member> header, claims;
  std::optional<std::string> payload;
  AssertionKey key = AssertionKey::kOfClient;
  std::shared_ptr<const Signer> second = nullptr;  // where `key` is kSecond
};

/// A compact JWS. A masked one has neither a signature nor a key in its header.
///
/// Throws NotApplicable where the client's key cannot be used so: a shared secret has no public
/// key.
std::string MakeAssertion(const Signer& own, const RightAssertion& right,
                          const AssertionDifference& difference, bool masked);

}  // namespace grantspec
