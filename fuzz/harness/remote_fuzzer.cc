// Input: a whole request. It is sent to GRANTSPEC_TARGET_URL, and the answer is held to the model
// of the endpoint; what guides the engine is the coverage of that model, so that the target needs
// none.
//
// The target has to know the fixture clients, as grantspec-endpoint does; GRANTSPEC_REMOTE=standing
// asks for no more than what holds for every answer. Another host than the loopback needs
// GRANTSPEC_REMOTE_HOST=allow, receives at most GRANTSPEC_RATE requests a second (20), and for at
// most 600 s. A target that throttles requests or locks a client out ends the program.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "fixtures/endpoint/client.h"
#include "fixtures/endpoint/token_endpoint.h"
#include "fixtures/grammar/basic.h"
#include "fixtures/model/endpoint.h"
#include "fuzz/oracle/answer.h"
#include "fuzz/oracle/require.h"
#include "fuzz/remote/connection.h"

namespace grantspec::fuzz {
namespace {

RemoteTarget& Target() {
  static RemoteTarget target = RemoteTarget::FromEnvironment();
  return target;
}

// What the server below the endpoint answers by itself, or reads in a way of its own.
bool IsOutsideTheModel(const model::HeadReading& head) {
  for (char c : head.target) {
    if (c <= ' ' || c > '~') return true;
  }
  return head.chunked || head.method == "CONNECT" || head.target.find("//") != std::string::npos ||
         head.target[0] != '/' || !head.All("expect").empty() || !head.All("upgrade").empty() ||
         !head.All("connection").empty();
}

// The right login was refused. If its plain spelling is refused, too, the client is locked out, or
// unknown; else the spelling of this request is at fault, which is a finding.
void RequireLogin(const std::string& client_id) {
  static const ClientRegistry clients;
  const RegisteredClient* client = clients.Find(client_id);
  if (client == nullptr) return;
  const std::string body = "grant_type=client_credentials&scope=billing:batches:read";
  const std::string control =
      "POST " + std::string(kTokenPath) + " HTTP/1.1\r\nHost: " + Target().host() +
      "\r\nAuthorization: " + FormatClientCredentials(client->id, client->secret) +
      "\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: " +
      std::to_string(body.size()) + "\r\n\r\n" + body;
  const auto response = Target().Ask(control, false);
  if (response && response->status == 401) {
    RemoteTarget::Stop("the target refuses the right login of " + client_id +
                       " with status 401: the client is locked out, or the target does not know "
                       "the fixture clients");
  }
}

void HoldRemote(std::string_view octets) {
  const std::size_t end = octets.find("\r\n\r\n");
  // Empty lines in front may be skipped (RFC 9112 section 2.2).
  if (end == std::string_view::npos || octets[0] == '\r' || octets[0] == '\n') return;
  const model::HeadReading head = model::ReadHead(octets.substr(0, end + 4));
  const std::size_t length = head.content_length.value_or(0);
  const std::string_view rest = octets.substr(end + 4);
  if (head.refusals.empty() && (IsOutsideTheModel(head) || length > rest.size())) return;
  // A server may know HTTP/1.0 and 1.1 and no version between them and 2.
  const std::string_view line = octets.substr(0, octets.find('\r'));
  if (!line.ends_with("HTTP/1.1") && !line.ends_with("HTTP/1.0")) return;

  const bool malformed = !head.refusals.empty();
  const std::string_view sent = malformed ? octets : octets.substr(0, end + 4 + length);
  const auto response = Target().Ask(sent, head.method == "HEAD");
  if (!response) {
    Require(malformed, "a request that keeps the rules gets an answer: " + Target().problem());
    return;
  }
  if (malformed) {
    Require(response->status >= 400 && response->status < 600 &&
                (response->status < 500 || response->status == 501 || response->status == 505),
            "a malformed head is refused");
    return;
  }
  HoldStanding(*response);
  if (Target().standing_only() || head.method == "HEAD") return;
  const model::Verdict expected = model::Predict(head, rest.substr(0, length));
  if (response->status == 401 && !expected.client.empty()) RequireLogin(expected.client);
  RequireEqual(Outline(*response), Outline(expected), "the endpoint answers as its contract says");
}

}  // namespace
}  // namespace grantspec::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  grantspec::fuzz::HoldRemote({reinterpret_cast<const char*>(data), size});
  return 0;
}
