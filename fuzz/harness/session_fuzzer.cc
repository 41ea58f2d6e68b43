// Input: what several clients send on several connections, as fuzz/session/steps.h describes it.
//
// The reference endpoint and its connections run in this process. Every response is compared with
// the model's verdict for that request alone, whatever came before on its connection or another.

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fixtures/grammar/ascii.h"
#include "fixtures/grammar/token_response.h"
#include "fixtures/http/list_header.h"
#include "fixtures/http/response_reader.h"
#include "fixtures/model/connection.h"
#include "fuzz/mutants/session_subject.h"
#include "fuzz/oracle/require.h"
#include "fuzz/oracle/response.h"
#include "fuzz/session/steps.h"

namespace grantspec::fuzz {
namespace {

using model::Connection;
using model::Due;
using session::Step;

constexpr std::size_t kLengthDigitsMax = 9;

// The client's end of a connection.
class Client {
 public:
  explicit Client(LocalServer& server) : server_(&server), socket_(server.Connect()) {}
  ~Client() { close(socket_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void Send(std::string_view bytes) {
    // What the server does not read any more is lost, as on any connection.
    [[maybe_unused]] const auto sent = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    server_->Proceed();
  }

  void Receive() {
    char buffer[4096];
    ssize_t size = 0;
    while ((size = recv(socket_, buffer, sizeof buffer, 0)) > 0) {
      received.append(buffer, static_cast<std::size_t>(size));
    }
    ended = ended || size == 0;
  }

  Connection model;
  std::string received;
  bool ended = false;  // by the server

 private:
  LocalServer* server_;
  int socket_;
};

// The first message of what was received; it has to be complete.
Response Take(std::string& received, bool to_head_request) {
  const std::size_t end = received.find("\r\n\r\n");
  if (end == std::string::npos) Broken("each request is answered, and completely", received);
  Response response;
  const std::string_view head = std::string_view(received).substr(0, end + 2);
  std::size_t begin = head.find("\r\n") + 2;
  Require(ParseStatusLine(head.substr(0, begin - 2), response), "a response has a status line");
  while (begin < head.size()) {
    const std::size_t line_end = head.find("\r\n", begin);
    Require(ParseFieldLine(head.substr(begin, line_end - begin), response.fields),
            "a header of a response keeps its grammar");
    begin = line_end + 2;
  }
  std::size_t length = 0;
  if (response.status >= 200 && response.status != 204 && !to_head_request) {
    const auto stated = response.fields.First("Content-Length");
    Require(stated && !stated->empty() && stated->size() <= kLengthDigitsMax,
            "a response states its length");
    for (char c : *stated) {
      Require(IsDigit(c), "a response states its length");
      length = length * 10 + static_cast<std::size_t>(c - '0');
    }
  }
  Require(received.size() >= end + 4 + length, "a response is as long as it states");
  response.content = received.substr(end + 4, length);
  received.erase(0, end + 4 + length);
  return response;
}

// A request as a broken rule shows it.
std::string Shown(const Due& due) {
  std::string text = due.head.method + " " + due.head.target;
  for (const auto& [name, value] : due.head.fields) text += " | " + name + ": " + value;
  return text;
}

class Session {
 public:
  void Run(const std::vector<Step>& steps) {
    for (const Step& step : steps) {
      std::optional<Client>& client = clients_[step.connection];
      switch (step.kind) {
        case Step::Kind::kSend:
          Send(client, step.bytes);
          break;
        case Step::Kind::kClose:
          client.reset();
          endpoint_.server().Proceed();
          break;
        case Step::Kind::kWait:
          RequireSilence();
          break;
      }
    }
    RequireSilence();
  }

 private:
  void Send(std::optional<Client>& client, std::string_view bytes) {
    if (!client || client->ended) client.emplace(endpoint_.server());
    const std::vector<Due> due = client->model.Send(bytes);
    client->Send(bytes);
    Settle(*client, due);
  }

  // Nothing is received that no request asked for, on any connection.
  void RequireSilence() {
    endpoint_.server().Finish();
    for (std::optional<Client>& client : clients_) {
      if (client) Settle(*client, {});
    }
  }

  void Settle(Client& client, const std::vector<Due>& due) {
    client.Receive();
    for (const Due& one : due) {
      // What is malformed is no request to HEAD either: its refusal has a body.
      const bool to_head = one.kind == Due::Kind::kResponse && one.head.method == "HEAD";
      Judge(one, Take(client.received, to_head));
    }
    if (client.model.state() == Connection::State::kDoubtful && !client.received.empty()) {
      const Response refusal = Take(client.received, false);
      Require(refusal.status >= 400 && refusal.status < 600, "malformed HTTP is refused");
      client.model.End();
    }
    if (client.model.state() == Connection::State::kUnknown) {
      NoteTokens(client.received);
      client.received.clear();
      return;
    }
    RequireEqual(client.received, "", "nothing comes that no request asked for");
    const bool ends = client.model.state() == Connection::State::kEnded;
    Require(client.ended || !ends, "the connection ends after the last response");
    Require(!client.ended || ends, "a connection stays that nobody wants to end");
  }

  // Tokens that were issued where the model does not look: the endpoint is believed about them.
  void NoteTokens(std::string_view received) {
    constexpr std::string_view kMember = "\"access_token\":\"";
    for (std::size_t at = received.find(kMember); at != std::string_view::npos;
         at = received.find(kMember, at)) {
      at += kMember.size();
      const std::string token(received.substr(at, received.find('"', at) - at));
      const auto owner = endpoint_.Find(token);
      if (!owner) continue;
      const auto& scope = owner->scope.tokens();
      issued_.insert({token, {owner->client_id, {scope.begin(), scope.end()}}});
    }
  }

  void Judge(const Due& due, const Response& response) {
    if (due.kind == Due::Kind::kContinue) {
      Require(response.status == 100, "who waits for 100 (Continue) receives it");
      return;
    }
    if (HasListElement(response.fields, "Connection", "close") != due.last) {
      Broken(
          due.last ? "the last response says close" : "a response says close that is not the last",
          Shown(due), std::to_string(response.status));
    }
    if (due.kind == Due::Kind::kRefusal) {
      Require(due.head.refusals.contains(response.status), "malformed HTTP has its own status");
      return;
    }
    HoldStanding(response);
    const model::Verdict verdict = model::Predict(due.head, due.content, issued_);
    const bool to_head_request = due.head.method == "HEAD";
    const std::string expected = Outline(verdict);
    RequireEqual(Outline(response), to_head_request ? expected.substr(0, 3) : expected,
                 "a request is answered as if it were alone");
    if (!verdict.scope.empty()) JudgeToken(verdict, response);
  }

  void JudgeToken(const model::Verdict& verdict, const Response& response) {
    const auto token = ParseTokenResponse(response.content);
    Require(token.has_value(), "a token response keeps its grammar");
    const bool is_new =
        issued_.insert({token->access_token, {verdict.client, verdict.scope}}).second;
    Require(is_new, "no token is issued twice");
    const auto owner = endpoint_.Find(token->access_token);
    Require(owner.has_value(), "a token that was issued is known");
    RequireEqual(owner->client_id, verdict.client, "a token belongs to the client that asked");
  }

  subject::LocalEndpoint endpoint_;
  std::array<std::optional<Client>, session::kConnections> clients_;
  model::Grants issued_;
};

}  // namespace
}  // namespace grantspec::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto steps = grantspec::session::ReadSteps(input);
  if (!steps.empty()) grantspec::fuzz::Session().Run(steps);
  return 0;
}
