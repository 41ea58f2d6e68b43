// Pairwise requests: a request has a dozen parameters, and most defects need two of them together.

#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/engine/case/case.h"
#include "properties/law.h"

namespace grantspec {

/// A request that is being put together.
struct Draft {
  std::string method = "POST";
  std::string target = "{{target}}";
  std::string scheme = "Basic ";
  std::string credentials = "{{token68}}";
  bool authorization = true;
  std::string media = "application/x-www-form-urlencoded";
  std::vector<std::string> fields;  // further lines, "Name: value"
  std::vector<std::string> pairs;   // of the form
  bool chunked = false;
};

/// One value of a parameter. `defect` names the case of the catalogue that says what a request with
/// this defect alone is answered; empty: none, the request gets a token.
struct ParameterValue {
  std::string name;
  std::string defect;
  std::function<void(Draft&)> apply;
};

/// A parameter of requests; its first value is the plain one.
struct RequestParameter {
  std::string name;
  std::vector<ParameterValue> values;
};

/// The model of a request's parameters for a target.
std::vector<RequestParameter> ParametersOf(const World& world);

/// Rows of value indices that contain each combination of values of any `strength` parameters.
///
///     CoveringRows({2, 2, 2}, 2)  // 4 rows or a few more, not 8
std::vector<std::vector<std::size_t>> CoveringRows(const std::vector<std::size_t>& counts,
                                                   std::size_t strength, unsigned long seed);

/// The case that a row stands for: with one defect at most exactly what the catalogue expects; with
/// more a refusal, without a token where one of them rules that out.
Case CaseOfRow(const std::vector<RequestParameter>& parameters, const std::vector<std::size_t>& row,
               const std::vector<Case>& known, const Profile& profile);

}  // namespace grantspec
