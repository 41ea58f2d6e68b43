// Checks of framing, connections and TLS (RFC 9112).

#include "conformance/engine/check/finding.h"
#include "conformance/engine/response/response_class.h"

namespace grantspec::checks {
namespace {

Finding NoContent(const CheckedResponse& a) {
  return a.response.content.empty() && a.exchange.leftover.empty()
             ? Satisfied()
             : Violated("the response has a body");
}

Finding NotChunkedTo10(const CheckedResponse& a) {
  return a.response.fields.Has("Transfer-Encoding")
             ? Violated("Transfer-Encoding in a response to HTTP/1.0")
             : Satisfied();
}

Finding Closed(const CheckedResponse& a) {
  return a.exchange.end == ConnectionEnd::kOpen ? Violated("the connection stayed open")
                                                : Satisfied();
}

Finding OneResponse(const CheckedResponse& a) {
  return a.exchange.responses.size() > 1 || !a.exchange.leftover.empty()
             ? Violated("more than one response was received")
             : Satisfied();
}

Finding ExactLength(const CheckedResponse& a) {
  if (a.response.content_cut) return DoesNotApply();
  if (!a.exchange.leftover.empty() && a.exchange.responses.size() == 1) {
    return Violated("bytes follow the body");
  }
  return Satisfied();
}

Finding TwoOrClosed(const CheckedResponse& a) {
  if (a.exchange.responses.size() >= 2 || a.exchange.end != ConnectionEnd::kOpen)
    return Satisfied();
  return Violated("one response for two requests, and the connection stays open");
}

Finding SecondRefused(const CheckedResponse& a) {
  if (a.exchange.responses.size() < 2) return Satisfied();
  const Response& second = a.exchange.responses[1];
  if (second.status >= 500) return DoesNotApply();  // no_server_error finds it
  return second.status >= 400 && second.status < 500 && !ContainsToken(second)
             ? Satisfied()
             : Violated("the second response, to a failed login, has status " +
                        std::to_string(second.status));
}

// RFC 6749 section 2.3.1: passwords cross the network under TLS; the loopback is no network.
Finding TransportProtected(const CheckedResponse& a) {
  switch (a.exchange.channel) {
    case Channel::kUnknown:
    case Channel::kOldTls:  // has cases of its own
      return DoesNotApply();
    case Channel::kTls:
    case Channel::kLocal:
      return Satisfied();
    case Channel::kPlaintext:
      break;
  }
  // A request that bypasses the TLS of a target does not show which scheme it uses.
  if (a.exchange.url.starts_with("https://")) return DoesNotApply();
  return Violated("the target is plain http");
}

// RFC 9112 section 9.2: what arrives on a connection without an outstanding request is no response.
// The run finds such bytes when it inspects kept connections; this says which responses can have
// some after them. Over TLS, bytes may also be session tickets.
Finding NoUnsolicitedResponse(const CheckedResponse& a) {
  return a.exchange.raw || a.exchange.channel == Channel::kTls ? DoesNotApply() : Satisfied();
}

// RFC 9110 section 10.1.1: the content is not waited for, and so not sent, before a 100 (Continue);
// a final status may come in its place.
Finding Continued(const CheckedResponse& a) {
  const bool empty = a.exchange.sent.find("Content-Length: 0\r\n") != std::string::npos;
  if (empty || !ContainsToken(a.response)) return DoesNotApply();
  return a.response.interim_count > 0 ? Satisfied()
                                      : Violated("no 100 (Continue) came while the body waited");
}

// A refusal need not await the body; without one, 100 (Continue) asks for it (RFC 9110 section
// 10.1.1). Whoever sends neither while the body waits was waited for as long as that.
Finding ContinuedOrRefused(const CheckedResponse& a) {
  constexpr double kHeldSeconds = 1.5;
  const bool in_time = a.response.interim_count > 0 || a.exchange.seconds < kHeldSeconds;
  return in_time ? Satisfied()
                 : Violated("neither 100 (Continue) nor a refusal came while the body waited");
}

Finding NoInterim(const CheckedResponse& a) {
  return a.response.interim_count == 0 ? Satisfied() : Violated("an interim response to HTTP/1.0");
}

// Whether a response says that its connection ends (RFC 9112 section 9.3).
bool SaysClose(const Response& response) {
  if (HasListElement(response.fields, "Connection", "close")) return true;
  // A body without a length ends where the connection does (section 6.3).
  const bool has_length =
      response.fields.Has("Content-Length") || response.fields.Has("Transfer-Encoding");
  if (!has_length && !response.content.empty()) return true;
  return response.version == 10 && !HasListElement(response.fields, "Connection", "keep-alive");
}

Finding CloseAsSaid(const CheckedResponse& a) {
  const bool said = SaysClose(a.exchange.responses.back());
  const bool ended = a.exchange.end != ConnectionEnd::kOpen;
  if (said == ended) return Satisfied();
  return Violated(said ? "the response says close, and the connection stays open"
                       : "the connection ends, and the response does not say close");
}

Finding CloseSaid(const CheckedResponse& a) {
  return SaysClose(a.exchange.responses.back()) ? Satisfied()
                                                : Violated("the response does not say close");
}

// A reset may destroy a response that the client has not read yet (RFC 9112 section 9.6).
Finding NoReset(const CheckedResponse& a) {
  return a.exchange.end == ConnectionEnd::kReset ? Violated("the connection ends with a reset")
                                                 : Satisfied();
}

constexpr Check kTransportChecks[] = {
    {"no_content", "no body", NoContent},
    {"not_chunked", "no Transfer-Encoding", NotChunkedTo10},
    {"closed_after", "the connection is closed afterwards", Closed},
    {"close_as_said", "close is said if and only if the connection ends", CloseAsSaid},
    {"close_said", "Connection: close", CloseSaid},
    {"no_reset", "an end of the connection without a reset", NoReset},
    {"continued_or_refused", "100 (Continue) or a refusal before the body is sent",
     ContinuedOrRefused},
    {"continued", "100 (Continue) before the body is sent", Continued},
    {"no_interim", "no interim response", NoInterim},
    {"one_answer", "one response and no more", OneResponse},
    {"exact_length", "the body is as long as its framing states", ExactLength},
    {"two_or_closed", "two responses, or one and a close", TwoOrClosed},
    {"no_unsolicited_response", "no bytes after a response without another request",
     NoUnsolicitedResponse},
    {"second_refused", "the second response is a refusal", SecondRefused},
    {"transport_protected", "https, or the loopback", TransportProtected},
};

}  // namespace

std::span<const Check> TransportChecks() {
  return kTransportChecks;
}

}  // namespace grantspec::checks
