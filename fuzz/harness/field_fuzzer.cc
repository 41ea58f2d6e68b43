// Input: the value of a header field of a response (a challenge, a date, a URL), or a text of an
// error, from a hostile server.

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>

#include "fixtures/grammar/ascii.h"
#include "fixtures/grammar/challenge.h"
#include "fixtures/grammar/http_date.h"
#include "fixtures/grammar/lockout.h"
#include "fixtures/grammar/url.h"
#include "fixtures/model/field.h"
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

// Challenges of either reader, in one text that can be compared.
template <typename Challenges, typename PairOf>
std::string Outline(const Challenges& challenges, const PairOf& pair_of) {
  std::string text;
  for (const auto& one : challenges) {
    text += "challenge " + model::Canonical(one.scheme) + model::Canonical(one.token68);
    for (const auto& parameter : one.parameters) {
      text += model::Canonical(model::Pairs{pair_of(parameter)});
    }
  }
  return text;
}

void CompareChallenges(std::string_view value,
                       const Result<std::vector<Challenge>, ChallengeError>& challenges) {
  const auto expected = model::ReadChallenges(value);
  Require(challenges.has_value() == expected.has_value(),
          "what the grammar allows is a list of challenges, and nothing else");
  if (!expected) return;
  using Pair = model::Pairs::value_type;
  RequireEqual(
      Outline(*challenges, [](const ChallengeParameter& p) { return Pair(p.name, p.value); }),
      Outline(*expected, [](const Pair& p) { return p; }), "both readers see the same challenges");
}

void HoldChallenges(std::string_view value) {
  const WorkMeter work;
  const auto challenges = ParseChallenges(value);
  work.RequireLinear(value.size(), 200, 256, "ParseChallenges");
  CompareChallenges(value, challenges);
  if (!challenges) {
    Require(!ToString(challenges.error()).empty(), "a refusal has words");
    return;
  }
  for (const Challenge& one : *challenges) {
    Require(!one.scheme.empty(), "a challenge has a scheme");
    for (const ChallengeParameter& p : one.parameters) {
      const auto same = [&p](const ChallengeParameter& q) {
        return ToLower(p.name) == ToLower(q.name);
      };
      const auto first = std::find_if(one.parameters.begin(), one.parameters.end(), same);
      Require(one.Find(p.name) == &*first, "the first parameter of a name is found, in any case");
      const auto count = std::count_if(one.parameters.begin(), one.parameters.end(), same);
      Require(one.Count(ToLower(p.name)) == static_cast<std::size_t>(count), "all are counted");
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
  Require(seconds == model::ReadDate(value), "both readers see the same second, or no date");
  if (!seconds) return;
  const std::string written = FormatHttpDate(*seconds);
  const auto again = ParseHttpDate(written);
  Require(again && *again == *seconds, "a date that was written is read back: " + written);
  RequireEqual(FormatHttpDate(*again), written, "a date has one spelling");
}

// Any second of the years 0 to 9999 is written as the model writes it.
void HoldDateWriter(std::string_view value) {
  constexpr std::uint64_t kSecondsMax = 315'569'520'000;  // in these years
  constexpr std::int64_t kFirst = -62'167'219'200;
  std::uint64_t number = 0;
  std::memcpy(&number, value.data(), std::min(value.size(), sizeof number));
  const std::int64_t seconds = kFirst + static_cast<std::int64_t>(number % kSecondsMax);
  const std::string written = FormatHttpDate(seconds);
  RequireEqual(written, model::WriteDate(seconds), "both writers spell a date alike");
  Require(ParseHttpDate(written) == seconds, "a date that was written is read: " + written);
}

void HoldUrl(std::string_view value) {
  const auto url = ParseUrl(value);
  const auto expected = model::ReadUrl(value);
  Require(url.has_value() == expected.has_value(), "what the grammar allows is a URL, and no more");
  if (!url) return;
  const auto outline = [](const auto& read) {
    return model::Canonical({{read.scheme, read.userinfo}, {read.host, read.port}}) +
           model::Canonical(read.path) + (read.query ? "?" + *read.query : "");
  };
  RequireEqual(outline(*url), outline(*expected), "both readers see the same parts of a URL");
  const bool default_port = url->port == (url->scheme == "http" ? "80" : "443");
  RequireEqual(url->Authority(),
               url->port.empty() || default_port ? url->host : url->host + ":" + url->port,
               "the default port is left out");
  Require(!url->host.empty() && url->path.starts_with('/'), "a URL has a host and a path");
  const std::string written = url->ToString();
  RequireEqual(written,
               url->scheme + "://" + (url->userinfo == "" ? "" : url->userinfo + "@") +
                   url->Authority() + url->path + (url->query ? "?" + *url->query : ""),
               "a URL is written with all of its parts");
  const auto again = ParseUrl(written);
  Require(again.has_value(), "a URL that was written can be read: " + written);
  RequireEqual(again->ToString(), written, "a URL that was read, written and read is the same");
  RequireEqual(again->Authority(), url->Authority(), "its authority is the same");
}

// A text speaks of a lockout where its first 4,096 bytes contain one of these, in any case.
void HoldLockout(std::string_view text) {
  const auto contains = [text](std::string_view word) {
    const auto same = [](char a, char b) { return a == b || (IsAlpha(a) && (a | 32) == b); };
    const std::string_view start = text.substr(0, 4'096);
    return std::search(start.begin(), start.end(), word.begin(), word.end(), same) != start.end();
  };
  bool expected = false;
  for (std::string_view word :
       {"locked", "lockout", "lock out", "too many failed", "too many attempts", "too many login",
        "temporarily disabled", "temporarily blocked", "has been blocked"}) {
    expected = expected || contains(word);
  }
  Require(SpeaksOfLockout(text) == expected, "a lockout is known by its words");
}

// The last place where a word is seen, once in a process.
void HoldLockoutBound() {
  for (std::size_t before : {4'089u, 4'090u, 4'091u})
    HoldLockout(std::string(before, ' ') + "locked");
}

}  // namespace
}  // namespace grantspec::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  [[maybe_unused]] static const bool bound_held = (grantspec::fuzz::HoldLockoutBound(), true);
  const std::string_view value(reinterpret_cast<const char*>(data), size);
  grantspec::fuzz::HoldChallenges(value);
  grantspec::fuzz::HoldDate(value);
  grantspec::fuzz::HoldDateWriter(value);
  grantspec::fuzz::HoldUrl(value);
  grantspec::fuzz::HoldLockout(value);
  return 0;
}
