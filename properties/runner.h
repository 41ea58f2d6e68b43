// Holds laws against a subject: draws examples, shrinks what breaks a law, records what came of it.

#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "conformance/present.h"
#include "conformance/record.h"
#include "properties/examiner.h"
#include "properties/law.h"

namespace grantspec {

class LawRunner {
 public:
  /// `prefix` stands before the category in names: "model_" for the model.
  LawRunner(const World& world, Examiner& examiner, Presenter& presenter, RunRecord& record,
            unsigned long seed, std::string command, std::string prefix = "");

  /// Records a verdict on one law after at most `examples` examples, or on all of a finite one.
  void Hold(const Law& law, int examples);
  void Hold(const GrammarLaw& law, int examples);

  /// Tries requests that cover each combination of `strength` parameters of a request, and records
  /// the smallest failing combinations. `known` are the cases of the catalogue: what a request with
  /// a single defect has to be answered is theirs to say.
  void HoldPairwise(const std::vector<Case>& known, int strength);

  /// Tries hostile requests, `count` at most, and records each different finding, shrunk.
  void HoldHostile(int count);

  /// What failed, for case files.
  const std::vector<std::shared_ptr<const Case>>& failed() const { return failed_; }

  /// The number of failures so far.
  std::size_t failures() const { return failed_.size(); }

 private:
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
