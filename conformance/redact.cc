#include "conformance/redact.h"

#include <algorithm>

#include "conformance/check.h"
#include "fixtures/grammar/ascii.h"
#include "fixtures/grammar/base64.h"
#include "fixtures/grammar/form.h"

namespace grantspec {
namespace {

// Blanks the string value of each of these members, however the rest of the text looks.
void BlankTokens(std::string& text) {
  for (std::string_view name : {"\"access_token\"", "\"refresh_token\"", "\"id_token\""}) {
    std::string out;
    std::size_t at = 0, copied = 0;
    while ((at = text.find(name, at)) != std::string::npos) {
      at += name.size();
      std::size_t value = text.find_first_not_of(" \t\r\n", at);
      if (value == std::string::npos || text[value] != ':') continue;
      value = text.find_first_not_of(" \t\r\n", value + 1);
      if (value == std::string::npos || text[value] != '"') continue;
      std::size_t end = value + 1;
      while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
      end = std::min(end, text.size());
      out.append(text, copied, value + 1 - copied).append("[token]");
      at = copied = end;
    }
    if (copied > 0) text = out.append(text, copied);
  }
}

}  // namespace

void ReplaceAll(std::string& text, std::string_view what, std::string_view with) {
  std::size_t at = text.find(what);
  if (at == std::string::npos || what.empty()) return;
  std::string out;
  std::size_t copied = 0;
  for (; at != std::string::npos; at = text.find(what, copied)) {
    out.append(text, copied, at - copied).append(with);
    copied = at + what.size();
  }
  text = out.append(text, copied);
}

Redactor::Redactor(const Profile& profile) {
  for (const auto& [role, client] : profile.clients) {
    if (client.secret.empty()) continue;  // a public client: there is nothing to hide
    Add(client.secret);
    // A short secret has no spellings of its own; within its pair it can still be recognised.
    for (const std::string& pair :
         {client.id + ":" + client.secret,
          EncodeFormComponent(client.id) + ":" + EncodeFormComponent(client.secret)}) {
      spellings_.push_back(EncodeBase64(pair));
      spellings_.push_back(pair);
    }
  }
  std::sort(spellings_.begin(), spellings_.end(),
            [](const auto& a, const auto& b) { return a.size() > b.size(); });
}

void Redactor::Add(const std::string& secret) {
  for (std::string& spelling : SpellingsOf(secret, 4)) spellings_.push_back(std::move(spelling));
  std::sort(spellings_.begin(), spellings_.end(),
            [](const auto& a, const auto& b) { return a.size() > b.size(); });
}

namespace {

constexpr std::size_t kTokensMax = 4'000;
constexpr std::size_t kStart = 8;        // octets by which a spelling is found
constexpr std::size_t kComparedMax = 48;  // octets by which it is told from others

std::uint64_t StartOf(std::string_view text) {
  std::uint64_t start = 0;
  for (std::size_t i = 0; i < kStart; ++i) start = start << 8 | static_cast<unsigned char>(text[i]);
  return start;
}

// What tokens and their spellings are made of.
bool IsOfWord(char c) {
  return IsAlpha(c) || IsDigit(c) || std::string_view("-._~+/=%\\").find(c) != std::string::npos;
}

}  // namespace

void IssuedTokens::Learn(std::string_view token) {
  if (token.size() < kStart || known_ + waiting_.size() >= kTokensMax) return;
  waiting_.emplace_back(token);
}

void IssuedTokens::Index(const std::string& token) {
  ++known_;
  for (const std::string& spelling : SpellingsOf(token, kStart)) {
    if (spelling.size() < kStart) continue;
    by_start_.emplace(StartOf(spelling), spelling.substr(0, kComparedMax));
  }
}

void IssuedTokens::Blank(std::string& text) {
  for (const std::string& token : waiting_) Index(token);
  waiting_.clear();
  if (by_start_.empty() || text.size() < kStart) return;
  std::string out;
  std::size_t copied = 0;
  std::uint64_t start = StartOf(text);
  for (std::size_t at = 0; at + kStart <= text.size(); ++at) {
    if (at > 0) start = start << 8 | static_cast<unsigned char>(text[at + kStart - 1]);
    if (at < copied) continue;
    const auto [begin, end] = by_start_.equal_range(start);
    for (auto one = begin; one != end; ++one) {
      if (text.compare(at, one->second.size(), one->second) != 0) continue;
      std::size_t after = at + one->second.size();
      while (after < text.size() && IsOfWord(text[after])) ++after;
      out.append(text, copied, at - copied).append("[token]");
      copied = after;
      break;
    }
  }
  if (copied > 0) text = out.append(text, copied);
}

bool IsPacked(const Response& response) {
  const std::string coding = ToLower(std::string(response.fields.First("Content-Encoding").value_or("")));
  if (!coding.empty() && coding != "identity") return true;
  const std::string& content = response.content;
  return content.starts_with("\x1f\x8b") ||
         (content.size() > 2 && content[0] == '\x78' &&
          (content[1] == '\x01' || content[1] == '\x9c' || content[1] == '\xda'));
}

std::string Redactor::Clean(std::string_view text) const {
  std::string clean(text);
  for (const std::string& spelling : spellings_) {
    ReplaceAll(clean, spelling, "[secret]");
  }
  BlankTokens(clean);
  return clean;
}

}  // namespace grantspec
