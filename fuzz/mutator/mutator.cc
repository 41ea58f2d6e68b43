#include "fuzz/mutator/mutator.h"

#include <algorithm>
#include <vector>

namespace grantspec::mutator {
namespace {

using Parts = std::vector<std::string>;

constexpr std::size_t kOctetsMax = 64 * 1024;
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kEdges("\0\t\n\r !\"%&'+,-./0:;<=?@A[\\]_a{|}~\x7f\x80\xc3\xff", 35);

Parts Split(std::string_view text, std::string_view separator) {
  Parts parts;
  for (;;) {
    const std::size_t at = text.find(separator);
    parts.emplace_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + separator.size());
  }
}

std::string Join(const Parts& parts, std::string_view separator) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) text += separator;
    text += parts[i];
  }
  return text;
}

int Hex(char c) {
  const std::size_t at = std::string_view("0123456789abcdefABCDEF").find(c);
  return at == std::string_view::npos ? -1 : static_cast<int>(at < 16 ? at : at - 6);
}

std::string Unescaped(std::string_view text) {
  std::string octets;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && Hex(text[i + 1]) >= 0 && Hex(text[i + 2]) >= 0) {
      octets += static_cast<char>(Hex(text[i + 1]) * 16 + Hex(text[i + 2]));
      i += 2;
    } else {
      octets += text[i] == '+' ? ' ' : text[i];
    }
  }
  return octets;
}

// An octet escaped, in upper or lower case.
std::string Escape(char c, Random& random) {
  static constexpr std::string_view kDigits[] = {"0123456789ABCDEF", "0123456789abcdef"};
  const std::string_view digits = random.OneOf(kDigits);
  const auto octet = static_cast<unsigned char>(c);
  return {'%', digits[octet >> 4], digits[octet & 15]};
}

// Octets as a form has them, each in one of its spellings.
std::string Escaped(std::string_view octets, Random& random) {
  const std::size_t often = random.OneIn(4) ? 2 : 64;
  std::string text;
  for (char c : octets) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '_' || c == '-' || c == '.' || (c == ':' && random.OneIn(2));
    if (c == ' ' && !random.OneIn(4)) {
      text += '+';
    } else if (plain && !random.OneIn(often)) {
      text += c;
    } else {
      text += Escape(c, random);
    }
  }
  return text;
}

std::string Decoded64(std::string_view text) {
  std::string octets;
  unsigned bits = 0;
  int held = 0;
  for (char c : text) {
    const std::size_t value = kBase64.find(c);
    if (value == std::string_view::npos) continue;
    bits = bits << 6 | static_cast<unsigned>(value);
    held += 6;
    if (held >= 8) octets += static_cast<char>(bits >> (held -= 8) & 255);
  }
  return octets;
}

std::string Encoded64(std::string_view octets) {
  std::string text;
  unsigned bits = 0;
  int held = 0;
  for (unsigned char c : octets) {
    bits = bits << 8 | c;
    held += 8;
    while (held >= 6) text += kBase64[bits >> (held -= 6) & 63];
  }
  if (held > 0) text += kBase64[bits << (6 - held) & 63];
  while (text.size() % 4 != 0) text += '=';
  return text;
}

// Parts taken away, doubled, swapped, moved or made many.
void MutateParts(Parts& parts, Random& random) {
  const std::size_t i = random.Below(parts.size()), k = random.Below(parts.size());
  switch (random.Below(6)) {
    case 0:
      parts.push_back(parts[i]);
      break;
    case 1:
      parts.insert(parts.begin() + static_cast<std::ptrdiff_t>(k), parts[i]);
      break;
    case 2:
      if (parts.size() > 1) parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(i));
      break;
    case 3:
      std::swap(parts[i], parts[k]);
      break;
    case 4:
      for (std::size_t n = random.OneIn(4) ? 40 : 2; n > 0; --n) parts.push_back(parts[i]);
      break;
    case 5:
      parts.insert(parts.begin() + static_cast<std::ptrdiff_t>(k), "");
      break;
  }
}

