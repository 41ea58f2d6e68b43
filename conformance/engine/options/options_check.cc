#include "conformance/engine/options/options_check.h"

#include <arpa/inet.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "conformance/engine/bind/binder.h"
#include "conformance/engine/report/report.h"
#include "fixtures/grammar/ascii.h"
#include "fixtures/grammar/base64.h"
#include "fixtures/grammar/url.h"
#include "fixtures/tls/certificate.h"

namespace grantspec {
namespace {

constexpr std::size_t kUserFileBytesMax = 64 * 1024;
constexpr std::size_t kSha256Bytes = 32;

bool HasControl(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
  });
}

// The parts of a text between colons; those inside the brackets of an IPv6 address do not count.
std::vector<std::string> SplitAtColons(std::string_view text) {
  std::vector<std::string> parts(1);
  bool inside = false;
  for (const char c : text) {
    if (c == '[') inside = true;
    if (c == ']') inside = false;
    if (c == ':' && !inside) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

bool IsPort(std::string_view text) {
  const bool digits = !text.empty() && text.size() <= 5 &&
                      std::all_of(text.begin(), text.end(), [](char c) { return IsDigit(c); });
  if (!digits) return false;
  const int port = std::stoi(std::string(text));
  return port > 0 && port <= 65'535;
}

bool IsAddress(std::string text) {
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  text.resize(std::min(text.find('%'), text.size()));  // the zone of a link-local address
  in6_addr address{};
  return inet_pton(AF_INET, text.c_str(), &address) == 1 ||
         inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

bool IsHost(std::string_view text) {
  if (text.starts_with('[')) return text.ends_with(']') && IsAddress(std::string(text));
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && c != 0x7f &&
           std::string_view("/?#@[]:\"<>\\^`{|}").find(c) == std::string_view::npos;
  });
}

// host:port:address[,address]..., with + before it for entries that expire; -host:port removes one.
void CheckResolve(const std::string& text) {
  const bool removes = text.starts_with('-');
  const std::vector<std::string> parts =
      SplitAtColons(std::string_view(text).substr(removes || text.starts_with('+') ? 1 : 0));
  bool good = parts.size() >= 2 && (parts[0] == "*" || IsHost(parts[0])) && IsPort(parts[1]) &&
              (removes ? parts.size() == 2 : parts.size() >= 3);
  if (good && !removes) {
    // An IPv6 address may stand without brackets: everything after the port belongs to the list.
    std::string list = parts[2];
    for (std::size_t i = 3; i < parts.size(); ++i) list += ":" + parts[i];
    for (std::size_t at = 0; good && at <= list.size();) {
      const std::size_t comma = std::min(list.find(',', at), list.size());
      good = IsAddress(list.substr(at, comma - at));
      at = comma + 1;
    }
  }
  if (!good) throw UsageError("--resolve takes host:port:address, not \"" + text + "\"");
}

void CheckConnectTo(const std::string& text) {
  const std::vector<std::string> parts = SplitAtColons(text);
  const bool good = parts.size() == 4 && (parts[0].empty() || IsHost(parts[0])) &&
                    (parts[1].empty() || IsPort(parts[1])) &&
                    (parts[2].empty() || IsHost(parts[2])) &&
                    (parts[3].empty() || IsPort(parts[3]));
  if (!good) throw UsageError("--connect-to takes host1:port1:host2:port2, not \"" + text + "\"");
}

void CheckProxy(const std::string& proxy) {
  // The text may contain a password: messages do not repeat it.
  std::string_view rest = proxy;
  if (const std::size_t scheme = rest.find("://"); scheme != std::string_view::npos) {
    const std::string name = ToLower(rest.substr(0, scheme));
    const std::vector<std::string_view> known = {"http",    "https",  "socks4",
                                                 "socks4a", "socks5", "socks5h"};
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      throw UsageError("--proxy takes an http, https, socks4, socks4a, socks5 or socks5h proxy");
    }
    rest.remove_prefix(scheme + 3);
  }
  if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos) {
    rest.remove_prefix(at + 1);
  }
  rest = rest.substr(0, rest.find('/'));
  const std::vector<std::string> parts = SplitAtColons(rest);
  const bool good =
      IsHost(parts[0]) && parts.size() <= 2 && (parts.size() == 1 || IsPort(parts[1]));
  if (!good || HasControl(proxy)) throw UsageError("--proxy takes [scheme://]host[:port]");
}

void CheckPinnedKey(const std::string& pin) {
  constexpr std::string_view kPrefix = "sha256//";
  if (!pin.starts_with(kPrefix)) {
    CheckReadable(pin);
    return;
  }
  for (std::size_t at = 0; at <= pin.size();) {
    const std::size_t end = std::min(pin.find(';', at), pin.size());
    const std::string_view one = std::string_view(pin).substr(at, end - at);
    const bool prefixed = one.starts_with(kPrefix);
    const auto key = DecodeBase64(one.substr(prefixed ? kPrefix.size() : 0));
    if (!prefixed || !key || key->size() != kSha256Bytes) {
      throw UsageError(
          "--pinnedpubkey takes a file, or sha256//BASE64 of a SHA-256 digest, several with ;");
    }
    at = end + 1;
  }
}

