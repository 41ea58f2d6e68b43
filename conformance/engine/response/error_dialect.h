// Errors in other formats than that of RFC 6749 section 5.2, and where they usually come from.

#pragma once

#include <string_view>

#include "conformance/engine/response/inspection.h"

namespace grantspec {

/// The format of an error that is no OAuth error, with the habit of the framework that causes it;
/// empty for an OAuth error, for what is no error, and for formats that say nothing.
///
///     ErrorDialect(inspection)
///     // "a member detail alone: what FastAPI and Django REST framework send by themselves"
std::string_view ErrorDialect(const Inspection& received);

}  // namespace grantspec
