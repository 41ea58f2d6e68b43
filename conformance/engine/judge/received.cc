#include "conformance/engine/judge/received.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

#include "conformance/engine/judge/comparable.h"
#include "conformance/engine/judge/sent_case.h"
#include "conformance/engine/response/response_summary.h"
#include "fixtures/grammar/ascii.h"

namespace grantspec {
namespace {

// Header fields that may differ from response to response.
constexpr const char* kVaryingFields[] = {"date", "connection", "keep-alive", "age"};

constexpr std::int64_t kCountedDownSeconds = 60;

std::optional<std::int64_t> ParseSeconds(std::string_view text) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size() || seconds > INT32_MAX) {
    return std::nullopt;
  }
  return seconds;
}

bool IsMetadata(const Inspection& inspection) {
  return inspection.status == 200 && inspection.object;
}

std::string ChallengesIn(const Received& received) {
  const Response* response = received.exchange.response();
  std::string text;
  if (response == nullptr) return text;
  for (std::string_view challenge : response->fields.All("WWW-Authenticate")) text += challenge;
  return text;
}

std::string FieldNames(const Received& received) {
  const Response* response = received.exchange.response();
  if (response == nullptr) return Described(received);
  std::set<std::string> names;
  for (const Field& line : response->fields.lines) names.insert(ToLower(line.name));
  for (const char* varying : kVaryingFields) names.erase(varying);
  std::string text;
  for (const std::string& name : names) text += name + "\n";
  return text + ChallengesIn(received);
}

std::string AccessToken(const Inspection& inspection) {
  const JsonMember* token = inspection.object ? inspection.object->Find("access_token") : nullptr;
  return token != nullptr ? token->text : "";
}

// Whether a scope was granted that nobody can tell: it is not reported, and the request is raw.
bool IsScopeUnknown(const Received& received) {
  const Inspection& inspection = received.inspection;
  return inspection.contains_token && !inspection.scope && !ScopeAsked(received.exchange);
}

}  // namespace

std::string Described(const Received& received) {
  const Response* response = received.exchange.response();
  const auto& failure = received.exchange.failure;
  if (response == nullptr) {
    return failure ? std::string(ToString(failure->error)) + ": " + failure->detail : "nothing";
  }
  const std::string& name = received.inspection.name;
  const std::string status = std::to_string(response->status);
  std::string body;
  if (!response->content.empty() && IsUnreadableSuccess(*response)) {
    body = SummaryOf(*response);
  } else if (!received.inspection.contains_token) {
    body = response->content.substr(0, 4096);
  }
  if (name == status) return "status " + status + (body.empty() ? "" : " (" + body + ")");
  return name + " (status " + status + (body.empty() ? "" : ", " + body) + ")";
}

std::string ValueOf(Related what, const Received& received) {
  const Inspection& inspection = received.inspection;
  switch (what) {
    case Related::kStatus:
      return inspection.has_response ? std::to_string(inspection.status) : "none";
    case Related::kResponse:
      return inspection.name;
    case Related::kGranted:
      return inspection.contains_token ? "a token" : "no token";
    case Related::kScope: {
      // A scope that is not reported is the one that was asked for (RFC 6749 section 5.1).
      std::string scope = inspection.scope.value_or(""), text;
      if (inspection.contains_token && !inspection.scope) {
        scope = ScopeAsked(received.exchange).value_or("");
      }
      for (const std::string& word : ScopeWords(scope)) text += word + " ";
      return text;
    }
    case Related::kContent:
      return ComparableBody(received);
    case Related::kMetadata:
      return IsMetadata(inspection) ? ComparableBody(received) : "no metadata";
    case Related::kFields:
      return FieldNames(received);
    case Related::kToken:
      return AccessToken(inspection);
    case Related::kLifetime: {
      const JsonMember* lifetime =
          inspection.object ? inspection.object->Find("expires_in") : nullptr;
      return lifetime != nullptr ? lifetime->text : "none";
    }
  }
  return "";
}

bool IsSame(Related what, const Received& a, const Received& b) {
  if (what == Related::kScope && (IsScopeUnknown(a) || IsScopeUnknown(b))) return true;
  // Pages that say that there are no metadata are no metadata that changed.
  if (what == Related::kMetadata && !(IsMetadata(a.inspection) && IsMetadata(b.inspection))) {
    return true;
  }
  const std::string one = ValueOf(what, a), other = ValueOf(what, b);
  if (one == other || what != Related::kLifetime) return one == other;
  const auto longer = ParseSeconds(one), shorter = ParseSeconds(other);
  if (!longer || !shorter) return false;
  return std::max(*longer, *shorter) <= 2 * std::min(*longer, *shorter) + kCountedDownSeconds;
}

bool HaveSameChallenges(const Received& a, const Received& b) {
  return ChallengesIn(a) == ChallengesIn(b);
}

std::string ShownValue(Related what, const Received& received) {
  const Inspection& inspection = received.inspection;
  const bool success = inspection.status >= 200 && inspection.status < 300;
  if (what == Related::kContent && inspection.has_response && success) {
    return "\"" + SummaryOf(*received.exchange.response()) + "\"";
  }
  return "\"" + ValueOf(what, received) + "\"";
}

std::set<std::string> ScopeWords(std::string_view text) {
  std::set<std::string> words;
  while (!text.empty()) {
    const std::size_t space = text.find(' ');
    if (space != 0) words.insert(std::string(text.substr(0, space)));
    text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
  }
  return words;
}

}  // namespace grantspec
