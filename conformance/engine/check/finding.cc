#include "conformance/engine/check/finding.h"

#include <algorithm>
#include <chrono>

#include "fixtures/grammar/ascii.h"

namespace grantspec::checks {
namespace {

// A gateway may compress what accepts that (RFC 9110 section 12.5.3): the text is inside.
bool IsCompressedAsAsked(const CheckedResponse& a) {
  const std::string head = ToLower(a.exchange.sent.substr(0, a.exchange.sent.find("\r\n\r\n")));
  return a.response.fields.Has("Content-Encoding") &&
         head.find("\naccept-encoding:") != std::string::npos;
}

}  // namespace

Finding Satisfied() {
  return {};
}
Finding DoesNotApply() {
  return {Kind::kDoesNotApply, ""};
}
Finding Violated(std::string text) {
  return {Kind::kViolated, std::move(text)};
}

bool IsTokenResponse(const CheckedResponse& a) {
  return a.from_token_endpoint && a.response.status == 200 && a.inspection.contains_token;
}

bool IsErrorStatus(const CheckedResponse& a) {
  return a.response.status >= 400;
}

bool IsMeantAsJson(const CheckedResponse& a) {
  if (IsCompressedAsAsked(a)) return false;
  const Response& response = a.response;
  const auto& media = a.inspection.media_type;
  if (media && (media->subtype == "json" || media->subtype.ends_with("+json"))) {
    return !response.content.empty();
  }
  return response.content.starts_with("{") || response.content.starts_with("\xEF\xBB\xBF{");
}

bool TriedBasic(const Exchange& exchange) {
  const std::string head = ToLower(exchange.sent.substr(0, exchange.sent.find("\r\n\r\n")));
  constexpr std::string_view kStart = "\nauthorization: basic";
  const std::size_t at = head.find(kStart);
  if (at == std::string::npos) return false;
  const std::size_t end = at + kStart.size();
  return end == head.size() || head[end] == ' ' || head[end] == '\r' || head[end] == '\t';
}

const JsonMember* MemberOf(const std::shared_ptr<const JsonObject>& object, std::string_view name) {
  return object ? object->Find(name) : nullptr;
}

std::string TokenOf(const CheckedResponse& a) {
  const auto& object = a.inspection.object;
  const JsonMember* token = MemberOf(object, "access_token");
  return token != nullptr && token->kind == JsonKind::kString ? token->text : "";
}

bool IsErrorText(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return IsVschar(c) && c != '"' && c != '\\'; });
}

std::optional<std::int64_t> IntegerOf(const JsonMember* member) {
  if (member == nullptr || member->kind != JsonKind::kInteger || member->text.size() > 18) {
    return std::nullopt;
  }
  return std::stoll(member->text);
}

std::string Quoted(std::string_view text) {
  return "\"" + std::string(text.substr(0, 4096)) + "\"";
}

std::int64_t Now() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace grantspec::checks
