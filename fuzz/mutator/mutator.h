// Mutators that know what the bytes mean: plain functions from bytes to bytes, so that any engine
// can wrap them. No part is always repaired: what a mutator always repairs, it hides.

#pragma once

#include <string>
#include <string_view>

#include "fuzz/mutator/random.h"

namespace grantspec::mutator {

/// Changes the bytes somehow, as an engine would.
std::string MutateBytes(std::string bytes, Random& random);

/// Changes a form: its pairs, the escapes of its bytes, the bytes themselves.
std::string MutateForm(std::string_view content, Random& random);

/// Changes a Basic field: the bytes inside the base64, the base64, the scheme.
std::string MutateBasic(std::string_view field_value, Random& random);

/// Changes a scope: its tokens and what is between them.
std::string MutateScope(std::string_view text, Random& random);

/// Changes a Content-Type value: names, parameters, quotes, white space.
std::string MutateContentType(std::string_view value, Random& random);

/// Changes a token response: names, values, kinds, nesting.
std::string MutateTokenResponse(std::string_view content, Random& random);

/// Changes a request: its request line, headers and body; repairs Content-Length mostly.
std::string MutateRequest(std::string_view bytes, Random& random);

/// Changes the steps of several clients: adds, drops, repeats and moves them, splits and joins
/// writes, changes single requests.
std::string MutateSession(std::string_view bytes, Random& random);

/// Changes an input of any of these kinds, as what it looks like.
std::string MutateAny(std::string_view bytes, Random& random);

/// Joins two inputs of one kind: pairs, tokens, parameters or fields of both.
std::string Cross(std::string_view one, std::string_view other, char separator, Random& random);

}  // namespace grantspec::mutator
