// Planted defects of media types.

#include "fixtures/grammar/ascii.h"
#include "fuzz/mutants/planted.h"
#include "fuzz/mutants/subject.h"

namespace grantspec::subject {
namespace {

using TypeRead = std::optional<MediaType>;

TypeRead EachParameter(std::string_view value, void (*change)(MediaTypeParameter&)) {
  TypeRead media = ParseMediaType(value);
  if (media) {
    for (MediaTypeParameter& p : media->parameters) change(p);
  }
  return media;
}

const Planted<TypeRead> kType[] = {
    {"type_case", "the type keeps its case",
     [](std::string_view v) {
       TypeRead media = ParseMediaType(v);
       if (media) media->type = v.substr(0, media->type.size());
       return media;
     }},
    {"type_value_folded", "the case of values does not matter",
     [](std::string_view v) {
       return EachParameter(v, [](MediaTypeParameter& p) { p.value = ToLower(p.value); });
     }},
    {"type_quoted_pair", "a backslash in a quoted string stays",
     [](std::string_view v) { return ParseMediaType(Replaced(v, "\\", "\\\\")); }},
    {"type_text_behind", "text after the type is ignored",
     [](std::string_view v) {
       return OrElse<TypeRead>(v, ParseMediaType,
                               [](std::string_view t) { return t.substr(0, t.find(' ')); });
     }},
    {"type_unterminated", "a quoted string need not end",
     [](std::string_view v) {
       return OrElse<TypeRead>(v, ParseMediaType,
                               [](std::string_view t) { return std::string(t) + "\""; });
     }},
    {"type_space_around_equals", "spaces around the equals sign are skipped",
     [](std::string_view v) {
       return ParseMediaType(Replaced(Replaced(v, " =", "="), "= ", "="));
     }},
    {"type_empty_value", "a parameter may have no value",
     [](std::string_view v) {
       return OrElse<TypeRead>(v, ParseMediaType,
                               [](std::string_view t) { return std::string(t) + "\"\""; });
     }},
    {"type_first_parameter", "only the first parameter is kept",
     [](std::string_view v) {
       TypeRead media = ParseMediaType(v);
       if (media && media->parameters.size() > 1) media->parameters.resize(1);
       return media;
     }},
    {"type_comma", "a comma separates parameters",
     [](std::string_view v) { return ParseMediaType(Replaced(v, ",", ";")); }},
    {"type_tab", "a tab is not whitespace",
     [](std::string_view v) {
       return v.find('\t') == std::string_view::npos ? ParseMediaType(v) : TypeRead();
     }},
    {"type_semicolon_in_quotes", "a semicolon ends a quoted string",
     [](std::string_view v) {
       return EachParameter(
           v, [](MediaTypeParameter& p) { p.value = p.value.substr(0, p.value.find(';')); });
     }},
    {"type_no_subtype", "the subtype may be empty",
     [](std::string_view v) {
       return OrElse<TypeRead>(v, ParseMediaType, [](std::string_view t) {
         return t.ends_with('/') ? std::string(t) + "x" : std::string(t);
       });
     }},
};

}  // namespace

void AppendContentTypeMutants(std::vector<Mutant>& list) {
  Append(list, kType, "content_type");
}

std::optional<MediaType> ReadMediaType(std::string_view value) {
  static const auto planted = Active(kType);
  return planted != nullptr ? planted(value) : ParseMediaType(value);
}

}  // namespace grantspec::subject
