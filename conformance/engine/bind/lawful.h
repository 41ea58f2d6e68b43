// What a profile says of a target as a whole and what therefore is lawful in every case, so that no
// case has to repeat it.

#pragma once

#include <cstddef>
#include <set>
#include <string>

#include "conformance/engine/case/case.h"
#include "conformance/engine/response/inspection.h"
#include "fixtures/target/profile.h"

namespace grantspec {

/// Adds the responses that the switches of a profile make lawful or tolerable: with
/// `grant.unknown = either`, `unauthorized_client` beside `unsupported_grant_type`, since a grant
/// that does not exist is one that the client may not use (RFC 6749 section 5.2); without a
/// contract, a warning for `unauthorized_client` where `invalid_client` is right.
void AddLawfulResponses(const Profile& profile, Expectation& expect);

/// Whether a response is the page of a firewall and no JSON object: a 403 where the profile has
/// `waf = present`, or a page that says so in the words of a common product.
bool IsFirewallPage(const Profile& profile, const Inspection& received);

/// Whether a step is sent to a protected resource of the profile.
bool IsAtResource(const StepSpec& step);

/// How long to wait for what may follow a response, at a target as slow as its control request was:
/// a pause that a slow target does not outlast would make its verdict depend on the moment.
int LingerFor(const Profile& profile, int linger_ms);

/// How long a case of so many requests may take, where it may take `within_ms` at a target that
/// responds at once: a target with one worker serves them one after the other.
double AllowedMs(const Profile& profile, int within_ms, std::size_t requests);

/// Whether a target that reported `granted` for a request that was to get `wanted` only added
/// scopes of its own, and its profile says that it does (RFC 6749 section 3.3).
bool IsReportedAddition(const Profile& profile, const std::set<std::string>& wanted,
                        const std::set<std::string>& granted);

}  // namespace grantspec
