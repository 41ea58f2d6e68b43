// Responses of a token endpoint, as far as its contract fixes them.

#pragma once

#include <string>
#include <string_view>

#include "fixtures/http/message.h"
#include "fixtures/model/endpoint.h"

namespace grantspec::fuzz {

/// Status, error code and granted scope, in one line that can be compared and printed.
///
///     "200 billing:batches:read", "401 invalid_client"
std::string Outline(const Response& response);
std::string Outline(const model::Verdict& verdict);

/// The rule of every response, whatever was asked, that this one breaks; empty: none.
std::string_view BrokenStanding(const Response& response);

/// Aborts where a response breaks one of these rules.
void HoldStanding(const Response& response);

}  // namespace grantspec::fuzz
