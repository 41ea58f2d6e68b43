// Mutates token responses.

#include <cstddef>
#include <iterator>

#include "fuzz/mutator/mutator.h"
#include "fuzz/mutator/parts.h"

namespace grantspec::mutator {
namespace {

constexpr std::string_view kMembers[] = {
    "\"access_token\"", "\"token_type\"",         "\"expires_in\"", "\"scope\"", "\"x\"", "\"\"",
    "\"Access_token\"", "\"access\\u005ftoken\"", "\"error\""};

constexpr std::string_view kJson[] = {"\"t\"",
                                      "\"Bearer\"",
                                      "900",
                                      "\"900\"",
                                      "9e2",
                                      "-0",
                                      "-1",
                                      "0",
                                      "9007199254740991",
                                      "9007199254740992",
                                      "99999999999999999999",
                                      "1e400",
                                      "01",
                                      "null",
                                      "true",
                                      "[\"a\"]",
                                      "{}",
                                      "\"a b\"",
                                      "\"a  b\"",
                                      "\"\"",
                                      "\"\\u0000\"",
                                      "\"\\ud83d\\ude00\"",
                                      "\"\\ud83d\"",
                                      "\"\xc3\xa4\"",
                                      "\"\xff\"",
                                      "[[[[]]]]",
                                      "{\"a\":1,\"a\":2}",
                                      "\"urn:x:y\"",
                                      "\"a\\\"b\"",
                                      "900.0",
                                      "+1",
                                      "1.",
                                      ".5",
                                      "\"\x7f\""};

void AddMember(std::string& text, Random& random) {
  const std::size_t end = text.rfind('}');
  const std::string name = random.OneIn(2) ? std::string(random.OneOf(kMembers))
                                           : "\"x" + std::to_string(random.Below(100)) + "\"";
  const std::string member =
      "," + name + ":" + (random.OneIn(3) ? "0" : std::string(random.OneOf(kJson)));
  text.insert(end == std::string::npos ? text.size() : end, member);
}

void ReplaceValue(std::string& text, Random& random) {
  Parts parts = Split(text, ":");
  std::string& part = parts[random.Below(parts.size())];
  const std::size_t end = part.find_first_of(",}]");
  part = std::string(random.OneOf(kJson)) + (end == std::string::npos ? "" : part.substr(end));
  text = Join(parts, ":");
}

void MutateMembers(std::string& text, Random& random) {
  Parts parts = Split(text, ",");
  MutateParts(parts, random);
  text = Join(parts, ",");
}

void InsertValue(std::string& text, Random& random) {
  Insert(text, random.OneOf(kJson), random);
}

void MutateString(std::string& text, Random& random) {
  Parts parts = Split(text, "\"");
  std::string& part = parts[random.Below(parts.size())];
  part = MutateBytes(part, random);
  text = Join(parts, "\"");
}

void Nest(std::string& text, Random& random) {
  const std::size_t depth = 1 + random.Below(40);
  text = "{\"x\":" + std::string(depth, '[') + std::string(depth, ']') + "}";
}

void AddAround(std::string& text, Random& random) {
  text.insert(random.OneIn(4) ? 0 : text.size(), Odd(random));
}

using Change = void (*)(std::string&, Random&);
constexpr Change kChanges[] = {AddMember,    ReplaceValue, MutateMembers, InsertValue,
                               MutateString, Nest,         AddAround};

}  // namespace

std::string MutateTokenResponse(std::string_view content, Random& random) {
  std::string text(content);
  // Most changes are worth nothing to a text that is not a token response any more.
  if (random.OneIn(4) && text.find("access_token") == std::string::npos) {
    text = R"({"access_token":"t","token_type":"Bearer"})";
  }
  kChanges[random.Below(std::size(kChanges))](text, random);
  return text;
}

}  // namespace grantspec::mutator
