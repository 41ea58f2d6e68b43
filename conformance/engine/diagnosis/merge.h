// Groups of findings that are one defect all the same: cases about all responses, and rules.

#pragma once

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/engine/record/cause.h"
#include "conformance/engine/record/record.h"

namespace grantspec {

/// One defect that shows in several groups of one kind.
struct MergeRule {
  std::string_view id;  // part of the cause's id: never changed
  MissKind kind;
  std::initializer_list<std::string_view> needs;    // decisions: all have to be among the groups
  std::initializer_list<std::string_view> absorbs;  // beginnings of decisions
  std::string_view title;
  // Cases of other decisions in which this response passes, too: "invalid_client".
  std::string_view absorbs_passing = {};
  // Groups of this kind, too: of the decisions that it absorbs, or of several.
  std::optional<MissKind> also = {};
  std::string_view category = {};  // cases of this category alone; empty: of any
};

/// Findings with one key.
struct FindingGroup {
  MissKind kind = MissKind::kCheckFailed;
  std::string_view decision;  // empty: several
  std::string symptom;        // fingerprint of the response, or name of the check
  std::vector<std::size_t> cases;
  const MergeRule* rule = nullptr;  // that made it of several groups
};

/// The rules, the most far-reaching ones first.
std::span<const MergeRule> MergeRules();

/// Applies the rules. Moves each case about all responses to the group that has most of the cases
/// it names, where that group and those of the case's own kind have half of them or more. Merges
/// valid requests of many kinds that one response refuses, and checks that say the same of a
/// response or are about one member of it.
void MergeGroups(const RunRecord& record, std::vector<FindingGroup>& groups);

}  // namespace grantspec
