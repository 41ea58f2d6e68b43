// One plain sentence for a group of findings.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "conformance/engine/diagnosis/decision.h"
#include "conformance/engine/record/cause.h"
#include "conformance/engine/record/record.h"

namespace grantspec {

/// Says what the target does, from the kind of miss and the decisions that the group is about, the
/// most frequent one first. `example` is one of its cases.
///
///     "A token is issued although the secret is wrong"
///     "Malformed scope gets 500 text/html"
std::string SentenceFor(MissKind kind, const std::vector<const Decision*>& decisions,
                        const RecordedCase& example, std::string_view fingerprint);

/// A text cut to so many bytes, with the length that it had: a character stays whole.
///
///     Shortened("aaaaaaaaaaaaaaaaaaaaaaaa", 8)  // "aaaaaaaa... (24 bytes)"
std::string Shortened(std::string_view text, std::size_t bytes_max);

}  // namespace grantspec
