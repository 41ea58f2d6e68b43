// Takes secrets and tokens out of everything that is written.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
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

/// Access tokens that the run was given, wherever and however they come back: raw, percent,
/// hexadecimal, JSON-escaped or base64. The first 4,000 of a run are known.
class IssuedTokens {
 public:
  /// Does next to nothing until something is to be blanked.
  void Learn(std::string_view token);

  /// The text with each of them, and what of a word follows, replaced by `[token]`.
  void Blank(std::string& text);

 private:
  void Index(const std::string& token);

  std::vector<std::string> waiting_;
  std::size_t known_ = 0;
  // The beginning of each spelling, by its first octets.
  std::unordered_multimap<std::uint64_t, std::string> by_start_;
};

/// Whether content is packed (gzip, zlib or another coding): what is in it cannot be looked
/// through for secrets, and is not written.
bool IsPacked(const Response& response);

}  // namespace grantspec
