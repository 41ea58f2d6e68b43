// Finds secrets and tokens in text, however they are spelled there.
//
// A value is indexed by keys: its folded letters, and the symbols of its base64, hexadecimal and
// decimal forms. A text is folded in the same ways (fold.h), its escapes read up to four times,
// and each folded text is searched for all keys at once by their first 8 bytes.
//
// Bounds: a text is searched in windows of 64 KiB, so that at most about 2 MiB are kept, and each
// byte of it is folded at most 20 times. A value is indexed with 4 KiB of it (a token: 48 bytes);
// at most 64 keys may begin alike before their common beginning takes their place.

#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "conformance/engine/secrets/fold.h"

namespace grantspec {

/// A range of a text that spells a value, and what to write in its place.
struct Stretch {
  std::size_t begin = 0, end = 0;
  std::string_view label;

  bool operator==(const Stretch&) const = default;
};

/// The values to search for, by their keys.
class SpellingIndex {
 public:
  /// `label` takes the place of what is found; it outlives the index.
  explicit SpellingIndex(std::string_view label) : label_(label) {}

  /// A secret: found in every spelling, in encodings of encodings, and cut off after at least 8
  /// characters. Secrets of fewer than 5 characters have no keys.
  void AddSecret(std::string_view secret);

  /// `id:secret`, which is found as a whole alone.
  void AddPair(std::string_view pair);

  /// A token: found in every spelling, cut off too; what of a word follows belongs to it. After
  /// the first 2,000, tokens are found without rare spellings: in letters, base64, hexadecimal and
  /// decimal alone.
  void AddToken(std::string_view token);

  /// A secret that is found only as a whole word, in the case in which it is written, and in
  /// encodings that are long enough to be no accident.
  void AddWord(std::string_view word);

  bool empty() const { return words_.empty() && literals_.empty() && !has_keys_; }

 private:
  friend class Search;

  enum View : std::size_t { kLetters, kAscii, kBase64, kHex, kNumbers, kViews };

  struct Key {
    std::string text;
    std::size_t least = 0;  // so many bytes of it are enough
    bool open = false;      // what of a word follows belongs to it
  };

  struct ByStart {
    std::unordered_map<std::uint64_t, std::vector<Key>> keys;
    std::bitset<65536> last_bytes;  // of the starts: most places of a text are ruled out by them
    std::vector<std::string> shorter;
  };

  void AddKey(View view, std::string text, std::size_t least, bool open);
  void AddLetters(std::string_view value, std::size_t layers, bool whole, bool open);
  void AddBytes(std::string_view bytes, bool whole, bool open);
  void AddRareBytes(std::string_view bytes, bool whole, bool open);
  void AddNested(std::string_view value, bool open);

  std::string_view label_;
  std::array<ByStart, kViews> views_;
  std::vector<std::string> words_, literals_;
  std::size_t rare_tokens_ = 0;
  bool has_keys_ = false;
};

/// Which spellings count.
enum class Spellings {
  kAll,    // whole words, whole values and values that are cut off
  kKeys,   // the same without whole words: for text of our own, where a word is a word
  kWhole,  // whole values only: for judging
};

/// All stretches of the text that spell a value of one of the indexes, in order, none overlapping.
std::vector<Stretch> FindSpellings(std::string_view text,
                                   const std::vector<const SpellingIndex*>& indexes,
                                   Spellings which = Spellings::kAll);

/// Whether the text spells a whole value of the index.
bool Spells(std::string_view text, const SpellingIndex& index);

/// Sorts stretches and joins those that overlap.
std::vector<Stretch> Joined(std::vector<Stretch> stretches);

/// The text with each range replaced by its label.
std::string Replaced(std::string_view text, const std::vector<Stretch>& stretches);

}  // namespace grantspec
