// Planted defects of forms.

#include <algorithm>
#include <memory>

#include "fixtures/grammar/percent.h"
#include "fuzz/mutants/planted.h"
#include "fuzz/mutants/subject.h"

namespace grantspec::subject {
namespace {

using FormRead = Result<Form, FormError>;

template <typename Change>
FormRead EachValue(std::string_view content, const Change& change) {
  FormRead form = ParseForm(content);
  if (form) {
    for (FormParameter& p : (*form).parameters) change(p);
  }
  return form;
}

// Keeps one of several parameters of a name.
FormRead Single(std::string_view content, bool last) {
  FormRead read = ParseForm(content);
  if (!read) return read;
  Form form;
  for (const FormParameter& p : read->parameters) {
    const auto same = std::find_if(form.parameters.begin(), form.parameters.end(),
                                   [&p](const FormParameter& q) { return q.name == p.name; });
    if (same == form.parameters.end()) {
      form.parameters.push_back(p);
    } else if (last) {
      same->value = p.value;
    }
  }
  return form;
}

const Planted<FormRead> kForm[] = {
    {"form_decoded_twice_value", "a value is decoded twice",
     [](std::string_view c) {
       return EachValue(c, [](FormParameter& p) {
         if (const auto again = DecodePercent(p.value)) p.value = *again;
       });
     }},
    {"form_plus_stays", "a plus stays a plus",
     [](std::string_view c) { return ParseForm(Replaced(c, "+", "%2B")); }},
    {"form_percent_read_past", "an escape cut short is read past the end",
     [](std::string_view c) {
       const std::unique_ptr<char[]> copy(new char[c.size()]);
       std::copy(c.begin(), c.end(), copy.get());
       if (c.ends_with('%')) Touch(copy[c.size()]);
       return ParseForm(c);
     },
     true},
    {"form_bad_escape_stays", "an invalid escape stays as it is",
     [](std::string_view c) {
       const FormRead read = ParseForm(c);
       return !read && read.error() == FormError::kPercent ? FormRead(ParseFormWhatwg(c)) : read;
     }},
    {"form_value_ends_at_nul", "a value ends at a NUL",
     [](std::string_view c) {
       return EachValue(c,
                        [](FormParameter& p) { p.value = p.value.substr(0, p.value.find('\0')); });
     }},
    {"form_last_wins", "of a repeated parameter the last counts",
     [](std::string_view c) { return Single(c, true); }},
    {"form_first_wins", "of a repeated parameter the first counts",
     [](std::string_view c) { return Single(c, false); }},
    {"form_lower_hex", "escapes in lower case are refused",
     [](std::string_view c) {
       for (std::size_t i = 0; i + 2 < c.size(); ++i) {
         if (c[i] == '%' && (c[i + 1] >= 'a' || c[i + 2] >= 'a'))
           return FormRead(FormError::kPercent);
       }
       return ParseForm(c);
     }},
    {"form_semicolon", "a semicolon separates pairs",
     [](std::string_view c) { return ParseForm(Replaced(c, ";", "&")); }},
    {"form_sixteen_pairs", "the seventeenth pair is lost",
     [](std::string_view c) {
       FormRead form = ParseForm(c);
       if (form && form->parameters.size() > 16) (*form).parameters.resize(16);
       return form;
     }},
    {"form_any_bytes", "bytes need not be UTF-8",
     [](std::string_view c) {
       const FormRead read = ParseForm(c);
       return !read && read.error() == FormError::kUtf8 ? FormRead(ParseFormWhatwg(c)) : read;
     }},
    {"form_surrogates", "a surrogate passes for UTF-8",
     [](std::string_view c) {
       const FormRead read = ParseForm(c);
       if (read || read.error() != FormError::kUtf8) return read;
       const Form loose = ParseFormWhatwg(c);
       for (const FormParameter& p : loose.parameters) {
         const std::size_t at = p.value.find('\xed');
         if (at != std::string::npos && at + 1 < p.value.size() && p.value[at + 1] >= '\xa0')
           return FormRead(loose);
       }
       return read;
     }},
    {"form_last_equals", "the last equals sign separates",
     [](std::string_view c) {
       return EachValue(c, [](FormParameter& p) {
         const std::size_t at = p.value.rfind('=');
         if (at == std::string::npos) return;
         p.name += "=" + p.value.substr(0, at);
         p.value = p.value.substr(at + 1);
       });
     }},
    {"form_empty_pair", "an empty pair is a pair",
     [](std::string_view c) {
       FormRead form = ParseForm(c);
       if (form && c.find("&&") != std::string_view::npos) (*form).parameters.push_back({"", ""});
       return form;
     }},
    {"form_names_raw", "names are not decoded",
     [](std::string_view c) {
       return EachValue(c, [](FormParameter& p) { p.name = EncodeFormComponent(p.name); });
     }},
    {"form_quadratic", "each pair copies those before it",
     [](std::string_view c) {
       Form form;
       const FormRead read = ParseForm(c);
       if (!read) return read;
       for (const FormParameter& p : read->parameters) {
         Form longer = form;
         longer.parameters.push_back(p);
         form = std::move(longer);
       }
       return FormRead(form);
     }},
    {"form_value_of_255", "a value ends after 255 bytes",
     [](std::string_view c) {
       return EachValue(c, [](FormParameter& p) { p.value = p.value.substr(0, 255); });
     }},
    {"form_value_trimmed", "trailing spaces of a value are removed",
     [](std::string_view c) {
       return EachValue(c, [](FormParameter& p) {
         while (p.value.ends_with(' ')) p.value.pop_back();
       });
     }},
};

}  // namespace

void AppendFormMutants(std::vector<Mutant>& list) {
  Append(list, kForm, "form");
}

Result<Form, FormError> ReadForm(std::string_view content) {
  static const auto planted = Active(kForm);
  return planted != nullptr ? planted(content) : ParseForm(content);
}

}  // namespace grantspec::subject
