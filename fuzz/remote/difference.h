// How a target differs from the model, and which differences are known of it already.

#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fixtures/model/endpoint.h"

namespace grantspec::fuzz {

/// What is out of the ordinary in a request, by name: "two_authorizations", "escape_invalid".
///
///     MarksOf("POST /billing/oauth2/token HTTP/1.0\r\n...")  // {"http_1_0"}
using Marks = std::set<std::string_view>;
Marks MarksOf(std::string_view request);

/// One response that is not what the model says.
struct Difference {
  std::string rule;      // the rule that it breaks
  std::string expected;  // as Outline() has it
  std::string got;
  Marks marks;  // of the request

  bool IsLike(const Difference& other) const {
    return rule == other.rule && expected == other.expected && got == other.got;
  }
};

/// The differences that were learned from seeds. A further one is explained by a learned one that
/// shows the same and needs no mark that the further request lacks. Where a rule is not kept at
/// all, a refusal by another rule is explained, too.
class Quirks {
 public:
  /// Keeps the difference unless another explains it; whether it was kept.
  bool Learn(const Difference& difference);

  bool Explain(const Difference& difference) const;

  /// Takes the difference for a known one that shows the same and shares a mark with it: the known
  /// one keeps the shared marks. False: there is none, and the difference is a new one.
  bool Generalize(const Difference& difference);

  std::size_t size() const { return size_; }

 private:
  using Shown = std::pair<std::string, std::pair<std::string, std::string>>;
  static Shown KeyOf(const Difference& difference) {
    return {difference.rule, {difference.expected, difference.got}};
  }

  // Whether the same was shown by a request with no other marks than these.
  bool HasWithin(const Shown& shown, const Marks& marks) const;

  std::map<Shown, std::vector<Marks>> known_;
  std::size_t size_ = 0;
};

}  // namespace grantspec::fuzz
