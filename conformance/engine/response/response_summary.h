// What is shown of responses whose values must not be shown.
//
// A success of a token endpoint without a readable token may well contain one: in another member,
// another format, a header field. A token is not distinguishable from other text there, so that
// only its shape is shown.

#pragma once

#include <string>
#include <utility>

#include "fixtures/http/message.h"

namespace grantspec {

/// Whether the response is a 2xx whose content is no JSON object with a string access_token.
bool IsUnreadableSuccess(const Response& response);

/// The media type, the length, and of a JSON object the names, kinds and lengths of its members.
/// Only names that look like identifiers are shown, 12 at most.
///
///     SummaryOf({.status = 200, .content = R"({"accessToken":"abc"})"})
///     // "21 bytes without a media type, a JSON object: accessToken (string of 3 bytes)"
std::string SummaryOf(const Response& response);

/// A header field of an unreadable success: the value where it is one that HTTP itself defines.
std::pair<std::string, std::string> SummaryOf(const Field& field);

/// A header field of any other response, without the values of cookies and of parameters that look
/// like tokens in URLs.
std::pair<std::string, std::string> WithoutCredentials(const Field& field);

/// The reason phrase of an unreadable success: one that HTTP defines, or its length.
std::string SummaryOfReason(const std::string& reason);

}  // namespace grantspec
