// Takes secrets and tokens out of everything that is written.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "conformance/engine/secrets/spelling_index.h"
#include "fixtures/http/message.h"
#include "fixtures/target/profile.h"

namespace grantspec {

/// Where a text comes from, which decides what may be a secret in it.
enum class Origin {
  kTarget,  // received: secrets, tokens, and what the text itself calls a token
  kUser,    // of the user: secrets and tokens
  kOurs,    // our own words, and masked requests: secrets and tokens that cannot be words
};

/// Replaces secrets by value, in each of their spellings, by `[secret]`.
class Redactor {
 public:
  Redactor() = default;

  /// Knows each client secret of the profile, each pair of id and secret, and its extra secrets.
  explicit Redactor(const Profile& profile);

  /// One more text that must not be written.
  void Add(std::string_view secret);

  /// The text with each secret replaced by `[secret]`. In a text of a target, what it calls a
  /// token itself, and each JWT, becomes `[token]`.
  std::string Clean(std::string_view text, Origin origin = Origin::kTarget) const;

  const SpellingIndex& secrets() const { return secrets_; }

 private:
  SpellingIndex secrets_{"[secret]"};
};

/// A text as long as a secret, so that lengths stay true, and nothing of it.
std::string Masked(std::string_view secret);

/// Tokens of 8 characters and more that the run has seen. What granted responses contain and what
/// merely looks like a token is counted apart, so that a target cannot fill the one with the other.
class IssuedTokens {
 public:
  /// Remembers a token; `granted`: it was in a granted response. Words of the protocol are none.
  void Learn(std::string_view token, bool granted);

  /// Remembers what a text of a target calls a token, in any format, and each JWT in it.
  void LearnNamed(std::string_view text);

  /// Remembers words that look like tokens, 64 at most: for text that may contain one anywhere.
  /// A part of `url`, which every report shows, is none.
  void LearnShapes(std::string_view text, std::string_view url);

  /// Whether more were received than are remembered: then responses must not be shown at all.
  bool overflowed() const { return overflowed_; }

  const SpellingIndex& index() const { return index_; }

 private:
  std::unordered_set<std::string> known_;  // their beginnings
  std::size_t granted_ = 0, others_ = 0;
  bool overflowed_ = false;
  SpellingIndex index_{"[token]"};
};

/// The text without secrets and tokens.
std::string CleanOf(std::string_view text, const std::vector<const SpellingIndex*>& indexes,
                    Origin origin);

/// What the user must know: secrets that are too short or too common to be found in all spellings.
std::vector<std::string> RedactionWarnings(const Profile& profile);

/// The secrets in header fields that the user adds ("Name: value"): each value, its credentials
/// after a scheme, the values of cookies. Headers without secrets, such as Accept, are left out.
///
///     HeaderSecrets({"Authorization: Bearer xyz"})  // {"Bearer xyz", "xyz"}
std::vector<std::string> HeaderSecrets(const std::vector<std::string>& headers);

/// The secrets of a profile that are distinctive: no response may contain them.
SpellingIndex DistinctiveSecrets(const Profile& profile);

/// Whether content is packed (gzip, zlib or another coding) or no text: what is in it cannot be
/// searched for secrets, and is not written.
bool IsPacked(const Response& response);

}  // namespace grantspec
