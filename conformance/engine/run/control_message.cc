#include "conformance/engine/run/control_message.h"

#include <algorithm>
#include <regex>
#include <set>

#include "conformance/engine/judge/baseline.h"
#include "conformance/engine/judge/judge.h"
#include "conformance/engine/record/text.h"
#include "conformance/engine/response/response_class.h"
#include "conformance/engine/response/response_summary.h"
#include "conformance/engine/secrets/redact.h"
#include "fixtures/grammar/ascii.h"
#include "fixtures/http/pace.h"

namespace grantspec {
namespace {

constexpr std::size_t kShownMax = 200;
constexpr std::size_t kDescriptionMax = 1'000;  // a longer one is not searched
constexpr std::string_view kIsThisTheEndpoint = ". Is this the token endpoint?";

// A text of the target, fit to be shown.
std::string Shown(std::string_view text, const ControlContext& context) {
  const std::string clean = context.clean(text);
  return Printable(clean.size() > kShownMax ? clean.substr(0, kShownMax) + "..." : clean);
}

bool Contains(std::string_view text, std::string_view word) {
  return text.find(word) != std::string_view::npos;
}

std::string ReasonOf(int status) {
  switch (status) {
    case 400:
      return "400 Bad Request";
    case 401:
      return "401 Unauthorized";
    case 403:
      return "403 Forbidden";
    case 404:
      return "404 Not Found";
    case 405:
      return "405 Method Not Allowed";
    case 415:
      return "415 Unsupported Media Type";
    case 429:
      return "429 Too Many Requests";
    case 500:
      return "500 Internal Server Error";
    case 502:
      return "502 Bad Gateway";
    case 503:
      return "503 Service Unavailable";
    case 504:
      return "504 Gateway Timeout";
    default:
      return std::to_string(status);
  }
}

// A string member of a JSON response; empty: it has none.
std::string MemberOf(const Response& response, std::string_view name) {
  const auto object = ObjectOf(response);
  const JsonMember* member = object ? object->Find(name) : nullptr;
  return member != nullptr && member->kind == JsonKind::kString ? member->text : "";
}

std::string FailureMessage(const TransportFailure& failure, const ControlContext& context) {
  const std::string detail = Shown(failure.detail, context);
  const std::string what = std::string(ToString(failure.error)) + ": " + detail;
  switch (failure.error) {
    case TransportError::kNotSent:
      return failure.detail;
    case TransportError::kUnreachable:
      if (!Contains(detail, "refused")) return what;
      return what + ". Is the target running? --wait-for SECONDS waits for one that is starting";
    case TransportError::kTls:
      if (Contains(detail, "certificate problem") || Contains(detail, "issuer")) {
        return what + ". Name the certificate of its CA with --cacert FILE";
      }
      return what;
    default:
      return what;
  }
}

std::string RedirectMessage(const Response& response, const ControlContext& context) {
  const auto location = response.fields.First("Location");
  const std::string what = "no token: " + std::to_string(response.status) + " redirect";
  if (!location || location->empty()) return what + " without Location";
  const auto [name, url] = WithoutCredentials({"Location", context.clean(*location)});
  return what + " to " + Shown(url, context);
}

bool IsHtml(const Response& response) {
  const std::string type = ToLower(response.fields.First("Content-Type").value_or(""));
  if (type.starts_with("text/html") || type.starts_with("application/xhtml")) return true;
  const std::size_t begin =
      std::min(response.content.find_first_not_of(" \t\r\n"), response.content.size());
  const std::string start = ToLower(response.content.substr(begin, 14));
  return start.starts_with("<!doctype html") || start.starts_with("<html");
}

bool SpeaksOfMediaType(const Response& response) {
  if (response.status == 415) return true;
  if (response.status != 400) return false;
  const std::string text = ToLower(response.content.substr(0, kDescriptionMax));
  return Contains(text, "content-type") || Contains(text, "content type") ||
         Contains(text, "media type") || Contains(text, "mediatype");
}

std::string MissingMessage(const std::string& name, const ControlContext& context) {
  const std::string what =
      "no token: the target wants the parameter \"" + Shown(name, context) + "\"";
  if (name == "grant_type" || (name == "scope" && context.has_scope)) {
    return what + ", which was sent in a form. If the target expects JSON: --switch body=json";
  }
  if (name == "scope") return what + ". Name a granted scope with --scope";
  if (name == "client_id" || name == "client_secret") {
    return what + ". If it wants credentials in the content: --auth client_secret_post";
  }
  return what + ". Name it with --data-urlencode " + Shown(name, context) +
         "=VALUE, or a secret with --data-env";
}

std::string RejectedClientMessage(const std::string& what, const ControlContext& context) {
  const std::string source =
      context.credentials_from.empty() ? "" : ", which were read from " + context.credentials_from;
  return what + ": the target rejected the client \"" + Shown(context.client_id, context) +
         "\". Check its id and secret" + source +
         (context.by_basic ? ". If it logs in otherwise: --auth, or --write-profile FILE" : "");
}

// The name of an OAuth error as it may be shown: a code of RFC 6749 is a word.
bool IsErrorCode(const std::string& code) {
  return !code.empty() && code.size() <= 64 && std::all_of(code.begin(), code.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || c == '_';
  });
}

std::string OAuthErrorMessage(const Response& response, const std::string& code,
                              const ControlContext& context) {
  const std::string description = MemberOf(response, "error_description");
  std::string what = "no token: " + std::to_string(response.status) + " " + Shown(code, context);
  if (!description.empty()) what += " (\"" + Shown(description, context) + "\")";
  if (code == "invalid_client") return RejectedClientMessage(what, context);
  if (code == "invalid_scope") return what + ". Name a granted scope with --scope";
  if (code == "unauthorized_client" || code == "unsupported_grant_type") {
    return what + ". Is the client allowed to use grant_type=client_credentials?";
  }
  if (code == "invalid_request") {
    if (const auto name = MissingParameterIn(description)) return MissingMessage(*name, context);
  }
  return what;
}

std::string OtherMessage(const Exchange& exchange, const ControlContext& context) {
  const Response& response = *exchange.response();
  const int status = response.status;
  std::string what = "no token: " + ReasonOf(status);
  if (status >= 200 && status < 300) {
    return what + ", " + SummaryOf(response) + std::string(kIsThisTheEndpoint);
  }
  if (status == 401) return RejectedClientMessage(what, context);
  if (status == 429 || IsThrottled(exchange)) {
    return what + ": the target throttles requests. Wait, then lower the load with --rate";
  }
  if (!response.content.empty() && !IsPacked(response)) {
    what += " (" + Shown(response.content, context) + ")";
  }
  if (IsOfGateway(response))
    what += ": the gateway in front of the target responded, not the application";
  if (status >= 500) {
    what += ". Check the target; --wait-for SECONDS waits for one that is starting";
  }
  return what;
}

// A name that a parameter can have.
constexpr const char* kName = "([A-Za-z][A-Za-z0-9_.-]{0,63})";

bool IsCommonWord(const std::string& word) {
  static const std::set<std::string> words = {
      "a",      "an",    "the",    "this",  "that",  "it",          "which",    "and",
      "or",     "one",   "value",  "field", "body",  "request",     "client",   "parameter",
      "access", "login", "header", "https", "http",  "credentials", "tls",      "authorization",
      "token",  "valid", "none",   "what",  "there", "parameters",  "required", "authentication"};
  return words.contains(ToLower(word));
}

std::optional<std::string> NameIn(const std::string& text, const std::string& pattern) {
  std::smatch match;
  if (!std::regex_search(text, match, std::regex(pattern, std::regex::icase))) return std::nullopt;
  std::string name = match[1];
  while (name.ends_with('.')) name.pop_back();
  if (IsCommonWord(name)) return std::nullopt;
  return name;
}

// The only word in quotes or backticks, where the text says that something is missing.
std::optional<std::string> QuotedName(const std::string& text) {
  const std::string lower = ToLower(text);
  const std::string_view words[] = {"missing",      "required", "mandatory",
                                    "not provided", "absent",   "must include"};
  if (std::none_of(std::begin(words), std::end(words),
                   [&lower](std::string_view word) { return Contains(lower, word); })) {
    return std::nullopt;
  }
  static const std::regex quoted(std::string("(?:^|[^A-Za-z0-9])[\"'`]") + kName + "[\"'`]");
  std::set<std::string> names;
  for (std::sregex_iterator at(text.begin(), text.end(), quoted), end; at != end; ++at) {
    names.insert((*at)[1]);
  }
  if (names.size() != 1) return std::nullopt;
  return *names.begin();
}

}  // namespace