void CheckDirectory(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) == 0 && !S_ISDIR(status.st_mode)) {
    throw UsageError("--capath " + path + ": is not a directory");
  }
  if (stat(path.c_str(), &status) != 0) CheckReadable(path);
}

void CheckSocket(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) {
    CheckReadable(path);
  } else if (!S_ISSOCK(status.st_mode)) {
    throw UsageError("--unix-socket " + path + ": is not a socket");
  }
}

// The file that a path leads to, to detect two spellings of one file.
std::string Canonical(const std::string& path) {
  std::error_code error;
  // A relative path of which nothing exists would stay relative.
  const std::filesystem::path from = std::filesystem::absolute(path, error);
  const std::filesystem::path out = std::filesystem::weakly_canonical(from, error);
  return error ? path : out.string();
}

}  // namespace

void CheckHeader(const std::string& header) {
  const std::size_t end = header.find_first_of(":;");
  const std::string name = header.substr(0, end);
  const bool token = !name.empty() && std::all_of(name.begin(), name.end(), IsTchar);
  // As in curl, `Name;` is a header with an empty value.
  const bool empty_value =
      end != std::string::npos && header[end] == ';' && end + 1 == header.size();
  const bool has_colon = end != std::string::npos && header[end] == ':';
  if (!token || (!has_colon && !empty_value) || HasControl(header)) {
    throw UsageError("-H takes \"Name: value\" on one line; this header is malformed");
  }
  for (std::string_view own : {"Content-Type", "Content-Length", "Transfer-Encoding"}) {
    if (!EqualsFolded(name, own)) continue;
    throw UsageError(std::string(own) +
                     " follows from the content of each request; for a JSON body "
                     "there is --switch body=json");
  }
}

void CheckCertificate(const std::string& path) {
  if (tls::CertificateInFile(path) != nullptr) return;
  throw FileError({path, 0}, "it has no certificate in PEM");
}

void CheckNetworkOptions(const NetworkOptions& network) {
  for (const std::string& header : network.headers) CheckHeader(header);
  if (HasControl(network.user_agent)) throw UsageError("-A takes text without control characters");
  for (const std::string& one : network.resolve) CheckResolve(one);
  for (const std::string& one : network.connect_to) CheckConnectTo(one);
  if (!network.proxy.empty()) CheckProxy(network.proxy);
  const std::pair<const char*, const std::string*> files[] = {
      {"--cacert ", &network.cacert}, {"--cert ", &network.cert}, {"--key ", &network.key}};
  const auto check = [](const char* option, const std::string& path,
                        void (*function)(const std::string&)) {
    if (path.empty()) return;
    try {
      function(path);
    } catch (const FileError& error) {
      throw UsageError(option + std::string(error.what()));
    }
  };
  for (const auto& [option, path] : files) check(option, *path, CheckReadable);
  check("--cert ", network.cert, CheckCertificate);
  check("--capath ", network.capath, CheckDirectory);
  check("--unix-socket ", network.unix_socket, CheckSocket);
  check("--pinnedpubkey ", network.pinnedpubkey, CheckPinnedKey);
}

std::vector<const std::string*> ReportPaths(const Options& options) {
  return {&options.report_json, &options.report_junit,    &options.report_sarif,
          &options.report_html, &options.report_markdown, &options.badge,
          &options.statement};
}

void CheckOutputPaths(const Options& options) {
  std::vector<const std::string*> paths = ReportPaths(options);
  if (options.update_waivers) {
    if (options.waivers.empty()) throw UsageError("--update-waivers needs --waivers FILE");
    paths.push_back(&options.waivers);
  }
  std::vector<std::string> seen;
  try {
    for (const std::string* path : paths) {
      if (path->empty()) continue;
      CheckWritable(*path);
      const bool replaced = IsReplaced(*path);
      if (path == &options.waivers && !replaced) {
        throw UsageError("--update-waivers needs a file, not " + *path);
      }
      if (!replaced && !IsStandardOutput(*path)) continue;
      const std::string name = replaced ? Canonical(*path) : "-";
      if (std::find(seen.begin(), seen.end(), name) != seen.end()) {
        throw UsageError("two reports would go to " + *path);
      }
      seen.push_back(name);
    }
    const bool read = !options.waivers.empty() && !options.update_waivers;
    if (read && std::find(seen.begin(), seen.end(), Canonical(options.waivers)) != seen.end()) {
      throw UsageError("a report would replace the waiver file " + options.waivers);
    }
  } catch (const WriteError& error) {
    throw UsageError(error.what());
  }
}

void CheckWritablePath(const std::string& path) {
  try {
    CheckWritable(path);
  } catch (const WriteError& error) {
    throw UsageError(error.what());
  }
}

void CheckReferenceUrl(const std::string& url) {
  if (url.empty()) return;
  if (!PlaceOf(url)) {
    throw UsageError("--reference takes the URL of a token endpoint, https://host/path");
  }
  if (!ParseUrl(url)->userinfo.empty()) {
    throw UsageError("the URL of --reference carries user information; remove it");
  }
}

std::string ReadUserFile(const std::string& path) {
  std::string text = ReadFile(path, kUserFileBytesMax);
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

}  // namespace grantspec
