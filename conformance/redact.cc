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

constexpr std::size_t kGrantedMax = 20'000, kOthersMax = 4'000;
constexpr std::size_t kStart = 8;          // octets by which a spelling is found
constexpr std::size_t kComparedMax = 48;   // octets by which it is told from others
constexpr std::size_t kBucketMax = 4'096;  // spellings that begin alike

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

void IssuedTokens::Learn(std::string_view token, bool granted) {
  if (token.size() < kStart) return;
  std::string beginning(token.substr(0, kComparedMax));
  if (known_.contains(beginning)) return;
  std::size_t& count = granted ? granted_ : others_;
  if (count >= (granted ? kGrantedMax : kOthersMax)) {
    overflowed_ = true;
    return;
  }
  ++count;
  waiting_.push_back(beginning);
  known_.insert(std::move(beginning));
}

void IssuedTokens::Index(const std::string& token) {
  for (const std::string& spelling : SpellingsOf(token, kStart)) {
    if (spelling.size() < kStart) continue;
    const std::uint64_t start = StartOf(spelling);
    if (by_start_.count(start) >= kBucketMax) {
      overflowed_ = true;
      continue;
    }
    by_start_.emplace(start, spelling.substr(0, kComparedMax));
  }
}

void IssuedTokens::Blank(std::string& text) {
  if (text.size() < kStart) return;
  for (const std::string& token : waiting_) Index(token);
  waiting_.clear();
  if (by_start_.empty()) return;
  std::string out;
  std::size_t copied = 0;
  std::uint64_t start = StartOf(text);
  for (std::size_t at = 0; at + kStart <= text.size(); ++at) {
    if (at > 0) start = start << 8 | static_cast<unsigned char>(text[at + kStart - 1]);
    if (at < copied) continue;
    const auto [begin, end] = by_start_.equal_range(start);
    for (auto one = begin; one != end; ++one) {
      const std::string& spelling = one->second;
      std::size_t same = kStart;
      while (same < spelling.size() && at + same < text.size() &&
             spelling[same] == text[at + same]) {
        ++same;
      }
      const bool cut = at + same == text.size() || text.compare(at + same, 3, "...") == 0;
      if (same < spelling.size() && !cut) continue;
      std::size_t after = at + same;
      while (after < text.size() && IsOfWord(text[after])) ++after;
      out.append(text, copied, at - copied).append("[token]");
      copied = after;
      break;
    }
  }
  if (copied > 0) text = out.append(text, copied);
}

bool IsPacked(const Response& response) {
  const std::string coding =
      ToLower(std::string(response.fields.First("Content-Encoding").value_or("")));
  if (!coding.empty() && coding != "identity") return true;
  const std::string& content = response.content;
  using namespace std::string_view_literals;
  for (std::string_view magic :
       {"\x1f\x8b"sv, "\x28\xb5\x2f\xfd"sv, "BZh"sv, "\xfd\x37zXZ"sv}) {
    if (content.starts_with(magic)) return true;
  }
  if (content.size() < 3) return false;
  // zlib (RFC 1950 section 2.2): deflate, a window of 32 KiB at most, and a check sum of 31.
  const auto first = static_cast<unsigned char>(content[0]);
  const auto second = static_cast<unsigned char>(content[1]);
  const bool text = second >= 0x20 && second < 0x7f && first >= 0x20;
  if ((first & 0x0f) == 8 && first >> 4 <= 7 && (first * 256 + second) % 31 == 0 && !text) return true;
  // A coding that nobody named, as raw deflate, is no text.
  std::size_t odd = 0;
  for (char c : content) {
    odd += static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\r' && c != '\t' ? 1 : 0;
  }
  return odd > content.size() / 20 && odd > 8;
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
