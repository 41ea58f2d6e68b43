#include "conformance/engine/bind/request_shape.h"

#include <nlohmann/json.hpp>

#include "conformance/engine/case/expression.h"

namespace grantspec {
namespace {

using Json = nlohmann::ordered_json;

std::string JsonOf(const std::vector<FormParameter>& parameters) {
  Json object = Json::object();
  for (const FormParameter& parameter : parameters) {
    if (object.contains(parameter.name)) {
      throw NotApplicable("the target reads JSON, where no parameter can be repeated");
    }
    object[parameter.name] = parameter.value;
  }
  // Bytes that are no UTF-8 cannot stand in JSON (RFC 8259 section 8.1).
  return object.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

RequestShape ShapeOf(const Profile& profile) {
  if (profile.Get("parameters_in") == "query") return RequestShape::kQuery;
  return profile.Get("body") == "json" ? RequestShape::kJson : RequestShape::kForm;
}

std::string_view ContentTypeOf(RequestShape shape) {
  return shape == RequestShape::kJson ? kJsonType : kFormType;
}

std::string ContentOf(const Form& form, RequestShape shape) {
  switch (shape) {
    case RequestShape::kForm:
      return FormatForm(form);
    case RequestShape::kJson:
      return JsonOf(form.parameters);
    case RequestShape::kQuery:
      return {};
  }
  return {};
}

std::string WithQuery(std::string target, const Form& form) {
  if (form.parameters.empty()) return target;
  target += target.find('?') == std::string::npos ? '?' : '&';
  return target + FormatForm(form);
}

std::vector<std::string> SpelledParameters(const std::vector<FormParameter>& parameters) {
  const std::string json = JsonOf(parameters);
  return {FormatForm({parameters}), json.substr(1, json.size() - 2)};
}

std::string_view ScopeSeparator(const Profile& profile) {
  return profile.Get("scope_separator") == "comma" ? "," : " ";
}

std::string JoinedScopes(const std::vector<std::string>& scopes, const Profile& profile) {
  std::string joined;
  for (const std::string& scope : scopes) {
    if (!joined.empty()) joined += ScopeSeparator(profile);
    joined += scope;
  }
  return joined;
}

}  // namespace grantspec
