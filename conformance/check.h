// What can be asked of a single answer, by name.
//
// A check is used in two ways: a case lists it for its own answer, and a standing case holds it
// against every answer of the run that it applies to.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fixtures/http/exchange.h"
#include "fixtures/target/profile.h"

namespace grantspec {

/// One answer, and what a check may want to know besides.
struct CheckedAnswer {
  const Response& response;
  const Exchange& exchange;
  bool from_token_endpoint = true;
  std::optional<std::string> requested_scope;  // empty: none; no value: cannot be told
  const std::vector<std::string>* registered;  // the client's scopes, or null where not known
  const std::vector<std::string>* secrets;     // spellings that must not come back
  const Profile* profile = nullptr;
};

/// What a check found: nothing to say, not its business, or a violation in words.
struct Finding {
  enum class Kind { kHolds, kDoesNotApply, kViolated };
  Kind kind = Kind::kHolds;
  std::string text;
};

struct Check {
  std::string_view name;
  std::string_view says;  // what is expected, for reports
  Finding (*look)(const CheckedAnswer& answer);
};

/// The check of that name, or null.
const Check* FindCheck(std::string_view name);

/// All checks, for --explain and the documentation.
const std::vector<Check>& Checks();

/// The spellings in which a secret could come back: raw, percent- and form-encoded, base64 at all
/// three alignments, hexadecimal. Secrets shorter than `octets_min` have none: they would be found
/// in innocent text.
std::vector<std::string> SpellingsOf(const std::string& secret, std::size_t octets_min);

/// Whether a secret can be told from innocent text: 8 octets at least, and no word of the protocol.
bool IsTellable(const std::string& secret);

/// The spellings of all secrets of a profile that can be told from innocent text.
std::vector<std::string> TellableSpellings(const Profile& profile);

/// The JSON of the header and the claims of a token that is a JWS, or nothing.
struct Jwt {
  std::string header, claims;
};
std::optional<Jwt> ReadJwt(std::string_view token);

}  // namespace grantspec
