// Mutates whole requests.

#include <cstddef>
#include <iterator>

#include "fuzz/mutator/mutator.h"
#include "fuzz/mutator/parts.h"

namespace grantspec::mutator {
namespace {

constexpr std::string_view kLines[] = {"POST /billing/oauth2/token HTTP/1.1",
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

constexpr std::string_view kFields[] = {
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

constexpr std::string_view kLengths[] = {"0",
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

// A request in its parts: request line and header fields, and the body.
struct Message {
  Parts lines;
  std::string body;
  bool repair = true;  // makes Content-Length fit afterwards
};

bool IsNamed(std::string_view line, std::string_view name) {
  if (line.size() <= name.size() || line[name.size()] != ':') return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if ((line[i] | 32) != (name[i] | 32)) return false;
  }
  return true;
}

// Replaces the value of the first field of that name; adds a field where there is none.
template <typename Mutate>
void ChangeValue(Message& message, std::string_view name, Random& random, const Mutate& mutate) {
  for (std::string& line : message.lines) {
    if (!IsNamed(line, name)) continue;
    const std::size_t at = line.find_first_not_of(' ', name.size() + 1);
    const std::string value = at == std::string::npos ? "" : line.substr(at);
    line = line.substr(0, name.size()) + ": " + mutate(value, random);
    return;
  }
  message.lines.emplace_back(random.OneOf(kFields));
}

std::string& AnyLine(Message& message, Random& random) {
  return message.lines[random.Below(message.lines.size())];
}

void OtherRequestLine(Message& message, Random& random) {
  message.lines[0] = std::string(random.OneOf(kLines));
}

void Authorization(Message& message, Random& random) {
  ChangeValue(message, "authorization", random, MutateBasic);
}

void ContentType(Message& message, Random& random) {
  ChangeValue(message, "content-type", random, MutateContentType);
}

void AddField(Message& message, Random& random) {
  Parts& lines = message.lines;
  lines.insert(lines.begin() + 1 + static_cast<std::ptrdiff_t>(random.Below(lines.size())),
               std::string(random.OneOf(kFields)));
}

void MutateLines(Message& message, Random& random) {
  MutateParts(message.lines, random);
}

void ContentLength(Message& message, Random& random) {
  ChangeValue(message, "content-length", random,
              [](const std::string&, Random& r) { return std::string(r.OneOf(kLengths)); });
  message.repair = false;
}

void MutateLine(Message& message, Random& random) {
  std::string& line = AnyLine(message, random);
  line = MutateBytes(line, random);
}

void ChangeNameCase(Message& message, Random& random) {
  std::string& line = AnyLine(message, random);
  const std::size_t colon = line.find(':');
  const std::string rest = colon == std::string::npos ? "" : line.substr(colon);
  line = SwappedCase(line.substr(0, colon), random) + rest;
}

void Host(Message& message, Random& random) {
  for (std::string& line : message.lines) {
    if (IsNamed(line, "host")) line = "Host: " + Odd(random) + "host";
  }
}

void Body(Message& message, Random& random) {
  message.body = MutateForm(message.body, random);
  if (random.OneIn(4)) message.body = MutateForm(message.body, random);
}

// What matters most stands in the table several times.
using Change = void (*)(Message&, Random&);
constexpr Change kChanges[] = {OtherRequestLine,
                               Authorization,
                               Authorization,
                               Authorization,
                               ContentType,
                               AddField,
                               MutateLines,
                               ContentLength,
                               MutateLine,
                               ChangeNameCase,
                               Host,
                               Body,
                               Body,
                               Body,
                               Body,
                               Body};

}  // namespace

std::string MutateRequest(std::string_view bytes, Random& random) {
  const std::size_t end = bytes.find("\r\n\r\n");
  Message message{Split(bytes.substr(0, end), "\r\n"), ""};
  if (end != std::string_view::npos) message.body = bytes.substr(end + 4);
  message.repair = !random.OneIn(8);
  kChanges[random.Below(std::size(kChanges))](message, random);
  if (message.repair) {
    for (std::string& line : message.lines) {
      if (IsNamed(line, "content-length")) {
        line = "Content-Length: " + std::to_string(message.body.size());
      }
    }
  }
  return Join(message.lines, "\r\n") + "\r\n\r\n" + message.body;
}

}  // namespace grantspec::mutator
