// Tells a firewall in front of a target from the target itself.
//
// A firewall refuses texts wherever they stand; an endpoint decides about its own parameters. So
// the text of a request that was refused is sent once more where the endpoint does not read it: as
// a parameter of another path. The same refusal there, which plain text does not get, is a
// firewall's.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "fixtures/http/exchange.h"

namespace grantspec {

inline constexpr std::size_t kRefusedTextBytesMax = 2'000;

/// What a request says in text, decoded: its target, the user-pass of Basic, its form.
/// `private_texts`, the ids and secrets of clients, are left out.
///
///     RefusedText("POST /t HTTP/1.1\r\n\r\nscope=a%27--", {})  // "/t\nscope\na'--"
std::string RefusedText(std::string_view request, const std::vector<std::string>& private_texts);

/// How a request was refused, in words that are equal for two refusals of one firewall: those of a
/// response without its digits, since many number what they refuse. Empty: it was not refused.
std::string RefusalOf(const Exchange& exchange);

/// A request with a text as a parameter of a path beside that of `target`, without credentials.
Outgoing TextElsewhere(std::string_view target, std::string_view text);

}  // namespace grantspec
