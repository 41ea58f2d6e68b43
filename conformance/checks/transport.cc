// Checks of framing, connections and TLS (RFC 9112).

#include "conformance/checks/finding.h"
#include "conformance/response_class.h"

namespace grantspec::checks {
namespace {

Finding NoContent(const CheckedResponse& a) {
  return a.response.content.empty() && a.exchange.leftover.empty()
             ? Holds()
             : Violated("the response has a body");
}

Finding NotChunkedTo10(const CheckedResponse& a) {
  return a.response.fields.Has("Transfer-Encoding")
             ? Violated("Transfer-Encoding in a response to HTTP/1.0")
             : Holds();
}

Finding Closed(const CheckedResponse& a) {
  return a.exchange.end == ConnectionEnd::kOpen ? Violated("the connection stayed open") : Holds();
}

Finding OneAnswer(const CheckedResponse& a) {
  return a.exchange.responses.size() > 1 || !a.exchange.leftover.empty()
             ? Violated("more than one response was received")
             : Holds();
}

Finding ExactLength(const CheckedResponse& a) {
  if (a.response.content_cut) return DoesNotApply();
  if (!a.exchange.leftover.empty() && a.exchange.responses.size() == 1) {
    return Violated("bytes follow the body");
  }
  return Holds();
}

Finding TwoOrClosed(const CheckedResponse& a) {
  if (a.exchange.responses.size() >= 2 || a.exchange.end != ConnectionEnd::kOpen) return Holds();
  return Violated("one response for two requests, and the connection stays open");
}

Finding SecondRefused(const CheckedResponse& a) {
  if (a.exchange.responses.size() < 2) return Holds();
  const Response& second = a.exchange.responses[1];
  if (second.status >= 500) return DoesNotApply();  // no_server_error finds it
  return second.status >= 400 && second.status < 500 && !HoldsToken(second)
             ? Holds()
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
      return Holds();
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
  return a.exchange.raw || a.exchange.channel == Channel::kTls ? DoesNotApply() : Holds();
}

constexpr Check kTransportChecks[] = {
    {"no_content", "no body", NoContent},
    {"not_chunked", "no Transfer-Encoding", NotChunkedTo10},
    {"closed_after", "the connection is closed afterwards", Closed},
    {"one_answer", "one response and no more", OneAnswer},
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
