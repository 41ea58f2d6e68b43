#include "conformance/engine/secrets/spelling_index.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "conformance/engine/secrets/distinctive.h"
#include "fixtures/grammar/ascii.h"
#include "fixtures/grammar/base64.h"
#include "fixtures/grammar/form.h"
#include "fixtures/grammar/percent.h"

namespace grantspec {

constexpr std::size_t kStart = 8;             // bytes by which a key is found
constexpr std::size_t kShortestKey = 5;       // found by plain search
constexpr std::size_t kSureLength = 12;       // so much of a value, and no boundary is asked for
constexpr std::size_t kSecretMax = 4096;      // indexed bytes of a secret
constexpr std::size_t kTokenMax = 48;         // indexed bytes of a token, and of its keys
constexpr std::size_t kRareTokensMax = 2000;  // tokens that are indexed in rare forms too
constexpr std::size_t kAlikeMax = 64;         // keys that begin alike
constexpr std::size_t kLayersMax = 4;         // layers of escapes that are read
constexpr std::size_t kWindow = 64 * 1024, kOverlap = 8 * 1024;

namespace {

// Latin-1, where the text has nothing else; or nothing.
std::string Latin1Of(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = CodePointAt(text, at);
    if (point.value > 0xff || !point.is_utf8) return {};
    out += static_cast<char>(point.value);
    at += point.length;
  }
  return out;
}

std::string Utf16Of(std::string_view text, bool big_endian) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = CodePointAt(text, at);
    at += point.length;
    const auto unit = [&](std::uint32_t value) {
      const char high = static_cast<char>(value >> 8), low = static_cast<char>(value & 0xff);
      out += big_endian ? high : low;
      out += big_endian ? low : high;
    };
    if (point.value < 0x10000) {
      unit(point.value);
    } else {
      unit(0xd800 + ((point.value - 0x10000) >> 10));
      unit(0xdc00 + ((point.value - 0x10000) & 0x3ff));
    }
  }
  return out;
}

// The symbols of base64 that bytes alone decide when `shift` others stand before them.
std::string Base64Core(std::string_view bytes, std::size_t shift, bool url) {
  const std::string all = std::string(shift, 'x') + std::string(bytes);
  const std::string encoded = url ? EncodeBase64Url(all) : EncodeBase64(all);
  const std::size_t from = (shift * 8 + 5) / 6, to = all.size() * 8 / 6;
  return to > from ? encoded.substr(from, to - from) : "";
}

// The same of base32 (RFC 4648 section 6), in lower case.
std::string Base32Core(std::string_view bytes, std::size_t shift) {
  constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz234567";
  const std::string all = std::string(shift, 'x') + std::string(bytes);
  std::string out;
  std::uint32_t bits = 0, count = 0;
  for (char c : all) {
    bits = (bits << 8 | static_cast<unsigned char>(c)) & 0xffff;
    for (count += 8; count >= 5; count -= 5) out += kAlphabet[bits >> (count - 5) & 31];
  }
  const std::size_t from = (shift * 8 + 4) / 5;
  return out.size() > from ? out.substr(from) : "";
}

// Bytes as digits of one length each, without anything between: "%03o" and the like.
std::string DigitsOf(std::string_view bytes, const char* format) {
  std::string out;
  for (char c : bytes) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), format, static_cast<unsigned>(c) & 0xffU);
    out += text.data();
  }
  return out;
}

std::string BinaryOf(std::string_view bytes) {
  std::string out;
  for (char c : bytes) out += std::bitset<8>(static_cast<unsigned char>(c)).to_string();
  return out;
}

std::string NumbersOf(std::string_view bytes, const char* format) {
  std::string out = ",";
  for (char c : bytes) out += DigitsOf({&c, 1}, format) + ",";
  return out;
}

// What bytes above 127 are where bytes have signs, less the sign.
std::string SignedNumbersOf(std::string_view bytes) {
  std::string out = ",";
  for (char c : bytes) out += std::to_string(std::abs(static_cast<signed char>(c))) + ",";
  return out;
}

