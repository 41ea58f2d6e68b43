#include "fuzz/remote/connection.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <thread>

#include "fixtures/endpoint/token_endpoint.h"
#include "fixtures/grammar/ascii.h"
#include "fixtures/grammar/url.h"
#include "fixtures/http/channel.h"
#include "fixtures/http/response_reader.h"

namespace grantspec::fuzz {
namespace {

constexpr int kConnectMsMax = 5'000;
constexpr long kRateDefault = 20;  // requests per second
constexpr int kStoppedExitCode = 2;

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

// Decided by the address, not by the name: 127.0.0.1.example.org is somebody's host.
bool IsLoopback(const sockaddr* address) {
  char text[INET6_ADDRSTRLEN] = {};
  if (address->sa_family == AF_INET) {
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(address)->sin_addr, text, sizeof text);
  } else if (address->sa_family == AF_INET6) {
    inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr, text,
              sizeof text);
  }
  return IsLoopbackAddress(text);
}

}  // namespace

void RemoteTarget::Stop(const std::string& reason) {
  std::fprintf(stderr, "remote: %s\n", reason.c_str());
  std::fflush(nullptr);
  // Not exit(): an engine takes that for a finding and saves the input.
  _exit(kStoppedExitCode);
}

RemoteTarget RemoteTarget::FromEnvironment() {
  const std::string text = Variable("GRANTSPEC_TARGET_URL");
  if (text.empty())
    RemoteTarget::Stop("GRANTSPEC_TARGET_URL is not set, e.g. http://127.0.0.1:8080/token");
  const auto url = ParseUrl(text);
  if (!url || url->scheme != "http") RemoteTarget::Stop("GRANTSPEC_TARGET_URL is no http URL");
  RemoteTarget target;
  target.host_ = url->host;
  target.port_ = url->port.empty() ? "80" : url->port;
  target.path_ = url->path;
  target.standing_only_ = Variable("GRANTSPEC_REMOTE") == "standing";
  target.any_host_ = Variable("GRANTSPEC_REMOTE_HOST") == "allow";
  const bool loopback =
      url->host == "localhost" || url->host == "[::1]" || IsLoopbackAddress(url->host);
  target.loopback_ = loopback;
  const std::string rate = Variable("GRANTSPEC_RATE");
  const long a_second = rate.empty() ? (loopback ? 0 : kRateDefault) : std::atol(rate.c_str());
  if (a_second < 0 || (!rate.empty() && a_second == 0))
    RemoteTarget::Stop("GRANTSPEC_RATE is no number");
  if (a_second > 0) target.restraint_ = Restraint(std::chrono::microseconds(1'000'000 / a_second));
  return target;
}

