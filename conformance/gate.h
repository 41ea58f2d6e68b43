// What the programs of the suite have in common: how a run begins, what it ends with, where its
// reports go.

#pragma once

#include <ctime>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "conformance/clause.h"
#include "conformance/options.h"
#include "conformance/plan.h"
#include "conformance/record.h"
#include "conformance/run.h"
#include "conformance/waiver.h"

namespace grantspec {

/// Exit codes, as the README's table has them.
inline constexpr int kNoFailure = 0, kFailures = 1, kUsage = 2, kNothingJudged = 3, kWaivers = 4,
                     kIncomplete = 5, kInternal = 70;

/// The folder with cases and clauses: where GRANTSPEC_DATA says, share/grantspec of an
/// installation, or conformance/ of the sources.
std::filesystem::path DataFolder();

/// A point of time as RFC 3339 has it, in UTC.
std::string Rfc3339(std::time_t when);

/// A record with what is known before anything is sent.
RunRecord StartRecord(const Options& options, const Clauses& clauses);

/// Takes the target's URL apart and tells network and record of it. Throws UsageError where there
/// is no target.
TargetPlace PlaceTarget(Options& options, RunRecord& record);

/// Waits, without credentials, for as long as --wait-for says until the target responds; then sends
/// the control request, once. Returns why the target cannot be judged, or nothing. Throws UsageError
/// where the control request must not be sent: the options have to change.
std::optional<std::string> PreflightInTime(SuiteRun& run, Options& options);

/// Sets the exit code that a run ends with, and the sentence for it. `attention` has a line for
/// each waiver that needs some.
void Conclude(RunRecord& record, const Options& options, bool selected_any,
              const std::vector<std::string>& attention);

/// Writes what reports were asked for; false, and a line on stderr, where one could not be written.
bool WriteReports(const RunRecord& record, const Options& options);

/// Writes the file of waivers anew for what fails now, where that was asked for.
void UpdateWaivers(const RunRecord& record, const Options& options,
                   const std::vector<Waiver>& known);

/// From now on the first SIGINT or SIGTERM lets requests in flight end and reports be written; the
/// second one kills.
void EndGentlyOnSignals();
bool WasInterrupted();

}  // namespace grantspec
