// Tables of good and bad responses for the tests of checks.

#pragma once

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/engine/check/finding.h"
#include "conformance/engine/response/testing.h"

namespace grantspec::checks {

inline constexpr const char *kSatisfied = "holds", *kNotApplicable = "does not apply";

/// What was received apart from status, body and headers.
struct Circumstances {
  bool elsewhere = false;  // the request did not go to the token endpoint
  bool without_login = false;
  void (*change)(Exchange& exchange) = nullptr;
  const Profile* profile = nullptr;
};

/// A check, a response, and what the check has to find: kSatisfied, kNotApplicable or the text of a
/// violation.
struct CheckRow {
  const char* check;
  int status;
  std::string body;
  std::string expected;
  std::vector<Field> fields = {};
  Circumstances circumstances = {};
};

inline std::string FoundIn(const CheckRow& row) {
  Exchange exchange = Responded(row.status, row.body, {row.fields});
  const std::string login = row.circumstances.without_login ? "" : "Authorization: Basic x\r\n";
  exchange.sent = "POST / HTTP/1.1\r\n" + login + "\r\n";
  exchange.url = "http://127.0.0.1/.well-known/x";
  if (row.circumstances.change != nullptr) row.circumstances.change(exchange);
  static const SpellingIndex secrets = [] {
    SpellingIndex index("[secret]");
    index.AddSecret("gX1fBat3bV");
    return index;
  }();
  static const std::vector<std::string> registered = {"a"};
  const Inspection inspection = InspectionOf(exchange);
  const Finding finding = FindCheck(row.check)->inspect(
      {inspection, exchange.responses[0], exchange, !row.circumstances.elsewhere, "", &registered,
       &secrets, row.circumstances.profile});
  if (finding.kind == Finding::Kind::kSatisfied) return kSatisfied;
  return finding.kind == Finding::Kind::kDoesNotApply ? kNotApplicable : finding.text;
}

/// Compares each row; each check of the table needs a response that passes and one that does not.
inline void ExpectRows(std::span<const Check> table, const std::vector<CheckRow>& rows) {
  std::map<std::string_view, std::set<bool>> tried;
  for (const CheckRow& row : rows) {
    ASSERT_NE(FindCheck(row.check), nullptr) << row.check;
    EXPECT_EQ(FoundIn(row), row.expected) << row.check << " " << row.status << " " << row.body;
    if (row.expected != kNotApplicable) tried[row.check].insert(row.expected == kSatisfied);
  }
  for (const Check& check : table) {
    EXPECT_EQ(tried[check.name], (std::set<bool>{false, true})) << check.name;
  }
}

}  // namespace grantspec::checks
