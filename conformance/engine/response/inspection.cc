#include "conformance/engine/response/inspection.h"

#include "conformance/engine/response/firewall.h"
#include "conformance/engine/response/response_class.h"

namespace grantspec {
namespace {

const std::string* StringMember(const std::shared_ptr<const JsonObject>& object,
                                std::string_view name) {
  const JsonMember* member = object ? object->Find(name) : nullptr;
  return member != nullptr && member->kind == JsonKind::kString ? &member->text : nullptr;
}

std::string JoinedChallenges(const Response& response) {
  std::string all;
  for (std::string_view value : response.fields.All("WWW-Authenticate")) {
    all.append(all.empty() ? "" : ", ").append(value);
  }
  return all;
}

void InspectResponse(const Response& response, Inspection& inspection) {
  inspection.has_response = true;
  inspection.status = response.status;
  inspection.object = ObjectOf(response);
  inspection.contains_token = ContainsToken(response, inspection.object.get());
  inspection.names_firewall = inspection.object == nullptr && NamesFirewall(response);
  if (const std::string* error = StringMember(inspection.object, "error")) {
    inspection.error = *error;
  }
  if (const std::string* scope = StringMember(inspection.object, "scope")) {
    inspection.scope = *scope;
  }
  if (const auto type = response.fields.First("Content-Type")) {
    inspection.media_type = ParseMediaType(*type);
  }
  inspection.challenge_text = JoinedChallenges(response);
  if (auto challenges = ParseChallenges(inspection.challenge_text)) {
    inspection.challenges = std::move(*challenges);
  }
}

}  // namespace

Inspection InspectionOf(const Exchange& exchange) {
  Inspection inspection;
  if (exchange.failure) inspection.failure = exchange.failure->error;
  if (const Response* response = exchange.response()) InspectResponse(*response, inspection);
  inspection.response_class = MostDistinctiveClass(inspection);
  if (inspection.response_class != nullptr) {
    inspection.name = inspection.response_class->name;
  } else if (inspection.has_response) {
    inspection.name = std::to_string(inspection.status);
  } else {
    inspection.name =
        inspection.failure ? std::string(ToString(*inspection.failure)) : std::string("nothing");
  }
  return inspection;
}

}  // namespace grantspec
