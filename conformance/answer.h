// The names of answers that case files use, and what each stands for.

#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fixtures/grammar/json_text.h"
#include "fixtures/http/exchange.h"

namespace grantspec {

/// A name of an answer and the sentence that reports print for it.
struct AnswerName {
  std::string_view name;
  std::string_view says;
};

/// All names but three-digit status codes, which are names too: that status, without a token.
const std::vector<AnswerName>& AnswerNames();

bool IsAnswerName(std::string_view name);

/// Whether what came back is an answer of that name.
///
///     Matches("invalid_scope", exchange)  // 400 and {"error":"invalid_scope"}, no token
bool Matches(std::string_view name, const Exchange& exchange);

/// The most telling name of what came back: `token`, `invalid_scope`, `closed`, `403` ...
std::string NameOf(const Exchange& exchange);

/// The JSON object of an answer, loosely read, or null: strictness has checks of its own, so that
/// one defect makes one finding. The last content read is remembered, since everybody asks about
/// the same answer in turn, and a hostile one takes its time to read.
std::shared_ptr<const JsonObject> ObjectOf(const Response& response);

/// Whether content is an answer that hands out an access token, whatever its status.
bool HoldsToken(const Response& response);

/// "token or invalid_scope"
std::string Listed(const std::vector<std::string>& names);

}  // namespace grantspec
