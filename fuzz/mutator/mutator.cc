// Mutates bytes of any kind.

#include <cstddef>

#include "fuzz/mutator/mutator.h"
#include "fuzz/mutator/parts.h"

namespace grantspec::mutator {
namespace {

constexpr std::size_t kBytesMax = 64 * 1024;

}  // namespace

std::string MutateBytes(std::string bytes, Random& random) {
  if (bytes.empty()) return Odd(random);
  const std::size_t at = random.Below(bytes.size());
  switch (random.Below(8)) {
    case 0:
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.Below(8)));
      break;
    case 1:
      bytes.erase(at, 1 + random.Below(3));
      break;
    case 2:
      Insert(bytes, Odd(random), random);
      break;
    case 3:
      bytes[at] = Odd(random)[0];
      break;
    case 4:
      bytes.resize(at);
      break;
    case 5:
      bytes += bytes.substr(at, 1 + random.Below(16));
      break;
    case 6:
      bytes[at] = static_cast<char>(random.Next());
      break;
    case 7:
      bytes.insert(at, std::string(1 + random.Below(80), bytes[at]));
      break;
  }
  return bytes;
}

std::string MutateAny(std::string_view bytes, Random& random) {
  if (random.OneIn(8)) return MutateBytes(std::string(bytes), random);
  if (bytes.find("\r\n") != std::string_view::npos) return MutateRequest(bytes, random);
  if (bytes.size() > 5 && (bytes[0] | 32) == 'b' && (bytes[4] | 32) == 'c') {
    return MutateBasic(bytes, random);
  }
  const bool form = bytes.find_first_of("=&%") != std::string_view::npos;
  return form ? MutateForm(bytes, random) : MutateScope(bytes, random);
}

std::string Cross(std::string_view one, std::string_view other, char separator, Random& random) {
  const std::string between(1, separator);
  const Parts mine = Split(one, between), theirs = Split(other, between);
  Parts parts;
  for (const Parts* from : {&mine, &theirs}) {
    for (const std::string& part : *from) {
      if (!random.OneIn(3)) parts.push_back(part);
    }
  }
  std::string joined = Join(parts, between);
  if (joined.size() > kBytesMax) joined.resize(kBytesMax);
  return joined;
}

}  // namespace grantspec::mutator
