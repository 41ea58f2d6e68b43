#include "properties/draw.h"

#include "fixtures/grammar/ascii.h"
#include "fixtures/grammar/percent.h"

namespace grantspec {

std::string AnyCase(std::string text) {
  if (text.empty()) return text;
  for (std::size_t index : SomeIndices(text.size(), text.size())) {
    char& c = text[index];
    c = c == ToLower(c) ? ToUpper(c) : ToLower(c);
  }
  return text;
}

std::string SomeEscaped(std::string_view text) {
  std::vector<bool> escaped(text.size(), false);
  if (text.empty()) return {};
  for (std::size_t index : SomeIndices(text.size(), text.size())) escaped[index] = true;
  const bool lower = Perhaps();
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!escaped[i]) {
      out += text[i];
      continue;
    }
    std::string escape;
    AppendEscape(escape, text[i]);
    if (lower) {
      for (char& c : escape) c = ToLower(c);
    }
    out += escape;
  }
  return out;
}

}  // namespace grantspec
