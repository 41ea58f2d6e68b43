#include "conformance/engine/response/error_dialect.h"

#include <algorithm>
#include <initializer_list>

#include "fixtures/grammar/json_text.h"

namespace grantspec {
namespace {

bool HasAll(const JsonObject& object, std::initializer_list<std::string_view> names) {
  return std::all_of(names.begin(), names.end(),
                     [&object](std::string_view name) { return object.Find(name) != nullptr; });
}

bool IsOfKind(const JsonObject& object, std::string_view name, JsonKind kind) {
  const JsonMember* member = object.Find(name);
  return member != nullptr && member->kind == kind;
}

struct Dialect {
  std::string_view says;
  bool (*fits)(const JsonObject& object);
};

// The first that fits, the most specific ones before.
constexpr Dialect kDialects[] = {
    {"the error page of Spring Boot as JSON (timestamp, status, error, path): no handler of the "
     "authorization server saw the request",
     [](const JsonObject& o) {
       return HasAll(o, {"timestamp", "status", "path"});
     }},
    {"problem details (RFC 9457): what ASP.NET Core, Spring Boot 3 and API gateways send by "
     "themselves",
     [](const JsonObject& o) {
       return HasAll(o, {"type", "title", "status"});
     }},
    {"a list of errors: what JSON:API and the validation of many frameworks send by themselves",
     [](const JsonObject& o) { return IsOfKind(o, "errors", JsonKind::kArray); }},
    {"an object errors: what the model validation of ASP.NET Core and Laravel sends by itself",
     [](const JsonObject& o) { return IsOfKind(o, "errors", JsonKind::kObject); }},
    {"an object as error: the format of other APIs of the same vendor",
     [](const JsonObject& o) { return IsOfKind(o, "error", JsonKind::kObject); }},
    {"statusCode and message: what NestJS and Fastify send by themselves",
     [](const JsonObject& o) {
       return HasAll(o, {"statusCode", "message"});
     }},
    {"a member fault: what Apigee and WSO2 send by themselves",
     [](const JsonObject& o) { return HasAll(o, {"fault"}); }},
    {"a member detail alone: what FastAPI and Django REST framework send by themselves",
     [](const JsonObject& o) { return HasAll(o, {"detail"}) && o.Find("error") == nullptr; }},
    {"a member message alone: what API gateways send by themselves",
     [](const JsonObject& o) { return HasAll(o, {"message"}) && o.Find("error") == nullptr; }},
};

}  // namespace

std::string_view ErrorDialect(const Inspection& received) {
  const bool is_error = received.has_response && received.status >= 400;
  if (!is_error) return {};
  const auto& media = received.media_type;
  if (media && media->subtype.ends_with("problem+json")) return kDialects[1].says;
  if (!received.object) return {};
  for (const Dialect& dialect : kDialects) {
    if (dialect.fits(*received.object)) return dialect.says;
  }
  return {};
}

}  // namespace grantspec
