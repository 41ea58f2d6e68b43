// The model as a token endpoint: fixtures/model says what its contract fixes, this file makes a
// response of it. Laws are checked on it first: a law that the model breaks is a mistake in the
// law.

#pragma once

#include "fixtures/http/message.h"

namespace grantspec {

/// The response of a token endpoint that knows exactly the clients of the fixtures. `serial` is a
/// number that no other response had; the token is made of it.
Response ResponseOfModel(const Request& request, unsigned serial);

}  // namespace grantspec
