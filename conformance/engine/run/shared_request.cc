#include "conformance/engine/run/shared_request.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <variant>

#include "conformance/engine/run/schedule.h"
#include "fixtures/http/render.h"

namespace grantspec {
namespace {

// Whether all that a step does is to send one request, on any connection, for one response.
bool IsSingleRequest(const StepSpec& step) {
  const bool own_connection = step.fresh || step.plaintext || !step.tls.empty() ||
                              step.certificate != ClientCertificate::kOfClient;
  return step.raw.empty() && !own_connection && step.repeat == 1 && step.responses == 1 &&
         step.await == Await::kNothing;
}

}  // namespace

std::string SharedRequestOf(const Case& spec, const Binder& binder) {
  const bool one_response = spec.steps.size() == 1 && spec.relations.empty() && !spec.alive &&
                            !spec.side_by_side && spec.analysis == nullptr && spec.within_ms == 0;
  if (!one_response || !IsSingleRequest(spec.steps.front())) return "";
  const StepSpec& step = spec.steps.front();
  // The login of a client that signs it differs each time, and means the same.
  if (IsPlain(step) && step.at == Place::kToken) return "the baseline request";
  if (IsPlain(step) && step.at == Place::kPath) return step.path;
  const Outgoing outgoing = binder.Build(step, {}, {});
  if (!std::holds_alternative<Request>(outgoing.message)) return "";
  // A refusal is proven by the control request after its batch.
  return std::string(WantsToken(spec) ? "granted" : "refused") + " at " +
         std::to_string(static_cast<int>(step.at)) + " of " + outgoing.origin + ": " +
         BytesOf(outgoing, binder.place().host);
}

std::vector<SharingCases> ByRequest(std::vector<const Case*> cases, const Binder& binder,
                                    const std::vector<std::string>& sent_first) {
  std::stable_partition(cases.begin(), cases.end(), [&sent_first](const Case* spec) {
    return std::find(sent_first.begin(), sent_first.end(), spec->Name()) != sent_first.end();
  });
  std::vector<SharingCases> groups;
  std::map<std::string, std::size_t> known;  // the group of each shared request
  for (const Case* spec : cases) {
    const std::string request = SharedRequestOf(*spec, binder);
    const auto [found, is_new] = known.try_emplace(request, groups.size());
    if (request.empty() || is_new) {
      groups.push_back({spec, {}});
    } else {
      groups[found->second].others.push_back(spec);
    }
  }
  return groups;
}

}  // namespace grantspec
