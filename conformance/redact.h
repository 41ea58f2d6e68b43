// Takes secrets and tokens out of everything that is written.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "fixtures/http/message.h"
#include "fixtures/target/profile.h"

namespace grantspec {

/// Replaces each `what` in the text; linear, however often it is there.
void ReplaceAll(std::string& text, std::string_view what, std::string_view with);

/// Replaces secrets by value, in each of their spellings, and tokens in answers.
class Redactor {
 public:
  Redactor() = default;

  /// Knows every client secret of the profile, the base64 of each pair included.
  explicit Redactor(const Profile& profile);

  /// One more text that must not be written.
  void Add(const std::string& secret);

  /// The text with each spelling of a secret replaced by `[secret]`, and each string member
  /// access_token, refresh_token or id_token of JSON by `[token]`.
  std::string Clean(std::string_view text) const;

 private:
  std::vector<std::string> spellings_;  // longest first
};

/// Access tokens of 8 octets and more that the run was given, in whatever spelling they come back:
/// raw, percent, hexadecimal, JSON-escaped or base64. What granted answers hold and what merely
/// looks like a token is counted apart, so that a target cannot fill the one with the other.
class IssuedTokens {
 public:
  /// Remembers a token; `granted`: it came in a granted answer. Cheap until something is blanked.
  void Learn(std::string_view token, bool granted);

  /// Replaces each of them, what of a word follows included, by `[token]`; also one that is cut
  /// at the end of the text or before "...".
  void Blank(std::string& text);

  /// Whether more came than can be told apart: then answers must not be shown at all.
  bool overflowed() const { return overflowed_; }

 private:
  void Index(const std::string& token);

  std::unordered_set<std::string> known_;  // their beginnings
  std::vector<std::string> waiting_;
  std::size_t granted_ = 0, others_ = 0;
  bool overflowed_ = false;
  // The beginning of each spelling, by its first octets.
  std::unordered_multimap<std::uint64_t, std::string> by_start_;
};

/// Whether content is packed (gzip, zlib or another coding) or no text: what is in it cannot be
/// looked through for secrets, and is not written.
bool IsPacked(const Response& response);

}  // namespace grantspec
