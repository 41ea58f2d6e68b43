#include "conformance/engine/record/present.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <random>

#include "conformance/engine/case/expression.h"
#include "conformance/engine/record/text.h"
#include "conformance/engine/response/response_class.h"
#include "conformance/engine/response/response_summary.h"
#include "fixtures/grammar/ascii.h"
#include "fixtures/grammar/form.h"
#include "fixtures/grammar/json_text.h"
#include "fixtures/http/render.h"

namespace grantspec {
namespace {

constexpr std::size_t kShownBytesMax = 16 * 1024;
constexpr std::size_t kShownFieldsMax = 100;
constexpr std::string_view kTokenNames[] = {"access_token", "refresh_token", "id_token"};
// More than is shown, so that a secret that begins in what is shown is found as a whole; of what is
// left after cleaning, the end may be the beginning of one that was cut.
constexpr std::size_t kCleanedBytesMax = 64 * 1024, kCutBytes = 1024;

constexpr std::size_t kReproducedBytesMax = 4096;  // of a request inside a command
constexpr std::size_t kShownExchangesMax = 8;

// Bytes as the first argument of printf(1).
std::string PrintfFormat(std::string_view bytes) {
  std::string text;
  for (char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\r') {
      text += "\\r";
    } else if (c == '\n') {
      text += "\\n";
    } else if (c == '\\' || c == '%' || c == '\'' || byte < 0x20 || byte > 0x7e) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), c == '%' ? "%%%%" : "\\%03o", byte);
      text += escape.data();
    } else {
      text += c;
    }
  }
  return text;
}

std::string BytesOf(const RawRequest& raw) {
  std::string bytes;
  for (const RawStep& part : raw.steps) bytes += part.bytes;
  return bytes;
}

// Sends bytes as they are, without this program.
std::string RawCommand(const std::string& bytes, const std::string& origin, bool half_close) {
  const bool https = origin.starts_with("https://");
  const std::string host = origin.substr(origin.find("://") + 3);
  const std::size_t colon = host.rfind(':');
  const std::string name = host.substr(0, colon);
  std::string port = https ? "443" : "80";
  if (colon != std::string::npos) port = host.substr(colon + 1);
  const std::string print = "printf '" + PrintfFormat(bytes) + "'";
  if (https) return print + " | openssl s_client -quiet -connect " + name + ":" + port;
  // As the run does: the client's side ends where no response arrived for a while.
  if (half_close) return "(" + print + "; sleep 1) | nc -N " + name + " " + port;
  return print + " | nc -q 2 " + name + " " + port;
}

// How the connection of a raw request ended, and that several responses were received.
std::string EndOf(const Exchange& exchange) {
  std::string end;
  if (exchange.end == ConnectionEnd::kClosed) end = "the connection was closed";
  if (exchange.end == ConnectionEnd::kReset) end = "the connection was reset";
  if (exchange.responses.size() > 1) {
    end += (end.empty() ? "" : "; ") + std::to_string(exchange.responses.size()) +
           " responses were received";
  }
  return end;
}

void HideResponses(RecordedCase& recorded) {
  constexpr std::string_view kHidden =
      "(not shown: more tokens were received than can be remembered)";
  recorded.verdict.actual = kHidden;
  for (RecordedExchange& exchange : recorded.exchanges) {
    exchange.content = kHidden;
    exchange.status_line = exchange.status_line.substr(0, 12);
    exchange.fields.clear();
  }
}

// Calls a function with every text of a record that may have come from a target.
template <typename Change>
void ForEachText(RecordedCase& recorded, const Change& change) {
  for (std::string* text :
       {&recorded.verdict.expected, &recorded.verdict.actual, &recorded.verdict.why,
        &recorded.reproduce, &recorded.responses, &recorded.observed}) {
    change(*text);
  }
  for (RecordedExchange& exchange : recorded.exchanges) {
    for (std::string* text : {&exchange.request, &exchange.status_line, &exchange.content,
                              &exchange.transport, &exchange.end}) {
      change(*text);
    }
    for (auto& [name, value] : exchange.fields) {
      change(name);
      change(value);
    }
  }
}

