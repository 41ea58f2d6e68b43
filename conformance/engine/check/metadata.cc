// Checks of authorization server metadata (RFC 8414).

#include <algorithm>

#include "conformance/engine/check/finding.h"
#include "fixtures/grammar/json_text.h"
#include "fixtures/grammar/scope.h"
#include "fixtures/grammar/url.h"

namespace grantspec::checks {
namespace {

bool IsMetadata(const CheckedResponse& a) {
  return !a.from_token_endpoint && a.response.status == 200 && IsMeantAsJson(a);
}

Finding MetadataJson(const CheckedResponse& a) {
  if (a.from_token_endpoint || a.response.status != 200) return DoesNotApply();
  const auto object = ParseJsonObject(a.response.content);
  if (!object) return Violated(std::string(ToString(object.error())));
  for (std::string_view name : {"issuer", "response_types_supported"}) {
    if (object->Find(name) == nullptr) return Violated("no member " + Quoted(name));
  }
  return Satisfied();
}

Finding MetadataTokenEndpoint(const CheckedResponse& a) {
  if (!IsMetadata(a) || a.profile == nullptr) return DoesNotApply();
  const auto& object = a.inspection.object;
  const JsonMember* url = MemberOf(object, "token_endpoint");
  if (url == nullptr) return Violated("no member token_endpoint");
  const auto listed = ParseUrl(url->text), target = ParseUrl(a.profile->url);
  if (listed && target && listed->Authority() != target->Authority())
    return DoesNotApply();  // another name
  return listed && target && listed->ToString() == target->ToString()
             ? Satisfied()
             : Violated("token_endpoint is " + Quoted(url->text));
}

Finding MetadataIssuer(const CheckedResponse& a) {
  if (!IsMetadata(a)) return DoesNotApply();
  const auto& object = a.inspection.object;
  const JsonMember* issuer = MemberOf(object, "issuer");
  if (issuer == nullptr) return Violated("no member issuer");
  // RFC 8414 section 3: this path belongs to the issuer without a path of its own.
  const std::string origin = a.exchange.url.substr(0, a.exchange.url.find("/.well-known/"));
  std::string text = issuer->text;
  if (text.ends_with('/')) text.pop_back();
  const auto listed = ParseUrl(issuer->text), target = ParseUrl(origin);
  if (listed && target && listed->Authority() != target->Authority())
    return DoesNotApply();  // another name
  return text == origin ? Satisfied() : Violated("issuer is " + Quoted(issuer->text));
}

bool Lists(const JsonMember& member, std::string_view word) {
  return std::find(member.items.begin(), member.items.end(), word) != member.items.end();
}

Finding MetadataGrant(const CheckedResponse& a) {
  if (!IsMetadata(a)) return DoesNotApply();
  const auto& object = a.inspection.object;
  const JsonMember* grants = MemberOf(object, "grant_types_supported");
  // Left out, it stands for authorization_code and implicit (RFC 8414 section 2).
  if (grants == nullptr) return Violated("grant_types_supported is missing");
  return Lists(*grants, "client_credentials") ? Satisfied()
                                              : Violated("client_credentials is not listed");
}

Finding MetadataAuthMethod(const CheckedResponse& a) {
  if (!IsMetadata(a)) return DoesNotApply();
  const auto& object = a.inspection.object;
  const JsonMember* methods = MemberOf(object, "token_endpoint_auth_methods_supported");
  if (methods == nullptr || Lists(*methods, "client_secret_basic")) return Satisfied();
  return Violated("client_secret_basic is not listed");
}

Finding MetadataScopes(const CheckedResponse& a) {
  if (!IsMetadata(a)) return DoesNotApply();
  const auto& object = a.inspection.object;
  const JsonMember* scopes = MemberOf(object, "scopes_supported");
  if (scopes == nullptr) return DoesNotApply();
  if (scopes->kind != JsonKind::kArray) return Violated("scopes_supported is not an array");
  for (const std::string& scope : scopes->items) {
    if (!IsScopeToken(scope)) return Violated("not a scope-token: " + Quoted(scope));
  }
  return Satisfied();
}

Finding MetadataMediaType(const CheckedResponse& a) {
  if (!IsMetadata(a)) return DoesNotApply();
  const auto& media = a.inspection.media_type;
  if (media && media->type == "application" && media->subtype == "json") return Satisfied();
  return Violated("Content-Type is " +
                  Quoted(a.response.fields.First("Content-Type").value_or("missing")));
}

constexpr std::string_view kEndpoints[] = {"token_endpoint", "introspection_endpoint",
                                           "revocation_endpoint"};

// RFC 8414 section 2, for each endpoint that clients log in to.
Finding MetadataAlgorithms(const CheckedResponse& a) {
  if (!IsMetadata(a)) return DoesNotApply();
  const auto& object = a.inspection.object;
  for (std::string_view endpoint : kEndpoints) {
    const std::string prefix = std::string(endpoint) + "_auth_";
    const JsonMember* methods = MemberOf(object, prefix + "methods_supported");
    const JsonMember* algorithms = MemberOf(object, prefix + "signing_alg_values_supported");
    const bool by_jwt = methods != nullptr && (Lists(*methods, "private_key_jwt") ||
                                               Lists(*methods, "client_secret_jwt"));
    if (by_jwt && algorithms == nullptr) {
      return Violated("no " + prefix + "signing_alg_values_supported");
    }
    if (algorithms != nullptr && Lists(*algorithms, "none")) {
      return Violated(prefix + "signing_alg_values_supported lists none");
    }
  }
  return Satisfied();
}

Finding MetadataKeyUrl(const CheckedResponse& a) {
  if (!IsMetadata(a)) return DoesNotApply();
  const JsonMember* url = MemberOf(a.inspection.object, "jwks_uri");
  if (url == nullptr) return DoesNotApply();
  // Where the metadata themselves are on http, so is everything else.
  const bool plain = a.exchange.url.starts_with("http://");
  const auto parsed = ParseUrl(url->text);
  return parsed && (parsed->scheme == "https" || plain)
             ? Satisfied()
             : Violated("jwks_uri is " + Quoted(url->text));
}

// RFC 8414 section 3.2. response_types_supported is required, with or without an element.
Finding MetadataNoEmptyArrays(const CheckedResponse& a) {
  if (!IsMetadata(a) || !a.inspection.object) return DoesNotApply();
  for (const JsonMember& member : a.inspection.object->members) {
    const bool of_strings = member.kind == JsonKind::kArray && member.name.ends_with("_supported");
    if (of_strings && member.items.empty() && member.name != "response_types_supported") {
      return Violated(member.name + " is an empty array");
    }
  }
  return Satisfied();
}

constexpr Check kMetadataChecks[] = {
    {"metadata_json", "a JSON object with issuer (RFC 8414 section 2)", MetadataJson},
    {"metadata_token_endpoint", "token_endpoint is the target", MetadataTokenEndpoint},
    {"metadata_issuer", "issuer is the origin of the metadata", MetadataIssuer},
    {"metadata_grant", "client_credentials is listed", MetadataGrant},
    {"metadata_auth_method", "client_secret_basic is listed", MetadataAuthMethod},
    {"metadata_media_type", "metadata labelled application/json", MetadataMediaType},
    {"metadata_algorithms", "the algorithms of login by JWT, without none", MetadataAlgorithms},
    {"metadata_key_url", "jwks_uri is an https URL", MetadataKeyUrl},
    {"metadata_no_empty_arrays", "no array without elements", MetadataNoEmptyArrays},
    {"metadata_scopes", "scope-tokens", MetadataScopes},
};

}  // namespace

std::span<const Check> MetadataChecks() {
  return kMetadataChecks;
}

}  // namespace grantspec::checks
