#include "conformance/engine/check/check.h"

#include "conformance/engine/check/finding.h"
#include "fixtures/grammar/base64.h"

namespace grantspec {

const Check* FindCheck(std::string_view name) {
  using namespace checks;
  for (const auto& table :
       {TokenChecks(), ErrorChecks(), DisclosureChecks(), JsonChecks(), HeaderChecks(),
        ResponseHeadChecks(), ChallengeChecks(), MetadataChecks(), TransportChecks()}) {
    for (const Check& check : table) {
      if (check.name == name) return &check;
    }
  }
  return nullptr;
}

std::optional<Jwt> ReadJwt(std::string_view token) {
  const std::size_t first = token.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const std::size_t second = token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) {
    return std::nullopt;
  }
  const auto header = DecodeBase64Url(token.substr(0, first));
  const auto claims = DecodeBase64Url(token.substr(first + 1, second - first - 1));
  if (!header || !claims || !header->starts_with("{")) return std::nullopt;
  return Jwt{*header, *claims};
}

}  // namespace grantspec