std::string SwappedCase(std::string text, Random& random) {
  for (char& c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (letter && random.OneIn(2)) c = static_cast<char>(c ^ 32);
  }
  return text;
}

std::string Odd(Random& random) {
  return std::string(1, kEdges[random.Below(kEdges.size())]);
}

void Insert(std::string& text, std::string_view what, Random& random) {
  text.insert(random.Below(text.size() + 1), what);
}

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

std::string MutateOctets(std::string octets, Random& random) {
  if (octets.empty()) return Odd(random);
  const std::size_t at = random.Below(octets.size());
  switch (random.Below(8)) {
    case 0:
      octets[at] = static_cast<char>(octets[at] ^ (1 << random.Below(8)));
      break;
    case 1:
      octets.erase(at, 1 + random.Below(3));
      break;
    case 2:
      Insert(octets, Odd(random), random);
      break;
    case 3:
      octets[at] = Odd(random)[0];
      break;
    case 4:
      octets.resize(at);
      break;
    case 5:
      octets += octets.substr(at, 1 + random.Below(16));
      break;
    case 6:
      octets[at] = static_cast<char>(random.Next());
      break;
    case 7:
      octets.insert(at, std::string(1 + random.Below(80), octets[at]));
      break;
  }
  return octets;
}

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
      value = Escaped(MutateOctets(Unescaped(value), random), random);
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

