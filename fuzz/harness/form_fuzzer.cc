// Input: the content of a form, as it is on the wire.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fixtures/grammar/percent.h"
#include "fixtures/grammar/utf8.h"
#include "fixtures/model/grammar.h"
#include "fuzz/mutants/subject.h"
#include "fuzz/oracle/require.h"
#include "fuzz/oracle/work.h"

namespace grantspec::fuzz {
namespace {

// Both readers see the same pairs; what they saw is only written out where they do not.
void RequireSame(const Form& form, const model::Pairs& expected, std::string_view rule) {
  const bool same = std::equal(form.parameters.begin(), form.parameters.end(), expected.begin(),
                               expected.end(), [](const FormParameter& p, const auto& pair) {
                                 return p.name == pair.first && p.value == pair.second;
                               });
  if (same) return;
  model::Pairs got;
  for (const FormParameter& p : form.parameters) got.push_back({p.name, p.value});
  Broken(rule, model::Canonical(got), model::Canonical(expected));
}

// All texts of up to four bytes from around the bounds of RFC 3629 section 4, once in a process:
// the engine would need many inputs to meet each of them. Eight ASCII bytes are read at once, so
// that longer texts follow.
void HoldUtf8Bounds() {
  constexpr std::string_view kBytes(
      "\x00\x7f\x80\x81\x8f\x90\x9f\xa0\xbf\xc0\xc1\xc2\xdf\xe0"
      "\xe1\xec\xed\xee\xef\xf0\xf1\xf3\xf4\xf5",
      24);
  constexpr std::size_t kCount = kBytes.size();
  for (std::size_t n = 0; n < kCount * kCount * kCount * kCount; ++n) {
    const char bytes[] = {kBytes[n % kCount], kBytes[n / kCount % kCount],
                          kBytes[n / kCount / kCount % kCount],
                          kBytes[n / kCount / kCount / kCount]};
    const std::string_view text(bytes, sizeof bytes);
    for (std::size_t size = n < kCount * kCount * kCount ? 1 : 4; size <= 4; ++size) {
      Require(IsUtf8(text.substr(0, size)) == model::IsUtf8(text.substr(0, size)),
              "both readers know the same characters");
    }
  }
  for (std::size_t size = 0; size < 24; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (char c : {'\x7f', '\x80', '\xff'}) {
        std::string text(size, 'a');
        text[at] = c;
        Require(IsUtf8(text) == (c == '\x7f'), "a byte above ASCII is seen wherever it stands");
      }
    }
  }
}

void HoldStrict(std::string_view content) {
  const WorkMeter work;
  const auto form = subject::ReadForm(content);
  work.RequireLinear(content.size(), 300, 160, "ParseForm");

  const model::FormReading expected = model::ReadForm(content);
  Require(form.has_value() == (expected.refusal == model::FormReading::Refusal::kNone),
          "a form is refused for an escape or for bytes that are not UTF-8, and for nothing else");
  if (!form) {
    Require((form.error() == FormError::kPercent) ==
                (expected.refusal == model::FormReading::Refusal::kEscape),
            "a form is refused for the first thing that is wrong with it");
    const bool says_utf8 = ToString(form.error()).find("UTF-8") != std::string_view::npos;
    Require(says_utf8 == (form.error() == FormError::kUtf8), "a refusal has its own words");
    return;
  }
  RequireSame(*form, expected.pairs, "both readers see the same pairs in the same bytes");
  std::size_t decoded = 0;
  for (const FormParameter& p : form->parameters) decoded += p.name.size() + p.value.size();
  Require(decoded + 2 * expected.escapes + expected.separators == content.size(),
          "no byte is lost and none is invented");
  const std::string written = FormatForm(*form);
  Require(form->parameters.empty() || written.front() != '&', "nothing stands before a form");
  const auto again = subject::ReadForm(written);
  Require(again && *again == *form, "a form that was read, written and read again is the same");
}

void HoldLoose(std::string_view content, const Form& loose) {
  RequireSame(loose, model::ReadFormLoosely(content), "the URL Standard's reading loses nothing");
  if (const auto strict = ParseForm(content)) {
    Require(*strict == loose, "what is read strictly is read the same loosely");
  }
}

// Looking a parameter up agrees with walking through all of them.
void PauseLookups(std::string_view content, const Form& form) {
  if (form.parameters.size() > 16) return;
  for (const FormParameter& p : form.parameters) {
    const auto all = form.All(p.name);
    std::size_t found = 0;
    for (const FormParameter& q : form.parameters) {
      if (q.name != p.name) continue;
      Require(found < all.size() && all[found] == q.value,
              "all values of a name are found, in their order");
      ++found;
    }
    Require(all.size() == found && form.Count(p.name) == found && form.First(p.name) == all.front(),
            "First, All and Count agree");
  }
  Require(form.First(content).has_value() == (form.Count(content) > 0), "what is not there is not");
}

// The body of a message starts after its first empty line.
void HoldBody(std::string_view content, const Form& loose) {
  std::string message = "POST / HTTP/1.1\r\nA: 1\r\n\r\n";
  message += content;
  Require(ParseFormBody(message) == loose, "a form is the body of its message");
  if (content.find("\r\n\r\n") == std::string_view::npos) {
    Require(ParseFormBody(content).parameters.empty(), "a message without a body has no form");
  }
}

void HoldPercent(std::string_view bytes) {
  const std::string some = EncodePercent(bytes), all = EncodePercentAll(bytes);
  for (const std::string* text : {&some, &all}) {
    const auto back = DecodePercent(*text);
    Require(back && *back == bytes, "bytes that were escaped are read back");
  }
  RequireEqual(some, model::WriteEscaped(bytes, "-._~"),
               "both writers escape all but the unreserved characters");
  RequireEqual(all, model::WriteEscaped(bytes, std::nullopt), "both writers escape every byte");
  RequireEqual(EncodeHex(bytes), model::WriteHex(bytes), "both writers spell bytes alike");
}

// Percent-encoding alone is read as in a form without its other separators.
void HoldPercentReaders(std::string_view bytes) {
  std::string text(bytes);
  for (char separator : {'&', '=', '+'}) std::replace(text.begin(), text.end(), separator, 'a');
  const auto decoded = DecodePercent(text);
  const model::FormReading strict = model::ReadForm(text);
  const bool is_whole = strict.refusal == model::FormReading::Refusal::kNone;
  const model::Pairs expected = is_whole ? strict.pairs : model::ReadFormLoosely(text);
  const std::string whole = expected.empty() ? "" : expected.front().first;
  RequireEqual(DecodePercentLoosely(text), whole, "an invalid escape stays as it is");
  Require(decoded.has_value() == (strict.refusal != model::FormReading::Refusal::kEscape),
          "an escape has two hexadecimal digits");
  if (decoded) {
    RequireEqual(*decoded, whole, "an escape is one byte");
    return;
  }
  const bool says_cut = ToString(decoded.error()).find("cut short") != std::string_view::npos;
  Require(says_cut == (decoded.error() == PercentError::kTruncated), "a refusal has its own words");
}

// Any bytes survive as a value, as long as they are UTF-8.
void HoldWriter(std::string_view bytes) {
  std::string spelled = model::WriteEscaped(bytes, "*-._ ");
  std::replace(spelled.begin(), spelled.end(), ' ', '+');
  RequireEqual(EncodeFormComponent(bytes), spelled, "both writers spell a value alike");
  const auto back = DecodeFormComponent(spelled);
  Require(back.has_value() == model::IsUtf8(bytes), "what is UTF-8 can be a value");
  if (back) RequireEqual(*back, bytes, "a value that was written is read back");
}

}  // namespace
}  // namespace grantspec::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  [[maybe_unused]] static const bool bounds_held = (grantspec::fuzz::HoldUtf8Bounds(), true);
  const std::string_view content(reinterpret_cast<const char*>(data), size);
  const grantspec::Form loose = grantspec::ParseFormWhatwg(content);
  grantspec::fuzz::HoldStrict(content);
  grantspec::fuzz::HoldLoose(content, loose);
  grantspec::fuzz::PauseLookups(content, loose);
  grantspec::fuzz::HoldBody(content, loose);
  // Writers go from byte to byte; whole forms are written above.
  const std::string_view start = content.substr(0, 64);
  grantspec::fuzz::HoldPercent(start);
  grantspec::fuzz::HoldPercentReaders(content);
  grantspec::fuzz::HoldWriter(start);
  return 0;
}
