// Input: the value of a Content-Type field.

#include <algorithm>
#include <cstdint>
#include <string>

#include "fixtures/grammar/ascii.h"
#include "fixtures/model/grammar.h"
#include "fuzz/mutants/subject.h"
#include "fuzz/oracle/require.h"
#include "fuzz/oracle/work.h"

namespace grantspec::fuzz {
namespace {

std::string Canonical(const MediaType& media) {
  model::Pairs pairs;
  for (const MediaTypeParameter& p : media.parameters) pairs.push_back({p.name, p.value});
  return model::Canonical(media.type) + model::Canonical(media.subtype) + model::Canonical(pairs);
}

bool AreSame(const MediaType& media, const model::MediaTypeReading& expected) {
  return media.type == expected.type && media.subtype == expected.subtype &&
         std::equal(media.parameters.begin(), media.parameters.end(), expected.parameters.begin(),
                    expected.parameters.end(), [](const MediaTypeParameter& p, const auto& pair) {
                      return p.name == pair.first && p.value == pair.second;
                    });
}

bool AreSame(const MediaType& one, const MediaType& other) {
  return one.type == other.type && one.subtype == other.subtype &&
         std::equal(one.parameters.begin(), one.parameters.end(), other.parameters.begin(),
                    other.parameters.end(),
                    [](const MediaTypeParameter& p, const MediaTypeParameter& q) {
                      return p.name == q.name && p.value == q.value;
                    });
}

// The media type in its plainest spelling: every value a quoted string.
std::string Written(const MediaType& media) {
  std::string text = media.type + "/" + media.subtype;
  for (const MediaTypeParameter& p : media.parameters) {
    text += ";" + p.name + "=\"";
    for (char c : p.value) {
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
    text += '"';
  }
  return text;
}

void HoldMediaType(std::string_view value) {
  const WorkMeter work;
  const auto media = subject::ReadMediaType(value);
  work.RequireLinear(value.size(), 150, 128, "ParseMediaType");

  const auto expected = model::ReadMediaType(value);
  Require(media.has_value() == expected.has_value(),
          "what the grammar allows is a media type, and nothing else");
  if (!media) return;
  if (!AreSame(*media, *expected)) {
    Broken("both readers see the same media type", Canonical(*media),
           model::Canonical(expected->type) + model::Canonical(expected->subtype) +
               model::Canonical(expected->parameters));
  }
  for (const MediaTypeParameter& p : media->parameters) {
    const auto first = std::find_if(media->parameters.begin(), media->parameters.end(),
                                    [&p](const MediaTypeParameter& q) { return q.name == p.name; });
    Require(media->Find(p.name) == &*first, "the first parameter of a name is found");
  }
  const auto again = subject::ReadMediaType(Written(*media));
  Require(again && AreSame(*again, *media), "a media type is read back");

  // White space around a parameter and one more of them do not change the type.
  const auto more = subject::ReadMediaType(std::string(value) + " ;\tq=1");
  Require(more && more->type == media->type && more->subtype == media->subtype,
          "one more parameter leaves the type alone");
}

}  // namespace
}  // namespace grantspec::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  grantspec::fuzz::HoldMediaType({reinterpret_cast<const char*>(data), size});
  return 0;
}
