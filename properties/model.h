// The model: a token endpoint in as few lines as its rules take, written apart from the reference
// endpoint. Laws are held against it first: a law that the model breaks is a mistake in the law.

#pragma once

#include "fixtures/http/message.h"
#include "fixtures/target/profile.h"

namespace grantspec {

/// What a token endpoint that knows exactly the clients of the profile answers. `serial` is a
/// number that no other answer had; the token is made of it.
Response AnswerOfModel(const Profile& profile, const Request& request, unsigned serial);

}  // namespace grantspec
