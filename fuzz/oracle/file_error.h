// The rule for mistakes in our own files: each is told with its file and line.

#pragma once

#include <string_view>

#include "fixtures/files/json_file.h"

namespace grantspec::fuzz {

/// Aborts where the error does not start with the file's name and a line that the text has.
void HoldFileError(const FileError& error, std::string_view file, std::string_view text);

}  // namespace grantspec::fuzz
