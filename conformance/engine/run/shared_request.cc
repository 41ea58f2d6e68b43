#include "conformance/engine/run/shared_request.h"

namespace grantspec {

std::string SharedRequestOf(const Case& spec) {
  const bool one_response = spec.steps.size() == 1 && spec.relations.empty() && !spec.alive &&
                            spec.analysis == nullptr && spec.within_ms == 0;
  if (!one_response || !IsPlain(spec.steps.front())) return "";
  const StepSpec& step = spec.steps.front();
  if (step.at == Place::kToken) return "token";
  return step.at == Place::kPath ? step.path : "";
}

}  // namespace grantspec
