// Input: a whole request, byte for byte as on the wire; framed by Content-Length.

#include <cstdint>
#include <string>

#include "fixtures/grammar/ascii.h"
#include "fixtures/grammar/form.h"
#include "fixtures/grammar/percent.h"
#include "fixtures/model/endpoint.h"
#include "fuzz/mutants/endpoint_subject.h"
#include "fuzz/oracle/require.h"
#include "fuzz/oracle/response.h"
#include "fuzz/oracle/work.h"

namespace grantspec::fuzz {
namespace {

Request RequestOf(const model::HeadReading& head, std::string_view content) {
  Request request{.method = head.method, .target = head.target, .content = std::string(content)};
  for (const auto& [name, value] : head.fields) request.fields.Add(name, value);
  return request;
}

// Other spellings of the same request get the same response.
void CheckSpellings(const Request& request, const std::string& response) {
  Request other = request;
  for (Field& line : other.fields.lines) {
    for (char& c : line.name) c = IsDigit(c) || ToLower(c) == c ? ToUpper(c) : ToLower(c);
  }
  RequireEqual(Outline(subject::Respond(other)), response, "names of fields have no case");

  const auto form = ParseForm(request.content);
  if (!form) return;
  Form turned{{form->parameters.rbegin(), form->parameters.rend()}};
  turned.parameters.push_back({"unknown_parameter", "1"});
  other = request;
  other.content = FormatForm(turned);
  RequireEqual(Outline(subject::Respond(other)), response,
               "order and unknown parameters have no meaning");

  other.content.clear();
  for (const FormParameter& p : form->parameters) {
    other.content += EncodePercentAll(p.name) + "=" + EncodePercentAll(p.value) + "&";
  }
  RequireEqual(Outline(subject::Respond(other)), response, "a byte may be escaped or not");
}

void HoldRequest(std::string_view bytes) {
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) return;
  const std::string_view head = bytes.substr(0, end + 4);
  const model::HeadReading expected = model::ReadHead(head);
  const auto error = subject::CheckHead(head);
  Require(error.has_value() == !expected.refusals.empty(),
          "a head is refused where it breaks HTTP, and nowhere else");
  if (error) {
    Require(expected.refusals.contains(StatusOf(*error)), "a head is refused with its own status");
    return;
  }
  const std::size_t length = expected.content_length.value_or(0);
  if (expected.chunked || length > bytes.size() - head.size()) return;

  const Request request = RequestOf(expected, bytes.substr(head.size(), length));
  const WorkMeter work;
  const Response response = subject::Respond(request);
  work.RequireLinear(bytes.size(), 400, 256, "TokenEndpoint::Respond");

  const model::Verdict verdict = model::Predict(expected, request.content);
  const std::string outline = Outline(response);
  RequireEqual(outline, Outline(verdict), "the endpoint responds as its contract says");
  HoldStanding(response);
  if (verdict.status != 404 && verdict.status != 501) CheckSpellings(request, outline);
}

}  // namespace
}  // namespace grantspec::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // The endpoint is made by its first response, which is no work of a request's.
  [[maybe_unused]] static const int warm = grantspec::subject::Respond({}).status;
  grantspec::fuzz::HoldRequest({reinterpret_cast<const char*>(data), size});
  return 0;
}
