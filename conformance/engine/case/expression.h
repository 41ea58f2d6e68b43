// The expression language inside {{ }} in case files.
//
//     text       = *( bytes / "{{" expression "}}" )
//     expression = 1*term                              ; joined without a separator
//     term       = name / call / literal / number
//     literal    = "'" *bytes "'" / '"' *bytes '"'     ; no escapes: the other quotes stand in it
//     call       = function "(" [ expression *( "," expression ) ] ")"
//
// Names come from a closed list (see `plan.cc`), such as id, secret, token68, basic, scope, path,
// host, `read_only.secret` or, once a step has a response, `step_name.token`.

#pragma once

#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "fixtures/files/json_file.h"

namespace grantspec {

/// What a case needs is not offered by this target: the case is not applicable, for this reason.
class NotApplicable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The access token of an earlier step cannot be sent: that is the target's failure.
class UnusableToken : public NotApplicable {
 public:
  using NotApplicable::NotApplicable;
};

/// The value of a name. Throws NotApplicable where the profile lacks it; returns nothing for
/// a name that nobody knows.
using NameLookup = std::function<std::optional<std::string>(std::string_view name)>;

/// Fills a text in. Throws FileError at `where` for a mistake in the text, NotApplicable where a
/// function has nothing to work on (swapcase of a secret without letters).
///
///     Expand("Basic {{base64(id ':' secret)}}", lookup, where)
std::string Expand(std::string_view text, const NameLookup& lookup, const SourceLine& where);

}  // namespace grantspec
