// Standing checks: what every response of a run is checked against.

#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/engine/case/case.h"
#include "conformance/engine/check/check.h"
#include "conformance/engine/record/record.h"
#include "fixtures/target/profile.h"

namespace grantspec {

/// What a standing check found in the responses of a run.
struct Standing {
  std::size_t checked = 0;
  std::size_t violated = 0;
  std::set<std::string> texts;              // different violations, at most 5
  std::vector<std::string> cases;           // where, at most 200
  std::vector<RecordedExchange> exchanges;  // the first of them, at most 3
};

/// Where a response comes from, for the record of a violation.
struct StandingSource {
  std::string case_name;
  std::size_t at = 0;                                      // of the exchanges of the case
  std::function<RecordedExchange()> shown;                 // made only where it is recorded
  std::function<std::string(const std::string&)> cleaned;  // a message without secrets, cut to size
};

/// Checks responses against the standing cases of a run, so that one defect is one finding. What a
/// check that no standing case has finds is attributed to the case of the response, where that
/// check must always be satisfied.
class StandingChecks {
 public:
  /// Selects the check of a standing case.
  void Add(const Case& spec);

  /// Checks one response. A violation of a check that no selected case has changes `verdict`.
  void Inspect(const CheckedResponse& response, const StandingSource& source, Verdict& verdict);

  /// Records a violation that is no property of one response; `text` is clean. Nothing happens
  /// where no standing case has the check.
  void AddViolation(const std::string& check, const std::string& case_name,
                    const std::string& text);

  /// The records of the selected standing cases. `command` runs the program again.
  std::vector<RecordedCase> Records(const Profile& profile, bool allow_plaintext,
                                    const std::string& command) const;

  /// Forgets what was found, but for violations that are no property of one response.
  void ForgetResponses();

  /// Forgets everything.
  void Clear();

 private:
  std::map<const Check*, Standing> standing_;
  std::vector<const Case*> cases_;
};

/// Checks that every response has to pass, whether or not their standing case is selected.
const CheckList& AlwaysChecks();

}  // namespace grantspec
