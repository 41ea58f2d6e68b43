#include "conformance/present.h"

#include <array>
#include <cstdio>
#include <random>

#include "conformance/answer.h"
#include "conformance/expression.h"
#include "conformance/report/text.h"
#include "fixtures/grammar/json_text.h"
#include "fixtures/http/render.h"

namespace grantspec {
namespace {

constexpr std::size_t kShownBytesMax = 16 * 1024;
constexpr std::size_t kShownFieldsMax = 100;
constexpr std::string_view kTokenNames[] = {"access_token", "refresh_token", "id_token"};
constexpr int kNamedMax = 100;  // tokens that are looked for in one text

std::string Shorten(std::string text) {
  if (text.size() <= kShownBytesMax) return text;
  const std::string rest = std::to_string(text.size() - kShownBytesMax);
  text.resize(kShownBytesMax);
  return text + "... (" + rest + " octets more)";
}

}  // namespace

std::string Clipped(std::string text) {
  if (text.size() <= 400) return text;
  text.resize(400);
  return text + "...";
}

std::string CanaryOf(unsigned long seed) {
  std::mt19937_64 random(seed);
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(random()));
  return text.data();
}

Presenter::Presenter(const Binder& binder, unsigned long seed, std::string command)
    : binder_(binder),
      masked_(binder.profile(), binder.place(), CanaryOf(seed), true),
      redactor_(binder.profile()),
      command_(std::move(command)) {}

// What was issued must not be written, wherever in an answer it stands.
void Presenter::LearnTokens(const Exchange& exchange) {
  for (const Response& response : exchange.responses) {
    const auto object = ObjectOf(response);
    const bool granted = response.status == 200 && object != nullptr;
    for (std::string_view name : kTokenNames) {
      const JsonMember* member = object ? object->Find(name) : nullptr;
      if (member != nullptr) tokens_.Learn(member->text, granted);
      // What is no JSON, or stands in a field, is looked through octet by octet.
      if (member == nullptr) LearnNamed(response.content, name);
      for (const Field& line : response.fields.lines) LearnNamed(line.value, name);
    }
  }
}

// Learns from `name=value` and `"name": "value"`, however often they are there.
void Presenter::LearnNamed(std::string_view text, std::string_view name) {
  std::size_t at = 0;
  for (int found = 0; found < kNamedMax; ++found) {
    at = text.find(name, at);
    if (at == std::string_view::npos) return;
    at += name.size();
    const std::size_t value = text.find_first_not_of("\"\\ \t\r\n:=", at);
    if (value == std::string_view::npos) return;
    if (value == at) continue;  // a longer name
    at = value;
    const std::size_t end = text.find_first_of("&;,\"'\\ \r\n<", value);
    tokens_.Learn(text.substr(value, end - value), false);
  }
}

std::string Presenter::Clean(std::string_view text) const {
  std::string clean = redactor_.Clean(text);
  tokens_.Blank(clean);
  return clean;
}

void Presenter::CleanAgain(std::vector<RecordedCase>& cases) const {
  for (RecordedCase& one : cases) {
    if (tokens_.overflowed()) {
      constexpr std::string_view kHidden = "(not shown: more tokens came than can be told apart)";
      one.verdict.actual = kHidden;
      for (RecordedExchange& exchange : one.exchanges) {
        exchange.content = kHidden;
        exchange.status_line = exchange.status_line.substr(0, 12);
        exchange.fields.clear();
      }
    }
    for (std::string* text : {&one.verdict.expected, &one.verdict.actual, &one.verdict.why,
                              &one.reproduce, &one.answers, &one.observed}) {
      tokens_.Blank(*text);
    }
    for (RecordedExchange& exchange : one.exchanges) {
      for (std::string* text : {&exchange.request, &exchange.status_line, &exchange.content,
                                &exchange.transport, &exchange.end}) {
        tokens_.Blank(*text);
      }
      for (auto& [name, value] : exchange.fields) {
        tokens_.Blank(name);
        tokens_.Blank(value);
      }
    }
  }
}

