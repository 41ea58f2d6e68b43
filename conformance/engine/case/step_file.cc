#include "conformance/engine/case/step_file.h"

#include <algorithm>

#include "conformance/engine/case/read_member.h"
#include "conformance/engine/check/check.h"
#include "conformance/engine/response/response_class.h"
#include "fixtures/grammar/ascii.h"
#include "fixtures/target/profile.h"

namespace grantspec {
namespace {

Text TextOf(const JsonValue& value, std::string_view what) {
  return {BytesOf(value, what), value.where};
}

// The text outside {{ }}, which is sent as it is.
std::string LiteralIn(std::string_view text) {
  std::string literal;
  while (!text.empty()) {
    const std::size_t open = std::min(text.find("{{"), text.size());
    literal += text.substr(0, open);
    const std::size_t close = text.find("}}", open);
    text.remove_prefix(close == std::string_view::npos ? text.size() : close + 2);
  }
  return literal;
}

// A text that stays on one line of the request: only a raw request may have more.
Text OneLineOf(const JsonValue& value, std::string_view what) {
  Text text = TextOf(value, what);
  if (LiteralIn(text.text).find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
    throw FileError(value.where, std::string(what) +
                                     " has CR, LF or NUL, which would split the request; only raw "
                                     "may carry them");
  }
  return text;
}

ResponseClassList ReadClasses(const JsonValue& value, std::string_view what) {
  std::vector<std::string> names = value.AsStrings(what);
  if (names.empty()) throw FileError(value.where, std::string(what) + " is an empty list");
  ResponseClassList classes;
  for (const std::string& name : names) {
    const ResponseClass* known = FindResponseClass(name);
    if (known == nullptr) {
      throw FileError(value.where, "no response class is called \"" + name +
                                       "\"; see grantspec --list-responses");
    }
    classes.Add(*known);
  }
  return classes;
}

std::vector<NamedChange> ReadChanges(const JsonValue& value, std::string_view what,
                                     Text (*read)(const JsonValue&, std::string_view)) {
  std::vector<NamedChange> changes;
  for (const auto& [name, change] : value.AsObject(what).members) {
    NamedChange one{{name, change.where}, {}};
    if (change.kind == JsonValue::Kind::kString) {
      one.values.push_back(read(change, what));
    } else if (change.kind != JsonValue::Kind::kNull) {
      for (const JsonValue& item : change.AsArray(what)) one.values.push_back(read(item, what));
      if (one.values.empty()) throw FileError(change.where, "an empty list; null takes away");
    }
    changes.push_back(std::move(one));
  }
  return changes;
}

// Lines of a raw request, joined by CRLF.
RawPart ReadRawLines(const std::vector<JsonValue>& lines, const SourceLine& where) {
  RawPart part{{"", where}};
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i > 0) part.bytes.text += "\r\n";
    part.bytes.text += BytesOf(lines[i], "a line of raw");
  }
  return part;
}

std::vector<RawPart> ReadRaw(const JsonValue& value);

RawStep::Await AwaitOf(const JsonValue& value) {
  const std::string& text = value.AsString("await");
  if (text == "interim") return RawStep::Await::kInterim;
  if (text == "response" || text == "answer") return RawStep::Await::kResponse;
  throw FileError(value.where, "await has to be interim or response");
}

