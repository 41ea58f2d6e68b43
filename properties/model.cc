#include "properties/model.h"

#include <array>
#include <cstdio>
#include <random>
#include <string>

#include "fixtures/model/endpoint.h"

namespace grantspec {
namespace {

constexpr int kTokenParts = 4;  // of 64 bits each

model::HeadReading HeadOf(const Request& request) {
  model::HeadReading head;
  head.method = request.method;
  head.target = request.target;
  for (const Field& line : request.fields.lines) head.fields.push_back({line.name, line.value});
  return head;
}

std::string TokenOf(unsigned serial) {
  std::mt19937_64 random(serial);
  std::string token;
  for (int i = 0; i < kTokenParts; ++i) {
    std::array<char, 24> part{};
    std::snprintf(part.data(), part.size(), "%016llx", static_cast<unsigned long long>(random()));
    token += part.data();
  }
  return token;
}

std::string BodyOf(const model::Verdict& verdict, unsigned serial) {
  if (verdict.status != 200) return "{\"error\":\"" + verdict.error + "\"}";
  std::string granted;
  for (const std::string& token : verdict.scope) granted += (granted.empty() ? "" : " ") + token;
  return "{\"access_token\":\"" + TokenOf(serial) +
         "\",\"token_type\":\"Bearer\",\"expires_in\":900,\"scope\":\"" + granted + "\"}";
}

}  // namespace

Response ResponseOfModel(const Request& request, unsigned serial) {
  const model::Verdict verdict = model::Predict(HeadOf(request), request.content);
  Response response;
  response.status = verdict.status;
  response.fields.Add("Content-Type", "application/json");
  response.fields.Add("Cache-Control", "no-store");
  if (verdict.status == 401) response.fields.Add("WWW-Authenticate", "Basic realm=\"model\"");
  if (verdict.status == 405) response.fields.Add("Allow", "POST");
  if (verdict.status != 204) response.content = BodyOf(verdict, serial);
  return response;
}

}  // namespace grantspec