RecordedExchange Presenter::Shown(const StepSpec& step, const std::vector<std::string>& names,
                                  const std::vector<Exchange>& held, std::size_t at) const {
  RecordedExchange shown;
  shown.step = step.name;
  const Exchange& exchange = held[at];
  try {
    const std::vector<Exchange> before(held.begin(),
                                       held.begin() + static_cast<std::ptrdiff_t>(at));
    const Outgoing masked = masked_.Build(step, names, before);
    std::string host = binder_.place().host;
    if (!masked.origin.empty()) host = masked.origin.substr(masked.origin.find("://") + 3);
    if (const auto* framed = std::get_if<Request>(&masked.message)) {
      Request request = *framed;
      const std::string id = "\r\n" + std::string(kRequestId) + ": ";
      const std::size_t begin = exchange.sent.find(id);
      if (begin != std::string::npos && !request.fields.Has(kRequestId)) {
        const std::size_t value = begin + id.size();
        request.fields.Add(kRequestId,
                           exchange.sent.substr(value, exchange.sent.find("\r\n", value) - value));
      }
      shown.request = RenderRequest(request, host);
    } else {
      for (const RawStep& part : std::get<RawRequest>(masked.message).steps) {
        shown.request += part.octets;
      }
    }
  } catch (const std::exception&) {
    shown.request = "(the request cannot be shown)";
  }
  shown.request = Shorten(Clean(shown.request));
  const Response* response = exchange.response();
  if (response == nullptr) {
    if (exchange.failure) {
      shown.transport =
          std::string(ToString(exchange.failure->error)) + ": " + Clean(exchange.failure->detail);
    }
    return shown;
  }
  shown.has_response = true;
  shown.status_line = std::string("HTTP/1.") + (response->version == 10 ? "0 " : "1 ") +
                      std::to_string(response->status) + " " + Clipped(Clean(response->reason));
  const auto& lines = response->fields.lines;
  for (const Field& line : lines) {
    if (shown.fields.size() == kShownFieldsMax) {
      shown.fields.emplace_back(
          "...", std::to_string(lines.size() - kShownFieldsMax) + " more field lines");
      break;
    }
    shown.fields.emplace_back(Clipped(Clean(line.name)), Shorten(Clean(line.value)));
  }
  shown.content = IsPacked(*response)
                      ? "(" + std::to_string(response->content.size()) + " octets, packed or no text)"
                      : Shorten(Clean(response->content));
  if (exchange.raw) {
    if (exchange.end == ConnectionEnd::kClosed) shown.end = "the connection was closed";
    if (exchange.end == ConnectionEnd::kReset) shown.end = "the connection was reset";
    if (exchange.responses.size() > 1) {
      shown.end += (shown.end.empty() ? "" : "; ") + std::to_string(exchange.responses.size()) +
                   " answers came";
    }
  }
  return shown;
}

