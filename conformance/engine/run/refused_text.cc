#include "conformance/engine/run/refused_text.h"

#include <algorithm>
#include <utility>

#include "fixtures/grammar/ascii.h"
#include "fixtures/grammar/base64.h"
#include "fixtures/grammar/form.h"
#include "fixtures/grammar/percent.h"
#include "fixtures/text/edit.h"

namespace grantspec {
namespace {

constexpr std::size_t kRefusalBytesMax = 1'000;
constexpr std::string_view kBasic = "\r\nauthorization: basic ";

std::string FormText(std::string_view form) {
  std::string text;
  for (const FormParameter& parameter : ParseFormWhatwg(form).parameters) {
    text.append("\n").append(parameter.name).append("\n").append(parameter.value);
  }
  return text;
}

std::string BasicText(std::string_view head) {
  const std::size_t at = ToLower(head).find(kBasic);
  if (at == std::string::npos) return "";
  const std::string_view value = head.substr(at + kBasic.size());
  const auto decoded = DecodeBase64(value.substr(0, value.find("\r\n")));
  return decoded ? "\n" + *decoded : "";
}

}  // namespace

std::string RefusedText(std::string_view request, const std::vector<std::string>& private_texts) {
  const std::size_t end = std::min(request.find("\r\n\r\n"), request.size());
  const std::string_view head = request.substr(0, end);
  const std::string_view line = head.substr(0, head.find("\r\n"));
  const std::size_t first = std::min(line.find(' '), line.size());
  std::string_view target = line.substr(std::min(first + 1, line.size()));
  target = target.substr(0, target.rfind(" HTTP/"));
  const std::size_t query = std::min(target.find('?'), target.size());
  std::string text = DecodePercentLoosely(std::string(target.substr(0, query)));
  text += FormText(target.substr(std::min(query + 1, target.size())));
  text += BasicText(head);
  text += FormText(request.substr(std::min(end + 4, request.size())));
  for (const std::string& one : private_texts) {
    text = ReplacedAll(std::move(text), one, "");
  }
  return text.substr(0, kRefusedTextBytesMax);
}

std::string RefusalOf(const Exchange& exchange) {
  if (WasCutOff(exchange)) return "the connection was closed";
  const Response* response = exchange.response();
  if (response == nullptr || response->status < 300) return "";
  std::string refusal = "status " + std::to_string(response->status) + ": ";
  for (char c : response->content.substr(0, kRefusalBytesMax)) {
    const char lower = ToLower(c);
    if (!IsDigit(c) && !(lower >= 'a' && lower <= 'f')) refusal += c;
  }
  return refusal;
}

Outgoing TextElsewhere(std::string_view target, std::string_view text) {
  Request request;
  request.method = "GET";
  request.target =
      std::string(target.substr(0, target.find('?'))) + "/note?text=" + EncodePercent(text);
  Outgoing outgoing;
  outgoing.message = std::move(request);
  outgoing.options.fresh_connection = true;
  outgoing.options.no_added_headers = true;
  outgoing.asked_by = "the search for a firewall";
  outgoing.may_contain_credentials = false;
  return outgoing;
}

}  // namespace grantspec
