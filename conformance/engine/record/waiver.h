// Failures that their owner accepts, for a reason, until a day.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "conformance/engine/record/record.h"
#include "fixtures/files/json_file.h"

namespace grantspec {

struct Waiver {
  std::string pattern;  // a case, or several with `*`; `cause ID` where it names a cause
  std::string reason;
  std::string owner;
  std::string expires;   // the last day, YYYY-MM-DD
  std::string observed;  // the class of the response that the case fails with; a cause needs none
  SourceLine where;

  /// The id of the cause that it names, or nothing.
  std::string_view cause() const;
};

/// How the pattern of a waiver begins that names a cause.
inline constexpr std::string_view kCausePrefix = "cause ";

/// Reads a file of waivers: `{"waivers": [{"case", "reason", "owner", "expires", "observed"}]}`,
/// all members mandatory; with `cause` in place of `case` and `observed`. Throws FileError.
std::vector<Waiver> ReadWaivers(const std::string& path);

/// Whether a name fits a pattern; `*` stands for any characters.
bool FitsPattern(std::string_view name, std::string_view pattern);

/// Turns failures into waived ones. Returns what needs attention, with file and line: a waiver
/// whose case passes now, fails in another way or was not found, and one past its day (`today` is
/// YYYY-MM-DD). Cases that were deselected, not judged or do not apply say nothing about their
/// waiver; a pattern is unused only where all its cases were judged. The record keeps all of it.
std::vector<std::string> ApplyWaivers(const std::vector<Waiver>& waivers, std::string_view today,
                                      const std::vector<Case>& known, RunRecord& record);

/// The text of a waiver file after a run: the existing entries, in their order, then one for
/// each failure that none of them accepts. An entry is dropped only where the run judged all its
/// cases and none of them fails; it keeps reason, owner and day. `path` is the file itself, for its
/// other members; `cases` are all that there are, selected or not.
std::string WaiverFile(const std::string& path, const std::vector<Waiver>& known,
                       const RunRecord& record, const std::vector<Case>& cases,
                       std::string_view expires);

/// The entry for one failure, or for all that a cause explains, ready to paste.
std::string WaiverEntry(const RecordedCase& failure);
std::string WaiverEntry(const Cause& cause);

}  // namespace grantspec
