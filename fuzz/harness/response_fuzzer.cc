// Input: the bytes that a hostile server sends, from the status line on.

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fixtures/http/response_reader.h"
#include "fuzz/oracle/require.h"
#include "fuzz/oracle/work.h"

namespace grantspec::fuzz {
namespace {

constexpr ReadLimits kLimits{.head_bytes_max = 600, .content_bytes_max = 1200};

// What was read, with the bytes arriving in pieces of some size.
struct Outcome {
  std::vector<Response> responses;
  bool broken = false;
  bool operator==(const Outcome&) const = default;
};

Outcome ReadInPieces(std::string_view bytes, std::size_t piece, bool head) {
  ResponseReader reader(kLimits, head);
  for (std::size_t at = 0; at < bytes.size(); at += piece) reader.Feed(bytes.substr(at, piece));
  reader.Close();
  return {reader.responses(), !reader.problem().empty()};
}

// Not empty, and without white space at its ends.
bool IsTrimmed(std::string_view name) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  return !name.empty() && !is_blank(name.front()) && !is_blank(name.back());
}

void HoldResponses(const std::vector<Response>& responses, bool head) {
  for (const Response& response : responses) {
    Require(response.status >= 100 && response.status <= 999, "a status has three digits");
    Require(response.content.size() <= kLimits.content_bytes_max, "the content keeps its bound");
    Require(!head || response.content.empty(), "a response to HEAD has no content");
    for (const Field& line : response.fields.lines) {
      Require(IsTrimmed(line.name) && line.name.find_first_of(":\n") == std::string::npos,
              "the name of a field has no colon, line end or white space around it");
      Require(line.value.find('\n') == std::string::npos, "a field is one line");
    }
  }
}

void HoldReader(std::string_view bytes) {
  for (bool head : {false, true}) {
    const WorkMeter work;
    const Outcome whole = ReadInPieces(bytes, std::max<std::size_t>(bytes.size(), 1), head);
    work.RequireLinear(bytes.size(), 150, 256, "ResponseReader");
    HoldResponses(whole.responses, head);
    for (std::size_t piece : {1, 2, 7, 64}) {
      Require(ReadInPieces(bytes, piece, head) == whole, "pieces have no meaning");
    }
  }
}

}  // namespace
}  // namespace grantspec::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  grantspec::fuzz::HoldReader({reinterpret_cast<const char*>(data), size});
  return 0;
}
