// What reports show of cases and exchanges: masked, cleaned of secrets and tokens, cut to size.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/engine/bind/binder.h"
#include "conformance/engine/judge/judge.h"
#include "conformance/engine/record/record.h"
#include "conformance/engine/secrets/redact.h"

namespace grantspec {

/// The header by which a request is found in the logs of the target.
inline constexpr std::string_view kRequestId = "X-Request-Id";

/// Makes records of what was sent and received. Requests are shown as they were
/// bound, with masked values; responses are cleaned by value. Of a success that may
/// contain a token anywhere only the shape is shown.
class Presenter {
 public:
  /// `command` is what a person types to run again, without the selection: `grantspec URL`.
  Presenter(const Binder& binder, std::string command);

  /// Remembers the tokens in a response: they must not be written.
  void LearnTokens(const Exchange& exchange);

  /// Remembers what another presenter has learned.
  void LearnTokensOf(const Presenter& other);

  /// Text without secrets and without the tokens that were learned.
  std::string Clean(std::string_view text, Origin origin = Origin::kTarget) const;

  /// A line of the target's log; empty where more tokens were received than are remembered.
  std::string CleanLogLine(std::string_view line) const;

  /// A message that begins in our own words. A target's words are after the first quote, or after
  /// `status 400`.
  std::string CleanMessage(std::string_view text) const;

  /// The texts of a verdict, cleaned and bounded: whatever takes a verdict's place in a record.
  void CleanVerdict(Verdict& verdict) const;

  /// Removes from records the tokens that were learned later: a target may send one client's token
  /// to another before its own response is complete.
  void CleanAgain(std::vector<RecordedCase>& cases) const;

  /// One exchange of a case. No request: it could not be made.
  RecordedExchange Shown(const StepSpec& step, const std::optional<BoundRequest>& request,
                         const Exchange& exchange) const;

  /// A command that sends the request of an exchange again, without this program where possible.
  std::string Again(const Case& spec, const SentCase& sent, std::size_t at) const;

  /// The record of a case, exchanges included where it is not a pass.
  RecordedCase Record(const Case& spec, const SentCase& sent, Verdict verdict) const;

 private:
  std::string ShownRequest(const std::optional<BoundRequest>& request,
                           const Exchange& exchange) const;
  void ShowResponse(const StepSpec& step, const Response& response, RecordedExchange& shown) const;
  void ShowFields(const std::vector<Field>& fields, bool summarized, RecordedExchange& shown) const;
  void RecordExchanges(const Case& spec, const SentCase& sent, RecordedCase& recorded) const;
  std::string ShownText(std::string_view text, Origin origin) const;
  std::string CurlCommand(const StepSpec& step, const Request& shown, const Request& sent,
                          const std::string& origin) const;

  const Binder& binder_;
  Redactor redactor_;
  std::string command_;
  IssuedTokens tokens_;
};

/// The start of a text, 400 bytes at most.
std::string Clipped(std::string text);

/// The invented text of a run, from its seed.
std::string CanaryOf(unsigned long seed);

}  // namespace grantspec
