// Learns a profile from a target that is known to be good: which of the choices that standards
// leave open it made. Only harmless cases of the suite are run for that.

#pragma once

#include <string>
#include <vector>

#include "conformance/engine/case/case_file.h"
#include "conformance/engine/record/record.h"
#include "fixtures/target/profile.h"

namespace grantspec {

/// A switch as it was observed at a target.
struct Observed {
  std::string name;   // of the switch
  std::string value;  // one of its values
  std::string note;   // what was observed, for the person who reads the profile
};

/// The cases whose responses decide a switch. None of them sends a raw request, and none is outside
/// the tier `safe`.
std::vector<const Case*> SwitchCases(const std::vector<Case>& cases);

/// The switches that the responses of these cases decide, in the order of the documentation. A
/// switch that no response decides is left out.
std::vector<Observed> Observe(const RunRecord& record);

/// The profile as a file: the target's URL, its client (the secret by the name of a variable), the
/// scopes, and each switch with its note.
///
///     "scope.missing": {"is": "default",
///                       "note": "what a request without scope gets; scope.omitted got:
///                       token"}
std::string ProfileText(const RunRecord& record, const Profile& profile,
                        const std::vector<Observed>& observed);

}  // namespace grantspec
