#include "fuzz/mutants/subject.h"

namespace grantspec::subject {

Result<Form, FormError> ReadForm(std::string_view content) {
  return ParseForm(content);
}

Result<BasicCredentials, BasicError> ReadBasic(std::string_view field_value) {
  return ParseBasic(field_value);
}

Result<Scope, ScopeError> ReadScope(std::string_view text) {
  return Scope::Parse(text);
}

std::optional<MediaType> ReadMediaType(std::string_view value) {
  return ParseMediaType(value);
}

Result<TokenResponse, TokenResponseError> ReadTokenResponse(std::string_view content) {
  return ParseTokenResponse(content);
}

}  // namespace grantspec::subject
