#include "conformance/engine/response/firewall.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>

#include "fixtures/grammar/ascii.h"

namespace grantspec {
namespace {

constexpr std::size_t kReadBytesMax = 16 * 1024;

// What the pages of common firewalls say, in lower case.
constexpr std::string_view kWords[] = {
    "the requested url was rejected. please consult with your administrator",  // F5
    "attention required! | cloudflare",
    "sorry, you have been blocked",
    "incapsula incident",
    "mod_security",
    "modsecurity",
    "reference #",  // Akamai
    "web application firewall",
    "the request is blocked",  // Azure Front Door
    "request has been blocked",
    "request blocked",
    "website firewall",  // Sucuri
    "fortiweb",
    "wordfence",
    "naxsi",
};

}  // namespace

bool NamesFirewall(const Response& response) {
  const std::string page = ToLower(std::string_view(response.content).substr(0, kReadBytesMax));
  return std::any_of(std::begin(kWords), std::end(kWords), [&page](std::string_view words) {
    return page.find(words) != std::string::npos;
  });
}

}  // namespace grantspec
