#include "conformance/engine/case/case_set.h"

#include <charconv>

namespace grantspec {

std::optional<std::pair<int, int>> CaseSetOf(std::string_view text) {
  const std::size_t dot = text.find('.');
  if (dot != 4 || text.size() < 6 || text.size() > 8) return std::nullopt;
  int year = 0, number = 0;
  const auto read = [](std::string_view digits, int& value) {
    if (digits.front() < '1' || digits.front() > '9') return false;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return error == std::errc() && end == digits.data() + digits.size();
  };
  if (!read(text.substr(0, dot), year) || !read(text.substr(dot + 1), number)) return std::nullopt;
  return std::pair(year, number);
}

}  // namespace grantspec
