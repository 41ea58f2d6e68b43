#include "conformance/engine/diagnosis/shrink.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "conformance/engine/diagnosis/diagnosis.h"
#include "conformance/engine/diagnosis/fingerprint.h"
#include "fixtures/grammar/ascii.h"

namespace grantspec {
namespace {

constexpr std::size_t kManyHeaders = 4;    // that are left out by halves
constexpr std::size_t kLongBytesMin = 64;  // a value that is worth halving
constexpr std::size_t kNumberDigitsMax = 9;

bool IsLoginParameter(std::string_view name) {
  return name.starts_with("client_");
}

// Parameters that mean something to the endpoint.
bool IsKnownParameter(std::string_view name) {
  for (std::string_view known : {"grant_type", "scope", "resource", "audience", "assertion"}) {
    if (name == known) return true;
  }
  return IsLoginParameter(name);
}

// Header fields that say where a message ends, whom it is for and how its body is read.
bool IsFramingHeader(std::string_view name) {
  for (std::string_view known : {"Host", "Content-Length", "Transfer-Encoding", "Content-Encoding",
                                 "Connection", "Expect", "Upgrade", "TE", "Trailer"}) {
    if (EqualsFolded(name, known)) return true;
  }
  return false;
}

bool IsAuthorization(const NamedChange& change) {
  return EqualsFolded(change.name.text, "Authorization");
}

// Whether a change of a header may be undone.
bool MayChangeHeader(const NamedChange& change, Freedom freedom) {
  const std::string& name = change.name.text;
  if (freedom == Freedom::kAny) return true;
  if (IsAuthorization(change)) return false;
  if (freedom == Freedom::kKeepsLogin) return true;
  return !EqualsFolded(name, "Content-Type") && !IsFramingHeader(name);
}

bool MayChangeParameter(std::string_view name, Freedom freedom) {
  if (freedom == Freedom::kAny) return true;
  if (freedom == Freedom::kKeepsLogin) return !IsLoginParameter(name);
  return freedom == Freedom::kLawful && !IsKnownParameter(name);
}

// Whether method, target and body may become those of the control request.
bool MayChangeMessage(const StepSpec& step, Freedom freedom) {
  if (freedom == Freedom::kAny) return true;
  const bool has_login =
      (step.content && step.content->text.find("client_") != std::string::npos) ||
      (step.target && step.target->text.find("client_") != std::string::npos);
  return freedom == Freedom::kKeepsLogin && !has_login;
}

// A part of a template: {{ }} is never cut.
struct TemplatePart {
  std::size_t begin = 0, size = 0;
  bool expression = false;
};

std::vector<TemplatePart> TemplatePartsOf(std::string_view text) {
  std::vector<TemplatePart> stretches;
  for (std::size_t at = 0; at < text.size();) {
    const bool expression = text.compare(at, 2, "{{") == 0;
    std::size_t end = text.find(expression ? "}}" : "{{", at);
    end = end == std::string_view::npos ? text.size() : end + (expression ? 2 : 0);
    stretches.push_back({at, end - at, expression});
    at = end;
  }
  return stretches;
}

// The pieces of a template between separators, apart from those inside {{ }}.
std::vector<std::string> SplitTemplate(std::string_view text, std::string_view separator) {
  std::vector<std::string> parts(1);
  for (const TemplatePart& one : TemplatePartsOf(text)) {
    std::string_view rest = text.substr(one.begin, one.size);
    for (std::size_t end = 0; !one.expression && (end = rest.find(separator)) != rest.npos;) {
      parts.back() += rest.substr(0, end);
      parts.emplace_back();
      rest.remove_prefix(end + separator.size());
    }
    parts.back() += rest;
  }
  return parts;
}

std::string JoinedBy(const std::vector<std::string>& parts, std::string_view separator) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    text += (i > 0 ? std::string(separator) : "") + parts[i];
  }
  return text;
}

// The count of the first long repeat('a',N), as a stretch of digits.
std::optional<TemplatePart> LongCountIn(std::string_view text) {
  for (std::size_t at = 0; (at = text.find("repeat(", at)) != std::string_view::npos; ++at) {
    int depth = 0;
    for (std::size_t i = at; i < text.size(); ++i) {
      depth += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
      if (text[i] != ')' || depth > 0) continue;
      std::size_t begin = i;
      while (begin > 0 && IsDigit(text[begin - 1])) --begin;
      const std::size_t size = i - begin;
      if (size == 0 || size > kNumberDigitsMax || text[begin - 1] != ',') break;
      if (std::atol(std::string(text.substr(begin, size)).c_str()) >=
          static_cast<long>(kLongBytesMin)) {
        return TemplatePart{begin, size};
      }
      break;
    }
  }
  return std::nullopt;
}

