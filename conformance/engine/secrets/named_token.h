// Finds values that a text itself calls a token: `"access_token": "..."`, `access_token=...`.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace grantspec {

/// A value and the name that it has in the text, at [begin, end).
struct NamedToken {
  std::string_view name;
  std::size_t begin = 0, end = 0;
};

/// The values of names such as access_token, accessToken, id_token, jwt or x-auth-token, 1,000 at
/// most. A name and its value need the separator of a format: `=` in forms and URLs, `:` and quotes
/// in JSON, `>` or `value=` in XML and HTML, `: ` to the end of the line in YAML. Prose has none.
///
///     FindNamedTokens("#access_token=abc&a=b")              // "abc"
///     FindNamedTokens("not allowed to use refresh_token x")  // nothing
std::vector<NamedToken> FindNamedTokens(std::string_view text);

/// Whether a name, its case and separators aside, is one of a token.
///
///     IsTokenName("X-Auth-Token")    // true
///     IsTokenName("token_endpoint")  // false
bool IsTokenName(std::string_view name);

/// Whether a value looks like a token: 16 characters at least, letters and digits, nothing but what
/// tokens are made of.
///
///     IsTokenLike("8xLOxBtZp8vqDWZ3")          // true
///     IsTokenLike("application/octet-stream")  // false
bool IsTokenLike(std::string_view value);

/// Ranges [begin, end) that look like a JWT, wherever they are.
std::vector<NamedToken> FindJwts(std::string_view text);

}  // namespace grantspec
