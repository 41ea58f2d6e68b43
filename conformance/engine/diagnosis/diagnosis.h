// From the findings of a run to their causes: findings with the same symptom are one defect.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "conformance/engine/diagnosis/decision.h"
#include "conformance/engine/record/cause.h"
#include "conformance/engine/record/record.h"

namespace grantspec {

/// The causes of what fails, warns or is waived in a run, most severe first. Pure: the record
/// decides. Findings with one key are one group: the kind of miss; the decision, where a token was
/// issued or a valid request was refused; the fingerprint of the response, where there is one. A
/// case about all responses joins the group that has most of the cases it names. Groups that
/// a known defect explains together are merged (merge.h).
std::vector<Cause> Diagnose(const RunRecord& record);

/// Writes the causes into the record, and the id of its cause into each case.
void AttributeCauses(RunRecord& record);

/// The kind of miss of a case that fails, warns or is waived.
MissKind KindOf(const RecordedCase& recorded);

/// What all findings of a group have in common, apart from kind and decision: a fingerprint, or the
/// name of a check.
std::string SymptomOf(MissKind kind, const RecordedCase& recorded);

/// The exchange that decided a case, or null where none is recorded.
const RecordedExchange* DecidingExchange(const RecordedCase& recorded);

/// What passes in a case, without what is tolerated: "invalid_client or invalid_request".
std::string_view PassingOf(const RecordedCase& recorded);

/// What the target decided wrongly in a case with that kind of miss.
const Decision& DecisionIn(const RecordedCase& recorded, MissKind kind);

/// Whether a case is a finding that needs a cause.
bool NeedsCause(const RecordedCase& recorded);

}  // namespace grantspec
