#include "conformance/engine/judge/comparable.h"

#include <algorithm>
#include <string>

#include "fixtures/grammar/ascii.h"
#include "fixtures/grammar/basic.h"
#include "fixtures/grammar/form.h"
#include "fixtures/text/edit.h"

namespace grantspec {
namespace {

constexpr std::string_view kVaries = "{varies}", kId = "{id}";
constexpr std::size_t kHexDigitsMin = 16, kDecimalDigitsMin = 10, kIdBytesMin = 3;

// Members that may differ from response to response, in lower case and without separators.
constexpr std::string_view kVaryingMembers[] = {
    "accesstoken", "correlationid", "date",      "errorid", "eventid", "instance",
    "logid",       "requestid",     "timestamp", "traceid", "spanid",  "transactionid"};

bool IsVaryingMember(std::string_view name) {
  std::string folded;
  for (char c : name) {
    if (c != '_' && c != '-' && c != '.') folded += ToLower(c);
  }
  return std::find(std::begin(kVaryingMembers), std::end(kVaryingMembers), folded) !=
         std::end(kVaryingMembers);
}

bool IsWordByte(char c) {
  return IsAlpha(c) || IsDigit(c) || c == '-' || c == ':' || c == '.' || c == '+' || c == '_';
}

// Whether a word has this form: `d` stands for a decimal, `x` for a hexadecimal digit.
bool BeginsLike(std::string_view word, std::string_view form) {
  if (word.size() < form.size()) return false;
  for (std::size_t i = 0; i < form.size(); ++i) {
    const bool fits = form[i] == 'd'   ? IsDigit(word[i])
                      : form[i] == 'x' ? HexValue(word[i]) >= 0
                                       : word[i] == form[i];
    if (!fits) return false;
  }
  return true;
}

bool IsVaryingWord(std::string_view word) {
  if (BeginsLike(word, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx")) return true;
  if (BeginsLike(word, "dddd-dd-dd") || BeginsLike(word, "dd:dd:dd")) return true;
  const bool decimal = std::all_of(word.begin(), word.end(), IsDigit);
  if (decimal) return word.size() >= kDecimalDigitsMin;
  const bool hex = std::all_of(word.begin(), word.end(), [](char c) { return HexValue(c) >= 0; });
  return hex && word.size() >= kHexDigitsMin && std::any_of(word.begin(), word.end(), IsDigit);
}

}  // namespace

std::string WithoutVaryingWords(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto end = std::find_if_not(text.begin(), text.end(), IsWordByte);
    const auto length = static_cast<std::size_t>(end - text.begin());
    if (length == 0) {
      out += text.front();
      text.remove_prefix(1);
      continue;
    }
    std::string_view word = text.substr(0, length);
    // The end of a sentence is none of a number.
    const std::string_view tail = word.substr(word.find_last_not_of(".:") + 1);
    word.remove_suffix(tail.size());
    out += IsVaryingWord(word) ? kVaries : word;
    out += tail;
    text.remove_prefix(length);
  }
  return out;
}

std::string IdentifierIn(std::string_view sent) {
  constexpr std::string_view kField = "\r\nauthorization:";
  const std::string_view head = sent.substr(0, sent.find("\r\n\r\n"));
  const std::size_t at = ToLower(head).find(kField);
  if (at != std::string_view::npos) {
    const std::string_view line = head.substr(at + kField.size());
    const auto pair = ParseBasic(TrimOws(line.substr(0, line.find('\r'))));
    return pair ? pair->user_id : "";
  }
  if (head.size() == sent.size()) return "";
  for (const FormParameter& one : ParseFormBody(sent).parameters) {
    if (one.name == "client_id") return one.value;
  }
  return "";
}

std::string ComparableBody(const Received& received) {
  const Response* response = received.exchange.response();
  if (response == nullptr) return Described(received);
  std::string body = response->content;
  if (received.inspection.object) {
    body.clear();
    for (const JsonMember& member : received.inspection.object->members) {
      if (!IsVaryingMember(member.name)) body += member.name + "=" + member.text + "\n";
    }
  }
  const std::string id = IdentifierIn(received.exchange.sent);
  if (id.size() >= kIdBytesMin) body = ReplacedAll(std::move(body), id, kId);
  return WithoutVaryingWords(body);
}

}  // namespace grantspec
