// What the harnesses examine: the reference parsers and endpoint, through one seam.

#pragma once

#include <optional>
#include <string_view>

#include "fixtures/grammar/basic.h"
#include "fixtures/grammar/form.h"
#include "fixtures/grammar/media_type.h"
#include "fixtures/grammar/scope.h"
#include "fixtures/grammar/token_response.h"

namespace grantspec::subject {

Result<Form, FormError> ReadForm(std::string_view content);
Result<BasicCredentials, BasicError> ReadBasic(std::string_view field_value);
Result<Scope, ScopeError> ReadScope(std::string_view text);
std::optional<MediaType> ReadMediaType(std::string_view value);
Result<TokenResponse, TokenResponseError> ReadTokenResponse(std::string_view content);

}  // namespace grantspec::subject