std::string MutateBasic(std::string_view field_value, Random& random) {
  static constexpr std::string_view kSchemes[] = {"Basic ",  "basic ",  "BASIC  ", "Basic\t",
                                                  "Basic",   "Basic:",  "Basic,",  "Bearer ",
                                                  "Basic  ", "BasicX ", " Basic ", "Basi "};
  static constexpr std::string_view kTails[] = {"\r", " ", "=", ",", "==",   "\t",
                                                "\n", "A", "-", "_", "\r\n", ", x"};
  static constexpr std::string_view kPairs[] = {
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
  static constexpr std::string_view kInside[] = {":",    "\r\n",     std::string_view("\0", 1),
                                                 "\x7f", "%3A",      "%zz",
                                                 "+",    "\xc3\xa4", "\xff",
                                                 "\x01", "\t",       "\x80"};
  const std::size_t space = field_value.find(' ');
  const std::size_t behind = field_value.find_first_not_of(' ', space);
  std::string scheme(field_value.substr(0, space));
  std::string token = space == std::string_view::npos || behind == std::string_view::npos
                          ? ""
                          : std::string(field_value.substr(behind));
  std::string pair = Decoded64(token);
  std::string between = scheme + " ";
  switch (random.Below(12)) {
    case 0:
      token = Encoded64(MutateOctets(pair, random));
      break;
    case 1:
      Insert(pair, random.OneOf(kInside), random);
      token = Encoded64(pair);
      break;
    case 2:
      token = Encoded64(random.OneOf(kPairs));
      break;
    case 3:
      between = std::string(random.OneOf(kSchemes));
      break;
    case 4:
      token += random.OneOf(kTails);
      break;
    case 5:
      // Other bits in the last symbol before the padding: the same octets, another spelling.
      if (const std::size_t last = token.find_last_not_of('='); last != std::string::npos) {
        const std::size_t value = kBase64.find(token[last]);
        if (value != std::string_view::npos)
          token[last] = kBase64[(value ^ (1 + random.Below(15))) & 63];
      }
      break;
    case 6:
      while (token.ends_with('=')) token.pop_back();
      if (random.OneIn(2)) token += random.OneIn(2) ? "=" : "===";
      break;
    case 7:
      std::replace(token.begin(), token.end(), '+', '-');
      std::replace(token.begin(), token.end(), '/', '_');
      if (random.OneIn(3)) Insert(token, random.OneIn(2) ? "-" : "_", random);
      break;
    case 8:
      between = SwappedCase(scheme, random) + std::string(1 + random.Below(3), ' ');
      break;
    case 9:
      Insert(token, Odd(random), random);
      break;
    case 10:
      // Octets whose base64 has the two symbols that base64url spells differently.
      token = Encoded64(pair + "\xfb\xff\xbf>>>???");
      break;
    case 11:
      // Halves of other lengths: every padding, and the places where buffers end.
      pair.insert(random.Below(pair.size() + 1), std::string(random.Below(120), 'x'));
      token = Encoded64(pair);
      break;
  }
  return between + token;
}

std::string MutateScope(std::string_view text, Random& random) {
  static constexpr std::string_view kSeparators[] = {"  ",  "\t",  ",",        "\n", "+",
                                                     " \t", "%20", "\xc2\xa0", ";"};
  static constexpr std::string_view kTokens[] = {"billing:batches:read",
                                                 "billing:batches:submit",
                                                 "billing:customers:read",
                                                 "billing:customers:invite",
                                                 "a",
                                                 "A",
                                                 "!",
                                                 "~",
                                                 "[",
                                                 "]",
                                                 "openid",
                                                 "billing:batches:reads",
                                                 "billing:batches:rea",
                                                 "*",
                                                 "#"};
  static constexpr std::string_view kFaults[] = {
      "\"", "\\", "\x7f", "\x1f", "\xc3\xa4", std::string_view("\0", 1), "\r", "\x80", "\xff"};
  Parts tokens = Split(text, " ");
  std::string& token = tokens[random.Below(tokens.size())];
  switch (random.Below(10)) {
    case 0:
    case 1:
      MutateParts(tokens, random);
      break;
    case 2:
      token = std::string(random.OneOf(kTokens));
      break;
    case 3:
      tokens.insert(tokens.begin() + static_cast<std::ptrdiff_t>(random.Below(tokens.size() + 1)),
                    std::string(random.OneOf(kTokens)));
      break;
    case 4:
      Insert(token, random.OneOf(kFaults), random);
      break;
    case 5:
      return Join(tokens, random.OneOf(kSeparators));
    case 6:
      token = SwappedCase(token, random);
      break;
    case 7:
      return (random.OneIn(2) ? " " : "") + Join(tokens, " ") + (random.OneIn(2) ? " " : "");
    case 8:
      token = MutateOctets(token, random);
      break;
    case 9:
      token.append(1 + random.Below(100), 'x');
      break;
  }
  return Join(tokens, " ");
}

std::string MutateContentType(std::string_view value, Random& random) {
  static constexpr std::string_view kTypes[] = {"application/x-www-form-urlencoded",
                                                "Application/X-WWW-Form-URLEncoded",
                                                "application/json",
                                                "application/x-www-form-urlencoded2",
                                                "text/plain",
                                                "application/",
                                                "application",
                                                "application /x-www-form-urlencoded",
                                                "*/*",
                                                "/"};
  static constexpr std::string_view kParameters[] = {"charset=UTF-8",
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
  static constexpr std::string_view kSpaces[] = {" ", "\t", " ;", "; ", ";;",
                                                 ",", "\"", "\\", "=",  "/"};
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
      parts[random.Below(parts.size())] = MutateOctets(parts[random.Below(parts.size())], random);
      break;
  }
  return Join(parts, ";");
}

std::string MutateTokenResponse(std::string_view content, Random& random) {
  static constexpr std::string_view kMembers[] = {
      "\"access_token\"", "\"token_type\"",         "\"expires_in\"", "\"scope\"", "\"x\"", "\"\"",
      "\"Access_token\"", "\"access\\u005ftoken\"", "\"error\""};
  static constexpr std::string_view kJson[] = {"\"t\"",
                                               "\"Bearer\"",
                                               "900",
                                               "\"900\"",
                                               "9e2",
                                               "-0",
                                               "-1",
                                               "0",
                                               "9007199254740991",
                                               "9007199254740992",
                                               "99999999999999999999",
                                               "1e400",
                                               "01",
                                               "null",
                                               "true",
                                               "[\"a\"]",
                                               "{}",
                                               "\"a b\"",
                                               "\"a  b\"",
                                               "\"\"",
                                               "\"\\u0000\"",
                                               "\"\\ud83d\\ude00\"",
                                               "\"\\ud83d\"",
                                               "\"\xc3\xa4\"",
                                               "\"\xff\"",
                                               "[[[[]]]]",
                                               "{\"a\":1,\"a\":2}",
                                               "\"urn:x:y\"",
                                               "\"a\\\"b\"",
                                               "900.0",
                                               "+1",
                                               "1.",
                                               ".5",
                                               "\"\x7f\""};
  std::string text(content);
  // Most changes are worth nothing to a text that is no token answer any more.
  if (random.OneIn(4) && text.find("access_token") == std::string::npos) {
    text = R"({"access_token":"t","token_type":"Bearer"})";
  }
  switch (random.Below(7)) {
    case 0: {  // one more member
      const std::size_t end = text.rfind('}');
      const std::string name = random.OneIn(2) ? std::string(random.OneOf(kMembers))
                                               : "\"x" + std::to_string(random.Below(100)) + "\"";
      const std::string member =
          "," + name + ":" + (random.OneIn(3) ? "0" : std::string(random.OneOf(kJson)));
      text.insert(end == std::string::npos ? text.size() : end, member);
      break;
    }
    case 1: {  // another value behind a colon
      Parts parts = Split(text, ":");
      std::string& part = parts[random.Below(parts.size())];
      const std::size_t end = part.find_first_of(",}]");
      part = std::string(random.OneOf(kJson)) + (end == std::string::npos ? "" : part.substr(end));
      text = Join(parts, ":");
      break;
    }
    case 2: {
      Parts parts = Split(text, ",");
      MutateParts(parts, random);
      text = Join(parts, ",");
      break;
    }
    case 3:
      Insert(text, random.OneOf(kJson), random);
      break;
    case 4: {
      Parts parts = Split(text, "\"");
      std::string& part = parts[random.Below(parts.size())];
      part = MutateOctets(part, random);
      text = Join(parts, "\"");
      break;
    }
    case 5: {
      const std::size_t depth = 1 + random.Below(40);
      text = "{\"x\":" + std::string(depth, '[') + std::string(depth, ']') + "}";
      break;
    }
    case 6:
      text.insert(random.OneIn(4) ? 0 : text.size(), Odd(random));
      break;
  }
  return text;
}

std::string MutateRequest(std::string_view octets, Random& random) {
  static constexpr std::string_view kLines[] = {
      "POST /billing/oauth2/token HTTP/1.1",
      "GET /billing/oauth2/token HTTP/1.1",
      "OPTIONS /billing/oauth2/token HTTP/1.1",
      "HEAD /billing/oauth2/token HTTP/1.1",
      "POST /billing/oauth2/token HTTP/1.0",
      "POST /billing/oauth2/token HTTP/2.0",
      "POST  /billing/oauth2/token HTTP/1.1",
      "POST /billing/oauth2/token?x=y HTTP/1.1",
      "POST /billing/oauth2/token?scope=x HTTP/1.1",
      "POST /billing/oauth2/token?client_id=x HTTP/1.1",
      "post /billing/oauth2/token HTTP/1.1",
      "POST /billing/oauth2/token/ HTTP/1.1",
      "POST /billing/oauth2/Token HTTP/1.1",
      "PUT /billing/oauth2/token HTTP/1.1",
      "BREW /billing/oauth2/token HTTP/1.1",
      "GET /billing/sites/site-1/customers HTTP/1.1",
      "POST /billing/sites/site-1/batches?access_token=x HTTP/1.1",
      "OPTIONS * HTTP/1.1",
      "GET /.well-known/oauth-authorization-server HTTP/1.1",
      "POST /billing/oauth2/token HTTP/1.10",
      "POST /billing/oauth2/token?client_secret=x HTTP/1.1"};
  static constexpr std::string_view kFields[] = {
      "Authorization: Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW",
      "Authorization: Bearer x",
      "Content-Type: application/x-www-form-urlencoded",
      "Content-Type: application/json",
      "Content-Type: application/x-www-form-urlencoded;charset=UTF-8",
      "Content-Encoding: gzip",
      "Content-Encoding: identity",
      "Transfer-Encoding: chunked",
      "Transfer-Encoding: identity",
      "Transfer-Encoding: gzip, chunked",
      "Content-Length: 0",
      "Content-Length: +1",
      "Host: localhost",
      "Host: a/b",
      "Host:",
      "X: y",
      "X : y",
      " folded",
      "X: a\nb",
      "X: a\rb",
      "X-HTTP-Method-Override: GET",
      "no colon",
      "Expect: 100-continue",
      "X: \x01",
      "authorization: Basic Og=="};
  static constexpr std::string_view kLengths[] = {"0",
                                                  "1",
                                                  "+1",
                                                  "-1",
                                                  "0x10",
                                                  "4294967296",
                                                  "4294967297",
                                                  "18446744073709551616",
                                                  "99999999999999999999",
                                                  "00",
                                                  "1, 1",
                                                  "",
                                                  "1 1",
                                                  "1e1",
                                                  "2147483648"};
  const std::size_t end = octets.find("\r\n\r\n");
  Parts lines = Split(octets.substr(0, end), "\r\n");
  std::string content(end == std::string_view::npos ? std::string_view() : octets.substr(end + 4));
  const auto is = [](std::string_view line, std::string_view name) {
    if (line.size() <= name.size() || line[name.size()] != ':') return false;
    for (std::size_t i = 0; i < name.size(); ++i) {
      if ((line[i] | 32) != (name[i] | 32)) return false;
    }
    return true;
  };
  // Hands the value of the first field of that name to a mutator.
  const auto change = [&](std::string_view name, auto mutate) {
    for (std::string& line : lines) {
      if (!is(line, name)) continue;
      const std::size_t at = line.find_first_not_of(' ', name.size() + 1);
      const std::string value = at == std::string::npos ? "" : line.substr(at);
      line = line.substr(0, name.size()) + ": " + mutate(value, random);
      return;
    }
    lines.emplace_back(random.OneOf(kFields));
  };
  bool repair = !random.OneIn(8);
  switch (random.Below(16)) {
    case 0:
      lines[0] = std::string(random.OneOf(kLines));
      break;
    case 1:
    case 2:
    case 3:
      change("authorization", [](const std::string& v, Random& r) { return MutateBasic(v, r); });
      break;
    case 4:
      change("content-type",
             [](const std::string& v, Random& r) { return MutateContentType(v, r); });
      break;
    case 5:
      lines.insert(lines.begin() + 1 + static_cast<std::ptrdiff_t>(random.Below(lines.size())),
                   std::string(random.OneOf(kFields)));
      break;
    case 6:
      MutateParts(lines, random);
      break;
    case 7:
      change("content-length",
             [](const std::string&, Random& r) { return std::string(r.OneOf(kLengths)); });
      repair = false;
      break;
    case 8: {
      std::string& line = lines[random.Below(lines.size())];
      line = MutateOctets(line, random);
      break;
    }
    case 9: {
      std::string& line = lines[random.Below(lines.size())];
      line = SwappedCase(line.substr(0, line.find(':')), random) +
             (line.find(':') == std::string::npos ? "" : line.substr(line.find(':')));
      break;
    }
    case 10:
      for (std::string& line : lines) {
        if (is(line, "host")) line = "Host: " + Odd(random) + "host";
      }
      break;
    default:
      content = MutateForm(content, random);
      if (random.OneIn(4)) content = MutateForm(content, random);
      break;
  }
  if (repair) {
    for (std::string& line : lines) {
      if (is(line, "content-length")) line = "Content-Length: " + std::to_string(content.size());
    }
  }
  return Join(lines, "\r\n") + "\r\n\r\n" + content;
}

std::string MutateAny(std::string_view octets, Random& random) {
  if (random.OneIn(8)) return MutateOctets(std::string(octets), random);
  if (octets.find("\r\n") != std::string_view::npos) return MutateRequest(octets, random);
  if (octets.size() > 5 && (octets[0] | 32) == 'b' && (octets[4] | 32) == 'c') {
    return MutateBasic(octets, random);
  }
  const bool form = octets.find_first_of("=&%") != std::string_view::npos;
  return form ? MutateForm(octets, random) : MutateScope(octets, random);
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
  if (joined.size() > kOctetsMax) joined.resize(kOctetsMax);
  return joined;
}

}  // namespace grantspec::mutator
