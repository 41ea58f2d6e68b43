#include "properties/law.h"

#include <algorithm>

namespace grantspec {

World World::Of(const Profile& profile) {
  World world{profile, profile.main().scopes, profile.ungranted_scope,
              profile.Get("contract") != "none"};
  world.granted.resize(std::min<std::size_t>(world.granted.size(), 6));
  return world;
}

Text Verbatim(std::string_view bytes) {
  // Two braces would begin an expression.
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes.substr(i, 2) == "{{") {
      text += "{{'{{'}}";
      ++i;
    } else {
      text += bytes[i];
    }
  }
  return {text, {"generated", 0}};
}

StepSpec AskFor(std::string name, const std::string& scope) {
  StepSpec step;
  step.name = std::move(name);
  step.form = {{Verbatim("scope"), {Verbatim(scope)}}};
  return step;
}

StepSpec SendContent(std::string name, std::string_view content) {
  StepSpec step;
  step.name = std::move(name);
  step.content = Verbatim(content);
  return step;
}

}  // namespace grantspec