std::optional<std::string> MissingParameterIn(std::string_view description) {
  if (description.size() > kDescriptionMax) return std::nullopt;
  const std::string text(description);
  if (auto name = QuotedName(text)) return name;
  const std::string patterns[] = {
      std::string("missing (?:a )?(?:required )?parameter: *") + kName,
      std::string("parameter (?:is )?missing: *") + kName,
      std::string("(?:^|[^A-Za-z0-9_.-])") + kName + " parameter is (?:required|missing)\\b",
      std::string("(?:^|[^A-Za-z0-9_.-])") + kName + " is required\\b"};
  for (const std::string& pattern : patterns) {
    if (auto name = NameIn(text, pattern)) return name;
  }
  return std::nullopt;
}

std::string ControlMessage(const Exchange& exchange, const ControlContext& context) {
  const Response* response = exchange.response();
  if (response == nullptr) {
    return exchange.failure ? FailureMessage(*exchange.failure, context) : "no response";
  }
  const int status = response->status;
  if (status >= 300 && status < 400) {
    return RedirectMessage(*response, context) + std::string(kIsThisTheEndpoint);
  }
  const std::string code = MemberOf(*response, "error");
  const bool is_error = status >= 400 && status < 500 && IsErrorCode(code);
  if ((status == 404 || status == 405) && !is_error) {
    return "no token: " + ReasonOf(status) + std::string(kIsThisTheEndpoint);
  }
  if (IsHtml(*response)) {
    return "no token: an HTML page (" + ReasonOf(status) + ")" + std::string(kIsThisTheEndpoint);
  }
  if (SpeaksOfMediaType(*response)) {
    return "no token: " + ReasonOf(status) +
           ": the target rejects the media type application/x-www-form-urlencoded. If it expects "
           "JSON: --switch body=json" +
           std::string(kIsThisTheEndpoint);
  }
  return is_error ? OAuthErrorMessage(*response, code, context) : OtherMessage(exchange, context);
}

}  // namespace grantspec
