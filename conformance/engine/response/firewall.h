// Pages of web application firewalls.

#pragma once

#include "fixtures/http/message.h"

namespace grantspec {

/// Whether the body of a response is the page of a firewall, in the words of a common product: what
/// refused the request was not the examined side. The front of the body, 16 KiB, is read.
///
///     NamesFirewall(response)  // true for "<title>Attention Required! | Cloudflare</title>"
bool NamesFirewall(const Response& response);

}  // namespace grantspec
