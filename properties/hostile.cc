// Hostile requests: what an attacker who knows the protocol would send. Any response will do that
// is one: no server error, no token without a login, no echo of a secret, well-formed refusals, and
// a target that keeps serving.

#include <algorithm>
#include <map>
#include <set>

#include "conformance/engine/check/check.h"
#include "fixtures/grammar/form.h"
#include "properties/draw.h"
#include "properties/quiet.h"
#include "properties/runner.h"

namespace grantspec {
namespace {

const SourceLine kHere = {"properties/hostile.cc", __LINE__};
constexpr int kShrinksMax = 60;  // of one finding

// Pieces of content that break parsers, plainest first.
const std::vector<std::string> kPieces = {"a",
                                          "%00",
                                          "%0d%0aX-Injected:%201",
                                          "%25",
                                          "%2541",
                                          "%",
                                          "%zz",
                                          "%c0%ba",
                                          "%ff",
                                          "%ed%a0%80",
                                          "'",
                                          "\"",
                                          "<script>",
                                          "../",
                                          "[0]",
                                          "[]",
                                          "[__proto__]",
                                          "=",
                                          ";",
                                          ",",
                                          "+",
                                          "%2B",
                                          "\xC3\xA4",
                                          std::string(1, '\xFF'),
                                          std::string(300, 'a'),
                                          "${7*7}",
                                          "{{7*7}}",
                                          "%09",
                                          " ",
                                          "%F0%9F%92%B3",
                                          "__proto__",
                                          "constructor",
                                          "true",
                                          "null",
                                          "-1",
                                          "1e400",
                                          "\\",
                                          "|",
                                          "`id`"};

std::string Hostile(std::size_t most) {
  std::string text;
  for (const std::string& piece : SomeOf(kPieces, most)) text += piece;
  return text;
}

std::string BadCredentials() {
  static const std::vector<std::string> kCredentials = {
      "{{base64(nobody.id ':' nobody.secret)}}",
      "{{base64(nobody.id)}}",
      "{{base64(':')}}",
      "{{unpadded(base64(nobody.id ':a'))}}",
      "{{base64(nobody.id ':' nobody.secret)}}=",
      "{{base64url(nobody.id ':' nobody.secret)}}",
      "{{hex(nobody.id ':' nobody.secret)}}",
      "{{nobody.id}}:{{nobody.secret}}",
      "",
      "!",
      "Og",
      "AAAA"};
  std::string text = AnyOf(kCredentials);
  if (text.find("unpadded") != std::string::npos) text = "Og";
  if (Perhaps())
    text.insert(AnyIndex(2) == 0 ? 0 : text.size(), AnyOf(kPieces) == "{{7*7}}" ? "x" : ",");
  return text;
}

StepSpec BadLogin() {
  static const std::vector<std::string> kSchemes = {
      "Basic ", "basic ", "Basic", "Basic\t", "Basic  ", "Bearer ", "", "Basic,", "Digest "};
  StepSpec step;
  const std::string value = AnyOf(kSchemes) + BadCredentials();
  step.fields = {{{"Authorization", kHere}, {{value, kHere}}}};
  if (Perhaps()) step.fields.front().values.push_back({"Basic {{base64(nobody.id ':x')}}", kHere});
  step.expect.response = {"refused"};
  return step;
}

StepSpec HostileForm(const World& world) {
  static const std::vector<std::string> kNames = {
      "x", "grant_type", "scope", "client_id", "client_secret", "resource", "assertion"};
  std::vector<std::string> pairs = {"grant_type=client_credentials"};
  if (!world.granted.empty())
    pairs.push_back("scope=" + EncodeFormComponent(world.granted.front()));
  std::string content;
  for (std::size_t i = AnyIndex(3) + 1; i > 0; --i) {
    std::string name = AnyOf(kNames);
    if (Perhaps()) name += Hostile(2);
    pairs.push_back(name + "=" + Hostile(3));
  }
  if (Perhaps()) pairs.erase(pairs.begin());
  for (const std::string& pair : Shuffled(pairs)) content += (content.empty() ? "" : "&") + pair;
  StepSpec step = SendContent("request", content);
  step.expect.response = {"refused", "token"};
  step.checks = {"granted_within_registered"};
  return step;
}

StepSpec HostileFields() {
  static const std::vector<std::string> kTypes = {
      "application/x-www-form-urlencoded",
      "application/json",
      "multipart/form-data",
      "text/xml",
      "application/x-www-form-urlencoded; charset=utf-16",
      ";",
      "a/b/c",
      "application/",
      "*/*"};
  static const std::vector<std::pair<std::string, std::string>> kFields = {
      {"X-Forwarded-Host", "evil.invalid"},
      {"Accept", "text/html"},
      {"Accept", "a;q=x"},
      {"Content-Encoding", "gzip"},
      {"Content-Encoding", "x"},
      {"Cookie", "a=b; a=b"},
      {"Origin", "null"},
      {"Range", "bytes=0-0"},
      {"If-Match", "*"},
      {"Forwarded", "for=\"[::1]\""},
      {"X-HTTP-Method-Override", "GET"},
      {"Accept-Language", "'"},
      {"Referer", "{{origin}}/%zz"}};
  StepSpec step;
  const std::string type = AnyOf(kTypes);
  if (type != kTypes.front()) step.fields.push_back({{"Content-Type", kHere}, {{type, kHere}}});
  for (const auto& [name, value] : SetOf(kFields, 3)) {
    const auto same = [&name = name](const NamedChange& one) { return one.name.text == name; };
    if (std::none_of(step.fields.begin(), step.fields.end(), same)) {
      step.fields.push_back({{name, kHere}, {{value, kHere}}});
    }
  }
  step.expect.response = {"any", "token"};
  return step;
}

StepSpec HostileTarget() {
  static const std::vector<std::string> kMethods = {"POST",     "GET",  "PUT", "DELETE",
                                                    "PROPFIND", "post", "A"};
  static const std::vector<std::string> kSuffixes = {"?",   "?a",   "?a=%zz",  "?%00",
                                                     "/",   "//",   "/..",     "%2f",
                                                     "%00", ";a=b", "?a[0]=b", "?scope[$ne]=1"};
  StepSpec step;
  const std::string method = AnyOf(kMethods);
  if (method != "POST") {
    step.method = Text{method, kHere};
    step.fields = {{{"Content-Type", kHere}, {{"{{form_type}}", kHere}}}};
    step.content = Text{"{{body}}", kHere};
  }
  step.target = Text{"{{path}}" + AnyOf(kSuffixes), kHere};
  step.expect.response = {"any", "token"};
  if (method != "POST" && method != "post") step.expect.never = {"token"};
  return step;
}

StepSpec HostileBytes() {
  static const std::vector<std::string> kLines = {"X-A: b",
                                                  "X-A : b",
                                                  " folded",
                                                  ": nameless",
                                                  "X-A: \x01",
                                                  "Content-Length: 0",
                                                  "Transfer-Encoding: chunked",
                                                  "Transfer-Encoding: x",
                                                  "Host: other.invalid",
                                                  "Expect: x",
                                                  std::string("X-N: \0", 6),
                                                  "\xFF: a",
                                                  "Connection: close, x",
                                                  "Upgrade: h2c",
                                                  "Content-Length: 99999999999999999999",
                                                  "Content-Length: -1",
                                                  "X-Long: " + std::string(9000, 'a')};
  static const std::vector<std::string> kStarts = {"POST {{target}} HTTP/1.1",
                                                   "POST {{target}} HTTP/1.0",
                                                   "POST {{target}} HTTP/2.0",
                                                   "POST  {{target}} HTTP/1.1",
                                                   "POST {{target}}",
                                                   "POST {{target}} HTTP/1.1 x",
                                                   "POST * HTTP/1.1",
                                                   "POST http:// HTTP/1.1",
                                                   "POST {{origin}}{{target}} HTTP/1.1",
                                                   "\r\n\r\n"};
  StepSpec step;
  std::string text = AnyOf(kStarts) + "\r\nHost: {{host}}\r\nContent-Type: {{form_type}}\r\n" +
                     "Authorization: Basic {{base64(nobody.id ':' nobody.secret)}}\r\n" +
                     "Connection: close\r\n";
  for (const std::string& line : SetOf(kLines, 3)) text += line + "\r\n";
  step.raw = {{{text + "Content-Length: {{length(body)}}\r\n\r\n{{body}}", kHere}}};
  // Some of these make a server wait for more, which never comes.
  step.half_close = true;
  step.expect.response = {"refused", "closed", "501", "505", "redirect"};
  return step;
}

Case HostileCase(const World& world) {
  Case one;
  StepSpec step;
  switch (AnyIndex(5)) {
    case 0:
      step = BadLogin();
      break;
    case 1:
      step = HostileForm(world);
      break;
    case 2:
      step = HostileFields();
      break;
    case 3:
      step = HostileTarget();
      break;
    default:
      step = HostileBytes();
  }
  step.name = "request";
  one.steps = {step};
  return one;
}

// What makes two findings the same one: the response, and the kind of request.
std::string KeyOf(const Trial& trial) {
  std::string key;
  const StepSpec& step = trial.spec->steps.front();
  key += !step.raw.empty() ? "bytes" : step.target ? "target" : step.content ? "form" : "field";
  if (trial.sent.exchanges.empty()) return key + "_nothing";
  const Exchange& exchange = trial.sent.exchanges.back();
  if (exchange.response() == nullptr) {
    key += exchange.failure ? "_" + std::string(ToString(exchange.failure->error)) : "_nothing";
  } else {
    key += "_" + std::to_string(exchange.response()->status);
  }
  for (char& c : key) {
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))) c = '_';
  }
  while (key.back() == '_') key.pop_back();
  return key;
}

}  // namespace

