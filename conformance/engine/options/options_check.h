// Options that are wrong in themselves: found before anything is sent.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "conformance/engine/options/options.h"

namespace grantspec {

/// Throws UsageError for a header that is malformed, or that the suite sets itself.
void CheckHeader(const std::string& header);

/// Throws UsageError for a network option that could never work: an invalid header, a malformed
/// --resolve, --connect-to, --proxy or --pinnedpubkey, a missing certificate, key or socket.
void CheckNetworkOptions(const NetworkOptions& network);

/// The paths that reports are written to, empty ones included.
std::vector<const std::string*> ReportPaths(const Options& options);

/// Throws UsageError where a report, or with --update-waivers the waiver file, cannot be written,
/// and where two of them would go to one file.
void CheckOutputPaths(const Options& options);

/// Throws UsageError where a single file cannot be written.
void CheckWritablePath(const std::string& path);

/// Throws UsageError where the text of --reference, unless it is empty, is not the URL of a
/// token endpoint, or carries user information.
void CheckReferenceUrl(const std::string& url);

/// The text of `--user-file` without line ends after it: of a file, a pipe or standard input (`-`).
std::string ReadUserFile(const std::string& path);

}  // namespace grantspec
