#include "fuzz/oracle/json_model.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

namespace grantspec::model {
namespace {

constexpr std::size_t kDepthMax = 32;

// Takes nlohmann's events down.
class Notes {
 public:
  using json = nlohmann::json;

  bool null() { return Add('0', ""); }
  bool boolean(bool) { return Add('b', ""); }
  bool number_integer(json::number_integer_t value) { return Add('i', std::to_string(value)); }
  bool number_unsigned(json::number_unsigned_t value) { return Add('i', std::to_string(value)); }
  bool number_float(json::number_float_t, const std::string& literal) {
    const bool whole = literal.find_first_of(".eE") == std::string::npos;
    return Add(whole ? 'i' : 'n', literal);
  }
  bool string(std::string& value) { return Add('s', value); }
  bool binary(json::binary_t&) { return false; }
  bool start_object(std::size_t) { return Open('{'); }
  bool end_object() { return Close(); }
  bool start_array(std::size_t) { return Open('['); }
  bool end_array() { return Close(); }
  bool key(std::string& name) {
    if (!names_.back().insert(name).second) good = false;
    if (names_.size() == 1) reading.members.push_back({name});
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& error) {
    out_of_range = error.id == 406;
    good = false;
    return false;
  }

  bool good = true;
  bool out_of_range = false;
  JsonReading reading;

 private:
  bool Add(char kind, const std::string& text) {
    if (names_.empty()) good = false;  // a JSON text that is no object
    if (names_.size() == 1 && outermost_object_) {
      reading.members.back().kind = kind;
      reading.members.back().text = text;
    }
    return true;
  }
  bool Open(char kind) {
    if (names_.empty()) {
      outermost_object_ = kind == '{';
      if (!outermost_object_) good = false;
    } else {
      Add(kind, "");
    }
    names_.emplace_back();
    if (names_.size() > kDepthMax) good = false;
    return true;
  }
  bool Close() {
    names_.pop_back();
    return true;
  }

  std::vector<std::set<std::string>> names_;
  bool outermost_object_ = false;
};

bool HasSurrogateEscape(std::string_view text) {
  for (std::size_t at = text.find("\\u"); at != std::string_view::npos;
       at = text.find("\\u", at + 1)) {
    if (at + 2 < text.size() && (text[at + 2] | 32) == 'd') return true;
  }
  return false;
}

}  // namespace

const JsonReading::Member* JsonReading::Find(std::string_view name) const {
  const auto found = std::find_if(members.begin(), members.end(),
                                  [name](const Member& m) { return m.name == name; });
  return found == members.end() ? nullptr : &*found;
}

JsonReading ReadJson(std::string_view text) {
  Notes notes;
  const bool read = nlohmann::json::sax_parse(text.begin(), text.end(), &notes);
  const bool mark = text.substr(0, 3) == "\xEF\xBB\xBF";
  // nlohmann's reader takes a NUL for the end of the text.
  const bool nul = text.find('\0') != std::string_view::npos;
  notes.reading.good = read && notes.good && !mark && !nul && text.size() <= 1024 * 1024;
  notes.reading.undecided = notes.out_of_range || HasSurrogateEscape(text);
  return std::move(notes.reading);
}

bool IsAccessToken(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

bool IsTokenType(std::string_view text) {
  const auto is_word = [](char c) {
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '-' || c == '.' ||
           c == '_';
  };
  if (text.empty()) return false;
  if (std::all_of(text.begin(), text.end(), is_word)) return true;
  const bool letter = (text[0] | 32) >= 'a' && (text[0] | 32) <= 'z' && text[0] > 0;
  const bool clean = std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c <= '~' && std::string_view("\"<>\\^`{|}").find(c) == std::string_view::npos;
  });
  return letter && clean && text.find(':') != std::string_view::npos;
}

}  // namespace grantspec::model
