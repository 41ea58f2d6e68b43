// Lines of the target's log that belong to cases, found by the request ids that the suite sends.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace grantspec {

/// Lines of a log, by the name of the case whose request they name.
using LogByCase = std::map<std::string, std::vector<std::string>>;

/// Finds the lines that carry a request id of the run, `TAG.category.id.STEP`, each with the stack
/// trace that follows it: lines that are indented, or begin as a trace of Python, Java, Go or
/// JavaScript does, up to the next request id. At most 40 lines of a trace, 200 lines and 16 KiB of
/// a case, 1 KiB of a line. `clean` takes secrets out of a line before it is cut; a line that it
/// makes empty is left out.
LogByCase LinesOfCases(std::string_view log, std::string_view tag,
                       const std::function<std::string(std::string_view)>& clean);

/// A log file of the target, from the end that it had when this was made.
class ServerLog {
 public:
  /// Throws UsageError where there is no such regular file that can be read.
  explicit ServerLog(std::string path);

  /// What was written since, 64 MiB at most: all of a file that has become shorter. Empty where the
  /// file cannot be read any more.
  std::string Written() const;

 private:
  std::string path_;
  std::uint64_t begin_ = 0;
};

}  // namespace grantspec
