// Failures that a firewall in front of the target has caused are none of the target's.

#include <string>
#include <string_view>
#include <vector>

#include "conformance/engine/run/refused_text.h"
#include "conformance/engine/run/run.h"

namespace grantspec {
namespace {

constexpr int kAsksMax = 120;      // of a run
constexpr int kAsksInVainMax = 6;  // in a row, of one kind of refusal

}  // namespace

// Keeps what a request said that was refused, but not in the words of RFC 6749 section 5.2.
void SuiteRun::KeepRefusedText(const SentCase& sent, std::size_t at, Suspect& suspect) const {
  if (at >= sent.exchanges.size() || !sent.InspectionAt(at).error.empty()) return;
  const Exchange& exchange = sent.exchanges[at];
  suspect.refusal = RefusalOf(exchange);
  if (suspect.refusal.empty()) return;
  std::vector<std::string> private_texts = profile_.extra_secrets;
  for (const auto& [role, client] : profile_.clients) {
    private_texts.push_back(client.secret);
    private_texts.push_back(client.id);
  }
  // What is left of a secret that a case has changed goes, too.
  suspect.text = presenter_->Clean(RefusedText(exchange.sent, private_texts));
}

// Whether a text is refused elsewhere in these words, and plain text right after it is not: what a
// limiter refuses does not depend on the text.
bool SuiteRun::IsRefusedElsewhere(const Suspect& suspect) {
  const std::string& target = binder_->place().target;
  const auto refusal_of = [&](std::string_view text) {
    return RefusalOf(executor_.Ask(TextElsewhere(target, text)));
  };
  return refusal_of(suspect.text) == suspect.refusal && refusal_of("plain") != suspect.refusal;
}

// Takes failures back whose requests a firewall refused: it refuses the same text elsewhere.
void SuiteRun::TakeBackRefusalsOfFirewall() {
  for (const Suspect& one : suspects_) {
    Verdict& verdict = record_.cases[index_.at(one.spec)].verdict;
    if (one.refusal.empty() || verdict.outcome != Outcome::kFail) continue;
    int& in_vain = asked_in_vain_[one.refusal];
    if (in_vain == kAsksInVainMax) continue;
    if (!IsGoing() || ++asked_elsewhere_ > kAsksMax) return;
    if (!IsRefusedElsewhere(one)) {
      ++in_vain;
      continue;
    }
    in_vain = 0;
    verdict.outcome = WantsToken(*one.spec) ? Outcome::kInconclusive : Outcome::kWarn;
    verdict.why = "a firewall refused the request: it refuses this text at another path, too";
  }
}

}  // namespace grantspec