// What hostile requests have shown so far.
struct LawRunner::HostileSearch {
  int requests_max = 0, tried = 0, unclear = 0;
  std::string why;              // of the last that could not be judged
  std::set<std::string> known;  // keys of findings
  // The finding of this round, which is being shrunk:
  std::optional<Trial> failed;
  std::string key;
  int shrinks = 0;
};

// One request, as RapidCheck's property.
void LawRunner::TryHostile(HostileSearch& search) {
  if (search.failed && (examiner_.killer() || ++search.shrinks > kShrinksMax)) return;
  if (!search.failed && search.tried >= search.requests_max) return;
  Case one = Complete(HostileCase(world_), "hostile", "request", "A hostile request does no harm",
                      Level::kMust, {"RFC6749-10.14-01"});
  one.where = kHere;
  if (examiner_.binder().WhyNot(one)) RC_DISCARD("not here");
  Trial trial = Try(std::move(one));
  ++search.tried;
  if (trial.verdict.outcome == Outcome::kInconclusive) {
    ++search.unclear;
    search.why = trial.verdict.why;
  }
  if (trial.verdict.outcome != Outcome::kFail) return;
  const std::string key = KeyOf(trial);
  // Shrinking stays with one finding: a smaller request with another response is another one.
  if (search.failed ? key != search.key : search.known.contains(key)) return;
  search.key = key;
  search.failed = std::move(trial);
  RC_FAIL("broken");
}

