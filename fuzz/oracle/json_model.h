// A second reading of JSON texts and token answers, on top of nlohmann's parser.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace grantspec::model {

/// What is known of a JSON text. Where the two parsers differ lawfully, `undecided` is set: half a
/// surrogate pair, which RFC 8259 section 8.2 allows, and numbers that no double holds.
struct JsonReading {
  bool good = false;  // one object, no name twice at any depth, not deeper than 32
  bool undecided = false;
  struct Member {
    std::string name;
    char kind = '0';   // s, i, n, b, 0, {, [
    std::string text;  // of strings and integers
  };
  std::vector<Member> members;  // of the outermost object

  const Member* Find(std::string_view name) const;
};
JsonReading ReadJson(std::string_view text);

/// Whether a member's value is what RFC 6749 appendix A allows for it.
bool IsAccessToken(std::string_view text);
bool IsTokenType(std::string_view text);

}  // namespace grantspec::model
