// Compares what was received with what a case expects. Pure: no clock, no socket.

#pragma once

#include <string_view>

#include "conformance/engine/bind/binder.h"
#include "conformance/engine/case/case.h"
#include "conformance/engine/case/verdict.h"
#include "conformance/engine/judge/sent_case.h"

namespace grantspec {

/// The verdict on a case. Of several things that are wrong, the most severe counts; of equals, the
/// first.
Verdict Judge(const Case& spec, const SentCase& sent, const Binder& binder);

/// What a case expects that sends on an access token which could split a request.
inline constexpr std::string_view kUsableToken = "an access token that a client can send";

/// Whether an expectation names a status as such; "refused" does not name 429.
bool NamesStatus(const Expectation& expect, int status);

}  // namespace grantspec