// A long template with half of its longest part, or nothing where it is short.
std::optional<std::string> Halved(const std::string& text) {
  if (const auto count = LongCountIn(text)) {
    const long number = std::atol(text.substr(count->begin, count->size).c_str());
    return text.substr(0, count->begin) + std::to_string(number / 2) +
           text.substr(count->begin + count->size);
  }
  TemplatePart longest;
  for (const TemplatePart& one : TemplatePartsOf(text)) {
    if (!one.expression && one.size > longest.size) longest = one;
  }
  if (longest.size < kLongBytesMin) return std::nullopt;
  return text.substr(0, longest.begin + longest.size / 2) +
         text.substr(longest.begin + longest.size);
}

/// Collects the simplifications of one step.
class Simplifier {
 public:
  Simplifier(const StepSpec& step, Freedom freedom) : step_(step), freedom_(freedom) {}

  std::vector<Simplification> Take() {
    if (!step_.raw.empty()) {
      SimplifyRaw();
      return std::move(found_);
    }
    TakeControlMessage();
    TakeControlParts();
    LeaveOut();
    RepeatLess();
    DropBodyParts();
    Halve();
    return std::move(found_);
  }

 private:
  void Add(StepSpec step, std::string what) {
    step.writes_authorization =
        std::any_of(step.fields.begin(), step.fields.end(), [](const NamedChange& change) {
          return IsAuthorization(change) && !change.values.empty();
        });
    // The method was set because the step wrote the header.
    if (step_.writes_authorization && !step.writes_authorization) step.auth.reset();
    found_.push_back({std::move(step), std::move(what)});
  }

  void TakeControlMessage() {
    if (!MayChangeMessage(step_, freedom_)) return;
    StepSpec step = step_;
    if (step_.content) {
      step.content.reset();
      Add(step, "the body of the control request");
    }
    if (step_.target) {
      step = step_;
      step.target.reset();
      Add(step, "the target of the control request");
    }
    if (step_.method) {
      step = step_;
      step.method.reset();
      Add(step, "the method of the control request");
    }
  }

  // One of many headers is found with few requests.
  void LeaveOutHalves() {
    std::vector<std::size_t> free;
    for (std::size_t i = 0; i < step_.fields.size(); ++i) {
      if (MayChangeHeader(step_.fields[i], freedom_)) free.push_back(i);
    }
    if (free.size() < kManyHeaders) return;
    const std::size_t half = free.size() / 2;
    for (const std::size_t first : {std::size_t{0}, half}) {
      const std::size_t end = first == 0 ? half : free.size();
      StepSpec step = step_;
      for (std::size_t i = end; i-- > first;) {
        step.fields.erase(step.fields.begin() + static_cast<std::ptrdiff_t>(free[i]));
      }
      Add(std::move(step), "without headers " + step_.fields[free[first]].name.text + " to " +
                               step_.fields[free[end - 1]].name.text);
    }
  }

  void TakeControlParts() {
    LeaveOutHalves();
    for (std::size_t i = 0; i < step_.fields.size(); ++i) {
      if (!MayChangeHeader(step_.fields[i], freedom_)) continue;
      StepSpec step = step_;
      step.fields.erase(step.fields.begin() + static_cast<std::ptrdiff_t>(i));
      Add(std::move(step), ControlPart("header ", step_.fields[i]));
    }
    for (std::size_t i = 0; i < step_.form.size(); ++i) {
      if (!MayChangeParameter(step_.form[i].name.text, freedom_)) continue;
      StepSpec step = step_;
      step.form.erase(step.form.begin() + static_cast<std::ptrdiff_t>(i));
      Add(std::move(step), ControlPart("parameter ", step_.form[i]));
    }
    if (freedom_ == Freedom::kAny && step_.secret) {
      StepSpec step = step_;
      step.secret.reset();
      Add(std::move(step), "the secret of the control request");
    }
  }

  // What the control request does not have is left out; what it has gets its value.
  static std::string ControlPart(const std::string& kind, const NamedChange& change) {
    const std::string& name = change.name.text;
    const bool usual = kind == "header " ? EqualsFolded(name, "Authorization") ||
                                               EqualsFolded(name, "Content-Type")
                                         : IsKnownParameter(name);
    return usual ? kind + name + " of the control request" : "without " + kind + name;
  }

