// Mutates forms.

#include <cstddef>

#include "fuzz/mutator/mutator.h"
#include "fuzz/mutator/parts.h"

namespace grantspec::mutator {
namespace {

constexpr std::string_view kNames[] = {"grant_type",    "scope",     "client_id",
                                       "client_secret", "resource",  "client_assertion",
                                       "audience",      "Scope",     "client_assertion_type",
                                       "access_token",  "Grant_type"};
constexpr std::string_view kValues[] = {"client_credentials",
                                        "billing:batches:read",
                                        "billing:batches:submit",
                                        "billing:customers:read",
                                        "billing:customers:invite",
                                        "password",
                                        "authorization_code",
                                        "CLIENT_CREDENTIALS",
                                        "client_credentials ",
                                        "s6BhdRkqt3",
                                        "partner-read",
                                        "",
                                        "billing:batches:read x",
                                        "x",
                                        "refresh_token"};
constexpr std::string_view kOddities[] = {"%",
                                          "%4",
                                          "%zz",
                                          "%00",
                                          "%0d%0a",
                                          "%25",
                                          "%2541",
                                          "%2B",
                                          "+",
                                          "%20",
                                          "%C3%A4",
                                          "%c0%af",
                                          "%ED%A0%80",
                                          "%F0%9F%98%80",
                                          "%F4%90%80%80",
                                          "%ff",
                                          "=",
                                          "&",
                                          "&&",
                                          ";",
                                          "==",
                                          "%u0041",
                                          "\t"};

}  // namespace

std::string MutateForm(std::string_view content, Random& random) {
  Parts pairs = Split(content, "&");
  std::string& pair = pairs[random.Below(pairs.size())];
  const std::size_t equals = pair.find('=');
  std::string name = pair.substr(0, equals);
  std::string value = equals == std::string::npos ? "" : pair.substr(equals + 1);
  switch (random.Below(11)) {
    case 0:
      MutateParts(pairs, random);
      return Join(pairs, "&");
    case 1:
      value = Escaped(MutateBytes(Unescaped(value), random), random);
      break;
    case 2:
      value = Escaped(MutateScope(Unescaped(value), random), random);
      break;
    case 3:
      name = Escaped(Unescaped(name), random);
      value = Escaped(Unescaped(value), random);
      break;
    case 4:
      name = std::string(random.OneOf(kNames));
      break;
    case 5:
      value = Escaped(random.OneOf(kValues), random);
      break;
    case 6:
      Insert(random.OneIn(3) ? name : value, random.OneOf(kOddities), random);
      break;
    case 7:
      pairs.push_back(std::string(random.OneOf(kNames)) + "=" +
                      Escaped(random.OneOf(kValues), random));
      return Join(pairs, "&");
    case 8:
      // An escape within an escape.
      if (const std::size_t percent = value.find('%'); percent != std::string::npos) {
        value.insert(percent + 1, "25");
      } else {
        value += "%2541";
      }
      break;
    case 9:
      return Join(pairs, random.OneIn(2) ? ";" : "&&");
    case 10:
      value = SwappedCase(value, random);
      break;
  }
  pair = name + (equals == std::string::npos && value.empty() ? "" : "=") + value;
  return Join(pairs, "&");
}

}  // namespace grantspec::mutator
