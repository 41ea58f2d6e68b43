// The endpoint that the harness of whole requests examines, through one seam.

#pragma once

#include <optional>
#include <string_view>

#include "fixtures/endpoint/head_check.h"
#include "fixtures/endpoint/token_endpoint.h"

namespace grantspec::subject {

std::optional<HeadError> CheckHead(std::string_view head);

/// The reference endpoint's response; its clients are the fixture clients.
Response Respond(const Request& request);

}  // namespace grantspec::subject
