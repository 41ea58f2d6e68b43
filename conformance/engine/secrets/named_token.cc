#include "conformance/engine/secrets/named_token.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "fixtures/grammar/ascii.h"

namespace grantspec {
namespace {

constexpr std::size_t kFoundMax = 1000;
constexpr std::size_t kTagMax = 256;  // bytes of an XML tag between its name and `>`
constexpr std::size_t kTokenLikeMin = 16;
constexpr std::size_t kNumberMin = 8;  // digits of a number that may be a token
constexpr std::size_t kJwtMin = 20;
constexpr std::string_view kSpaces = " \t\r\n";

// How names of tokens end, in lower case and without separators.
constexpr std::string_view kNameEndings[] = {"token",     "jwt",        "bearer",
                                             "assertion", "apikey",     "secret",
                                             "sessionid", "credential", "password"};

bool IsNameCharacter(char c) {
  return IsAlpha(c) || IsDigit(c) || c == '_' || c == '-';
}

bool IsTokenCharacter(char c) {
  return IsAlpha(c) || IsDigit(c) || std::string_view("-._~+/=%").find(c) != std::string::npos;
}

/// One name in a text, and where its value may begin.
class Candidate {
 public:
  Candidate(std::string_view text, std::size_t begin, std::size_t end)
      : text_(text), begin_(begin), end_(end) {}

  std::optional<std::pair<std::size_t, std::size_t>> Value() const {
    const char before = begin_ > 0 ? text_[begin_ - 1] : '\0';
    std::size_t at = end_;
    while (at < text_.size() && text_[at] == '\\') ++at;
    if (at < text_.size() && (text_[at] == '"' || text_[at] == '\'') && before == text_[at]) {
      return AfterQuotedName(at + 1);
    }
    at = end_;
    if (at >= text_.size()) return std::nullopt;
    if (text_[at] == '=') return AfterEquals(at + 1);
    if (before == '<' || before == ':') {
      if (const auto value = InElement(at)) return value;
    }
    return AfterPlainColon(at);
  }

 private:
  using Found = std::optional<std::pair<std::size_t, std::size_t>>;

  std::size_t SkipSpaces(std::size_t at) const {
    return std::min(text_.find_first_not_of(kSpaces, at), text_.size());
  }

  // "name": "value", "name" => 'value', "name": ["value"], name="name" value="value".
  Found AfterQuotedName(std::size_t at) const {
    at = SkipSpaces(at);
    for (std::string_view attribute : {"value=", "content="}) {
      if (text_.substr(at, attribute.size()) == attribute) {
        return AfterEquals(at + attribute.size());
      }
    }
    if (text_.substr(at, 2) == "=>") {
      at = SkipSpaces(at + 2);
    } else if (at < text_.size() && (text_[at] == ':' || text_[at] == '=')) {
      at = SkipSpaces(at + 1);
    } else {
      return std::nullopt;
    }
    if (at < text_.size() && text_[at] == '[') at = SkipSpaces(at + 1);
    if (const auto quoted = Quoted(at)) return quoted;
    std::size_t end = at;
    while (end < text_.size() && IsDigit(text_[end])) ++end;
    if (end - at < kNumberMin) return std::nullopt;
    return std::pair{at, end};
  }

  // The inside of a string, however many backslashes stand before its quotes.
  Found Quoted(std::size_t at) const {
    std::size_t backslashes = 0;
    while (at < text_.size() && text_[at] == '\\') ++at, ++backslashes;
    if (at >= text_.size() || (text_[at] != '"' && text_[at] != '\'')) return std::nullopt;
    const char quote = text_[at];
    const std::size_t begin = ++at;
    for (std::size_t escaped = 0; at < text_.size(); ++at) {
      if (text_[at] == quote && escaped <= backslashes) return std::pair{begin, at - escaped};
      escaped = text_[at] == '\\' ? escaped + 1 : 0;
      if (backslashes == 0 && escaped == 2) escaped = 0;
    }
    return std::pair{begin, text_.size()};
  }

  Found AfterEquals(std::size_t at) const {
    if (const auto quoted = Quoted(at)) return quoted;
    return std::pair{at, std::min(text_.find_first_of("&;,\"'<>)} \t\r\n\\", at), text_.size())};
  }

  // <name attribute="x">value<
  Found InElement(std::size_t at) const {
    const std::size_t end = text_.find('>', at);
    if (end == std::string_view::npos || end - at > kTagMax) return std::nullopt;
    std::size_t begin = SkipSpaces(end + 1);
    constexpr std::string_view kCdata = "<![CDATA[";
    if (text_.substr(begin, kCdata.size()) == kCdata) begin += kCdata.size();
    const std::size_t close = std::min(text_.find_first_of("<]", begin), text_.size());
    return std::pair{begin, close};
  }

  // name: 'value', and name: value to the end of the line where the value looks like a token.
  Found AfterPlainColon(std::size_t at) const {
    at = std::min(text_.find_first_not_of(" \t", at), text_.size());
    if (at >= text_.size() || text_[at] != ':') return std::nullopt;
    at = SkipSpaces(at + 1);
    if (const auto quoted = Quoted(at)) return quoted;
    std::size_t end = at;
    while (end < text_.size() && IsTokenCharacter(text_[end])) ++end;
    const bool whole = end == text_.size() || text_.find_first_of("\r\n,;}<", end) == end;
    if (!whole || !IsTokenLike(text_.substr(at, end - at))) return std::nullopt;
    return std::pair{at, end};
  }

  std::string_view text_;
  std::size_t begin_, end_;
};

}  // namespace

std::vector<NamedToken> FindNamedTokens(std::string_view text) {
  std::vector<NamedToken> found;
  for (std::size_t at = 0; at < text.size() && found.size() < kFoundMax;) {
    if (!IsNameCharacter(text[at])) {
      ++at;
      continue;
    }
    const std::size_t begin = at;
    while (at < text.size() && IsNameCharacter(text[at])) ++at;
    const std::string_view name = text.substr(begin, at - begin);
    if (!IsTokenName(name)) continue;
    const auto value = Candidate(text, begin, at).Value();
    if (value && value->second > value->first) {
      found.push_back({name, value->first, value->second});
      at = std::max(at, value->second);
    }
  }
  return found;
}

bool IsTokenName(std::string_view name) {
  if (name.size() > 64) return false;
  std::string plain;
  for (char c : name) {
    if (c != '_' && c != '-') plain += ToLower(c);
  }
  return std::any_of(std::begin(kNameEndings), std::end(kNameEndings),
                     [&plain](std::string_view ending) { return plain.ends_with(ending); });
}

bool IsTokenLike(std::string_view value) {
  return value.size() >= kTokenLikeMin &&
         std::all_of(value.begin(), value.end(), IsTokenCharacter) &&
         std::any_of(value.begin(), value.end(), IsDigit) &&
         std::any_of(value.begin(), value.end(), IsAlpha);
}

std::vector<NamedToken> FindJwts(std::string_view text) {
  std::vector<NamedToken> found;
  for (std::size_t at = text.find("eyJ"); at != std::string_view::npos && found.size() < kFoundMax;
       at = text.find("eyJ", at)) {
    std::size_t end = at;
    while (end < text.size() && (IsNameCharacter(text[end]) || text[end] == '.')) ++end;
    if (end - at >= kJwtMin) found.push_back({"jwt", at, end});
    at = end;
  }
  return found;
}

}  // namespace grantspec
