// Drawing pieces of requests inside a law. Whatever is drawn shrinks towards the plainest request:
// the first of a list, the shortest list, the order as given.

#pragma once

#include <rapidcheck.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace grantspec {

/// An index below `count`, each equally likely at every size; shrinks to 0.
inline std::size_t AnyIndex(std::size_t count) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::size_t>(0, count));
}

/// One of a list that is not empty; shrinks to the first.
template <typename T>
const T& AnyOf(const std::vector<T>& pool) {
  return pool[AnyIndex(pool.size())];
}

/// True or false; shrinks to false.
inline bool Perhaps() {
  return AnyIndex(2) == 1;
}

/// Indices below `count`, `more` at most; shrinks to none.
inline std::vector<std::size_t> SomeIndices(std::size_t count, std::size_t more) {
  auto any = rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::size_t>(0, count));
  return *rc::gen::scale(static_cast<double>(more) / rc::kNominalSize,
                         rc::gen::container<std::vector<std::size_t>>(std::move(any)));
}

/// One to `most` elements of a list, repeats possible; shrinks to the first alone.
template <typename T>
std::vector<T> SomeOf(const std::vector<T>& pool, std::size_t most) {
  std::vector<T> some = {AnyOf(pool)};
  for (std::size_t index : SomeIndices(pool.size(), most - 1)) some.push_back(pool[index]);
  return some;
}

/// The same without repeats, in any order.
template <typename T>
std::vector<T> SetOf(const std::vector<T>& pool, std::size_t most) {
  std::vector<T> set;
  for (const T& one : SomeOf(pool, most)) {
    bool known = false;
    for (const T& other : set) known = known || other == one;
    if (!known) set.push_back(one);
  }
  return set;
}

/// Two to `most` different elements of a list that has two; shrinks to the first two.
template <typename T>
std::vector<T> TwoOrMoreOf(const std::vector<T>& pool, std::size_t most) {
  std::vector<T> set = {AnyOf(pool)};
  std::vector<T> rest;
  for (const T& one : pool) {
    if (one != set.front()) rest.push_back(one);
  }
  for (const T& one : SetOf(rest, most - 1)) set.push_back(one);
  return set;
}

/// The same elements in any order; shrinks to the order given.
template <typename T>
std::vector<T> Shuffled(std::vector<T> list) {
  for (std::size_t i = 0; i + 1 < list.size(); ++i) {
    std::swap(list[i], list[i + AnyIndex(list.size() - i)]);
  }
  return list;
}

/// Letters and digits, 1 to 8 of them; shrinks to "a".
inline std::string AnyWord() {
  static const std::string kLetters = "abcdefghijklmnopqrstuvwxyz0123456789";
  std::string word(1, kLetters[AnyIndex(26)]);
  for (std::size_t index : SomeIndices(kLetters.size(), 7)) word += kLetters[index];
  return word;
}

/// Bytes of every value; shrinks to none.
inline std::string AnyBytes() {
  return *rc::gen::container<std::string>(
      rc::gen::resize(rc::kNominalSize, rc::gen::map(rc::gen::inRange(0, 256), [](int byte) {
                        return static_cast<char>(byte == 0 ? 'a' : byte == 'a' ? 0 : byte);
                      })));
}

/// The text with the case of some of its letters changed; shrinks to the text itself.
std::string AnyCase(std::string text);

/// The text with some of its letters and digits percent-encoded, digits of either case.
std::string SomeEscaped(std::string_view text);

}  // namespace grantspec
