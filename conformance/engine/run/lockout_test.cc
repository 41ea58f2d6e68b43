// A full default run at a server that locks a client out for good after five failed logins in a
// row.

#include <gtest/gtest.h>

#include <algorithm>
#include <mutex>

#include "conformance/engine/case/case_file.h"
#include "conformance/engine/run/run.h"
#include "fixtures/endpoint/server.h"
#include "fixtures/endpoint/token_endpoint.h"
#include "fixtures/grammar/ascii.h"
#include "fixtures/grammar/basic.h"

namespace grantspec {
namespace {

// Whose failed logins are counted: an identifier names its client exactly, or without case and
// the blanks around it, as throttles do that make a key of what was typed.
enum class Key { kExact, kTyped };

/// Counts failed logins in a row, by client.
class LockingOut {
 public:
  explicit LockingOut(Key key = Key::kExact) : key_(key) {}

  Response Respond(const Request& request) {
    const auto field = request.fields.First("Authorization");
    const auto pair =
        field ? ParseBasic(*field) : Result<BasicCredentials, BasicError>(BasicError::kNotBasic);
    const RegisteredClient* client = nullptr;
    if (pair) {
      const auto decoded = DecodeClientCredentials(*pair);
      client = Named(decoded ? decoded->user_id : pair->user_id);
    }
    Response response = endpoint_.Respond(request);
    if (client == nullptr) return response;
    const std::lock_guard<std::mutex> lock(mutex_);
    int& count = failures_[client->id];
    if (response.status == 401) {
      most_ = std::max(most_, ++count);
    } else if (count < 5) {
      count = 0;
    }
    return count >= 5 ? TokenError(401, "invalid_client", "locked") : response;
  }

  void set_issuer(const std::string& url) { endpoint_.set_issuer(url); }
  int most() const { return most_; }

 private:
  const RegisteredClient* Named(std::string_view typed) const {
    if (key_ == Key::kExact) return endpoint_.clients().Find(typed);
    constexpr std::string_view kBlanks("\0\t\n\v\f\r ", 7);
    const std::size_t first = typed.find_first_not_of(kBlanks);
    if (first == std::string_view::npos) return nullptr;
    typed = typed.substr(first, typed.find_last_not_of(kBlanks) + 1 - first);
    const auto& clients = endpoint_.clients().clients();
    const auto found = std::find_if(clients.begin(), clients.end(), [typed](const auto& client) {
      return EqualsFolded(client.id, typed);
    });
    return found == clients.end() ? nullptr : &*found;
  }

  Key key_;
  TokenEndpoint endpoint_{ClientRegistry(), {}};
  std::mutex mutex_;
  std::map<std::string, int> failures_;
  int most_ = 0;
};

/// Runs every case of the default tier; returns the record.
RunRecord RunAll(LockingOut& locking, int max_failed_logins, std::string* stopped) {
  const std::string folder = std::string(GRANTSPEC_SOURCE_DIR) + "/conformance";
  static const Clauses clauses = ReadClauses(folder + "/clauses.json");
  static const std::vector<Case> cases = ReadSuite(folder, clauses);
  Server server({}, [&locking](const Request& request) { return locking.Respond(request); });
  locking.set_issuer(server.url());
  Profile profile = EmbeddedProfile();
  profile.url = server.url() + std::string(kTokenPath);
  NetworkOptions network;
  network.origin = server.url();
  Executor executor(network, {});
  RunRecord record;
  record.clauses = &clauses;
  SuiteRun run(profile, *PlaceOf(profile.url), executor, record, 1);
  run.set_rules(
      {.failed_in_a_row_max = max_failed_logins, .failed_of_any_max = 8, .careful = true});
  EXPECT_EQ(run.Preflight(profile), std::nullopt);
  std::vector<const Case*> selected;
  for (const Case& one : cases) {
    if (one.tier == Tier::kSafe) selected.push_back(&one);
  }
  run.Ask(selected, {});
  *stopped = run.stopped();
  return record;
}

TEST(Lockout, ADefaultRunLocksNobodyOut) {
  LockingOut locking;
  std::string stopped;
  RunRecord record = RunAll(locking, 2, &stopped);
  EXPECT_EQ(stopped, "");
  EXPECT_LE(locking.most(), 2);
  EXPECT_GT(record.counters.failed_logins, 50);
  EXPECT_EQ(record.Count()[Outcome::kFail], 0U);
  EXPECT_EQ(record.Count()[Outcome::kInconclusive], 0U);
}

TEST(Lockout, NobodyIsLockedOutWhereTheIdIsCountedAsItWasTyped) {
  LockingOut locking(Key::kTyped);
  std::string stopped;
  RunRecord record = RunAll(locking, 2, &stopped);
  EXPECT_EQ(stopped, "");
  EXPECT_LE(locking.most(), 2);
  EXPECT_EQ(record.Count()[Outcome::kFail], 0U);
}

TEST(Lockout, WithoutTheGuardTheRunStopsAtTheFirstSign) {
  LockingOut locking;
  std::string stopped;
  RunRecord record = RunAll(locking, 40, &stopped);
  EXPECT_NE(stopped.find("stopped early"), std::string::npos) << stopped;
  EXPECT_GT(record.Count()[Outcome::kInconclusive], 0U);
}

}  // namespace
}  // namespace grantspec
