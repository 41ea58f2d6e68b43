#include "conformance/engine/diagnosis/fingerprint.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>
#include <vector>

#include "conformance/engine/response/response_class.h"
#include "fixtures/grammar/ascii.h"
#include "fixtures/grammar/form.h"
#include "fixtures/grammar/json_text.h"
#include "fixtures/grammar/percent.h"
#include "fixtures/text/edit.h"

namespace grantspec {
namespace {

constexpr std::size_t kMaskedBytesMax = 200, kValuesMax = 200, kValueBytesMin = 3;
constexpr std::size_t kPageBytesMax = 4096, kTitleBytesMax = 80;

// Words that a server says of itself, although most requests have them, too.
constexpr std::string_view kProtocolWords[] = {
    "a",
    "access",
    "and",
    "application",
    "authorization",
    "basic",
    "bearer",
    "body",
    "charset",
    "client",
    "client_id",
    "client_secret",
    "code",
    "content",
    "credentials",
    "client_credentials",
    "error",
    "form",
    "grant",
    "grant_type",
    "header",
    "host",
    "http",
    "invalid",
    "is",
    "json",
    "length",
    "method",
    "not",
    "password",
    "post",
    "refresh_token",
    "request",
    "scope",
    "secret",
    "text",
    "the",
    "token",
    "type",
    "unknown",
    "utf",
    "value",
    "x-www-form-urlencoded",
};

// Codes of errors outside RFC 6749 section 5.2 that token endpoints send.
constexpr std::string_view kOtherCodes[] = {"server_error", "temporarily_unavailable",
                                            "access_denied", "invalid_target",
                                            "invalid_dpop_proof"};

bool IsWordByte(char c) {
  return IsAlpha(c) || IsDigit(c) || c == '_' || c == '-' || c == '.' || c == ':' || c == '/' ||
         c == '+' || c == '*' || static_cast<unsigned char>(c) >= 0x80;
}

std::string WithoutEdges(std::string_view word) {
  while (!word.empty() && (word.back() == '.' || word.back() == ':')) word.remove_suffix(1);
  while (!word.empty() && word.front() == ':') word.remove_prefix(1);
  return std::string(word);
}

// Splits at what is part of no word. `add` is called with words and with what is between them.
template <typename Word, typename Between>
void ForEachWord(std::string_view text, const Word& word, const Between& between) {
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && IsWordByte(text[end])) ++end;
    if (end > at) {
      word(text.substr(at, end - at));
      at = end;
    } else {
      between(text[at++]);
    }
  }
}

std::set<std::string> WordsOf(std::string_view request) {
  std::set<std::string> words;
  for (const std::string& text :
       {std::string(request), DecodePercentLoosely(std::string(request))}) {
    ForEachWord(
        text, [&words](std::string_view word) { words.insert(ToLower(WithoutEdges(word))); },
        [](char) {});
  }
  for (std::string_view word : kProtocolWords) words.erase(std::string(word));
  words.erase("");
  return words;
}

// The values in a form body, as a lenient server reads it, the longest first.
std::vector<std::string> ValuesOf(std::string_view request) {
  std::vector<std::string> values;
  for (FormParameter& one : ParseFormBody(request).parameters) {
    if (one.value.size() >= kValueBytesMin) values.push_back(std::move(one.value));
    if (values.size() == kValuesMax) break;
  }
  std::sort(values.begin(), values.end(),
            [](const auto& a, const auto& b) { return a.size() > b.size(); });
  return values;
}

// A text without the values of parameters that it repeats, whatever characters they have.
std::string WithoutValues(std::string_view text, std::string_view request) {
  std::string out(text);
  for (const std::string& value : ValuesOf(request)) {
    out = ReplacedAll(std::move(out), value, "\x01");
  }
  std::string shown;
  for (const char c : out) shown += c == '\x01' ? std::string(" _ ") : std::string(1, c);
  return shown;
}

// How languages print a value that is not there.
bool IsAbsent(std::string_view word) {
  return word == "undefined" || word == "null" || word == "none" || word == "nil" || word == "nan";
}

// What repeats a value at the end of a text says nothing: "unsupported: _" is "unsupported".
std::string WithoutEnd(std::string text) {
  const std::size_t last = text.find_last_not_of(" _.,:;()[]\r\n\t");
  text.resize(last == std::string::npos ? 0 : last + 1);
  return text;
}