// The login of a client by variables that are named after its role. curl sends a pair as it is:
// where form-encoding changes it (RFC 6749 section 2.3.1), the user encodes it.
std::string BasicOption(const std::string& role, const Client& client) {
  std::string name = role == "main" ? "CLIENT" : role;
  std::transform(name.begin(), name.end(), name.begin(), ToUpper);
  const bool plain = EncodeFormComponent(client.id) == client.id &&
                     EncodeFormComponent(client.secret) == client.secret;
  if (!plain) return " -H \"Authorization: Basic $" + name + "_BASIC\"";
  return " -u \"$" + name + "_ID:$" + name + "_SECRET\"";
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

Presenter::Presenter(const Binder& binder, std::string command)
    : binder_(binder), redactor_(binder.profile()), command_(std::move(command)) {}

void Presenter::LearnTokensOf(const Presenter& other) {
  tokens_ = other.tokens_;
}

// What was issued must not be written, wherever in a response it stands.
void Presenter::LearnTokens(const Exchange& exchange) {
  for (const Response& response : exchange.responses) {
    const auto object = ObjectOf(response);
    const bool granted = response.status == 200 && object != nullptr;
    for (std::string_view name : kTokenNames) {
      const JsonMember* member = object ? object->Find(name) : nullptr;
      if (member != nullptr) tokens_.Learn(member->text, granted);
    }
    const bool unreadable = IsUnreadableSuccess(response);
    tokens_.LearnNamed(response.content);
    if (unreadable) tokens_.LearnShapes(response.content, binder_.place().url);
    for (const Fields* fields : {&response.fields, &response.trailers}) {
      for (const Field& line : fields->lines) {
        tokens_.LearnNamed(line.name + ": " + line.value);
        if (unreadable) tokens_.LearnShapes(line.value, binder_.place().url);
      }
    }
  }
}

std::string Presenter::Clean(std::string_view text, Origin origin) const {
  return CleanOf(text, {&redactor_.secrets(), &tokens_.index()}, origin);
}

std::string Presenter::CleanLogLine(std::string_view line) const {
  return tokens_.overflowed() ? "" : Clean(line);
}

std::string Presenter::CleanMessage(std::string_view text) const {
  const std::size_t quote = text.find('"'), status = text.find("status ");
  const std::size_t own = std::min({quote, status, text.size()});
  // As a whole first: nothing that stands across the border may be missed.
  const std::string clean = Clean(text, Origin::kOurs);
  if (own == text.size()) return clean;
  if (clean.compare(0, own, text, 0, own) != 0) return Clean(text);
  return clean.substr(0, own) + Clean(std::string_view(clean).substr(own));
}

void Presenter::CleanAgain(std::vector<RecordedCase>& cases) const {
  for (RecordedCase& one : cases) {
    if (tokens_.overflowed()) HideResponses(one);
    ForEachText(one, [this](std::string& text) {
      text = CleanOf(text, {&tokens_.index()}, Origin::kOurs);
    });
  }
}

std::string Presenter::ShownText(std::string_view text, Origin origin) const {
  std::string clean = Clean(text.substr(0, kCleanedBytesMax), origin);
  if (text.size() > kCleanedBytesMax)
    clean.resize(clean.size() - std::min(clean.size(), kCutBytes));
  if (clean.size() <= kShownBytesMax && text.size() <= kCleanedBytesMax) return clean;
  clean.resize(std::min(clean.size(), kShownBytesMax));
  return clean + "... (cut; " + std::to_string(text.size()) + " bytes in all)";
}

RecordedExchange Presenter::Shown(const StepSpec& step, const std::optional<BoundRequest>& request,
                                  const Exchange& exchange) const {
  RecordedExchange shown;
  shown.step = step.name;
  shown.request = ShownRequest(request, exchange);
  if (const Response* response = exchange.response()) {
    ShowResponse(step, *response, shown);
    if (exchange.raw) shown.end = EndOf(exchange);
  } else if (exchange.failure) {
    shown.transport =
        std::string(ToString(exchange.failure->error)) + ": " + Clean(exchange.failure->detail);
  }
  return shown;
}

std::string Presenter::ShownRequest(const std::optional<BoundRequest>& request,
                                    const Exchange& exchange) const {
  if (!request) return std::string(kNotShown) + "could not be made)";
  if (!request->shown) return NotShown(request->shown.error());
  const Outgoing& bound = *request->shown;
  std::string host = binder_.place().host;
  if (!bound.origin.empty()) host = bound.origin.substr(bound.origin.find("://") + 3);
  const auto* framed = std::get_if<Request>(&bound.message);
  std::string shown = framed != nullptr ? RenderRequest(*framed, host)
                                        : BytesOf(std::get<RawRequest>(bound.message));
  // Words of the request are no secrets: those are masked.
  shown = ShownText(shown, Origin::kOurs);
  const std::string id = "\r\n" + std::string(kRequestId) + ": ";
  const std::size_t begin = exchange.sent.find(id), end = shown.find("\r\n\r\n");
  if (begin == std::string::npos || end == std::string::npos || exchange.raw ||
      shown.find(id) < end) {
    return shown;
  }
  return shown.insert(
      end, exchange.sent.substr(begin, exchange.sent.find("\r\n", begin + id.size()) - begin));
}

void Presenter::ShowResponse(const StepSpec& step, const Response& response,
                             RecordedExchange& shown) const {
  // A resource may send what it likes; a token endpoint sends a token, if it is a success.
  const bool unreadable = step.at == Place::kToken && IsUnreadableSuccess(response);
  shown.has_response = true;
  shown.status_line =
      std::string("HTTP/1.") + (response.version == 10 ? "0 " : "1 ") +
      std::to_string(response.status) + " " +
      (unreadable ? SummaryOfReason(response.reason) : Clipped(Clean(response.reason)));
  ShowFields(response.fields.lines, unreadable, shown);
  if (IsPacked(response)) {
    shown.content =
        "(" + std::to_string(response.content.size()) + " bytes, compressed or not text)";
  } else if (unreadable && !response.content.empty()) {
    shown.content = "(not shown, since it may contain a token: " + SummaryOf(response) + ")";
  } else {
    shown.content = ShownText(response.content, Origin::kTarget);
  }
}

void Presenter::ShowFields(const std::vector<Field>& fields, bool summarized,
                           RecordedExchange& shown) const {
  for (const Field& field : fields) {
    if (shown.fields.size() == kShownFieldsMax) {
      shown.fields.emplace_back(
          "...", std::to_string(fields.size() - kShownFieldsMax) + " more header fields");
      break;
    }
    // A summary describes what was received; a value is cleaned before it is cut.
    const auto [name, value] = summarized
                                   ? SummaryOf(field)
                                   : WithoutCredentials({Clipped(Clean(field.name)),
                                                         ShownText(field.value, Origin::kTarget)});
    shown.fields.emplace_back(Clipped(Clean(name)), Clean(value));
  }
}

// curl where curl can send the request, else its bytes; by name what is too long for a command.
std::string Presenter::Again(const Case& spec, const SentCase& sent, std::size_t at) const {
  if (at >= sent.exchanges.size()) return {};
  const StepSpec& step = *sent.sequence[at];
  const std::string by_name = command_ + " --gtest_filter=" + spec.Name();
  const std::optional<BoundRequest>& request = sent.requests[at];
  if (!request || !request->shown) return by_name;
  const Outgoing& shown = *request->shown;
  const std::string origin = shown.origin.empty() ? binder_.place().origin : shown.origin;
  if (const auto* framed = std::get_if<Request>(&shown.message)) {
    const std::string& body = framed->content;
    if (body.size() > kReproducedBytesMax || body.find('\0') != std::string::npos) return by_name;
    return CurlCommand(step, *framed, std::get<Request>(request->wire.message), origin);
  }
  const std::string bytes = BytesOf(std::get<RawRequest>(shown.message));
  if (bytes.size() > kReproducedBytesMax) return by_name;
  return Clean(RawCommand(bytes, origin, step.half_close), Origin::kOurs);
}

std::string Presenter::CurlCommand(const StepSpec& step, const Request& shown, const Request& sent,
                                   const std::string& origin) const {
  std::string line = "curl -sS -i";
  if (shown.method == "HEAD") {
    line += " -I";
  } else if (shown.method != "POST") {
    line += " -X " + ShellQuoted(shown.method);
  }
  const Client* client = nullptr;
  try {
    client = step.at == Place::kToken ? binder_.ClientOf(step) : nullptr;
  } catch (const NotApplicable&) {
  }
  for (std::size_t i = 0; i < shown.fields.lines.size(); ++i) {
    const Field& field = shown.fields.lines[i];
    const bool secret = i < sent.fields.lines.size() && sent.fields.lines[i] != field;
    if (secret && client != nullptr && field.value == binder_.ShownBasic(step)) {
      line += BasicOption(step.client, *binder_.ClientOf(step));
    } else if (field.value.empty()) {
      line += " -H " + ShellQuoted(field.name + ";");
    } else {
      line += " -H " + ShellQuoted(field.name + ": " + field.value);
    }
  }
  if (!shown.content.empty() || shown.method == "POST") {
    line += " --data-binary " + ShellQuoted(shown.content);
  }
  return Clean(line + " " + ShellQuoted(origin + shown.target), Origin::kOurs);
}

RecordedCase Presenter::Record(const Case& spec, const SentCase& sent, Verdict verdict) const {
  RecordedCase recorded;
  recorded.spec = &spec;
  recorded.level = spec.level;
  recorded.verdict = std::move(verdict);
  recorded.seconds = sent.seconds;
  for (std::size_t i = 0; i < sent.exchanges.size() && i < kShownExchangesMax; ++i) {
    recorded.responses += (i > 0 ? ", " : "") + sent.InspectionAt(i).name;
  }
  const Outcome outcome = recorded.verdict.outcome;
  if (outcome != Outcome::kPass && outcome != Outcome::kNotApplicable) {
    RecordExchanges(spec, sent, recorded);
  }
  CleanVerdict(recorded.verdict);
  return recorded;
}

void Presenter::CleanVerdict(Verdict& verdict) const {
  // Cleaned before it is cut: half a secret is not recognized.
  for (std::string* text : {&verdict.expected, &verdict.actual, &verdict.why}) {
    *text = Clipped(CleanMessage(*text));
  }
}

// The exchanges around the one that decided the verdict.
void Presenter::RecordExchanges(const Case& spec, const SentCase& sent,
                                RecordedCase& recorded) const {
  const std::size_t size = sent.exchanges.size(), at = recorded.verdict.exchange;
  const std::size_t first = size > kShownExchangesMax && at > 4 ? at - 4 : 0;
  for (std::size_t i = first; i < size && i < first + kShownExchangesMax; ++i) {
    recorded.exchanges.push_back(Shown(*sent.sequence[i], sent.requests[i], sent.exchanges[i]));
  }
  recorded.reproduce = Again(spec, sent, at);
  recorded.observed = at < size ? sent.InspectionAt(at).name : "nothing";
  recorded.verdict.exchange = at - first;
}

}  // namespace grantspec
