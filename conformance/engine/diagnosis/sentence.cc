#include "conformance/engine/diagnosis/sentence.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "conformance/engine/record/conclusion.h"
#include "conformance/engine/record/text.h"
#include "conformance/engine/response/response_class.h"
#include "fixtures/grammar/ascii.h"

namespace grantspec {
namespace {

constexpr std::size_t kPartBytesMax = 90;

// A name such as expires_in stays as it is.
std::string Capitalized(std::string text) {
  const bool is_name = text.substr(0, text.find(' ')).find('_') != std::string::npos;
  if (!text.empty() && !is_name) text[0] = ToUpper(text[0]);
  return text;
}

// What a sentence is about, and whether its verb is plural.
struct Subject {
  std::string text;
  bool plural = false;
};

Subject SubjectOf(const std::vector<const Decision*>& decisions, bool valid) {
  std::vector<std::string> parts;
  for (const Decision* one : decisions) {
    const std::string part(valid ? one->valid : one->subject);
    if (std::find(parts.begin(), parts.end(), part) == parts.end()) parts.push_back(part);
  }
  if (parts.empty()) return {"A request"};
  if (parts.size() == 1) return {parts[0]};
  const std::size_t more = parts.size() - 1;
  return {parts[0] + " and " + Counted(more, "other kind") + " of request" + (more == 1 ? "" : "s"),
          true};
}

// The head of a fingerprint, which has status and error code; where it has the members of a JSON
// object in braces, those in words.
std::string Head(std::string_view fingerprint) {
  if (fingerprint.starts_with('{') && fingerprint.ends_with('}')) {
    const std::string_view members = fingerprint.substr(1, fingerprint.size() - 2);
    if (members.empty()) return "an empty JSON object";
    return "a JSON object of " + Shortened(members, kPartBytesMax);
  }
  return Shortened(fingerprint.substr(0, fingerprint.find(": ")), kPartBytesMax);
}

// The name of a response class in words: an error code with its status.
std::string InWords(std::string_view name) {
  if (name == "media_type_refused") return "415, 400 invalid_request";
  if (name == "not_http") return "bytes that are not HTTP";
  if (name == "tls_refused") return "a refused TLS handshake";
  const ResponseClass* one = FindResponseClass(name);
  if (one == nullptr || one->code.empty()) return std::string(name);
  return std::to_string(one->status) + " " + std::string(one->code);
}

// What passes, without what is tolerated: the names of response classes in words.
std::string Passing(const RecordedCase& example) {
  const std::string_view expected = example.verdict.expected;
  std::string passing, name;
  for (char c : std::string(expected.substr(0, expected.find(';'))) + '\n') {
    if (IsAlpha(c) || IsDigit(c) || c == '_') {
      name += c;
      continue;
    }
    passing += InWords(std::exchange(name, {}));
    if (c != '\n') passing += c;
  }
  return Shortened(passing, kPartBytesMax);
}

bool IsAboutAllResponses(const RecordedCase& example) {
  return example.spec != nullptr && example.spec->standing != nullptr;
}

bool IsAboutMessages(const Decision& decision) {
  return decision.id.starts_with("framing.") || decision.id == "connection";
}

std::string ForToken(const std::vector<const Decision*>& decisions) {
  const Decision& first = decisions.empty() ? kOtherDecision : *decisions.front();
  const bool resource = first.id.starts_with("resource.");
  return std::string(resource ? "The resource is served" : "A token is issued") + " although " +
         std::string(first.although);
}

std::string ForCheck(const RecordedCase& example) {
  const std::string& actual = example.verdict.actual;
  return Capitalized(Shortened(actual.substr(0, actual.find("; ")), kPartBytesMax)) +
         " (required: " + Shortened(example.verdict.expected, kPartBytesMax) + ")";
}

// What a relation compares, in words.
std::string RelatedInWords(const std::string& name) {
  constexpr std::pair<std::string_view, std::string_view> kWords[] = {
      {"response", "kind of response"}, {"granted", "decision to issue a token"},
      {"scope", "granted scope"},       {"content", "body"},
      {"fields", "set of headers"},     {"lifetime", "lifetime of the token"}};
  for (const auto& [known, words] : kWords) {
    if (name == known) return std::string(words);
  }
  return name;
}

// What differs, or is the same, between which requests; nothing where that is not about two.
std::optional<std::string> ForRelation(const RecordedCase& example) {
  std::string_view text = example.verdict.expected;
  const bool same = text.starts_with("the same ");
  if (!same && !text.starts_with("another ")) return std::nullopt;
  text = text.substr(text.find(same ? "same " : " ") + (same ? 5 : 1));
  const std::size_t of = text.find(" for ");
  const std::size_t between = text.find(" and ");
  if (of == std::string_view::npos || between == std::string_view::npos || between < of) {
    return std::nullopt;
  }
  const std::string what = RelatedInWords(std::string(text.substr(0, of)));
  std::string requests(text.substr(of + 5));
  std::replace(requests.begin(), requests.end(), '_', ' ');
  if (!same) return "The " + what + " is the same for " + requests + " (required: another one)";
  return "The " + what + " differs between " + requests + ": " +
         Shortened(example.verdict.actual, kPartBytesMax) + " (required: the same)";
}

}  // namespace

std::string Shortened(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return std::string(text);
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "... (" + std::to_string(text.size()) + " bytes)";
}

std::string SentenceFor(MissKind kind, const std::vector<const Decision*>& decisions,
                        const RecordedCase& example, std::string_view fingerprint) {
  const Subject subject = SubjectOf(decisions, kind == MissKind::kRefused);
  const std::string is = subject.plural ? " are " : " is ";
  const std::string gets = subject.plural ? " get " : " gets ";
  switch (kind) {
    case MissKind::kTokenIssued:
      return ForToken(decisions);
    case MissKind::kOverGranted:
      return "More scope is granted than the client asked for or is registered for";
    case MissKind::kUnderGranted:
      return "Less scope is granted than the client asked for";
    case MissKind::kCheckFailed:
      // The same check fails for requests that are framed in different ways.
      if (!decisions.empty() && IsAboutMessages(*decisions.front()) &&
          !IsAboutAllResponses(example)) {
        return subject.text + ": " + ForCheck(example);
      }
      return ForCheck(example);
    case MissKind::kDisclosed:
      return ForCheck(example);
    case MissKind::kMixedUp:
      if (const auto sentence = ForRelation(example)) return *sentence;
      return "Two requests share a token or a grant (required: " + example.verdict.expected + ")";
    case MissKind::kStopped:
      if (example.verdict.actual != kStopsServing) return Capitalized(example.verdict.actual);
      return "The target stops serving after: " + subject.text;
    case MissKind::kServerError:
      // Only a case about all responses has no response of its own.
      if (fingerprint == "no_server_error") return ForCheck(example);
      return subject.text + gets + Head(fingerprint);
    case MissKind::kSilent:
      return subject.text + gets + "no response in time";
    case MissKind::kDisconnected:
      if (example.observed == "not_http")
        return subject.text + gets + "bytes that are not HTTP/1.x";
      return subject.text + (subject.plural ? " end" : " ends") +
             " the connection without a response";
    case MissKind::kRefused:
      return subject.text + is + "refused with " + Head(fingerprint);
    case MissKind::kWrongError:
      if (IsAboutAllResponses(example)) return ForCheck(example);
      return subject.text + gets + Head(fingerprint) +
             (Head(fingerprint).ends_with(Passing(example)) ? " in another form than required"
                                                            : ", not " + Passing(example));
    case MissKind::kInconsistent:
      return ForRelation(example).value_or(ForCheck(example));
    case MissKind::kSlow:
      return subject.text + (subject.plural ? " take " : " takes ") +
             Shortened(example.verdict.actual, kPartBytesMax) +
             " (required: " + Shortened(example.verdict.expected, kPartBytesMax) + ")";
  }
  return subject.text;
}

}  // namespace grantspec