bool IsWordCharacter(char c) {
  return IsAlpha(c) || IsDigit(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

// What tokens and their spellings are made of.
bool IsOfToken(char c) {
  return IsAlpha(c) || IsDigit(c) || std::string_view("-._~+/=%\\").find(c) != std::string::npos;
}

std::uint64_t StartOf(std::string_view text) {
  std::uint64_t start = 0;
  for (std::size_t i = 0; i < kStart; ++i) start = start << 8 | static_cast<unsigned char>(text[i]);
  return start;
}

std::size_t CommonLength(std::string_view a, std::string_view b) {
  const auto [left, right] = std::mismatch(
      a.begin(), a.begin() + static_cast<std::ptrdiff_t>(std::min(a.size(), b.size())), b.begin());
  return static_cast<std::size_t>(left - a.begin());
}

}  // namespace

// ---- keys ---------------------------------------------------------------------------------------

void SpellingIndex::AddKey(View view, std::string text, std::size_t least, bool open) {
  if (open && text.size() > kTokenMax) text.resize(kTokenMax);
  ByStart& by_start = views_[view];
  if (text.size() < kStart) {
    if (view == kLetters && text.size() >= kShortestKey) by_start.shorter.push_back(text);
    has_keys_ = has_keys_ || !by_start.shorter.empty();
    return;
  }
  has_keys_ = true;
  least = std::clamp(least, kStart, text.size());
  const std::uint64_t start = StartOf(text);
  by_start.last_bytes.set(start & 0xffff);
  std::vector<Key>& alike = by_start.keys[start];
  for (const Key& key : alike) {
    if (key.text == text || (key.open && text.starts_with(key.text))) return;
  }
  alike.push_back({std::move(text), least, open});
  if (!open || alike.size() < kAlikeMax) return;
  // Many tokens begin alike: their common beginning finds them all, if it is no word.
  Key common = alike.back();
  for (const Key& key : alike) common.text.resize(CommonLength(common.text, key.text));
  if (common.text.size() < least || !IsDistinctive(common.text)) return;
  common.least = common.text.size();
  alike = {std::move(common)};
}

// Escapes of the value itself may have been read in the text too.
void SpellingIndex::AddLetters(std::string_view value, std::size_t layers, bool whole, bool open) {
  FoldedText text = Unfolded(value), start = Unfolded(value.substr(0, kStart));
  for (std::size_t layer = 0; layer <= layers; ++layer) {
    if (layer > 0) {
      FoldedText next = Unescaped(text);
      if (next.text == text.text) break;
      text = std::move(next);
      start = Unescaped(start);
    }
    const std::string letters = Letters(text).text;
    AddKey(kLetters, letters, whole ? letters.size() : Letters(start).text.size(), open);
    const std::string ascii = AsciiLetters(text).text;
    if (ascii != letters && ascii.size() >= kStart) AddKey(kAscii, ascii, ascii.size(), open);
  }
}

void SpellingIndex::AddBytes(std::string_view bytes, bool whole, bool open) {
  const std::string_view start = bytes.substr(0, kStart);
  const auto add = [&](View view, std::string text, std::string_view least) {
    AddKey(view, std::move(text), whole ? std::string::npos : least.size(), open);
  };
  for (std::size_t shift = 0; shift < 3; ++shift) {
    add(kBase64, Base64Symbols(Unfolded(Base64Core(bytes, shift, false))).text,
        Base64Core(start, shift, false));
  }
  add(kHex, EncodeHex(bytes), EncodeHex(start));
  add(kNumbers, NumbersOf(bytes, "%u"), NumbersOf(start, "%u"));
}

void SpellingIndex::AddRareBytes(std::string_view bytes, bool whole, bool open) {
  const std::string_view start = bytes.substr(0, kStart);
  const auto add = [&](View view, std::string text, std::string_view least) {
    AddKey(view, std::move(text), whole ? std::string::npos : least.size(), open);
  };
  for (std::size_t shift = 0; shift < 5; ++shift) {
    add(kBase64, Base32Core(bytes, shift), Base32Core(start, shift));
  }
  add(kHex, BinaryOf(bytes), BinaryOf(start));
  add(kHex, DigitsOf(bytes, "%03o"), DigitsOf(start, "%03o"));
  add(kHex, DigitsOf(bytes, "%03u"), DigitsOf(start, "%03u"));
  add(kNumbers, NumbersOf(bytes, "%o"), NumbersOf(start, "%o"));
  add(kNumbers, SignedNumbersOf(bytes), SignedNumbersOf(start));
}

void SpellingIndex::AddNested(std::string_view value, bool open) {
  for (std::size_t shift = 0; shift < 3; ++shift) {
    for (bool url : {false, true}) AddBytes(Base64Core(value, shift, url), true, open);
  }
  AddBytes(EncodeHex(value), true, open);
  AddBytes(EncodePercentAll(value), true, open);
  for (const std::string& form : {EncodeFormComponent(value), EncodePercent(value)}) {
    if (form != value) AddBytes(form, true, open);
  }
  for (bool big_endian : {false, true}) AddBytes(Utf16Of(value, big_endian), true, open);
}

void SpellingIndex::AddSecret(std::string_view secret) {
  secret = secret.substr(0, kSecretMax);
  if (secret.size() < kShortestKey) return;
  literals_.emplace_back(secret);
  // A beginning with few letters has no key of its own.
  const std::string_view start = secret.substr(0, kStart);
  if (Letters(Unfolded(start)).text.size() < kStart && IsDistinctive(start)) {
    literals_.emplace_back(start);
  }
  AddLetters(secret, 2, false, false);
  AddBytes(secret, false, false);
  AddRareBytes(secret, false, false);
  if (const std::string latin1 = Latin1Of(secret); !latin1.empty() && latin1 != secret) {
    AddBytes(latin1, false, false);
  }
  AddNested(secret, false);
}

void SpellingIndex::AddPair(std::string_view pair) {
  pair = pair.substr(0, kSecretMax);
  AddLetters(pair, 2, true, false);
  AddBytes(pair, true, false);
  AddRareBytes(pair, true, false);
  AddNested(pair, false);
}

void SpellingIndex::AddToken(std::string_view token) {
  const std::string_view kept = token.substr(0, kTokenMax);
  AddLetters(kept, 1, false, true);
  AddBytes(kept, false, true);
  if (rare_tokens_ == kRareTokensMax) return;
  ++rare_tokens_;
  AddRareBytes(kept, false, true);
  AddNested(kept, true);
}

void SpellingIndex::AddWord(std::string_view word) {
  if (word.empty()) return;
  words_.emplace_back(word);
  if (word.size() < 4) return;
  AddBytes(word, true, false);
  AddRareBytes(word, true, false);
}

// ---- search -------------------------------------------------------------------------------------

/// One search of one window of a text.
class Search {
 public:
  Search(std::string_view text, const std::vector<const SpellingIndex*>& indexes, Spellings which)
      : text_(text), indexes_(indexes), which_(which) {}

  std::vector<Stretch> Run() {
    FoldedText layer = Unfolded(text_);
    for (std::size_t count = 0;; ++count) {
      InLayer(layer);
      if (count == kLayersMax) break;
      FoldedText next = Unescaped(layer);
      if (next.text == layer.text) break;
      layer = std::move(next);
    }
    return std::move(found_);
  }

 private:
  void InLayer(const FoldedText& layer) {
    for (const SpellingIndex* index : indexes_) {
      for (const std::string& secret : index->literals_) Plain(layer, secret, *index);
      if (which_ != Spellings::kAll) continue;
      for (const std::string& word : index->words_) Words(layer, word, *index);
    }
    InView(SpellingIndex::kLetters, [&] { return Letters(layer); });
    if (layer.text.find('=') != std::string::npos) {
      InView(SpellingIndex::kLetters, [&] { return Letters(UnquotedPrintable(layer)); });
      const FoldedText joined = WithoutSoftBreaks(layer);
      if (joined.text.size() < layer.text.size()) {
        InView(SpellingIndex::kLetters, [&joined] { return Letters(joined); });
      }
    }
    InView(SpellingIndex::kAscii, [&] { return AsciiLetters(layer); });
    InView(SpellingIndex::kBase64, [&] { return Base64Symbols(layer); });
    InView(SpellingIndex::kHex, [&] { return HexDigits(layer); });
    InView(SpellingIndex::kNumbers, [&] { return Numbers(layer); });
  }

  // Folds only where an index has keys for it.
  template <typename Fold>
  void InView(SpellingIndex::View view, const Fold& fold) {
    const bool any = std::any_of(indexes_.begin(), indexes_.end(), [view](const auto* index) {
      return !index->views_[view].keys.empty() || !index->views_[view].shorter.empty();
    });
    if (!any) return;
    const FoldedText folded = fold();
    for (const SpellingIndex* index : indexes_) {
      const SpellingIndex::ByStart& by_start = index->views_[view];
      for (const std::string& key : by_start.shorter) Plain(folded, key, *index);
      if (!by_start.keys.empty()) Keys(folded, view, by_start, *index);
    }
  }

  void Plain(const FoldedText& folded, const std::string& what, const SpellingIndex& index) {
    for (std::size_t at = folded.text.find(what); at != std::string::npos;
         at = folded.text.find(what, at + what.size())) {
      Found(folded, at, at + what.size(), index);
    }
  }

  void Words(const FoldedText& layer, const std::string& word, const SpellingIndex& index) {
    const std::string& text = layer.text;
    for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
      const std::size_t end = at + word.size();
      const bool starts =
          at == 0 || !IsWordCharacter(word.front()) || !IsWordCharacter(text[at - 1]);
      const bool ends =
          end == text.size() || !IsWordCharacter(word.back()) || !IsWordCharacter(text[end]);
      if (starts && ends) Found(layer, at, end, index);
    }
  }

  void Keys(const FoldedText& folded, SpellingIndex::View view,
            const SpellingIndex::ByStart& by_start, const SpellingIndex& index) {
    const std::string& text = folded.text;
    if (text.size() < kStart) return;
    std::uint64_t start = StartOf(text) >> 8;
    for (std::size_t at = 0; at + kStart <= text.size(); ++at) {
      start = start << 8 | static_cast<unsigned char>(text[at + kStart - 1]);
      if (!by_start.last_bytes[start & 0xffff]) continue;
      const auto alike = by_start.keys.find(start);
      if (alike == by_start.keys.end()) continue;
      std::size_t end = at;
      for (const SpellingIndex::Key& key : alike->second) {
        end = std::max(end, EndOf(folded, view, at, key));
      }
      if (end > at) Found(folded, view == SpellingIndex::kNumbers ? at + 1 : at, end, index);
    }
  }

  // The end of what spells the key at `at`, in the folded text; `at` where nothing does.
  std::size_t EndOf(const FoldedText& folded, SpellingIndex::View view, std::size_t at,
                    const SpellingIndex::Key& key) const {
    const std::string_view rest = std::string_view(folded.text).substr(at);
    const std::size_t same = CommonLength(rest, key.text);
    if (same == key.text.size())
      return key.open ? Extended(folded, view, at, at + same) : at + same;
    if (which_ == Spellings::kWhole || same < key.least) return at;
    const bool letters = view == SpellingIndex::kLetters || view == SpellingIndex::kAscii;
    if (!letters) return at + same;
    // A value that is cut off ends where a word ends, and is no word of the protocol.
    const std::size_t after = folded.end[at + same - 1];
    const bool ends = after >= text_.size() || !IsWordCharacter(text_[after]) ||
                      static_cast<unsigned char>(text_[after]) >= 0x80;
    if (!ends && same < kSureLength) return at;
    return IsDistinctive(rest.substr(0, same)) ? at + same : at;
  }

  // Tokens are indexed by their beginnings: what follows belongs to them as long as it is spaced
  // like the beginning.
  std::size_t Extended(const FoldedText& folded, SpellingIndex::View view, std::size_t at,
                       std::size_t end) const {
    std::size_t gap = 0;
    const auto gap_before = [&folded](std::size_t i) {
      return folded.begin[i] > folded.end[i - 1] ? folded.begin[i] - folded.end[i - 1] : 0U;
    };
    // The comma that a number begins with stands at the end of the number before it.
    const std::size_t first = at + (view == SpellingIndex::kNumbers ? 2 : 1);
    for (std::size_t i = first; i < end; ++i) gap = std::max<std::size_t>(gap, gap_before(i));
    const bool letters = view == SpellingIndex::kLetters || view == SpellingIndex::kAscii;
    while (end < folded.text.size() && gap_before(end) <= gap &&
           (!letters || IsOfToken(folded.text[end]))) {
      ++end;
    }
    return end;
  }

  void Found(const FoldedText& folded, std::size_t from, std::size_t to,
             const SpellingIndex& index) {
    std::size_t begin = folded.begin[from], end = folded.end[to - 1];
    if (begin < end) found_.push_back({begin, end, index.label_});
  }

  std::string_view text_;
  const std::vector<const SpellingIndex*>& indexes_;
  Spellings which_;
  std::vector<Stretch> found_;
};

