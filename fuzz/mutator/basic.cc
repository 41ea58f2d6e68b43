// Mutates Basic credentials.

#include <algorithm>
#include <cstddef>
#include <iterator>

#include "fuzz/mutator/mutator.h"
#include "fuzz/mutator/parts.h"

namespace grantspec::mutator {
namespace {

constexpr std::string_view kSchemes[] = {"Basic ",  "basic ",  "BASIC  ", "Basic\t",
                                         "Basic",   "Basic:",  "Basic,",  "Bearer ",
                                         "Basic  ", "BasicX ", " Basic ", "Basi "};

constexpr std::string_view kTails[] = {"\r", " ", "=", ",", "==",   "\t",
                                       "\n", "A", "-", "_", "\r\n", ", x"};

constexpr std::string_view kPairs[] = {
    "s6BhdRkqt3:gX1fBat3bV",
    "partner-read:r3adOnlySecret",
    "partner-colon:se:cr:et",
    "partner-pad2:k3yForPadTwo",
    "partner-nogrant:n0Grant4u",
    "partner-suspended:susp3nded",
    "partner-enc:a+b%2Fc d&e=f/",
    ":",
    "a:b",
    "partner-enc:a%2Bb%252Fc+d%26e%3Df%2F",
    "partner-noscope:n0neAtAll",
    "partner-long:long-secret-of-exactly-seventy-two-octets-so-that-nothing-may-cut-it-off",
    "partner-b64u:k>>>?key??",
    "partner-second:sec0ndSecret"};

constexpr std::string_view kInside[] = {
    ":",  "\r\n", std::string_view("\0", 1), "\x7f", "%3A", "%zz", "+", "\xc3\xa4", "\xff", "\x01",
    "\t", "\x80"};

// A Basic field in its parts: what stands before the token, the token, and what it decodes to.
struct Field {
  std::string scheme, before, token, pair;
};

Field Read(std::string_view value) {
  const std::size_t space = value.find(' ');
  const std::size_t begin = value.find_first_not_of(' ', space);
  Field field;
  field.scheme = value.substr(0, space);
  field.before = field.scheme + " ";
  if (space != std::string_view::npos && begin != std::string_view::npos) {
    field.token = value.substr(begin);
  }
  field.pair = Decoded64(field.token);
  return field;
}

void MutatePair(Field& field, Random& random) {
  field.token = Encoded64(MutateBytes(field.pair, random));
}

void InsertIntoPair(Field& field, Random& random) {
  Insert(field.pair, random.OneOf(kInside), random);
  field.token = Encoded64(field.pair);
}

void OtherClient(Field& field, Random& random) {
  field.token = Encoded64(random.OneOf(kPairs));
}

void OtherScheme(Field& field, Random& random) {
  field.before = std::string(random.OneOf(kSchemes));
}

void AppendTail(Field& field, Random& random) {
  field.token += random.OneOf(kTails);
}

// Other bits in the last symbol before the padding: the same bytes, another spelling.
void ChangePadBits(Field& field, Random& random) {
  const std::size_t last = field.token.find_last_not_of('=');
  if (last == std::string::npos) return;
  const std::size_t value = kBase64.find(field.token[last]);
  if (value == std::string_view::npos) return;
  field.token[last] = kBase64[(value ^ (1 + random.Below(15))) & 63];
}

void ChangePadding(Field& field, Random& random) {
  while (field.token.ends_with('=')) field.token.pop_back();
  if (random.OneIn(2)) field.token += random.OneIn(2) ? "=" : "===";
}

void UseUrlAlphabet(Field& field, Random& random) {
  std::replace(field.token.begin(), field.token.end(), '+', '-');
  std::replace(field.token.begin(), field.token.end(), '/', '_');
  if (random.OneIn(3)) Insert(field.token, random.OneIn(2) ? "-" : "_", random);
}

void ChangeCaseAndSpaces(Field& field, Random& random) {
  field.before = SwappedCase(field.scheme, random);
  field.before.append(1 + random.Below(3), ' ');
}

void InsertIntoToken(Field& field, Random& random) {
  Insert(field.token, Odd(random), random);
}

// Bytes whose base64 has the two symbols that base64url spells differently.
void AppendSymbols62And63(Field& field, Random&) {
  field.token = Encoded64(field.pair + "\xfb\xff\xbf>>>???");
}

// Halves of other lengths: every padding, and the places where buffers end.
void ChangeLength(Field& field, Random& random) {
  const std::size_t at = random.Below(field.pair.size() + 1);
  field.pair.insert(at, std::string(random.Below(120), 'x'));
  field.token = Encoded64(field.pair);
}

using Change = void (*)(Field&, Random&);
constexpr Change kChanges[] = {MutatePair,      InsertIntoPair,       OtherClient,
                               OtherScheme,     AppendTail,           ChangePadBits,
                               ChangePadding,   UseUrlAlphabet,       ChangeCaseAndSpaces,
                               InsertIntoToken, AppendSymbols62And63, ChangeLength};

}  // namespace

std::string MutateBasic(std::string_view field_value, Random& random) {
  Field field = Read(field_value);
  kChanges[random.Below(std::size(kChanges))](field, random);
  return field.before + field.token;
}

}  // namespace grantspec::mutator