// The end of a quotation that begins at `at`, or npos. An apostrophe inside a word begins none.
std::size_t QuotationEnd(std::string_view text, std::size_t at) {
  const char quote = text[at];
  if (quote != '"' && quote != '\'' && quote != '`') return std::string_view::npos;
  if (quote == '\'' && at > 0 && IsAlpha(text[at - 1])) return std::string_view::npos;
  return text.find(quote, at + 1);
}

bool IsErrorCode(std::string_view code) {
  const auto classes = ResponseClasses();
  if (code.empty()) return false;
  return std::any_of(classes.begin(), classes.end(),
                     [code](const ResponseClass& one) { return one.code == code; }) ||
         std::find(std::begin(kOtherCodes), std::end(kOtherCodes), code) != std::end(kOtherCodes);
}

std::string MediaTypeOf(const RecordedExchange& exchange) {
  for (const auto& [name, value] : exchange.fields) {
    if (ToLower(name) != "content-type") continue;
    return ToLower(value.substr(0, std::min(value.find_first_of("; \t"), kMaskedBytesMax)));
  }
  return exchange.content.empty() ? "without body" : "without media type";
}

// The title of a page, which tells the pages of a server and of what is before it apart.
std::string TitleOf(const RecordedExchange& exchange) {
  const std::string lower = ToLower(std::string_view(exchange.content).substr(0, kPageBytesMax));
  const std::size_t begin = lower.find("<title>"), end = lower.find("</title>");
  if (begin == std::string::npos || end == std::string::npos || end < begin) return "";
  const std::string_view title =
      std::string_view(exchange.content).substr(begin + 7, end - begin - 7);
  const std::string masked = Masked(title.substr(0, kTitleBytesMax), exchange.request);
  return masked.empty() ? "" : ": " + masked;
}

std::string FingerprintOfJson(const JsonObject& object, const RecordedExchange& exchange,
                              const std::string& status) {
  const JsonMember* error = object.Find("error");
  if (object.Find("access_token") != nullptr) return "token";
  if (error != nullptr && error->kind == JsonKind::kString && IsErrorCode(error->text)) {
    const JsonMember* description = object.Find("error_description");
    std::string text = status + " " + error->text;
    if (description != nullptr) {
      const std::string masked = Masked(description->text, exchange.request);
      if (!masked.empty()) text += ": " + masked;
    }
    return text;
  }
  std::set<std::string> names;
  for (const JsonMember& member : object.members) {
    names.insert(member.name.substr(0, kMaskedBytesMax));
  }
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return "{" + text.substr(0, kMaskedBytesMax) + "}";
}

}  // namespace

std::string Masked(std::string_view text, std::string_view request) {
  const std::set<std::string> words = WordsOf(request);
  const std::string without_values = WithoutValues(text, request);
  text = without_values;
  std::string unquoted;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::size_t end = QuotationEnd(text, at);
    if (end == std::string_view::npos) {
      unquoted += text[at];
    } else {
      unquoted += " _ ";
      at = end;
    }
  }
  std::string out;
  const auto add = [&out](std::string_view part) {
    if (part == " " && (out.empty() || out.back() == ' ')) return;
    out += part;
  };
  ForEachWord(
      unquoted,
      [&](std::string_view word) {
        const std::string plain = ToLower(WithoutEdges(word));
        const bool digits =
            std::any_of(word.begin(), word.end(), [](char c) { return IsDigit(c); });
        add(digits || words.contains(plain) || IsAbsent(plain) ? "_" : word);
      },
      [&](char c) { add(std::string_view(&c, 1)); });
  return WithoutEnd(out.substr(0, kMaskedBytesMax));
}

std::string FingerprintOf(const RecordedExchange& exchange) {
  if (!exchange.has_response) return exchange.transport.substr(0, exchange.transport.find(':'));
  const std::size_t space = exchange.status_line.find(' ');
  const std::string status =
      space == std::string::npos ? "" : exchange.status_line.substr(space + 1, 3);
  const auto object = ParseJsonObjectLoosely(exchange.content);
  if (object) return FingerprintOfJson(*object, exchange, status);
  const std::string type = MediaTypeOf(exchange);
  if (type == "application/json" && !exchange.content.empty() && status[0] != '2') {
    return "malformed JSON";
  }
  return status + " " + type + TitleOf(exchange);
}

}  // namespace grantspec
