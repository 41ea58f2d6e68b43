// Findings as case files, for grantspec --cases.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "conformance/engine/case/case.h"

namespace grantspec {

/// The text of a case file with these cases. Expectations, checks and relations come along, so that
/// the judge says the same when the file is replayed.
std::string CaseFileText(const std::vector<std::shared_ptr<const Case>>& cases);

/// Writes one file for each category, `found_CATEGORY.json`, into a folder, which is made where it
/// is not there. Returns the paths. Throws std::runtime_error where a file cannot be written.
std::vector<std::string> SaveCases(const std::string& folder,
                                   const std::vector<std::shared_ptr<const Case>>& cases);

}  // namespace grantspec
