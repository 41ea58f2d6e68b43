// What changes nothing about a request, and that requests do not know of each other.

#include <array>
#include <cstdio>

#include "fixtures/grammar/form.h"
#include "properties/draw.h"
#include "properties/law.h"

namespace grantspec {
namespace {

const SourceLine kHere = {"generated", 0};

std::string BaselineForm(const World& world) {
  std::string form = "grant_type=client_credentials";
  if (!world.granted.empty()) form += "&scope=" + EncodeFormComponent(world.granted.front());
  return form;
}

StepSpec WithToken(StepSpec step, const World& world) {
  step.expect.response = {"token"};
  if (!world.granted.empty()) step.granted = {world.granted.front()};
  return step;
}

Case OneStep(StepSpec step) {
  Case one;
  one.steps = {std::move(step)};
  return one;
}

Case ParameterOrder(const World& world) {
  std::vector<std::string> pairs = {"grant_type=client_credentials"};
  if (!world.granted.empty()) {
    pairs.push_back("scope=" + EncodeFormComponent(world.granted.front()));
  }
  for (std::size_t i = AnyIndex(3); i > 0; --i) pairs.push_back("x_" + std::to_string(i) + "=1");
  std::string content;
  for (const std::string& pair : Shuffled(pairs)) content += (content.empty() ? "" : "&") + pair;
  return OneStep(WithToken(SendContent("request", content), world));
}

Case UnknownParameters(const World& world) {
  std::string content = BaselineForm(world);
  // Names that no specification of OAuth gives to a parameter, each another one.
  for (std::size_t i = AnyIndex(5) + 1; i > 0; --i) {
    content += "&x" + std::to_string(i) + "_" + AnyWord() + "=" + AnyWord();
  }
  return OneStep(WithToken(SendContent("request", content), world));
}

Case Escapes(const World& world) {
  std::string content = SomeEscaped("grant_type") + "=" + SomeEscaped("client_credentials");
  if (!world.granted.empty()) {
    content += "&" + SomeEscaped("scope") + "=" + SomeEscaped(world.granted.front());
  }
  return OneStep(WithToken(SendContent("request", content), world));
}

Case Spaces(const World& world) {
  const std::vector<std::string> words = TwoOrMoreOf(world.granted, 5);
  std::string scope;
  for (const std::string& word : words) {
    scope += (scope.empty() ? "" : Perhaps() ? "%20" : "+") + EncodeFormComponent(word);
  }
  StepSpec step = SendContent("request", "grant_type=client_credentials&scope=" + scope);
  step.expect.response = {"token"};
  step.granted = words;
  return OneStep(step);
}

Case MediaTypeCase(const World& world) {
  StepSpec step;
  const std::string type = AnyCase("application/x-www-form-urlencoded");
  step.fields = {{{"Content-Type", kHere}, {Verbatim(type)}}};
  return OneStep(WithToken(std::move(step), world));
}

Case SchemeCase(const World& world) {
  StepSpec step;
  const std::string value = AnyCase("Basic") + " {{token68}}";
  step.fields = {{{"Authorization", kHere}, {{value, kHere}}}};
  return OneStep(WithToken(std::move(step), world));
}

// A whole request as bytes, from lines of its head and its content.
StepSpec Bytes(const std::vector<std::string>& lines, const std::string& content) {
  StepSpec step;
  std::string text = "POST {{target}} HTTP/1.1\r\n";
  for (const std::string& line : lines) text += line + "\r\n";
  step.raw = {{{text + "\r\n" + Verbatim(content).text, kHere}}};
  return step;
}

Case FieldLines(const World& world) {
  static const std::vector<std::string> kSpace = {" ", "", "  ", "\t", " \t "};
  const std::string content = BaselineForm(world);
  std::vector<std::string> lines;
  const std::vector<std::pair<std::string, std::string>> fields = {
      {"Host", "{{host}}"},
      {"Authorization", "{{basic}}"},
      {"Content-Type", "application/x-www-form-urlencoded"},
      {"Content-Length", std::to_string(content.size())},
      {"X-Unknown", "1"}};
  for (const auto& [name, value] : Shuffled(fields)) {
    lines.push_back(AnyCase(name) + ":" + AnyOf(kSpace) + value +
                    (Perhaps() ? AnyOf(kSpace) : std::string()));
  }
  return OneStep(WithToken(Bytes(lines, content), world));
}

Case Chunks(const World& world) {
  const std::string content = BaselineForm(world);
  std::string chunks;
  std::size_t at = 0;
  while (at < content.size()) {
    // The whole rest first: shrinking goes towards one chunk.
    const std::size_t rest = content.size() - at;
    const std::size_t size = rest - AnyIndex(rest);
    std::array<char, 24> line{};
    const char* format = Perhaps() ? "%zX" : "%zx";
    std::snprintf(line.data(), line.size(), format, size);
    chunks +=
        std::string(AnyIndex(3), '0') + line.data() + "\r\n" + content.substr(at, size) + "\r\n";
    at += size;
  }
  chunks += "0\r\n\r\n";
  return OneStep(WithToken(
      Bytes({"Host: {{host}}", "Authorization: {{basic}}",
             "Content-Type: application/x-www-form-urlencoded", "Transfer-Encoding: chunked"},
            chunks),
      world));
}

// Requests of which each has a response of its own, whatever came before it. Which one that is, is
// the business of cases and of other laws; here it has to be the same each time. What fails to log
// in is an invented client, so that no real one is locked out.
StepSpec OfKind(std::size_t kind, const World& world) {
  StepSpec step;
  const Text nobody = {"Basic {{base64(nobody.id ':' nobody.secret)}}", kHere};
  switch (kind) {
    case 0:
      return WithToken({}, world);
    case 1:
      step.form = {{Verbatim("grant_type"), {Verbatim("no_such_grant")}}};
      step.expect.response = {"any"};
      return step;
    case 2:
      step.form = {{Verbatim("grant_type"), {}}};
      step.expect.response = {"any"};
      return step;
    case 3:
      step.fields = {{{"Authorization", kHere}, {nobody}}};
      step.expect.response = {"any"};
      return step;
    case 4:
      step.fields = {{{"Authorization", kHere}, {}}};
      step.expect.response = {"any"};
      return step;
    case 5:
      step = AskFor("", "no:such:scope");
      step.expect.response = {"any", "token"};
      return step;
    case 6:
      if (world.granted.size() < 2) return WithToken({}, world);
      step = AskFor("", world.granted[1]);
      step.expect.response = {"token"};
      step.granted = {world.granted[1]};
      return step;
    default:
      step.content = Verbatim("grant_type=client_credentials&grant_type=client_credentials");
      step.expect.response = {"any", "token"};
      return step;
  }
}

Case Sequence(const World& world, bool side_by_side) {
  static const std::vector<std::string> kNames = {"good",       "unknown_grant", "no_grant",
                                                  "nobody",     "anonymous",     "unknown_scope",
                                                  "good_other", "repeated"};
  Case one;
  one.side_by_side = side_by_side;
  std::vector<std::size_t> kinds = {AnyIndex(kNames.size())};
  for (std::size_t kind : SomeIndices(kNames.size(), side_by_side ? 7 : 4)) kinds.push_back(kind);
  // Each of them a second time, so that there is a response to compare with.
  const std::vector<std::size_t> again = kinds;
  kinds.insert(kinds.end(), again.begin(), again.end());
  std::vector<std::vector<std::string>> alike(kNames.size());
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    StepSpec step = OfKind(kinds[i], world);
    step.name = kNames[kinds[i]] + "_" + std::to_string(i + 1);
    alike[kinds[i]].push_back(step.name);
    one.steps.push_back(std::move(step));
  }
  for (const auto& names : alike) {
    if (names.size() > 1)
      one.relations.push_back({true, {Related::kResponse, Related::kScope}, names});
  }
  return one;
}

Case OneAfterAnother(const World& world) {
  return Sequence(world, false);
}

Case SideBySide(const World& world) {
  return Sequence(world, true);
}

const std::vector<Law> kLaws = {
    Here({.category = "request",
          .id = "parameter_order",
          .title = "The order of parameters does not matter",
          .clauses = {"RFC6749-3.2-07"},
          .draw = ParameterOrder}),
    Here({.category = "request",
          .id = "unknown_parameters",
          .title = "Unknown parameters are ignored",
          .clauses = {"RFC6749-3.2-07"},
          .draw = UnknownParameters}),
    Here({.category = "request",
          .id = "escapes",
          .title = "Percent-encoded characters in a form mean the characters themselves",
          .clauses = {"RFC6749-B-03", "RFC6749-B-01"},
          .draw = Escapes}),
    Here({.category = "request",
          .id = "spaces",
          .title = "A space may be sent as + or %20",
          .clauses = {"RFC6749-B-01", "RFC6749-3.3-01"},
          .needs = {"two_scopes"},
          .draw = Spaces}),
    Here({.category = "request",
          .id = "media_type_case",
          .title = "The media type is case-insensitive",
          .clauses = {"RFC9110-8.3.1-01"},
          .draw = MediaTypeCase}),
    Here({.category = "request",
          .id = "scheme_case",
          .title = "The authentication scheme is case-insensitive",
          .clauses = {"RFC9110-11.1-01"},
          .draw = SchemeCase}),
    Here({.category = "request",
          .id = "field_lines",
          .title = "Order and case of header names and whitespace around values do not matter",
          .clauses = {"RFC9110-5.5-01", "RFC9110-5.1-01", "RFC9110-5.3-01"},
          .draw = FieldLines}),
    Here({.category = "request",
          .id = "chunks",
          .title = "A chunked body is read as the same body",
          .clauses = {"RFC9112-7.1-01"},
          .needs = {"http11"},
          .draw = Chunks}),
    Here({.category = "request",
          .id = "one_after_another",
          .title = "A request on a reused connection gets the response that it gets alone",
          .clauses = {"RFC9112-9.3-01", "SEC-STATE-01"},
          .requests_max = 6,
          .draw = OneAfterAnother}),
    Here({.category = "request",
          .id = "side_by_side",
          .title = "Concurrent requests get the responses that they get alone",
          .clauses = {"SEC-CONC-01"},
          .requests_max = 9,
          .draw = SideBySide}),
};

}  // namespace

const std::vector<Law>& RequestLaws() {
  return kLaws;
}

}  // namespace grantspec