RawPart ReadRawPart(const JsonValue& value) {
  value.OnlyMembers("a part of raw", {"send", "pause_ms", "await"});
  const JsonValue* send = value.Find("send");
  if (send == nullptr) throw FileError(value.where, "a part of raw needs \"send\"");
  RawPart part = ReadRaw(*send).front();
  if (const JsonValue* pause = value.Find("pause_ms")) {
    part.pause_ms = static_cast<int>(pause->AsInteger("pause_ms", 0, 30'000));
  }
  if (const JsonValue* await = value.Find("await")) {
    part.await = AwaitOf(*await);
  }
  return part;
}

// A text, a list of lines, or a list of objects: parts with pauses between them.
std::vector<RawPart> ReadRaw(const JsonValue& value) {
  if (value.kind == JsonValue::Kind::kString) return {{TextOf(value, "raw")}};
  const auto& items = value.AsArray("raw");
  if (items.empty()) throw FileError(value.where, "raw is an empty list");
  if (items.front().kind == JsonValue::Kind::kString) return {ReadRawLines(items, value.where)};
  std::vector<RawPart> parts;
  parts.reserve(items.size());
  for (const JsonValue& item : items) parts.push_back(ReadRawPart(item));
  return parts;
}

void ReadClient(const JsonValue& value, StepSpec& step) {
  ReadIf(value, "client", step.client);
  const auto& roles = ClientRoles();
  for (std::string_view known : {"main", "pad0", "none", "nobody"}) {
    if (step.client == known) return;
  }
  if (std::find(roles.begin(), roles.end(), step.client) != roles.end()) return;
  throw FileError(value.Find("client")->where,
                  "no role of a client is called \"" + step.client + "\"");
}

struct NamedKey {
  std::string_view name;
  AssertionKey key;
};
constexpr NamedKey kAssertionKeys[] = {
    {"own", AssertionKey::kOfClient},       {"other", AssertionKey::kOther},
    {"in_header", AssertionKey::kInHeader}, {"public_key", AssertionKey::kPublicKey},
    {"second", AssertionKey::kSecond},      {"other_algorithm", AssertionKey::kOtherAlgorithm},
    {"none", AssertionKey::kNone},
};

// null, a text, a list of texts, or {"number": text}.
AssertionMember ReadAssertionMember(const std::string& name, const JsonValue& value) {
  AssertionMember member{name, AssertionMember::Kind::kLeftOut, {}};
  if (value.kind == JsonValue::Kind::kNull) return member;
  if (value.kind == JsonValue::Kind::kArray) {
    member.kind = AssertionMember::Kind::kTexts;
    for (const JsonValue& item : value.items) member.values.push_back(TextOf(item, name));
    return member;
  }
  if (value.kind == JsonValue::Kind::kString) {
    member.kind = AssertionMember::Kind::kText;
    member.values.push_back(TextOf(value, name));
    return member;
  }
  value.AsObject(name).OnlyMembers(name, {"number"});
  const JsonValue* number = value.Find("number");
  if (number == nullptr) throw FileError(value.where, name + " needs \"number\"");
  member.kind = AssertionMember::Kind::kNumber;
  member.values.push_back(TextOf(*number, name));
  return member;
}

AssertionSpec ReadAssertion(const JsonValue& value) {
  value.AsObject("assertion").OnlyMembers("assertion", {"header", "claims", "payload", "key"});
  AssertionSpec spec;
  if (const JsonValue* header = value.Find("header")) {
    for (const auto& [name, member] : header->AsObject("header").members) {
      spec.header.push_back(ReadAssertionMember(name, member));
    }
  }
  if (const JsonValue* claims = value.Find("claims")) {
    for (const auto& [name, member] : claims->AsObject("claims").members) {
      spec.claims.push_back(ReadAssertionMember(name, member));
    }
  }
  if (const JsonValue* payload = value.Find("payload")) spec.payload = TextOf(*payload, "payload");
  const JsonValue* key = value.Find("key");
  if (key == nullptr) return spec;
  const std::string& name = key->AsString("key");
  for (const NamedKey& one : kAssertionKeys) {
    if (one.name != name) continue;
    spec.key = one.key;
    return spec;
  }
  throw FileError(key->where,
                  "key has to be own, other, in_header, public_key, second, other_algorithm or "
                  "none");
}

// A step that writes an Authorization field of its own is about that, whatever way the client logs
// in elsewhere.
bool WritesAuthorization(const StepSpec& step) {
  const auto is_authorization = [](const NamedChange& change) {
    return EqualsFolded(change.name.text, "Authorization") && !change.values.empty();
  };
  if (std::any_of(step.fields.begin(), step.fields.end(), is_authorization)) return true;
  return std::any_of(step.raw.begin(), step.raw.end(), [](const RawPart& part) {
    return part.bytes.text.find("Authorization") != std::string::npos ||
           part.bytes.text.find("{{basic}}") != std::string::npos;
  });
}

void ReadLogin(const JsonValue& value, StepSpec& step) {
  if (const JsonValue* secret = value.Find("secret")) step.secret = OneLineOf(*secret, "secret");
  const JsonValue* auth = value.Find("auth");
  step.writes_authorization = step.at == Place::kToken && WritesAuthorization(step);
  if (const JsonValue* v = value.Find("assertion")) step.assertion = ReadAssertion(*v);
  if (auth == nullptr) {
    if (step.writes_authorization && !step.assertion) step.auth = AuthMethod::kClientSecretBasic;
    return;
  }
  step.auth = AuthMethodNamed(auth->AsString("auth"));
  if (!step.auth) {
    throw FileError(auth->where, "auth has to be a name of RFC 8414, such as client_secret_post");
  }
}

void ReadPlace(const JsonValue& value, StepSpec& step) {
  const std::string& text = value.AsString("at");
  if (const auto place = PlaceNamed(text)) {
    step.at = *place;
  } else if (text.starts_with("/")) {
    step.at = Place::kPath;
    step.path = text;
  } else {
    throw FileError(value.where, "no place is called \"" + text +
                                     "\"; at has to be token, a resource of the profile or a path");
  }
}

void Append(std::vector<NamedChange> more, std::vector<NamedChange>& to) {
  to.insert(to.end(), more.begin(), more.end());
}

// What differs from the baseline request: one object, or several that differ in different things.
void ReadChange(const JsonValue& change, StepSpec& step) {
  if (change.kind == JsonValue::Kind::kArray) {
    for (const JsonValue& part : change.items) ReadChange(part, step);
    return;
  }
  change.OnlyMembers("change", {"method", "target", "fields", "form", "content"});
  if (const JsonValue* v = change.Find("method")) step.method = OneLineOf(*v, "method");
  if (const JsonValue* v = change.Find("target")) step.target = OneLineOf(*v, "target");
  if (const JsonValue* v = change.Find("content")) step.content = TextOf(*v, "content");
  if (const JsonValue* v = change.Find("fields")) {
    Append(ReadChanges(*v, "fields", OneLineOf), step.fields);
  }
  if (const JsonValue* v = change.Find("form")) Append(ReadChanges(*v, "form", TextOf), step.form);
  if (step.content && !step.form.empty()) {
    throw FileError(change.where, "a change has form or content, not both");
  }
}

Await ReadAwait(const JsonValue& value) {
  const std::string& what = value.AsString("await");
  if (what == "a_while") return Await::kAWhile;
  if (what == "last_moments") return Await::kLastMoments;
  if (what == "expiry") return Await::kExpiry;
  throw FileError(value.where, "await has to be a_while, last_moments or expiry");
}

void ReadRequest(const JsonValue& value, StepSpec& step) {
  const JsonValue* change = value.Find("change");
  const JsonValue* raw = value.Find("raw");
  if (change != nullptr) ReadChange(*change, step);
  if (raw == nullptr) return;
  if (change != nullptr) throw FileError(raw->where, "a request has change or raw, not both");
  step.raw = ReadRaw(*raw);
}

}  // namespace

std::string BytesOf(const JsonValue& value, std::string_view what) {
  const std::string& text = value.AsString(what);
  std::string bytes;
  bytes.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80) {
      bytes += text[i];
    } else if (lead == 0xc2 || lead == 0xc3) {
      const auto next = static_cast<unsigned char>(text[++i]);
      bytes += static_cast<char>(((lead & 3) << 6) | (next & 0x3f));
    } else {
      throw FileError(value.where, "a code point above U+00FF in " + std::string(what) +
                                       "; bytes are written \\u0000 to \\u00ff");
    }
  }
  return bytes;
}

