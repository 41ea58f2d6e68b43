// What the files of checks share: findings, and questions that several checks ask of a response.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "conformance/engine/check/check.h"
#include "fixtures/grammar/json_text.h"
#include "fixtures/http/list_header.h"

namespace grantspec::checks {

using Kind = Finding::Kind;

// The tables, one for each file.
std::span<const Check> TokenChecks();
std::span<const Check> ErrorChecks();
std::span<const Check> DisclosureChecks();
std::span<const Check> JsonChecks();
std::span<const Check> HeaderChecks();
std::span<const Check> ResponseHeadChecks();
std::span<const Check> ChallengeChecks();
std::span<const Check> MetadataChecks();
std::span<const Check> TransportChecks();

Finding Satisfied();
Finding DoesNotApply();
Finding Violated(std::string text);

/// Whether the token endpoint granted an access token.
bool IsTokenResponse(const CheckedResponse& a);

bool IsErrorStatus(const CheckedResponse& a);

/// Whether a body means to be JSON: it is labelled so, or starts like an object.
bool IsMeantAsJson(const CheckedResponse& a);

/// Whether the request tried a Basic login: only then does RFC 6749 section 5.2 require that
/// scheme in the challenge. "Basics" and "BasicAbc" are other schemes.
bool TriedBasic(const Exchange& exchange);

/// The member of that name; null where there is no object, or no such member in it.
const JsonMember* MemberOf(const std::shared_ptr<const JsonObject>& object, std::string_view name);

/// The access token of a response; empty where it is no string, or missing.
std::string TokenOf(const CheckedResponse& a);

/// Whether a text keeps to the characters of `error` and `error_description` (RFC 6749
/// section 5.2).
bool IsErrorText(std::string_view text);

/// The value of a JSON integer; nothing for any other member, and for one of more than 18
/// characters.
std::optional<std::int64_t> IntegerOf(const JsonMember* member);

/// A text in double quotes, 4096 bytes of it at most.
std::string Quoted(std::string_view text);

/// Seconds since 1970.
std::int64_t Now();

}  // namespace grantspec::checks
