#include "conformance/engine/run/shared_request.h"

#include <algorithm>
#include <cstddef>
#include <map>

namespace grantspec {

std::string SharedRequestOf(const Case& spec) {
  const bool one_response = spec.steps.size() == 1 && spec.relations.empty() && !spec.alive &&
                            spec.analysis == nullptr && spec.within_ms == 0;
  if (!one_response || !IsPlain(spec.steps.front())) return "";
  const StepSpec& step = spec.steps.front();
  if (step.at == Place::kToken) return "token";
  return step.at == Place::kPath ? step.path : "";
}

std::vector<SharingCases> ByRequest(std::vector<const Case*> cases,
                                    const std::vector<std::string>& sent_first) {
  std::stable_partition(cases.begin(), cases.end(), [&sent_first](const Case* spec) {
    return std::find(sent_first.begin(), sent_first.end(), spec->Name()) != sent_first.end();
  });
  std::vector<SharingCases> groups;
  std::map<std::string, std::size_t> known;  // the group of each shared request
  for (const Case* spec : cases) {
    const std::string request = SharedRequestOf(*spec);
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
