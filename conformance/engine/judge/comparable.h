// Bodies compared without what differs by nature from response to response.

#pragma once

#include <string>
#include <string_view>

#include "conformance/engine/judge/received.h"

namespace grantspec {

/// The body of a response without what is new in each response: members such as timestamp and
/// trace_id, in any spelling; in texts times, UUIDs, long hexadecimal and decimal numbers. The
/// client identifier that the request named stands as `{id}`. Of a JSON object the members, each on
/// a line of its own; without a response, why there is none.
///
///     "client {id} is unknown, trace {varies}"
std::string ComparableBody(const Received& received);

/// A text with `{varies}` in place of each word that is a time, a UUID, at least 16 hexadecimal
/// digits or at least 10 decimal ones. Numbers that could be error codes stay.
///
///     WithoutVaryingWords("AADSTS7000215 at 10:02:11")  // "AADSTS7000215 at {varies}"
std::string WithoutVaryingWords(std::string_view text);

/// The client identifier that a request names, in Authorization: Basic or as client_id of a form;
/// empty: none.
std::string IdentifierIn(std::string_view sent);

}  // namespace grantspec