const std::vector<std::string_view>& StepMembers() {
  static const std::vector<std::string_view> members = {
      "client",      "auth",       "assertion", "secret",  "as_form", "at",        "change",
      "raw",         "half_close", "responses", "answers", "judged",  "linger_ms", "repeat",
      "certificate", "tls",        "plaintext", "fresh",   "await",   "response",  "answer",
      "never",       "warn",       "info",      "granted", "checks"};
  return members;
}

const Check& CheckNamed(const std::string& name, const SourceLine& where) {
  const Check* check = FindCheck(name);
  if (check == nullptr) throw FileError(where, "no check is called " + name);
  return *check;
}

ClientCertificate ReadCertificate(const JsonValue& value) {
  const std::string name = value.AsString("certificate");
  if (name == "none") return ClientCertificate::kNone;
  if (name == "look_alike") return ClientCertificate::kLookAlike;
  throw FileError(value.where, "certificate has to be \"none\" or \"look_alike\"");
}

Expectation ReadExpectation(const JsonValue& value) {
  Expectation expectation;
  if (const JsonValue* v = FindRenamed(value, "response", "answer")) {
    expectation.response = ReadClasses(*v, "response");
  }
  if (const JsonValue* v = value.Find("never")) expectation.never = ReadClasses(*v, "never");
  if (const JsonValue* v = value.Find("warn")) expectation.warn = ReadClasses(*v, "warn");
  if (const JsonValue* v = value.Find("info")) expectation.info = ReadClasses(*v, "info");
  return expectation;
}

