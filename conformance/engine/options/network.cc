#include "conformance/engine/options/network.h"

#include <algorithm>

#include "conformance/engine/options/group.h"
#include "conformance/engine/options/limit.h"
#include "conformance/engine/options/options_check.h"

namespace grantspec {
namespace {

int Milliseconds(double seconds, const std::string& name) {
  if (!(seconds > 0) || seconds > 3600) {
    throw UsageError(name + " takes seconds, more than 0 and at most 3600");
  }
  return std::max(1, static_cast<int>(seconds * 1000));
}

// The option, or else the profile's limit, or else what is set already.
void SetTime(const CLI::Option& option, double seconds, const Profile& profile,
             const std::string& limit, int& milliseconds) {
  if (option.count() > 0) {
    milliseconds = Milliseconds(seconds, "--" + option.get_lnames().front());
  } else if (const auto value = LimitOf(profile, limit)) {
    milliseconds = Milliseconds(static_cast<double>(*value), "limits." + limit);
  }
}

}  // namespace

void NetworkGroup::DeclareTls(CLI::App& app, NetworkOptions& network) {
  OptionGroup group(app, "Network");
  group.Add("--cacert", network.cacert, "CA certificates (PEM)");
  group.Add("--capath", network.capath, "Directory of CA certificates");
  group.Add("-E,--cert", network.cert, "Client certificate (PEM)");
  group.Add("--key", network.key, "Its key (PEM)");
  OptionGroup::WithVariable(
      group.AddFlag("--allow-plaintext", network.allow_plaintext,
                    "Send credentials over plain http beyond the loopback interface (every report "
                    "says so)"));
  OptionGroup::WithVariable(group.AddFlag("-k,--insecure", network.insecure,
                                          "Do not verify the certificate (every report says so)"));
  group.Add("--pinnedpubkey", network.pinnedpubkey, "Public key that the target must have");
  group.AddFlag("--tlsv1.2", network.tls12_or_later, "TLS 1.2 or later");
  group.Add("--tls-max", network.tls_max, "Highest TLS version")
      ->check(CLI::IsMember({"1.0", "1.1", "1.2", "1.3"}));
}

void NetworkGroup::DeclareRoute(CLI::App& app, NetworkOptions& network) {
  OptionGroup group(app, "Network");
  group.AddArgument("--resolve", network.resolve, "host:port:address");
  group.AddArgument("--connect-to", network.connect_to, "host1:port1:host2:port2");
  group.Add("-x,--proxy", network.proxy, "Proxy");
  group.Add("--noproxy", network.noproxy, "Hosts without proxy");
  group.Add("--unix-socket", network.unix_socket, "Connect through this socket");
  group.AddFlag("-4,--ipv4", ipv4_, "IPv4 only");
  group.AddFlag("-6,--ipv6", ipv6_, "IPv6 only");
  connect_timeout_option_ = group.Add("--connect-timeout", connect_timeout_, "Seconds to connect");
  max_time_option_ = group.Add("-m,--max-time", max_time_, "Seconds for one request");
}

void NetworkGroup::Declare(CLI::App& app, NetworkOptions& network) {
  DeclareTls(app, network);
  DeclareRoute(app, network);
}

void NetworkGroup::Check(const NetworkOptions& network) const {
  CheckNetworkOptions(network);
  if (ipv4_ && ipv6_) throw UsageError("-4 and -6 exclude each other");
}

void NetworkGroup::Resolve(const Profile& profile, NetworkOptions& network) const {
  network.ip_version = ipv4_ ? 4 : ipv6_ ? 6 : 0;
  SetTime(*connect_timeout_option_, connect_timeout_, profile, "connect_timeout",
          network.connect_timeout_ms);
  SetTime(*max_time_option_, max_time_, profile, "max_time", network.max_time_ms);
}

}  // namespace grantspec