void LawRunner::CheckHostile(int count) {
  if (count <= 0) return;
  law_ = prefix_ + "hostile.requests";
  flags_ = " --fuzz " + std::to_string(count);
  HostileSearch search{.requests_max = count};
  // Each round goes on until something new is found, and shrinks that; then the next one begins.
  for (std::uint64_t round = 0; search.tried < count && !examiner_.killer(); ++round) {
    search.failed.reset();
    search.key.clear();
    search.shrinks = 0;
    const auto result =
        CheckQuietly([&] { TryHostile(search); }, SeedFor("hostile") + round, count - search.tried);
    if (result.is<rc::detail::Error>() && !search.failed) {
      throw std::logic_error(result.get<rc::detail::Error>().description);
    }
    if (!search.failed) break;
    search.known.insert(search.key);
    RecordTrial(*search.failed, search.failed->spec->category, search.key);
  }
  law_.clear();
  flags_.clear();
  if (!search.known.empty()) return;
  Case law = Complete({}, "hostile", "requests", "Hostile requests do no harm", Level::kMust,
                      {"RFC6749-10.14-01"});
  law.where = kHere;
  if (search.unclear * 2 > search.tried) {
    return RecordPlain(law,
                       {Outcome::kInconclusive, "", "",
                        std::to_string(search.unclear) + " of " + std::to_string(search.tried) +
                            " requests could not be judged: " + search.why,
                        0});
  }
  RecordPlain(law, {Outcome::kPass, "", std::to_string(search.tried) + " requests", "", 0});
}

}  // namespace grantspec