CheckList ReadChecks(const JsonValue& value) {
  CheckList checks;
  for (const std::string& name : value.AsStrings("checks")) {
    checks.Add(CheckNamed(name, value.where));
  }
  return checks;
}

StepSpec ReadStep(const JsonValue& value) {
  StepSpec step;
  step.where = value.where;
  step.expect = ReadExpectation(value);
  ReadClient(value, step);
  if (const JsonValue* v = value.Find("at")) ReadPlace(*v, step);
  ReadRequest(value, step);
  ReadLogin(value, step);
  ReadIf(value, "as_form", step.as_form);
  ReadIf(value, "half_close", step.half_close);
  ReadIf(value, "plaintext", step.plaintext);
  ReadIf(value, "fresh", step.fresh);
  ReadIf(value, "tls", step.tls);
  if (const JsonValue* v = value.Find("certificate")) step.certificate = ReadCertificate(*v);
  if (const JsonValue* v = value.Find("judged")) {
    if (v->AsString("judged") != "last") throw FileError(v->where, "judged has to be \"last\"");
    step.judges_last = true;
  }
  if (const JsonValue* v = FindRenamed(value, "responses", "answers")) {
    step.responses = static_cast<int>(v->AsInteger("responses", 0, 100));
  }
  ReadIf(value, "linger_ms", step.linger_ms, 0, 30'000);
  ReadIf(value, "repeat", step.repeat, 1, 1000);
  if (const JsonValue* v = value.Find("await")) step.await = ReadAwait(*v);
  ReadIf(value, "granted", step.granted);
  if (const JsonValue* v = value.Find("checks")) step.checks = ReadChecks(*v);
  return step;
}

StepSpec ReadNamedStep(const JsonValue& value) {
  std::vector<std::string_view> known = StepMembers();
  known.push_back("name");
  value.OnlyMembers("a step", known);
  StepSpec step = ReadStep(value);
  const JsonValue* name = value.Find("name");
  if (name == nullptr) throw FileError(value.where, "a step needs a name");
  step.name = name->AsString("name");
  return step;
}

}  // namespace grantspec
