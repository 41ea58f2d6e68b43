// Where an issuer's token endpoint is and how clients log in there: authorization server metadata
// (RFC 8414) and OpenID Connect Discovery.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/engine/options/options.h"
#include "fixtures/target/auth_method.h"

namespace grantspec {

/// What a metadata document says that a run can use.
struct ServerMetadata {
  std::string issuer;
  std::string token_endpoint;
  std::vector<std::string> auth_methods;  // RFC 8414 section 2: client_secret_basic where left out
  std::vector<std::string> scopes;
};

/// The URLs at which the metadata of an issuer may be, in the order in which they are asked for:
/// RFC 8414 section 3, then OpenID Connect Discovery section 4. A path of the issuer stands behind
/// the well-known part, or before it.
///
///     MetadataUrls("https://h/a")  // "https://h/.well-known/oauth-authorization-server/a", ...
std::vector<std::string> MetadataUrls(std::string_view issuer);

/// Reads a metadata document; nothing where the text is none, or names no token endpoint.
std::optional<ServerMetadata> ReadMetadata(std::string_view text);

/// The strongest listed method that the credentials of the client allow; where several take the
/// secret, Basic first, since that is what most clients are registered for. Nothing where none
/// fits.
std::optional<AuthMethod> ChooseAuth(const ServerMetadata& metadata, const Client& client,
                                     bool has_certificate);

/// Asks the issuer of the options for its metadata, without credentials, and sets the URL and,
/// where the options name none, the method of the main client. Adds a line to `options.warnings`
/// for each assumption. Does nothing where the URL is known. Throws UsageError where there is no
/// usable document: what was asked for and what was received.
void Discover(Options& options);

}  // namespace grantspec