std::vector<Stretch> FindSpellings(std::string_view text,
                                   const std::vector<const SpellingIndex*>& indexes,
                                   Spellings which) {
  std::vector<const SpellingIndex*> filled;
  for (const SpellingIndex* index : indexes) {
    if (!index->empty()) filled.push_back(index);
  }
  std::vector<Stretch> found;
  for (std::size_t from = 0; !filled.empty() && from < text.size(); from += kWindow - kOverlap) {
    for (Stretch one : Search(text.substr(from, kWindow), filled, which).Run()) {
      found.push_back({one.begin + from, one.end + from, one.label});
    }
    if (from + kWindow >= text.size()) break;
  }
  return Joined(std::move(found));
}

bool Spells(std::string_view text, const SpellingIndex& index) {
  return !FindSpellings(text, {&index}, Spellings::kWhole).empty();
}

std::vector<Stretch> Joined(std::vector<Stretch> stretches) {
  std::sort(stretches.begin(), stretches.end(), [](const Stretch& a, const Stretch& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
  });
  std::vector<Stretch> joined;
  for (const Stretch& one : stretches) {
    if (!joined.empty() && one.begin < joined.back().end) {
      joined.back().end = std::max(joined.back().end, one.end);
    } else {
      joined.push_back(one);
    }
  }
  return joined;
}

std::string Replaced(std::string_view text, const std::vector<Stretch>& stretches) {
  std::string out;
  std::size_t copied = 0;
  for (const Stretch& one : stretches) {
    out.append(text, copied, one.begin - copied).append(one.label);
    copied = one.end;
  }
  return out.append(text, copied);
}

}  // namespace grantspec