  void LeaveOut() {
    if (freedom_ != Freedom::kAny) return;
    for (std::size_t i = 0; i < step_.fields.size(); ++i) {
      const NamedChange& change = step_.fields[i];
      const bool usual = IsAuthorization(change) || EqualsFolded(change.name.text, "Content-Type");
      if (!usual || change.values.empty()) continue;
      StepSpec step = step_;
      step.fields[i].values.clear();
      Add(std::move(step), "without header " + change.name.text);
    }
    for (std::size_t i = 0; i < step_.form.size(); ++i) {
      const NamedChange& change = step_.form[i];
      if (!IsKnownParameter(change.name.text) || change.values.empty()) continue;
      StepSpec step = step_;
      step.form[i].values.clear();
      Add(std::move(step), "without parameter " + change.name.text);
    }
  }

  void RepeatLess() {
    const std::size_t least = freedom_ == Freedom::kAny ? 1 : 2;
    for (std::size_t i = 0; i < step_.form.size(); ++i) {
      const std::string& name = step_.form[i].name.text;
      // These may be repeated: RFC 8707 section 2, RFC 8693 section 2.1.
      const bool repeatable = name == "resource" || name == "audience";
      if (freedom_ == Freedom::kRefused ? repeatable : !MayChangeParameter(name, freedom_))
        continue;
      const std::size_t count = step_.form[i].values.size();
      if (count <= least) continue;
      StepSpec step = step_;
      step.form[i].values.resize(std::max(least, count / 2));
      Add(std::move(step), "parameter " + name + " fewer times");
    }
    if (freedom_ != Freedom::kAny) return;
    for (std::size_t i = 0; i < step_.fields.size(); ++i) {
      const std::size_t count = step_.fields[i].values.size();
      if (count < 2) continue;
      StepSpec step = step_;
      step.fields[i].values.resize(count / 2);
      Add(std::move(step), "header " + step_.fields[i].name.text + " fewer times");
    }
  }

  void DropBodyParts() {
    if (!step_.content || freedom_ != Freedom::kAny) return;
    const std::vector<std::string> parts = SplitTemplate(step_.content->text, "&");
    for (std::size_t i = 0; parts.size() > 1 && i < parts.size(); ++i) {
      std::vector<std::string> rest = parts;
      rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
      StepSpec step = step_;
      step.content->text = JoinedBy(rest, "&");
      const bool is_body = parts[i].starts_with("{{");
      Add(std::move(step), is_body ? "without the parameters of the control request"
                                   : "without parameter " + parts[i].substr(0, parts[i].find('=')));
    }
  }

  void Halve() {
    if (freedom_ == Freedom::kRefused) return;
    for (std::size_t i = 0; i < step_.fields.size(); ++i) {
      if (!MayChangeHeader(step_.fields[i], freedom_)) continue;
      HalveValues(&StepSpec::fields, i, "header ");
    }
    for (std::size_t i = 0; i < step_.form.size(); ++i) {
      if (!MayChangeParameter(step_.form[i].name.text, freedom_)) continue;
      HalveValues(&StepSpec::form, i, "parameter ");
      const auto name = Halved(step_.form[i].name.text);
      if (!name) continue;
      StepSpec step = step_;
      step.form[i].name.text = *name;
      Add(std::move(step), "half of the name of a parameter");
    }
    if (!MayChangeMessage(step_, freedom_)) return;
    HalveText(&StepSpec::content, "half of the body");
    HalveText(&StepSpec::target, "half of the target");
    if (freedom_ == Freedom::kAny) HalveText(&StepSpec::secret, "half of the secret");
  }

  void HalveValues(std::vector<NamedChange> StepSpec::*list, std::size_t at,
                   const std::string& kind) {
    const NamedChange& change = (step_.*list)[at];
    for (std::size_t i = 0; i < change.values.size(); ++i) {
      const auto value = Halved(change.values[i].text);
      if (!value) continue;
      StepSpec step = step_;
      (step.*list)[at].values[i].text = *value;
      Add(std::move(step), "half of " + kind + change.name.text);
    }
  }

  void HalveText(std::optional<Text> StepSpec::*member, std::string what) {
    if (!(step_.*member)) return;
    const auto text = Halved((step_.*member)->text);
    if (!text) return;
    StepSpec step = step_;
    (step.*member)->text = *text;
    Add(std::move(step), std::move(what));
  }

