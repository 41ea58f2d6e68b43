// A list of rows of a table, each found by its name when the list is made.

#pragma once

#include <algorithm>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace grantspec {

/// Rows of one table in the order of a case file. `find` returns the row of a name, or null. Files
/// check each name themselves, with the line of a mistake; a name in code has to be right.
///
///     step.expect.response = {"token", "400"};
template <typename Row, const Row* (*find)(std::string_view)>
class RowList {
 public:
  RowList() = default;

  /// Throws logic_error for a name that the table does not have.
  RowList(std::initializer_list<std::string_view> names) {
    for (std::string_view name : names) Add(name);
  }

  /// A row is in the list once.
  void Add(const Row& row) {
    if (!Contains(row)) rows_.push_back(&row);
  }
  void Add(std::string_view name) {
    const Row* row = find(name);
    if (row == nullptr) throw std::logic_error("no row has the name " + std::string(name));
    Add(*row);
  }

  bool Contains(const Row& row) const {
    return std::find(rows_.begin(), rows_.end(), &row) != rows_.end();
  }

  /// The names, for people and for files.
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    names.reserve(rows_.size());
    for (const Row* row : rows_) names.emplace_back(row->name);
    return names;
  }

  bool empty() const { return rows_.empty(); }
  std::size_t size() const { return rows_.size(); }
  auto begin() const { return rows_.begin(); }
  auto end() const { return rows_.end(); }

 private:
  std::vector<const Row*> rows_;
};

}  // namespace grantspec
