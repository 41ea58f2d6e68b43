// Response classes: the names that case files use for what a target may do, and what each means.

#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/engine/response/inspection.h"
#include "conformance/engine/response/row_list.h"
#include "fixtures/grammar/json_text.h"
#include "fixtures/http/exchange.h"

namespace grantspec {

/// A named class of what is received for a request.
struct ResponseClass {
  std::string_view name;
  std::string_view says;  // for --list-responses
  bool (*matches)(const ResponseClass& self, const Inspection& received);
  // Of an OAuth or Bearer error, and of a status:
  int status = 0;
  std::string_view code = {};
  bool distinctive = false;     // named in preference to the status
  bool is_status_only = false;  // a three-digit name: that status, without a token

  bool Matches(const Inspection& received) const { return matches(*this, received); }
};

/// The classes that have a name of their own. Each status from 100 to 599 is one too.
std::span<const ResponseClass> ResponseClasses();

/// The class of a name, three-digit statuses included, or null.
const ResponseClass* FindResponseClass(std::string_view name);

/// 200 with an access token, and any 2xx.
const ResponseClass& TokenClass();
const ResponseClass& SuccessClass();

/// The most distinctive class of what was received, or null.
const ResponseClass* MostDistinctiveClass(const Inspection& received);

/// Classes of an expectation.
using ResponseClassList = RowList<ResponseClass, FindResponseClass>;

/// Whether one of the classes matches.
bool MatchesAny(const ResponseClassList& classes, const Inspection& received);

/// Whether a status as such is in the list; "refused" does not list 429.
bool ListsStatus(const ResponseClassList& classes, int status);

/// Whether an exchange is of the class of that name.
///
///     Matches("invalid_scope", exchange)  // 400 and {"error":"invalid_scope"}, no token
bool Matches(std::string_view name, const Exchange& exchange);

/// The most distinctive name of what was received: `token`, `invalid_scope`, `closed`, `403` ...
std::string NameOf(const Exchange& exchange);

/// The JSON object of a response, read loosely, or null: strictness has checks of its own, so that
/// one defect makes one finding. An Inspection has it already.
std::shared_ptr<const JsonObject> ObjectOf(const Response& response);

/// Whether a response hands out an access token, whatever its status. An Inspection has it already;
/// `object` is what ObjectOf made of the response.
bool ContainsToken(const Response& response);
bool ContainsToken(const Response& response, const JsonObject* object);

/// "token or invalid_scope"
std::string Listed(const std::vector<std::string>& names);
std::string Listed(const ResponseClassList& classes);

}  // namespace grantspec
