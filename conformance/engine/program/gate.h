// What the programs of the suite have in common: how a run begins, what it ends with, where its
// reports go.

#pragma once

#include <ctime>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "conformance/engine/bind/binder.h"
#include "conformance/engine/case/clause.h"
#include "conformance/engine/options/options.h"
#include "conformance/engine/record/conclusion.h"
#include "conformance/engine/record/record.h"
#include "conformance/engine/record/waiver.h"
#include "conformance/engine/report/console.h"
#include "conformance/engine/run/run.h"

namespace grantspec {

/// The directory with cases and clauses: GRANTSPEC_DATA, share/grantspec of an
/// installation, or conformance/ of the sources.
std::filesystem::path DataFolder();

/// A point of time as RFC 3339 has it, in UTC.
std::string Rfc3339(std::time_t when);

/// A record with what is known before anything is sent.
RunRecord StartRecord(const Options& options, const Clauses& clauses);

/// How the options want the console output.
ConsoleStyle ConsoleStyleOf(const Options& options);

/// Parses the target's URL and writes it into the network options and the record. Throws UsageError
/// where no target is named.
TargetPlace PlaceTarget(Options& options, RunRecord& record);

/// Waits, without credentials, for as long as --wait-for says until the target responds; then sends
/// the control request, once. Returns why the target cannot be judged, or nothing. Throws
/// UsageError where the control request must not be sent: the options have to change.
std::optional<std::string> PreflightInTime(SuiteRun& run, Options& options);

/// The first case of a record that makes the exit code that of a failure, under the waivers and the
/// case set of the run; or nothing. For --fail-fast, while the run is under way.
std::optional<std::string> FirstFailure(RunRecord so_far, const Options& options,
                                        const std::vector<Waiver>& waivers,
                                        const std::vector<Case>& cases);

/// The causes of a record under the waivers: what is waived is less severe. They index its cases.
std::vector<Cause> CausesUnderWaivers(RunRecord so_far, const std::vector<Waiver>& waivers,
                                      const std::vector<Case>& cases);

/// Sets the exit code that a run ends with, and the sentence for it. `attention` has a line for
/// each waiver that needs some.
void Conclude(RunRecord& record, const Options& options, const std::vector<std::string>& attention);

/// Ends a run: its findings have causes, known failures are waived, the exit code is known. Returns
/// what needs attention of the waivers.
std::vector<std::string> Settle(RunRecord& record, const Options& options,
                                const std::vector<Waiver>& waivers, const std::vector<Case>& cases);

/// Where a report is written to standard output, everything else is printed on stderr.
void KeepOutputForReport(const Options& options);

/// Writes the reports of the options; false, and a line on stderr, where one cannot be written.
bool WriteReports(const RunRecord& record, const Options& options);

/// Rewrites the file of waivers, with --update-waivers: failures of this run are added, and
/// entries are dropped only where this run saw their case pass. A run that was stopped or
/// interrupted leaves the file as it is. False, and a line on stderr, where it cannot be written.
/// `cases` are all of the suite, selected or not.
bool UpdateWaivers(const RunRecord& record, const Options& options,
                   const std::vector<Waiver>& known, const std::vector<Case>& cases);

/// Writes reports, then waivers. Returns the exit code of the run: that of the record, or 2 where
/// a file could not be written.
int WriteResults(const RunRecord& record, const Options& options, const std::vector<Waiver>& known,
                 const std::vector<Case>& cases);

/// After the first SIGINT or SIGTERM the requests in flight end and reports are written; the second
/// one kills the program.
void EndGentlyOnSignals();
bool WasInterrupted();

}  // namespace grantspec