// Connects without waiting for longer than the limit. The socket does not block afterwards.
bool RemoteTarget::ConnectWithin(const addrinfo& address) {
  socket_ = socket(address.ai_family, address.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
                   address.ai_protocol);
  if (socket_ < 0) return false;
  if (connect(socket_, address.ai_addr, address.ai_addrlen) == 0) return true;
  if (errno != EINPROGRESS) return false;
  pollfd ready{socket_, POLLOUT, 0};
  int error = 0;
  socklen_t size = sizeof error;
  return poll(&ready, 1, kConnectMsMax) > 0 &&
         getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

bool RemoteTarget::Connect() {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* addresses = nullptr;
  std::string host = host_;
  std::erase_if(host, [](char c) { return c == '[' || c == ']'; });
  if (getaddrinfo(host.c_str(), port_.c_str(), &hints, &addresses) != 0) {
    problem_ = "no address";
    return false;
  }
  for (addrinfo* a = addresses; a != nullptr && socket_ < 0; a = a->ai_next) {
    if (!any_host_ && !IsLoopback(a->ai_addr)) {
      RemoteTarget::Stop(
          host_ + " is not on the loopback interface; GRANTSPEC_REMOTE_HOST=allow permits it");
    }
    if (!IsLoopback(a->ai_addr)) restraint_.LimitTotalTime();
    if (!ConnectWithin(*a)) EndConnection();
  }
  freeaddrinfo(addresses);
  if (socket_ < 0) {
    problem_ = "cannot connect to " + host_ + ":" + port_;
    return false;
  }
  const int on = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return true;
}

void RemoteTarget::EndConnection() {
  if (socket_ >= 0) close(socket_);
  socket_ = -1;
}

// Sends what is left and reads until there is a response, both within one limit: a target that
// sends a byte now and then does not get more time for it.
void RemoteTarget::Exchange(std::string_view bytes, ResponseReader& reader,
                            std::chrono::milliseconds limit) {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + limit;
  problem_ = "the connection was closed";
  char buffer[16 * 1024];
  while (reader.responses().empty() && reader.problem().empty()) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
    pollfd ready{socket_, static_cast<short>(bytes.empty() ? POLLIN : POLLIN | POLLOUT), 0};
    if (left.count() <= 0 || poll(&ready, 1, static_cast<int>(left.count())) <= 0) {
      problem_ = "no complete response within " + std::to_string(limit.count()) + " ms";
      return;
    }
    if (!bytes.empty() && (ready.revents & POLLOUT) != 0) {
      const ssize_t sent = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      // Refused before all was sent: the response tells.
      bytes.remove_prefix(sent > 0 ? static_cast<std::size_t>(sent) : bytes.size());
      continue;
    }
    const ssize_t came = recv(socket_, buffer, sizeof buffer, 0);
    if (came <= 0) return reader.Close();
    reader.Feed({buffer, static_cast<std::size_t>(came)});
  }
}

std::optional<Response> RemoteTarget::AskOnce(std::string_view bytes, bool head,
                                              std::chrono::milliseconds limit) {
  if (socket_ < 0 && !Connect()) return std::nullopt;
  ResponseReader reader({}, head);
  Exchange(bytes, reader, limit);
  if (reader.responses().empty()) {
    if (!reader.problem().empty()) problem_ = reader.problem();
    EndConnection();
    return std::nullopt;
  }
  Response response = reader.responses().front();
  const auto connection = response.fields.First("Connection");
  if (response.version == 10 || reader.inside() ||
      (connection && EqualsFolded(*connection, "close"))) {
    EndConnection();
  }
  return response;
}

// A connection that was kept may have been closed meanwhile: once more on a fresh one.
std::optional<Response> RemoteTarget::AskOnFresh(std::string_view bytes, bool head,
                                                 std::chrono::milliseconds limit) {
  const bool kept = socket_ >= 0;
  std::optional<Response> response = AskOnce(bytes, head, limit);
  if (!response && kept) response = AskOnce(bytes, head, limit);
  return response;
}

std::optional<Response> RemoteTarget::Ask(std::string_view bytes, bool head,
                                          std::chrono::milliseconds limit) {
  using Clock = Restraint::Clock;
  std::string own(bytes);
  const std::size_t at = own.find(kTokenPath);
  if (at != std::string::npos && at < own.find('\r')) own.replace(at, kTokenPath.size(), path_);
  while (true) {
    std::this_thread::sleep_until(restraint_.not_before());
    if (!restraint_.MaySend(Clock::now())) Stop(restraint_.stopped());
    restraint_.Sent(Clock::now());
    std::optional<Response> response = AskOnFresh(own, head, limit);
    if (!response) return response;
    switch (restraint_.Inspect(*response, Clock::now(), std::time(nullptr))) {
      case Restraint::Next::kSuspect:
        suspicion_ = restraint_.suspicion();
        return response;
      case Restraint::Next::kContinue:
        return response;
      case Restraint::Next::kRepeat:
        EndConnection();
        break;
      case Restraint::Next::kStop:
        Stop(restraint_.stopped());
    }
  }
}

}  // namespace grantspec::fuzz
