// Mutators that know what the octets mean: plain functions from octets to octets, so that any
// engine can wrap them. No part is always repaired: what a mutator always mends, it hides.

#pragma once

#include <string>
#include <string_view>

#include "fuzz/mutator/random.h"

namespace grantspec::mutator {

/// Changes the octets somehow, as an engine would.
std::string MutateOctets(std::string octets, Random& random);

/// Changes a form: its pairs, the escapes of its octets, the octets themselves.
std::string MutateForm(std::string_view content, Random& random);

/// Changes a Basic field: the octets inside the base64, the base64, the scheme.
std::string MutateBasic(std::string_view field_value, Random& random);

/// Changes a scope: its tokens and what is between them.
std::string MutateScope(std::string_view text, Random& random);

/// Changes a Content-Type value: names, parameters, quotes, white space.
std::string MutateContentType(std::string_view value, Random& random);

/// Changes a token answer: names, values, kinds, nesting.
std::string MutateTokenResponse(std::string_view content, Random& random);

/// Changes a request: its line, its fields, its content; mends Content-Length mostly.
std::string MutateRequest(std::string_view octets, Random& random);

/// Changes an input of any of these kinds, as what it looks like.
std::string MutateAny(std::string_view octets, Random& random);

/// Joins two inputs of one kind: pairs, tokens, parameters or fields of both.
std::string Cross(std::string_view one, std::string_view other, char separator, Random& random);

}  // namespace grantspec::mutator
