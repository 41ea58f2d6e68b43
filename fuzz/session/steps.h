// The inputs of the session harness: what several clients do, step by step.
//
//     @send 0
//     POST /billing/oauth2/token HTTP/1.1
//     ...
//     @close 0
//     @wait
//
// To wait is to let the server send what it would send by itself.
// A step begins with a line of its own. What is sent ends before the line break in front of the
// next step, so that a head keeps its CRLF CRLF and a body needs none.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace grantspec::session {

inline constexpr std::size_t kConnections = 4;
inline constexpr std::size_t kStepsMax = 48;

/// One step; the first on a connection, or one after its end, opens it.
struct Step {
  enum class Kind { kSend, kClose, kWait };
  Kind kind = Kind::kSend;
  std::size_t connection = 0;  // below kConnections
  std::string bytes = {};      // of kSend
};

/// The steps of an input; what is not a step is left out, and so is what exceeds the bounds.
std::vector<Step> ReadSteps(std::string_view input);

/// The input that has these steps.
std::string WriteSteps(const std::vector<Step>& steps);

}  // namespace grantspec::session
