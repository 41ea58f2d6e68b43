// What a response looks like apart from the request that it was sent for: two responses of one
// defect have one fingerprint.

#pragma once

#include <string>
#include <string_view>

#include "conformance/engine/record/record.h"

namespace grantspec {

/// The fingerprint of what was received in an exchange. A registered error code: status, code and
/// description, masked. JSON of another shape: its member names, whatever the status. Otherwise
/// status, media type and the title of a page. Without a response: why there is none.
///
///     "400 invalid_scope: unknown scope"
///     "{message, statusCode}"
///     "500 text/html: Internal Server Error"
///     "malformed JSON"
///     "timeout"
std::string FingerprintOf(const RecordedExchange& exchange);

/// A text of a target without what it repeats of the request: quoted text, words of the request
/// that are no names of the protocol, and digits become `_`.
///
///     Masked("unknown scope a:b at line 3", "scope=a%3Ab")  // "unknown scope _ at line"
std::string Masked(std::string_view text, std::string_view request);

}  // namespace grantspec
