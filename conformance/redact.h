// Takes secrets and tokens out of everything that is written.

#pragma once

#include <string>
#include <string_view>
#include <vector>

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

}  // namespace grantspec
