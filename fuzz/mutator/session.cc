// Mutates what several clients do: whole requests, and how they are spread over connections and
// writes.

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "fuzz/mutator/mutator.h"
#include "fuzz/mutator/parts.h"
#include "fuzz/session/steps.h"

namespace grantspec::mutator {
namespace {

using session::Step;
using Steps = std::vector<Step>;

constexpr std::size_t kTokensTried = 6;

// The pairs of clients that differ in what they may have, and some that fail.
constexpr std::string_view kPairs[] = {"s6BhdRkqt3:gX1fBat3bV",       "s6BhdRkqt3:gX1fBat3bV",
                                       "partner-second:sec0ndSecret", "partner-read:r3adOnlySecret",
                                       "partner-brief:br1efTokens",   "s6BhdRkqt3:wrong",
                                       "partner-second:wrong",        "nobody:x",
                                       "partner-suspended:susp3nded", "partner-nogrant:n0Grant4u"};
constexpr std::string_view kBodies[] = {
    "grant_type=client_credentials&scope=billing:batches:read",
    "grant_type=client_credentials&scope=billing:batches:read",
    "grant_type=client_credentials&scope=billing:batches:submit",
    "grant_type=client_credentials&scope=billing:customers:read",
    "grant_type=client_credentials&scope=billing:customers:read+billing:batches:read",
    "grant_type=client_credentials&scope=no:such:scope",
    "grant_type=password",
    ""};
constexpr std::string_view kConnectionFields[] = {
    "Connection: close",      "Connection: Close",        "Connection: CLOSE",
    "Connection: keep-alive", "Connection: X-Hop, close", "Connection: close,X-Hop",
    "Connection: closed",     "Expect: 100-continue"};
constexpr std::string_view kOtherLines[] = {"OPTIONS /billing/oauth2/token",
                                            "TRACE /billing/oauth2/token",
                                            "HEAD /billing/oauth2/token",
                                            "GET /.well-known/oauth-authorization-server",
                                            "GET /nothing",
                                            "BREW /billing/oauth2/token"};
constexpr std::string_view kMalformed[] = {"nonsense\r\n\r\n",
                                           "POST /billing/oauth2/token HTTP/1.1\r\n\r\n",
                                           "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
                                           "GET / HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n",
                                           "\r\n",
                                           "\r"};

std::string WithBody(std::string head, std::string_view body) {
  return std::move(head) + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

std::string TokenRequest(Random& random) {
  std::string head = "POST /billing/oauth2/token HTTP/1.1\r\nHost: a\r\n";
  if (!random.OneIn(6)) head += "Authorization: Basic " + Encoded64(random.OneOf(kPairs)) + "\r\n";
  head += "Content-Type: ";
  head += random.OneIn(8) ? "text/plain\r\n" : "application/x-www-form-urlencoded\r\n";
  if (random.OneIn(5)) head += std::string(random.OneOf(kConnectionFields)) + "\r\n";
  return WithBody(std::move(head), random.OneOf(kBodies));
}

// The resource, with a token that the endpoint has perhaps issued: its tokens are counted.
std::string ResourceRequest(Random& random) {
  std::string bytes(32, '\0');
  bytes[0] = static_cast<char>(1 + random.Below(kTokensTried));
  std::string token = Encoded64(bytes);
  while (token.ends_with('=')) token.pop_back();
  const bool read = random.OneIn(2);
  return std::string(read ? "GET /billing/sites/site-1/customers"
                          : "POST /billing/sites/site-1/batches") +
         " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + token + "\r\nContent-Length: 0\r\n\r\n";
}

std::string AnyRequest(Random& random) {
  switch (random.Below(10)) {
    case 0:
      return std::string(random.OneOf(kOtherLines)) + " HTTP/1.1\r\nHost: a\r\n\r\n";
    case 1:
      return std::string(random.OneOf(kMalformed));
    case 2:
    case 3:
      return ResourceRequest(random);
    default:
      return TokenRequest(random);
  }
}

std::size_t AnyConnection(Random& random) {
  return random.OneIn(2) ? 0 : random.Below(session::kConnections);
}

void AddStep(Steps& steps, Step step, Random& random) {
  const std::size_t at = random.OneIn(2) ? steps.size() : random.Below(steps.size() + 1);
  steps.insert(steps.begin() + static_cast<std::ptrdiff_t>(at), std::move(step));
}

void Insert(Steps& steps, Random& random) {
  const std::size_t connection = AnyConnection(random);
  for (std::size_t n = 1 + random.Below(3); n > 0; --n) {
    AddStep(steps, {Step::Kind::kSend, connection, AnyRequest(random)}, random);
  }
}

void Drop(Steps& steps, Random& random) {
  steps.erase(steps.begin() + static_cast<std::ptrdiff_t>(random.Below(steps.size())));
}

void Repeat(Steps& steps, Random& random) {
  const Step step = steps[random.Below(steps.size())];
  const std::size_t times = random.OneIn(4) ? 7 : 1 + random.Below(2);
  for (std::size_t n = 0; n < times && steps.size() < session::kStepsMax; ++n) {
    steps.push_back(step);
  }
}

void Swap(Steps& steps, Random& random) {
  std::swap(steps[random.Below(steps.size())], steps[random.Below(steps.size())]);
}

void OtherConnection(Steps& steps, Random& random) {
  steps[random.Below(steps.size())].connection = AnyConnection(random);
}

// One write becomes two; mostly where a server looks: after a byte, in a name, in the body.
void SplitWrite(Steps& steps, Random& random) {
  const std::size_t which = random.Below(steps.size());
  std::string& bytes = steps[which].bytes;
  if (bytes.size() < 2) return;
  std::size_t at = 1 + random.Below(bytes.size() - 1);
  const std::size_t host = bytes.find("\r\nHo"), end = bytes.find("\r\n\r\n");
  const std::size_t choice = random.Below(5);
  if (choice == 0) at = 1;
  if (choice == 1 && host != std::string::npos) at = host + 4;
  if (choice == 2 && end != std::string::npos) at = end + 4;
  if (choice == 3 && end != std::string::npos) at = end + 4 + random.Below(32);
  if (at >= bytes.size()) return;
  Step rest = steps[which];
  rest.bytes = bytes.substr(at);
  bytes.resize(at);
  steps.insert(steps.begin() + static_cast<std::ptrdiff_t>(which + 1), std::move(rest));
}

// Two writes become one: requests that do not wait for a response.
void JoinWrites(Steps& steps, Random& random) {
  const std::size_t which = random.Below(steps.size());
  if (which + 1 >= steps.size()) return;
  Step& one = steps[which];
  const Step& next = steps[which + 1];
  if (one.kind != Step::Kind::kSend || next.kind != Step::Kind::kSend) return;
  one.bytes += next.bytes;
  steps.erase(steps.begin() + static_cast<std::ptrdiff_t>(which + 1));
}

void Close(Steps& steps, Random& random) {
  AddStep(steps, {Step::Kind::kClose, AnyConnection(random)}, random);
}

void Wait(Steps& steps, Random& random) {
  if (random.OneIn(4)) AddStep(steps, {Step::Kind::kWait}, random);
}

void OneRequest(Steps& steps, Random& random) {
  Step& step = steps[random.Below(steps.size())];
  if (step.kind == Step::Kind::kSend) step.bytes = MutateRequest(step.bytes, random);
}

void Bytes(Steps& steps, Random& random) {
  Step& step = steps[random.Below(steps.size())];
  step.bytes = MutateBytes(std::move(step.bytes), random);
}

// What matters most stands in the table several times.
using Change = void (*)(Steps&, Random&);
constexpr Change kChanges[] = {Insert,          Insert,     Insert,     Drop,  Repeat, Swap,
                               OtherConnection, SplitWrite, SplitWrite, Close, Wait,   JoinWrites,
                               JoinWrites,      OneRequest, OneRequest, Bytes};

}  // namespace

std::string MutateSession(std::string_view bytes, Random& random) {
  Steps steps = session::ReadSteps(bytes);
  if (steps.empty()) {
    Insert(steps, random);
  } else {
    kChanges[random.Below(std::size(kChanges))](steps, random);
  }
  return session::WriteSteps(steps);
}

}  // namespace grantspec::mutator