// How to send it again without this program: curl where curl can, else the octets.
std::string Presenter::Again(const Case& spec, const HeldCase& held, std::size_t at) const {
  if (at >= held.exchanges.size()) return {};
  const StepSpec& step = *held.sequence[at];
  const std::string by_name = command_ + " --gtest_filter=" + spec.Name();
  std::vector<std::string> names;
  for (const StepSpec* one : held.sequence) names.push_back(one->name);
  const std::vector<Exchange> before(held.exchanges.begin(),
                                     held.exchanges.begin() + static_cast<std::ptrdiff_t>(at));
  Outgoing real, masked;
  try {
    real = binder_.Build(step, names, before);
    masked = masked_.Build(step, names, before);
  } catch (const std::exception&) {
    return by_name;
  }
  const std::string origin = masked.origin.empty() ? binder_.place().origin : masked.origin;
  if (const auto* request = std::get_if<Request>(&masked.message)) {
    const Request& sent = std::get<Request>(real.message);
    if (request->content.size() > 4096 || request->content.find('\0') != std::string::npos) {
      return by_name;
    }
    std::string line = "curl -sS -i";
    if (request->method == "HEAD") {
      line += " -I";
    } else if (request->method != "POST") {
      line += " -X " + ShellQuoted(request->method);
    }
    const Client* client = nullptr;
    try {
      client = step.at == "token" ? masked_.ClientOf(step) : nullptr;
    } catch (const NotApplicable&) {
    }
    for (std::size_t i = 0; i < request->fields.lines.size(); ++i) {
      const Field& field = request->fields.lines[i];
      const bool secret = i < sent.fields.lines.size() && sent.fields.lines[i] != field;
      if (secret && client != nullptr &&
          field.value == masked_.Text(step, {"{{basic}}", step.where})) {
        line += " -u \"$CLIENT_ID:$CLIENT_SECRET\"";
      } else if (field.value.empty()) {
        line += " -H " + ShellQuoted(field.name + ";");
      } else {
        line += " -H " + ShellQuoted(field.name + ": " + field.value);
      }
    }
    if (!request->content.empty() || request->method == "POST") {
      line += " --data-binary " + ShellQuoted(request->content);
    }
    return Clean(line + " " + ShellQuoted(origin + request->target));
  }
  std::string octets;
  for (const RawStep& part : std::get<RawRequest>(masked.message).steps) octets += part.octets;
  if (octets.size() > 4096) return by_name;
  std::string text;
  for (char c : octets) {
    const auto octet = static_cast<unsigned char>(c);
    if (c == '\r') {
      text += "\\r";
    } else if (c == '\n') {
      text += "\\n";
    } else if (c == '\\' || c == '%' || c == '\'' || octet < 0x20 || octet > 0x7e) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), c == '%' ? "%%%%" : "\\%03o", octet);
      text += escape.data();
    } else {
      text += c;
    }
  }
  const std::string host = origin.substr(origin.find("://") + 3);
  const std::size_t colon = host.rfind(':');
  const bool https = origin.starts_with("https://");
  const std::string port =
      colon == std::string::npos ? (https ? "443" : "80") : host.substr(colon + 1);
  const std::string name = host.substr(0, colon);
  return Clean("printf '" + text + "' | " +
               (https ? "openssl s_client -quiet -connect " + name + ":" + port
                      : "nc -q 2 " + name + " " + port));
}

RecordedCase Presenter::Record(const Case& spec, const HeldCase& held, Verdict verdict) const {
  RecordedCase recorded;
  recorded.spec = &spec;
  recorded.level = spec.level;
  recorded.verdict = std::move(verdict);
  recorded.seconds = held.seconds;
  for (std::size_t i = 0; i < held.exchanges.size() && i < 8; ++i) {
    recorded.answers += (i > 0 ? ", " : "") + NameOf(held.exchanges[i]);
  }
  std::vector<std::string> names;
  for (const StepSpec* step : held.sequence) names.push_back(step->name);
  const Outcome outcome = recorded.verdict.outcome;
  if (outcome != Outcome::kPass && outcome != Outcome::kNotApplicable) {
    const std::size_t at = recorded.verdict.exchange;
    const std::size_t first = held.exchanges.size() > 8 && at > 4 ? at - 4 : 0;
    for (std::size_t i = first; i < held.exchanges.size() && i < first + 8; ++i) {
      recorded.exchanges.push_back(Shown(*held.sequence[i], names, held.exchanges, i));
    }
    recorded.reproduce = Again(spec, held, at);
    recorded.observed = at < held.exchanges.size() ? NameOf(held.exchanges[at]) : "nothing";
    recorded.verdict.exchange = at - first;
  }
  // Cleaned first, cut afterwards: a secret that is cut in two is not recognised.
  recorded.verdict.expected = Clipped(Clean(recorded.verdict.expected));
  recorded.verdict.actual = Clipped(Clean(recorded.verdict.actual));
  recorded.verdict.why = Clipped(Clean(recorded.verdict.why));
  return recorded;
}

}  // namespace grantspec
