// Mutates Content-Type values.

#include "fuzz/mutator/mutator.h"
#include "fuzz/mutator/parts.h"

namespace grantspec::mutator {
namespace {

constexpr std::string_view kTypes[] = {"application/x-www-form-urlencoded",
                                       "Application/X-WWW-Form-URLEncoded",
                                       "application/json",
                                       "application/x-www-form-urlencoded2",
                                       "text/plain",
                                       "application/",
                                       "application",
                                       "application /x-www-form-urlencoded",
                                       "*/*",
                                       "/"};

constexpr std::string_view kParameters[] = {"charset=UTF-8",
                                            "charset=\"utf-8\"",
                                            "charset=iso-8859-1",
                                            "a=\"x\\\"y\"",
                                            "q=1",
                                            "charset",
                                            "=x",
                                            "charset=",
                                            "a=\"",
                                            "boundary=\"a;b\"",
                                            "CHARSET=utf-8",
                                            "a=\"\"",
                                            "a = b",
                                            "a=\"\\\\\"",
                                            "charset=utf-16",
                                            "a='b'",
                                            ""};

constexpr std::string_view kSpaces[] = {" ", "\t", " ;", "; ", ";;", ",", "\"", "\\", "=", "/"};

}  // namespace

std::string MutateContentType(std::string_view value, Random& random) {
  Parts parts = Split(value, ";");
  switch (random.Below(7)) {
    case 0:
      MutateParts(parts, random);
      break;
    case 1:
      parts[0] = std::string(random.OneOf(kTypes));
      break;
    case 2:
    case 3:
      parts.push_back((random.OneIn(2) ? " " : "") + std::string(random.OneOf(kParameters)));
      break;
    case 4:
      Insert(parts[random.Below(parts.size())], random.OneOf(kSpaces), random);
      break;
    case 5:
      parts[random.Below(parts.size())] = SwappedCase(parts[random.Below(parts.size())], random);
      break;
    case 6:
      parts[random.Below(parts.size())] = MutateBytes(parts[random.Below(parts.size())], random);
      break;
  }
  return Join(parts, ";");
}

}  // namespace grantspec::mutator
