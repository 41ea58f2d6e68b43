// Checks that a response gives nothing away: secrets, tokens, internals of the server.

#include <algorithm>

#include "conformance/engine/check/finding.h"
#include "conformance/engine/secrets/named_token.h"
#include "fixtures/grammar/ascii.h"

namespace grantspec::checks {
namespace {

Finding NoTokenInError(const CheckedResponse& a) {
  // Another 2xx is a success with a wrong status, which is a finding of its own.
  if (a.response.status >= 200 && a.response.status < 300) return DoesNotApply();
  const auto& object = a.inspection.object;
  for (std::string_view name : {"access_token", "refresh_token", "id_token"}) {
    if (MemberOf(object, name) != nullptr) return Violated(std::string(name) + " is present");
  }
  if (a.inspection.contains_token) return Violated("access_token is present");
  // Under another name, or deeper: what is named a token and looks like one.
  const std::string& content = a.response.content;
  for (const NamedToken& token : FindNamedTokens(content)) {
    const auto value = std::string_view(content).substr(token.begin, token.end - token.begin);
    if (IsTokenLike(value)) return Violated(std::string(token.name) + " is present");
  }
  return Satisfied();
}

Finding NoTokenInFields(const CheckedResponse& a) {
  if (!IsTokenResponse(a)) return DoesNotApply();
  const std::string token = TokenOf(a);
  if (token.size() < 8) return DoesNotApply();
  for (const Field& line : a.response.fields.lines) {
    if (line.value.find(token) != std::string::npos)
      return Violated("the token is in " + line.name);
  }
  return Satisfied();
}

// All text of a response that a target may have put something into.
std::string TextOf(const Response& response) {
  std::string all = response.reason + "\n" + response.content;
  for (const Fields* fields : {&response.fields, &response.trailers}) {
    for (const Field& line : fields->lines) all += "\n" + line.name + ": " + line.value;
  }
  return all;
}

Finding NoSecret(const CheckedResponse& a) {
  if (a.secrets == nullptr) return DoesNotApply();
  return Spells(TextOf(a.response), *a.secrets) ? Violated("the response has a secret")
                                                : Satisfied();
}

// What the case tried as a secret carries this word.
Finding NoCanary(const CheckedResponse& a) {
  static const SpellingIndex kCanary = [] {
    SpellingIndex index("[secret]");
    index.AddSecret("CANARY-");
    return index;
  }();
  return Spells(TextOf(a.response), kCanary)
             ? Violated("the response has the secret that was tried")
             : Satisfied();
}

// What stack traces, paths of a server and database queries contain.
constexpr std::string_view kInternals[] = {"Traceback (most recent call last)",
                                           "\n    at ",
                                           "\\n    at ",
                                           ".java:",
                                           "Exception in thread",
                                           "node_modules/",
                                           "/usr/lib/",
                                           "/usr/local/lib/",
                                           "/home/",
                                           "/var/www/",
                                           "SQLSTATE[",
                                           "syntax error at or near",
                                           "SELECT ",
                                           "goroutine ",
                                           "panic: ",
                                           "site-packages/",
                                           "System.NullReferenceException",
                                           "werkzeug",
                                           "ActiveRecord::",
                                           ".rb:",
                                           ".php on line ",
                                           ".py\\\", line ",
                                           ".cs:line ",
                                           "\"stackTrace\"",
                                           "\"stacktrace\"",
                                           "\"stack_trace\"",
                                           "\"backtrace\"",
                                           "SQL syntax",
                                           "SQLITE_",
                                           "ORA-0",
                                           "org.postgresql.",
                                           "com.mysql.",
                                           "psycopg2",
                                           "duplicate key value violates",
                                           "Incorrect string value",
                                           "ECONNREFUSED",
                                           "java.lang.",
                                           "Cannot read properties of ",
                                           "NoMethodError"};

Finding NoStackTrace(const CheckedResponse& a) {
  if (!IsErrorStatus(a)) return DoesNotApply();
  for (std::string_view mark : kInternals) {
    if (a.response.content.find(mark) != std::string::npos) {
      return Violated("the body has " + Quoted(mark));
    }
  }
  return Satisfied();
}

Finding ServerDetail(const CheckedResponse& a) {
  for (std::string_view name : {"Server", "X-Powered-By", "X-AspNet-Version"}) {
    const auto value = a.response.fields.First(name);
    if (value && std::any_of(value->begin(), value->end(), IsDigit)) {
      return Violated(std::string(name) + " is " + Quoted(*value));
    }
  }
  return Satisfied();
}

Finding NoTemplateResult(const CheckedResponse& a) {
  const auto& object = a.inspection.object;
  const JsonMember* text = MemberOf(object, "error_description");
  return text != nullptr && text->text.find("49") != std::string::npos
             ? Violated("a template was evaluated: " + Quoted(text->text))
             : Satisfied();
}

Finding NoTraceEcho(const CheckedResponse& a) {
  return ToLower(a.response.content).find("authorization:") != std::string::npos
             ? Violated("the response has the request with its credentials")
             : Satisfied();
}

constexpr Check kDisclosureChecks[] = {
    {"no_token_in_error", "no token in an error", NoTokenInError},
    {"no_secret", "no secret in a response", NoSecret},
    {"no_canary", "no response has the secret that was tried", NoCanary},
    {"no_stack_trace", "no trace, path or query in an error", NoStackTrace},
    {"server_detail", "no version in Server", ServerDetail},
    {"no_token_in_fields", "no token in a header", NoTokenInFields},
    {"no_template_result", "no template is evaluated", NoTemplateResult},
    {"no_trace_echo", "no echo of the request's credentials", NoTraceEcho},
};

}  // namespace

std::span<const Check> DisclosureChecks() {
  return kDisclosureChecks;
}

}  // namespace grantspec::checks
