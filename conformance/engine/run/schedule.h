// What a run sends, in which order and beside what: a value, made before the first request.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/engine/bind/binder.h"
#include "conformance/engine/case/case.h"
#include "fixtures/http/exchange.h"
#include "fixtures/http/identity.h"

namespace grantspec {

/// One request of a case, as far as the schedule is concerned.
struct PlannedStep {
  std::vector<Login> logins;       // by client of the profile
  std::size_t requests = 1;        // in one message
  bool may_fail = false;           // a server can count a failed login, of any client
  bool may_occupy_worker = false;  // see MayOccupyWorker
};

/// A case and its requests in the order in which they are sent.
struct PlannedCase {
  const Case* spec = nullptr;
  std::vector<PlannedStep> steps;
};

/// A part of a case that is sent without a success in between: `count` steps from `first` on.
struct CasePart {
  std::size_t at = 0;  // the index of the case in the schedule
  std::size_t first = 0, count = 0;
};

/// Parts that are sent side by side, and what follows when all have got their responses.
struct Batch {
  std::vector<CasePart> parts;
  bool isolated = false;  // its requests may occupy workers: nothing else beside them
  bool burst = false;     // one case that claims to be sent side by side: all its requests at once
  bool control = false;   // the control request follows
  std::vector<std::string> successes;  // the roles that log in afterwards, main apart
};

/// A case that is not sent, and why.
struct UnsentCase {
  const Case* spec = nullptr;
  std::string why;
};

struct Schedule {
  std::vector<PlannedCase> cases;
  std::vector<Batch> batches;
  std::size_t first_batches = 0;   // those of `sent_first`
  std::vector<UnsentCase> unsent;  // cases that a limit excludes

  /// Requests of the cases, and of the control requests and successes that the batches ask for.
  /// Exact for a target that responds in time and is not throttled.
  std::size_t CaseRequests() const;
  std::size_t ControlRequests() const;
};

/// What bounds a schedule; 0: no limit.
struct ScheduleLimits {
  std::vector<std::string> sent_first;  // cases by name, those that show most before the others
  std::vector<std::string> roles;       // the clients of PlannedStep::logins, by index
  std::size_t failed_in_a_row_max = 0;  // of one client, between two successes
  std::size_t failed_of_any_max = 0;    // of all clients together, between two successes
  std::size_t failed_total_max = 0;     // of all clients together, in the run
  std::size_t refusals_max = 160;       // cases of a batch that want no token
  std::size_t isolated_max = 32;        // cases of an isolated batch
  bool isolate = true;                  // else no case is isolated: the target has workers enough
  bool harmless_first = false;          // cases without failed logins before those with some

  /// Whether failed logins are limited at all.
  bool CountsLogins() const {
    return failed_in_a_row_max + failed_of_any_max + failed_total_max > 0;
  }
};

/// Puts cases into batches. No batch has more failed logins of a client, or of all clients, than
/// the limits allow; the other cases fill the batches up evenly. `sent_first` come first, in that
/// order. Cases that may occupy workers come last, in batches of their own. With `harmless_first`
/// that applies to the cases without failed logins, and then for the others. Where the failed
/// logins of the run are limited, cases are chosen that show most: `sent_first`, then MUST, then
/// the ones with fewer failed logins, categories in turn.
///
/// A case with more failed logins in a row than allowed is not sent, since successes in between
/// would change what it means; only a statistical analysis is spread over several batches.
Schedule ScheduleOf(std::vector<PlannedCase> cases, const ScheduleLimits& limits);

/// The case with what its requests mean for the clients of the binder, decided from their bytes;
/// without `count_logins` no request counts as a failed login.
PlannedCase Planned(const Case& spec, const Binder& binder, bool count_logins = true);

/// Whether a request may occupy a worker of the server: it is sent in pieces, is not complete, or
/// leaves its connection open after the response.
bool MayOccupyWorker(const Outgoing& outgoing);

/// Whether the bytes are less than the HTTP message that their own head announces.
///
///     IsIncompleteMessage("POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nab")  // true
bool IsIncompleteMessage(std::string_view bytes);

/// Whether a case passes only where it gets a token.
bool WantsToken(const Case& spec);

}  // namespace grantspec
