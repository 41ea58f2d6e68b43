// The requirements that cases cite.

#pragma once

#include <map>
#include <string>
#include <string_view>

namespace grantspec {

/// One requirement: what it says, in our words, and where it stands.
struct Clause {
  std::string id;      // RFC6749-5.2-12
  std::string source;  // RFC 6749
  std::string section;
  std::string level;  // MUST, SHOULD NOT ...
  std::string says;
  std::string testable;  // black-box, or why not
};

using Clauses = std::map<std::string, Clause, std::less<>>;

/// Reads clauses.json. Throws FileError.
Clauses ReadClauses(const std::string& path);

/// The clause of an id that code cites. Throws logic_error where there is none.
const Clause& ClauseNamed(const Clauses& clauses, std::string_view id);

}  // namespace grantspec
