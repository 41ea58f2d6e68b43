#include "conformance/engine/check/check_rows.h"

namespace grantspec::checks {
namespace {

void Leftover(Exchange& exchange) {
  exchange.leftover = "x";
}
void IsClosed(Exchange& exchange) {
  exchange.end = ConnectionEnd::kClosed;
}
void IsReset(Exchange& exchange) {
  exchange.end = ConnectionEnd::kReset;
}
void OldVersion(Exchange& exchange) {
  exchange.responses[0].version = 10;
}
void AfterInterim(Exchange& exchange) {
  exchange.responses[0].interim_count = 1;
}
void Late(Exchange& exchange) {
  exchange.seconds = 1.6;
}
void LateAfterInterim(Exchange& exchange) {
  AfterInterim(exchange);
  Late(exchange);
}
void Cut(Exchange& exchange) {
  Leftover(exchange);
  exchange.responses[0].content_cut = true;
}
void Twice(Exchange& exchange) {
  exchange.responses.push_back({.status = 400});
}
void ThenToken(Exchange& exchange) {
  exchange.responses.push_back({.status = 400, .content = kToken});
}
void ThenSuccess(Exchange& exchange) {
  exchange.responses.push_back({.status = 200});
}
void ThenError(Exchange& exchange) {
  exchange.responses.push_back({.status = 500});
}
template <Channel channel>
void Through(Exchange& exchange) {
  exchange.channel = channel;
}
void PlaintextOfHttps(Exchange& exchange) {
  exchange.channel = Channel::kPlaintext;
  exchange.url = "https://a.example/";
}
void Raw(Exchange& exchange) {
  exchange.raw = true;
}

TEST(TransportChecks, FindWhatFramingAndConnectionsShow) {
  // Without the whole table: no single response violates no_unsolicited_response.
  ExpectRows(
      std::span<const Check>(),
      {{"no_content", 204, "", kSatisfied},
       {"no_content", 204, "x", "the response has a body"},
       {"no_content", 204, "", "the response has a body", {}, {.change = Leftover}},
       {"not_chunked", 200, "", kSatisfied},
       {"not_chunked",
        200,
        "",
        "Transfer-Encoding in a response to HTTP/1.0",
        {{"Transfer-Encoding", "chunked"}}},
       {"closed_after", 400, "", kSatisfied, {}, {.change = IsClosed}},
       {"closed_after", 400, "", "the connection stayed open"},
       {"close_as_said", 200, "", kSatisfied},
       {"close_as_said", 200, "", kSatisfied, {{"Connection", "x, Close"}}, {.change = IsClosed}},
       {"close_as_said",
        200,
        "",
        "the connection ends, and the response does not say close",
        {},
        {.change = IsClosed}},
       {"close_as_said",
        200,
        "",
        "the response says close, and the connection stays open",
        {{"Connection", "close"}}},
       {"close_as_said",
        200,
        "",
        kSatisfied,
        {{"Connection", "keep-alive"}},
        {.change = OldVersion}},
       {"close_as_said",
        200,
        "",
        "the response says close, and the connection stays open",
        {},
        {.change = OldVersion}},
       {"close_as_said", 200, "x", kSatisfied, {}, {.change = IsClosed}},  // without a length
       {"close_said", 200, "", kSatisfied, {{"Connection", "close"}}},
       {"close_said", 200, "", "the response does not say close"},
       {"no_reset", 200, "", kSatisfied, {}, {.change = IsClosed}},
       {"no_reset", 200, "", "the connection ends with a reset", {}, {.change = IsReset}},
       {"continued", 200, kToken, kSatisfied, {}, {.change = AfterInterim}},
       {"continued", 200, kToken, "no 100 (Continue) came while the body waited"},
       {"continued", 417, "", kNotApplicable},
       {"continued_or_refused", 401, "", kSatisfied},
       {"continued_or_refused", 401, "", kSatisfied, {}, {.change = LateAfterInterim}},
       {"continued_or_refused",
        401,
        "",
        "neither 100 (Continue) nor a refusal came while the body waited",
        {},
        {.change = Late}},
       {"no_interim", 200, "", kSatisfied},
       {"no_interim", 200, "", "an interim response to HTTP/1.0", {}, {.change = AfterInterim}},
       {"one_answer", 400, "", kSatisfied},
       {"one_answer", 400, "", "more than one response was received", {}, {.change = Twice}},
       {"one_answer", 400, "", "more than one response was received", {}, {.change = Leftover}},
       {"exact_length", 400, "", kSatisfied},
       {"exact_length", 400, "", "bytes follow the body", {}, {.change = Leftover}},
       {"exact_length", 400, "", kNotApplicable, {}, {.change = Cut}},
       {"two_or_closed", 400, "", kSatisfied, {}, {.change = Twice}},
       {"two_or_closed", 400, "", kSatisfied, {}, {.change = IsClosed}},
       {"two_or_closed", 400, "", "one response for two requests, and the connection stays open"},
       {"second_refused", 200, kToken, kSatisfied},
       {"second_refused", 200, kToken, kSatisfied, {}, {.change = Twice}},
       {"second_refused",
        200,
        kToken,
        "the second response, to a failed login, has status 200",
        {},
        {.change = ThenSuccess}},
       {"second_refused",
        200,
        kToken,
        "the second response, to a failed login, has status 400",
        {},
        {.change = ThenToken}},
       {"second_refused", 200, kToken, kNotApplicable, {}, {.change = ThenError}},
       {"no_server_error", 200, kToken, "status 500", {}, {.change = ThenError}},
       {"transport_protected", 200, "", kSatisfied, {}, {.change = Through<Channel::kTls>}},
       {"transport_protected", 200, "", kSatisfied, {}, {.change = Through<Channel::kLocal>}},
       {"transport_protected", 200, "", kNotApplicable, {}, {.change = Through<Channel::kOldTls>}},
       {"transport_protected", 200, "", kNotApplicable, {}, {.change = PlaintextOfHttps}},
       {"transport_protected",
        200,
        "",
        "the target is plain http",
        {},
        {.change = Through<Channel::kPlaintext>}},
       {"no_unsolicited_response", 200, "", kSatisfied},
       {"no_unsolicited_response", 200, "", kNotApplicable, {}, {.change = Raw}},
       {"no_unsolicited_response",
        200,
        "",
        kNotApplicable,
        {},
        {.change = Through<Channel::kTls>}}});
}

}  // namespace
}  // namespace grantspec::checks
