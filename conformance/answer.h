// Response classes: the names that case files use for what a target may do, and what each means.

#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fixtures/grammar/json_text.h"
#include "fixtures/http/exchange.h"

namespace grantspec {

/// A named class of what comes back for a request.
struct ResponseClass {
  std::string_view name;
  std::string_view says;  // for --list-answers
  bool (*matches)(const ResponseClass& self, const Exchange& exchange);
  // Of an OAuth or Bearer error:
  int status = 0;
  std::string_view code = {};
  bool distinctive = false;  // NameOf prefers it to the status
};

/// All classes. Three-digit status codes are names too: that status, without a token.
std::span<const ResponseClass> ResponseClasses();

/// Whether a case file may use the name.
bool IsAnswerName(std::string_view name);

/// Whether an exchange is of the class of that name.
///
///     Matches("invalid_scope", exchange)  // 400 and {"error":"invalid_scope"}, no token
bool Matches(std::string_view name, const Exchange& exchange);

/// The most distinctive name of what was received: `token`, `invalid_scope`, `closed`, `403` ...
std::string NameOf(const Exchange& exchange);

/// The JSON object of a response, read loosely, or null: strictness has checks of its own, so that
/// one defect makes one finding. The last body that was read is cached, since many checks ask about
/// the same response in turn, and a hostile one takes long to read.
std::shared_ptr<const JsonObject> ObjectOf(const Response& response);

/// Whether a response hands out an access token, whatever its status.
bool HoldsToken(const Response& response);

/// "token or invalid_scope"
std::string Listed(const std::vector<std::string>& names);

}  // namespace grantspec
