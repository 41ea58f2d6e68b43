// Learning from a target that is known to be good: which of the choices that standards leave open
// it made, written down as a profile. What is asked are cases of the suite, the harmless ones.

#pragma once

#include <string>
#include <vector>

#include "conformance/case_file.h"
#include "conformance/record.h"
#include "fixtures/target/profile.h"

namespace grantspec {

/// A switch as a target showed it.
struct Observed {
  std::string name;   // of the switch
  std::string value;  // one of its values
  std::string note;   // what was seen, for the person who reads the profile
};

/// The cases whose answers tell of a switch: none that sends octets no client would send, none
/// outside the tier `safe`.
std::vector<const Case*> TellingCases(const std::vector<Case>& cases);

/// What the answers to them say, in the order of the switches. A switch that no answer told of is
/// left out.
std::vector<Observed> Observe(const RunRecord& record);

/// The profile as a file: the target's URL, its client (the secret by the name of a variable), the
/// scopes, and each switch with its note.
///
///     "scope.missing": {"is": "default",
///                       "note": "what a request without scope gets; scope.omitted was answered:
///                       token"}
std::string ProfileText(const RunRecord& record, const Profile& profile,
                        const std::vector<Observed>& observed);

}  // namespace grantspec
