#include "fuzz/adapter/cause.h"

#include <algorithm>
#include <set>
#include <vector>

#include "fixtures/grammar/ascii.h"
#include "fixtures/grammar/base64.h"
#include "fixtures/grammar/percent.h"
#include "fuzz/mutants/subject.h"

namespace grantspec::fuzz {
namespace {

// The clause that forbids what the reference refuses for a reason.
struct Clause {
  std::string_view reason, clause;
  bool optional = false;  // whether a reader may accept it nevertheless
};

const Clause* ClauseOf(Entry entry, std::string_view reason) {
  constexpr std::string_view kBasic = "RFC 7617 section 2", kScope = "RFC 6749 section 3.3";
  static const std::string alphabet = "base64: " + std::string(ToString(Base64Error::kAlphabet)),
                           padding = "base64: " + std::string(ToString(Base64Error::kPadding)),
                           pad_bits = "base64: " + std::string(ToString(Base64Error::kPadBits));
  static const Clause form[] = {
      {ToString(FormError::kPercent), "RFC 6749 appendix B (RFC 3986 section 2.1)"},
      {ToString(FormError::kUtf8), "RFC 6749 appendix B"},
  };
  static const Clause basic[] = {
      {ToString(BasicError::kNotBasic), kBasic}, {ToString(BasicError::kNoSpace), kBasic},
      {ToString(BasicError::kNoColon), kBasic},  {ToString(BasicError::kControl), kBasic},
      {alphabet, "RFC 4648 section 3.3"},        {padding, "RFC 4648 section 3.2"},
      {pad_bits, "RFC 4648 section 3.5", true},
  };
  static const Clause scope[] = {
      {ToString(ScopeError::kEmpty), kScope},
      {ToString(ScopeError::kSpace), kScope},
      {ToString(ScopeError::kCharacter), kScope},
  };
  const auto find = [reason](const auto& list) -> const Clause* {
    const auto found = std::find_if(std::begin(list), std::end(list),
                                    [reason](const Clause& c) { return c.reason == reason; });
    return found == std::end(list) ? nullptr : &*found;
  };
  if (entry == Entry::kForm) return find(form);
  if (entry == Entry::kBasic) return find(basic);
  return entry == Entry::kScope ? find(scope) : nullptr;
}

// Where an entry's grammar stands.
std::string_view GrammarOf(Entry entry) {
  switch (entry) {
    case Entry::kForm:
      return "RFC 6749 appendix B";
    case Entry::kBasic:
      return "RFC 7617 section 2";
    case Entry::kScope:
      return "RFC 6749 section 3.3";
    case Entry::kRequest:
      return "RFC 6749 sections 4.4 and 5";
  }
  return "?";
}

// A JSON string whose code points up to U+00FF are bytes.
std::string JsonString(std::string_view bytes) {
  std::string text = "\"";
  for (char c : bytes) {
    if (c == '"' || c == '\\') {
      text.append("\\").append(1, c);
    } else if (c >= ' ' && c <= '~') {
      text += c;
    } else {
      text += "\\u00" + EncodeHex(std::string_view(&c, 1));
    }
  }
  return text + "\"";
}

// A word for an id: lower-case letters, digits and underscores.
std::string Word(std::string_view text) {
  std::string word;
  for (char c : text) {
    const char lower = ToLower(c);
    const bool plain = IsAlpha(c) || IsDigit(c);
    if (plain || (!word.empty() && word.back() != '_')) word += plain ? lower : '_';
  }
  return word;
}

bool HasRepeatedName(const Cause& cause) {
  std::set<std::string> names;
  const auto& parts = cause.reference.parts;
  for (std::size_t i = 0; cause.entry == Entry::kForm && i < parts.size(); i += 2) {
    if (!names.insert(parts[i]).second) return true;
  }
  return false;
}

// What distinguishes a small input: the first byte of the parts, and else of the input itself, that
// is neither a letter nor a digit. NUL stands for none.
char DistinctiveByte(const Cause& cause) {
  for (const std::string& part : cause.reference.parts) {
    for (char c : part) {
      if (!IsAlpha(c) && !IsDigit(c)) return c;
    }
  }
  for (char c : cause.input) {
    if (!IsAlpha(c) && !IsDigit(c)) return c;
  }
  return '\0';
}

std::string KindOf(char c) {
  if (static_cast<unsigned char>(c) >= 0x80) return "above ASCII";
  return c != '\0' && IsControl(c) ? "control" : EncodeHex({&c, 1});
}

// A text of the input that bounds a quirk.
std::string DistinctivePart(const Cause& cause) {
  const char byte = DistinctiveByte(cause);
  return cause.input.find(byte) != std::string::npos ? std::string(1, byte) : cause.input;
}

constexpr std::size_t kPartMax = 12;  // the escapes of one character, at most

// Leaves out each part of a size that `take` agrees to; whether there was one.
template <typename Take>
bool RemoveParts(std::size_t part, const std::string& text, const Take& take) {
  bool removed = false;
  for (std::size_t at = 0; at + part <= text.size();) {
    std::string input = text;
    input.erase(at, part);
    if (take(input)) {
      removed = true;
    } else {
      ++at;
    }
  }
  return removed;
}

bool IsSameDifference(const Cause& a, const std::optional<Cause>& b) {
  return b && a.difference == b->difference && a.reference.reason == b->reference.reason;
}

}  // namespace

std::string Cause::Key() const {
  std::string key(ToString(entry));
  key.append(" ").append(ToString(difference)).append(" ");
  if (!reference.reason.empty()) return key + reference.reason;
  if (HasRepeatedName(*this)) return key + "repeated name";
  const std::size_t ours = reference.parts.size(), theirs = adapter.parts.size();
  key += theirs < ours ? "fewer parts " : theirs > ours ? "more parts " : "other parts ";
  return key + KindOf(DistinctiveByte(*this));
}

std::string Cause::Verdict() const {
  if (difference == Difference::kAdapterAccepts) {
    const Clause* const clause = ClauseOf(entry, reference.reason);
    const std::string where(clause == nullptr ? GrammarOf(entry) : clause->clause);
    if (clause != nullptr && clause->optional) return "both are lawful: " + where;
    return "the adapter accepts what " + where + " does not allow";
  }
  const Reading second = AskSecondReader(entry, input);
  if (second.kind == Reading::Kind::kNotOffered || second == reference) {
    const std::string what =
        difference == Difference::kAdapterRefuses ? "refuses what" : "reads otherwise what";
    return "the adapter " + what + " " + std::string(GrammarOf(entry)) + " defines";
  }
  return "undecided: the suite's own two readers differ, which is a defect of the suite";
}

std::string Cause::QuirkEntry() const {
  const bool by_reason = difference == Difference::kAdapterAccepts && !reference.reason.empty();
  const std::string bound = by_reason ? reference.reason : DistinctivePart(*this);
  const std::string id = by_reason ? Word(bound) : "bytes_" + EncodeHex(bound).substr(0, 32);
  std::string text = "{\"id\": \"" + id;
  text.append("\", \"entry\": \"").append(ToString(entry));
  text.append("\", \"differs\": \"").append(ToString(difference));
  text.append(by_reason ? "\", \"because\": " : "\", \"contains\": ").append(JsonString(bound));
  text.append(", \"says\": ").append(JsonString(Verdict()));
  return text + ", \"proof\": " + JsonString(input) + "}";
}

std::optional<Cause> UndeclaredDifference(const grantspec_adapter& adapter, Entry entry,
                                          std::string_view input) {
  Cause cause{entry, Difference::kNone, std::string(input), AskReference(entry, input),
              AskAdapter(adapter, entry, input)};
  cause.difference = Compare(cause.reference, cause.adapter);
  if (cause.difference == Difference::kNone) return std::nullopt;
  const bool declared =
      std::any_of(TheQuirks().begin(), TheQuirks().end(), [&cause, input](const Quirk& quirk) {
        return quirk.Covers(cause.entry, cause.difference, input, cause.reference);
      });
  return declared ? std::nullopt : std::optional(std::move(cause));
}

Cause Minimized(const grantspec_adapter& adapter, Cause cause) {
  const auto take = [&adapter, &cause](const std::string& input) {
    auto smaller = UndeclaredDifference(adapter, cause.entry, input);
    if (!IsSameDifference(cause, smaller)) return false;
    cause = std::move(*smaller);
    return true;
  };
  // Halves, quarters ... and then every part of up to a few characters, until nothing can go.
  for (std::size_t part = cause.input.size() / 2; part > kPartMax; part /= 2) {
    RemoveParts(part, cause.input, take);
  }
  bool shorter = true;
  while (shorter) {
    shorter = false;
    for (std::size_t part = kPartMax; part > 0; --part) {
      shorter = RemoveParts(part, cause.input, take) || shorter;
    }
  }
  for (std::size_t at = 0; at < cause.input.size(); ++at) {
    if (IsAlpha(cause.input[at]) || IsDigit(cause.input[at])) continue;
    std::string input = cause.input;
    input[at] = 'a';
    take(input);
  }
  return cause;
}

}  // namespace grantspec::fuzz
