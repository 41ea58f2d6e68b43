// What a miss costs: one table by the kind of miss, so that no case decides it by its label.

#pragma once

#include "conformance/engine/case/case.h"
#include "conformance/engine/case/verdict.h"
#include "fixtures/target/profile.h"

namespace grantspec {

/// The kinds of misses that cost the same in every case.
enum class Miss {
  kGrant,        // a token or a scope for a request that must not get it, or another client's
  kDisclosure,   // a secret, a token or an Authorization value in a response
  kEnumeration,  // status, error code or challenge show which clients exist
  kMayBeLawful,  // a header is missing that a conformant target may leave out: a warning at most
  kExpectation,  // anything else: the level of the case decides
};

/// What a miss costs under a profile: the table for its kind, or the level of the case where that
/// is more. What may be lawful costs no more than a warning.
Outcome CostOf(Miss miss, Level level, const Profile& profile);

/// The kind of miss where a check is violated.
Miss MissOf(const Check& check);

/// The kind of miss where a property of two responses is not as a case of a level wants it.
/// `same_challenges`: whether their challenges are alike.
Miss MissOf(Related what, bool same, Level level, bool same_challenges = true);

}  // namespace grantspec
