// Planted defects of scopes.

#include <algorithm>
#include <iterator>
#include <memory>

#include "fixtures/grammar/ascii.h"
#include "fuzz/mutants/planted.h"
#include "fuzz/mutants/subject.h"

namespace grantspec::subject {
namespace {

using ScopeRead = Result<Scope, ScopeError>;

// Characters that no scope-token may have, read as letters.
ScopeRead Allowing(std::string_view text, std::string_view characters) {
  std::string changed(text);
  for (char& c : changed) {
    if (characters.find(c) != std::string_view::npos) c = 'x';
  }
  return Scope::Parse(changed);
}

ScopeRead EachToken(std::string_view text, std::string (*change)(const std::string&)) {
  const ScopeRead read = Scope::Parse(text);
  if (!read) return read;
  std::vector<std::string> tokens;
  for (const std::string& token : read->tokens()) tokens.push_back(change(token));
  return Scope::Of(tokens);
}

const Planted<ScopeRead> kScope[] = {
    {"scope_two_spaces", "two spaces separate like one",
     [](std::string_view t) { return Scope::Parse(Replaced(t, "  ", " ")); }},
    {"scope_space_behind", "a trailing space is removed",
     [](std::string_view t) {
       return Scope::Parse(t.ends_with(' ') ? t.substr(0, t.size() - 1) : t);
     }},
    {"scope_space_in_front", "a leading space is removed",
     [](std::string_view t) { return Scope::Parse(t.starts_with(' ') ? t.substr(1) : t); }},
    {"scope_tab", "a tab separates tokens",
     [](std::string_view t) { return Scope::Parse(Replaced(t, "\t", " ")); }},
    {"scope_comma", "a comma separates tokens",
     [](std::string_view t) { return Scope::Parse(Replaced(t, ",", " ")); }},
    {"scope_backslash", "a backslash is a character of tokens",
     [](std::string_view t) { return Allowing(t, "\\"); }},
    {"scope_quote", "a quotation mark is a character of tokens",
     [](std::string_view t) { return Allowing(t, "\""); }},
    {"scope_delete", "DEL is a character of tokens",
     [](std::string_view t) { return Allowing(t, "\x7f"); }},
    {"scope_latin_1", "bytes from 0xA1 are characters of tokens",
     [](std::string_view t) {
       std::string changed(t);
       for (char& c : changed) c = static_cast<unsigned char>(c) > 0xa0 ? 'x' : c;
       return Scope::Parse(changed);
     }},
    {"scope_ends_at_nul", "a scope ends at a NUL",
     [](std::string_view t) { return Scope::Parse(t.substr(0, t.find('\0'))); }},
    {"scope_case", "the case of tokens does not matter",
     [](std::string_view t) {
       return EachToken(t, [](const std::string& token) { return ToLower(token); });
     }},
    {"scope_token_of_64", "a token ends after 64 bytes",
     [](std::string_view t) {
       return EachToken(t, [](const std::string& token) { return token.substr(0, 64); });
     }},
    {"scope_32_tokens", "the thirty-third token is lost",
     [](std::string_view t) {
       const ScopeRead read = Scope::Parse(t);
       if (!read || read->size() <= 32) return read;
       return ScopeRead(Scope::Of({read->tokens().begin(), std::next(read->tokens().begin(), 32)}));
     }},
    {"scope_repeated_lost", "a duplicate token is lost",
     [](std::string_view t) {
       const std::size_t space = t.rfind(' ');
       if (space == std::string_view::npos) return Scope::Parse(t);
       const ScopeRead front = Scope::Parse(t.substr(0, space)),
                       back = Scope::Parse(t.substr(space + 1));
       if (!front || !back) return Scope::Parse(t);
       return ScopeRead(front->Without(*back).UnitedWith(back->Without(*front)));
     }},
    {"scope_last_character", "the last character of the set is refused",
     [](std::string_view t) {
       return t.find('~') == std::string_view::npos ? Scope::Parse(t)
                                                    : ScopeRead(ScopeError::kCharacter);
     }},
    {"scope_fixed_buffer", "a token longer than 64 bytes leaves its buffer",
     [](std::string_view t) {
       const std::unique_ptr<char[]> buffer(new char[64]);
       std::copy_n(t.begin(), std::min(t.size(), t.find(' ')), buffer.get());
       Touch(buffer[0]);
       return Scope::Parse(t);
     },
     true},
};

}  // namespace

void AppendScopeMutants(std::vector<Mutant>& list) {
  Append(list, kScope, "scope");
}

Result<Scope, ScopeError> ReadScope(std::string_view text) {
  static const auto planted = Active(kScope);
  return planted != nullptr ? planted(text) : Scope::Parse(text);
}

}  // namespace grantspec::subject
