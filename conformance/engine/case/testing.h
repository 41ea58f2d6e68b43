// What the tests of cases and the judge share: canned cases.

#pragma once

#include <string>
#include <vector>

#include "conformance/engine/case/case_file.h"
#include "conformance/engine/response/testing.h"

namespace grantspec {

/// Two clauses that cases of tests cite.
inline const Clauses& TestClauses() {
  static const Clauses clauses = {
      {"RFC6749-5.2-12", {"RFC6749-5.2-12", "RFC 6749", "5.2", "MUST", "says", "black-box"}},
      {"RFC6749-3.3-05", {"RFC6749-3.3-05", "RFC 6749", "3.3", "SHOULD", "says", "black-box"}}};
  return clauses;
}

/// A file with one case, "a", that has these members.
inline std::vector<Case> Cases(const std::string& members) {
  return ParseCases(
      "{\"cases\":[\n{\"id\":\"a\",\"title\":\"T\",\"clauses\":[\"RFC6749-5.2-12\"]," + members +
          "}]}",
      "x/scope.json", TestClauses());
}

}  // namespace grantspec
