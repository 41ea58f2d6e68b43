#include "fuzz/oracle/file_error.h"

#include <algorithm>
#include <cstdlib>
#include <string>

#include "fuzz/oracle/require.h"

namespace grantspec::fuzz {

void HoldFileError(const FileError& error, std::string_view file, std::string_view text) {
  const std::string what = error.what();
  RequireEqual(what.substr(0, file.size() + 1), std::string(file) + ":",
               "a mistake is told with its file");
  const long line = std::strtol(what.c_str() + file.size() + 1, nullptr, 10);
  const long lines = 1 + std::count(text.begin(), text.end(), '\n');
  Require(line >= 1 && line <= lines, "a mistake is told with its line: " + what);
  Require(what.size() <= 4096 + 8 * text.size(), "a message is no longer than its file is worth");
}

}  // namespace grantspec::fuzz
