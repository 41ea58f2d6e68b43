// Input: the value of a field of an answer (a challenge, a date, a place), from a hostile server.

#include <cstdint>
#include <string>

#include "fixtures/grammar/ascii.h"
#include "fixtures/grammar/challenge.h"
#include "fixtures/grammar/http_date.h"
#include "fixtures/grammar/url.h"
#include "fixtures/model/grammar.h"
#include "fuzz/oracle/require.h"
#include "fuzz/oracle/work.h"

namespace grantspec::fuzz {
namespace {

std::string Quoted(std::string_view value) {
  std::string text = "\"";
  for (char c : value) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + "\"";
}

// Challenges in their plainest spelling.
std::string Written(const std::vector<Challenge>& challenges) {
  std::string text;
  for (const Challenge& one : challenges) {
    text += (text.empty() ? "" : ", ") + one.scheme;
    if (!one.token68.empty()) text += " " + one.token68;
    std::string between = " ";
    for (const ChallengeParameter& p : one.parameters) {
      text += between + p.name + "=" + (p.quoted ? Quoted(p.value) : p.value);
      between = ", ";
    }
  }
  return text;
}

void HoldChallenges(std::string_view value) {
  const WorkMeter work;
  const auto challenges = ParseChallenges(value);
  work.RequireLinear(value.size(), 200, 256, "ParseChallenges");
  if (!challenges) {
    Require(!ToString(challenges.error()).empty(), "a refusal has words");
    return;
  }
  for (const Challenge& one : *challenges) {
    Require(!one.scheme.empty(), "a challenge has a scheme");
    for (const ChallengeParameter& p : one.parameters) {
      Require(one.Find(p.name) != nullptr && one.Count(p.name) >= 1, "a parameter is found");
      Require(one.Count(ToLower(p.name)) == one.Count(p.name), "names have no case");
    }
  }
  const std::string written = Written(*challenges);
  const auto again = ParseChallenges(written);
  Require(again.has_value(), "challenges that were written can be read");
  RequireEqual(Written(*again), written,
               "challenges that were read, written and read are the same");
}

void HoldDate(std::string_view value) {
  const auto seconds = ParseHttpDate(value);
  if (!seconds) return;
  const std::string written = FormatHttpDate(*seconds);
  const auto again = ParseHttpDate(written);
  Require(again && *again == *seconds, "a date that was written is read back: " + written);
  RequireEqual(FormatHttpDate(*again), written, "a date has one spelling");
}

void HoldUrl(std::string_view value) {
  const auto url = ParseUrl(value);
  if (!url) return;
  Require(!url->host.empty() && url->path.starts_with('/'), "a URL has a host and a path");
  const std::string written = url->ToString();
  const auto again = ParseUrl(written);
  Require(again.has_value(), "a URL that was written can be read: " + written);
  RequireEqual(again->ToString(), written, "a URL that was read, written and read is the same");
  RequireEqual(again->Authority(), url->Authority(), "its authority is the same");
}

}  // namespace
}  // namespace grantspec::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view value(reinterpret_cast<const char*>(data), size);
  grantspec::fuzz::HoldChallenges(value);
  grantspec::fuzz::HoldDate(value);
  grantspec::fuzz::HoldUrl(value);
  return 0;
}
