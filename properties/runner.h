// Checks laws on a subject: draws examples, shrinks what breaks a law, records the results.

#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "conformance/engine/record/present.h"
#include "conformance/engine/record/record.h"
#include "properties/examiner.h"
#include "properties/law.h"

namespace grantspec {

class LawRunner {
 public:
  /// `prefix` stands before the category in names: "model_" for the model.
  LawRunner(const World& world, Examiner& examiner, Presenter& presenter, RunRecord& record,
            unsigned long seed, std::string command, std::string prefix = "");

  /// Records a verdict on one law after at most `examples` examples, or on all of a finite one.
  void Check(const Law& law, int examples);
  void Check(const GrammarLaw& law, int examples);

  /// Tries requests that cover each combination of `strength` parameters of a request, and records
  /// the smallest failing combinations. `known` are the cases of the catalogue: they state the
  /// response to a request with a single defect.
  void CheckPairwise(const std::vector<Case>& known, int strength);

  /// Tries hostile requests, `count` at most, and records each different finding, shrunk.
  void CheckHostile(int count);

  /// What failed, for case files.
  const std::vector<std::shared_ptr<const Case>>& failed() const { return failed_; }

  /// The number of failures so far.
  std::size_t failures() const { return failed_.size(); }

 private:
  struct LawSearch;
  struct HostileSearch;
  struct PairwiseSearch;

  Case BlankOf(const Law& law) const;
  Trial Try(Case example);
  bool Holds(const Case& blank, Case example, LawSearch& search);
  void TryDrawn(const Law& law, const Case& blank, int examples, LawSearch& search);
  void TryAll(const Law& law, const Case& blank, LawSearch& search);
  void RecordSearch(const Case& blank, LawSearch& search);
  void TryHostile(HostileSearch& search);
  Trial TryRow(const PairwiseSearch& search, const std::vector<std::size_t>& row);
  std::vector<std::size_t> Smallest(const PairwiseSearch& search, std::vector<std::size_t> row,
                                    Trial& trial);
  Case Complete(Case example, std::string_view category, std::string_view id,
                std::string_view title, Level level,
                const std::vector<std::string_view>& clauses) const;
  void RecordTrial(const Trial& trial, const std::string& category, const std::string& id);
  void RecordPlain(Case spec, Verdict verdict);
  std::uint64_t SeedFor(std::string_view id) const;

  const World& world_;
  Examiner& examiner_;
  Presenter& presenter_;
  RunRecord& record_;
  unsigned long seed_;
  std::string command_, prefix_;
  std::string law_, flags_;                       // how generated requests are generated again
  std::deque<std::shared_ptr<const Case>> kept_;  // records point at them
  std::vector<std::shared_ptr<const Case>> failed_;
};

}  // namespace grantspec
