#include "conformance/engine/secrets/redact.h"

#include <algorithm>

#include "conformance/engine/secrets/distinctive.h"
#include "conformance/engine/secrets/named_token.h"
#include "fixtures/grammar/ascii.h"
#include "fixtures/grammar/base64.h"
#include "fixtures/grammar/form.h"
#include "fixtures/jose/digest.h"

namespace grantspec {
namespace {

constexpr std::size_t kTokenMin = 8;      // characters
constexpr std::size_t kComparedMax = 48;  // bytes by which tokens are distinguished
constexpr std::size_t kGrantedMax = 20'000, kOthersMax = 12'000;
constexpr std::size_t kEscapedMax = 64 * 1024;  // bytes in which escaped names are read
constexpr std::size_t kEscapeLayers = 2;
constexpr std::size_t kShapesMax = 64;  // words of one text that are learned for their shape

// Headers that users add and that contain no secret, in lower case.
constexpr std::string_view kPlainHeaders[] = {"accept",
                                              "accept-charset",
                                              "accept-encoding",
                                              "accept-language",
                                              "cache-control",
                                              "connection",
                                              "content-type",
                                              "content-length",
                                              "expect",
                                              "forwarded",
                                              "from",
                                              "host",
                                              "origin",
                                              "pragma",
                                              "prefer",
                                              "referer",
                                              "te",
                                              "traceparent",
                                              "transfer-encoding",
                                              "upgrade",
                                              "user-agent",
                                              "via",
                                              "x-forwarded-for",
                                              "x-forwarded-host",
                                              "x-forwarded-proto",
                                              "x-request-id",
                                              "x-correlation-id"};

void AddWithEscapes(std::vector<Stretch>& found, std::string_view text) {
  for (const auto& list : {FindNamedTokens(text), FindJwts(text)}) {
    for (const NamedToken& token : list) found.push_back({token.begin, token.end, "[token]"});
  }
  FoldedText layer = Unfolded(text.substr(0, kEscapedMax));
  for (std::size_t count = 0; count < kEscapeLayers; ++count) {
    FoldedText next = Unescaped(layer);
    if (next.text == layer.text) return;
    layer = std::move(next);
    for (const auto& list : {FindNamedTokens(layer.text), FindJwts(layer.text)}) {
      for (const NamedToken& token : list) {
        found.push_back({layer.begin[token.begin], layer.end[token.end - 1], "[token]"});
      }
    }
  }
}

// The values of "a=b; c=d".
void AddCookies(std::string_view text, std::vector<std::string>& secrets) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(';'), text.size());
    const std::string_view cookie = TrimOws(text.substr(0, end));
    if (const std::size_t equals = cookie.find('='); equals != std::string_view::npos) {
      secrets.emplace_back(cookie.substr(equals + 1));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

// The credentials after a scheme, and the password of a Basic pair.
void AddCredentials(std::string_view value, std::vector<std::string>& secrets) {
  const std::size_t space = value.find(' ');
  if (space == std::string_view::npos) return;
  const std::string_view scheme = value.substr(0, space);
  const std::string_view credentials = TrimOws(value.substr(space));
  if (!std::all_of(scheme.begin(), scheme.end(), IsTchar)) return;
  secrets.emplace_back(credentials);
  if (!EqualsFolded(scheme, "basic")) return;
  const auto pair = DecodeBase64(credentials);
  if (!pair) return;
  secrets.push_back(*pair);
  const std::size_t colon = pair->find(':');
  if (colon != std::string::npos) secrets.push_back(pair->substr(colon + 1));
}

// Whether what is named a token can be one: a word or an explanation cannot.
bool MayBeToken(std::string_view value) {
  if (value.find(' ') != std::string_view::npos) return false;
  return value.size() >= 2 * kTokenMin || (std::any_of(value.begin(), value.end(), IsDigit) &&
                                           std::any_of(value.begin(), value.end(), IsAlpha));
}

// A word that is a part of a URL by its segments, which hosts and paths of other URLs share; any
// other word as it is. `url`: the target's, by whose segments such a word is recognized.
std::vector<std::string_view> PartsOfUrl(std::string_view word, std::string_view url) {
  constexpr std::size_t kSegmentMin = 3;
  std::vector<std::string_view> segments;
  bool is_of_url = word.starts_with("//");
  for (std::string_view rest = word; !rest.empty();) {
    const std::string_view segment = rest.substr(0, rest.find('/'));
    rest.remove_prefix(std::min(segment.size() + 1, rest.size()));
    segments.push_back(segment);
    is_of_url = is_of_url || (segment.size() >= kSegmentMin && segment.size() < word.size() &&
                              url.find(segment) != std::string_view::npos);
  }
  return is_of_url ? segments : std::vector{word};
}

// Without salt they give the secret away to whoever guesses well.
void AddDigests(SpellingIndex& index, std::string_view secret) {
  for (const DigestAlgorithm algorithm :
       {DigestAlgorithm::kMd5, DigestAlgorithm::kSha1, DigestAlgorithm::kSha256}) {
    index.AddSecret(Digest(secret, algorithm));
  }
}

void AddTo(SpellingIndex& index, std::string_view secret) {
  if (IsDistinctive(secret)) {
    index.AddSecret(secret);
  } else {
    index.AddWord(secret);
  }
}

}  // namespace

Redactor::Redactor(const Profile& profile) {
  for (const auto& [role, client] : profile.clients) {
    if (client.secret.empty()) continue;  // a public client: there is nothing to hide
    Add(client.secret);
    AddDigests(secrets_, client.secret);
    // Within its pair a short secret can still be recognized.
    secrets_.AddPair(client.id + ":" + client.secret);
    secrets_.AddPair(EncodeFormComponent(client.id) + ":" + EncodeFormComponent(client.secret));
  }
  for (const std::string& secret : profile.extra_secrets) Add(secret);
}

void Redactor::Add(std::string_view secret) {
  AddTo(secrets_, secret);
}

std::string Redactor::Clean(std::string_view text, Origin origin) const {
  return CleanOf(text, {&secrets_}, origin);
}

void IssuedTokens::Learn(std::string_view token, bool granted) {
  if (token.size() < kTokenMin || !IsDistinctive(token)) return;
  std::string beginning(token.substr(0, kComparedMax));
  if (known_.contains(beginning)) return;
  std::size_t& count = granted ? granted_ : others_;
  if (count >= (granted ? kGrantedMax : kOthersMax)) {
    overflowed_ = true;
    return;
  }
  ++count;
  index_.AddToken(beginning);
  known_.insert(std::move(beginning));
}

void IssuedTokens::LearnNamed(std::string_view text) {
  const auto learn = [this](std::string_view from) {
    for (const auto& list : {FindNamedTokens(from), FindJwts(from)}) {
      for (const NamedToken& token : list) {
        const std::string_view value = from.substr(token.begin, token.end - token.begin);
        if (MayBeToken(value)) Learn(value, false);
      }
    }
  };
  learn(text);
  FoldedText layer = Unfolded(text.substr(0, kEscapedMax));
  for (std::size_t count = 0; count < kEscapeLayers; ++count) {
    FoldedText next = Unescaped(layer);
    if (next.text == layer.text) return;
    layer = std::move(next);
    learn(layer.text);
  }
}

void IssuedTokens::LearnShapes(std::string_view text, std::string_view url) {
  const auto is_inside = [](char c) {
    return IsAlpha(c) || IsDigit(c) || std::string_view("-._~+/").find(c) != std::string_view::npos;
  };
  std::size_t learned = 0;
  for (std::size_t at = 0; at < text.size() && learned < kShapesMax && others_ < kOthersMax;) {
    std::size_t end = at;
    while (end < text.size() && is_inside(text[end])) ++end;
    for (std::string_view word : PartsOfUrl(text.substr(at, end - at), url)) {
      if (!IsTokenLike(word) || url.find(word) != std::string_view::npos) continue;
      Learn(word, false);
      ++learned;
    }
    at = end + 1;
  }
}

std::string CleanOf(std::string_view text, const std::vector<const SpellingIndex*>& indexes,
                    Origin origin) {
  std::vector<Stretch> found =
      FindSpellings(text, indexes, origin == Origin::kOurs ? Spellings::kKeys : Spellings::kAll);
  if (origin == Origin::kTarget) AddWithEscapes(found, text);
  return Replaced(text, Joined(std::move(found)));
}

std::vector<std::string> RedactionWarnings(const Profile& profile) {
  std::vector<std::string> warnings;
  const auto check = [&warnings](std::string_view secret, const std::string& whose) {
    if (secret.empty() || IsDistinctive(secret)) return;
    warnings.push_back(whose +
                       (secret.size() < kTokenMin ? " is shorter than 8 characters"
                                                  : " is a word of the protocol") +
                       ": reports hide it only where it stands as a whole word");
  };
  for (const auto& [role, client] : profile.clients) {
    check(client.secret, "the secret of client " + role);
  }
  for (const std::string& secret : profile.extra_secrets) {
    check(secret, "the value of a header that was added");
  }
  return warnings;
}

std::vector<std::string> HeaderSecrets(const std::vector<std::string>& headers) {
  std::vector<std::string> secrets;
  for (const std::string& header : headers) {
    const std::size_t colon = header.find(':');
    if (colon == std::string::npos) continue;
    const std::string name = ToLower(TrimOws(std::string_view(header).substr(0, colon)));
    const std::string_view value = TrimOws(std::string_view(header).substr(colon + 1));
    if (value.empty() || std::find(std::begin(kPlainHeaders), std::end(kPlainHeaders), name) !=
                             std::end(kPlainHeaders)) {
      continue;
    }
    secrets.emplace_back(value);
    if (name == "cookie") {
      AddCookies(value, secrets);
    } else {
      AddCredentials(value, secrets);
    }
  }
  std::erase_if(secrets, [](const std::string& secret) { return secret.empty(); });
  return secrets;
}

SpellingIndex DistinctiveSecrets(const Profile& profile) {
  SpellingIndex index("[secret]");
  for (const auto& [role, client] : profile.clients) {
    if (!IsDistinctive(client.secret)) continue;
    index.AddSecret(client.secret);
    AddDigests(index, client.secret);
  }
  return index;
}

bool IsPacked(const Response& response) {
  const std::string coding =
      ToLower(std::string(response.fields.First("Content-Encoding").value_or("")));
  if (!coding.empty() && coding != "identity") return true;
  const std::string& content = response.content;
  using namespace std::string_view_literals;
  for (std::string_view magic : {"\x1f\x8b"sv, "\x28\xb5\x2f\xfd"sv, "BZh"sv, "\xfd\x37zXZ"sv}) {
    if (content.starts_with(magic)) return true;
  }
  if (content.size() < 3) return false;
  // zlib (RFC 1950 section 2.2): deflate, a window of 32 KiB at most, and a check sum of 31.
  const auto first = static_cast<unsigned char>(content[0]);
  const auto second = static_cast<unsigned char>(content[1]);
  const bool text = second >= 0x20 && second < 0x7f && first >= 0x20;
  if ((first & 0x0f) == 8 && first >> 4 <= 7 && (first * 256 + second) % 31 == 0 && !text)
    return true;
  // A coding that nobody named, as raw deflate, is not text.
  std::size_t odd = 0;
  for (char c : content) {
    odd += static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\r' && c != '\t' ? 1 : 0;
  }
  return odd > content.size() / 20 && odd > 8;
}

std::string Masked(std::string_view secret) {
  static constexpr std::string_view kWord = "redacted-";
  std::string masked;
  for (std::size_t i = 0; i < secret.size(); ++i) masked += kWord[i % kWord.size()];
  return masked;
}

}  // namespace grantspec