  // A raw request keeps its first line, what frames it and its body.
  void SimplifyRaw() {
    if (freedom_ != Freedom::kAny) return;
    const std::string& bytes = step_.raw.front().bytes.text;
    const std::vector<std::string> lines = SplitTemplate(bytes, "\r\n");
    for (std::size_t i = 1; i < lines.size() && !lines[i].empty(); ++i) {
      const std::string name = lines[i].substr(0, lines[i].find(':'));
      const bool plain = name.size() < lines[i].size() && name.find("{{") == std::string::npos &&
                         IsAlpha(name.front());
      if (!plain || IsFramingHeader(name)) continue;
      std::vector<std::string> rest = lines;
      rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
      AddRaw(JoinedBy(rest, "\r\n"), "without header " + name);
    }
    if (LongCountIn(bytes)) AddRaw(*Halved(bytes), "half of a long value");
  }

  void AddRaw(std::string bytes, std::string what) {
    StepSpec step = step_;
    step.raw.front().bytes.text = std::move(bytes);
    found_.push_back({std::move(step), std::move(what)});
  }

  const StepSpec& step_;
  Freedom freedom_;
  std::vector<Simplification> found_;
};

// Whether a case is one request whose response is all that counts.
bool IsOneRequest(const Case& spec) {
  if (spec.standing != nullptr || spec.analysis != nullptr || spec.steps.size() != 1) return false;
  if (spec.side_by_side || spec.alive || spec.within_ms > 0 || !spec.relations.empty())
    return false;
  const StepSpec& step = spec.steps.front();
  if (step.at != Place::kToken || step.repeat != 1 || step.responses != 1 || step.judges_last) {
    return false;
  }
  if (step.half_close || step.linger_ms > 0 || step.plaintext || !step.tls.empty() ||
      step.certificate != ClientCertificate::kOfClient) {
    return false;
  }
  const bool in_parts =
      step.raw.size() > 1 || std::any_of(step.raw.begin(), step.raw.end(), [](const RawPart& part) {
        return part.pause_ms > 0 || part.await != RawStep::Await::kNothing;
      });
  return !in_parts && step.await == Await::kNothing;
}

std::string_view StatusTextOf(const RecordedExchange& exchange) {
  const std::string_view line = exchange.status_line;
  const std::size_t space = line.find(' ');
  return space == std::string_view::npos ? "" : line.substr(space + 1, 3);
}

// Whether an error is wrong whatever the request: a success or a redirect instead of an error, or a
// 400 or 401 without an OAuth error (RFC 6749 section 5.2).
bool IsAlwaysWrong(const RecordedExchange& exchange) {
  const std::string_view status = StatusTextOf(exchange);
  if (status.starts_with('2') || status.starts_with('3')) return true;
  if (status != "400" && status != "401") return false;
  const std::string fingerprint = FingerprintOf(exchange);
  return fingerprint.starts_with('{') || fingerprint.starts_with("malformed") ||
         fingerprint.find('/') != std::string::npos;
}

}  // namespace

std::optional<Freedom> FreedomOf(const RecordedCase& recorded) {
  if (!IsOneRequest(*recorded.spec) || recorded.exchanges.size() != 1) return std::nullopt;
  const bool raw = !recorded.spec->steps.front().raw.empty();
  switch (KindOf(recorded)) {
    case MissKind::kDisclosed:
    case MissKind::kServerError:
      return Freedom::kAny;
    case MissKind::kDisconnected:
      // A server may close at a message that is not framed well (RFC 9112 section 2.2).
      return raw ? std::nullopt : std::optional(Freedom::kAny);
    case MissKind::kCheckFailed:
      return Freedom::kKeepsLogin;
    case MissKind::kRefused:
      return raw || recorded.spec->steps.front().content || recorded.spec->steps.front().method ||
                     recorded.spec->steps.front().target
                 ? std::nullopt
                 : std::optional(Freedom::kLawful);
    case MissKind::kWrongError:
      return !raw && IsAlwaysWrong(recorded.exchanges.front()) ? Freedom::kAny : Freedom::kRefused;
    case MissKind::kTokenIssued:
      return Freedom::kRefused;
    default:
      return std::nullopt;
  }
}

std::vector<Simplification> SimplificationsOf(const StepSpec& step, Freedom freedom) {
  return Simplifier(step, freedom).Take();
}

bool ShowsSameDefect(const RecordedCase& finding, const RecordedCase& shorter) {
  if (!NeedsCause(shorter) || shorter.exchanges.size() != 1) return false;
  const Outcome severity =
      finding.verdict.outcome == Outcome::kWaived ? Outcome::kFail : finding.verdict.outcome;
  const MissKind kind = KindOf(finding);
  if (shorter.verdict.outcome != severity || KindOf(shorter) != kind) return false;
  if (SymptomOf(kind, finding) != SymptomOf(kind, shorter)) return false;
  return kind != MissKind::kWrongError ||
         StatusTextOf(finding.exchanges.front()) == StatusTextOf(shorter.exchanges.front());
}

}  // namespace grantspec
