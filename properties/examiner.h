// Asks one example of a law and judges what came, as a case of the catalogue is judged.

#pragma once

#include <memory>
#include <optional>
#include <string>

#include "conformance/engine/bind/binder.h"
#include "conformance/engine/judge/judge.h"
#include "conformance/engine/record/record.h"
#include "properties/subject.h"

namespace grantspec {

/// One example, what came back for it, and what the judge says.
struct Trial {
  std::shared_ptr<const Case> spec;  // `sent` points into it
  SentCase sent;
  Verdict verdict;
};

/// Tries examples on one subject, one after another.
class Examiner {
 public:
  Examiner(Subject& subject, const Binder& binder, Counters& counters)
      : subject_(subject), binder_(binder), counters_(counters) {}

  /// Asks and judges. Besides the expectation of the case, no response may be a server error,
  /// contain a secret, or contain a token beside an error. Where the target does not serve on
  /// afterwards, that is the verdict, on the example that did it. The executor waits for a target
  /// that throttles.
  Trial Try(Case spec);

  /// Whether a control request gets a token; asked twice, with a pause between.
  bool IsAlive();

  /// The trial after which the target did not serve on, where that has happened: nothing is asked
  /// any more then.
  const std::optional<Trial>& killer() const { return killer_; }

  const Binder& binder() const { return binder_; }

 private:
  SentCase Send(const Case& spec);
  void InspectStanding(Trial& trial) const;

  Subject& subject_;
  const Binder& binder_;
  Counters& counters_;
  std::optional<Trial> last_, killer_;
};

/// The case as it is tried: its relations name steps, so each step has a name.
Case Named(Case spec);

}  // namespace grantspec
