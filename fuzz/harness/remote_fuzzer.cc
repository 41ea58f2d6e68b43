// Input: a whole request. It is sent to GRANTSPEC_TARGET_URL, and the response is compared with the
// model of the endpoint; what guides the engine is the coverage of that model, so that the target
// needs none.
//
// The target has to know the fixture clients, as grantspec-endpoint does; GRANTSPEC_REMOTE=standing
// checks no more than what is true of every response. Another host than the loopback needs
// GRANTSPEC_REMOTE_HOST=allow, receives at most GRANTSPEC_RATE requests a second (20), and for at
// most 600 s. A target that throttles requests or locks a client out ends the program.
//
// GRANTSPEC_LEARN=DIRECTORY: the differences that these inputs show are known of the target, which
// then has to know the first fixture client alone, and only further ones are findings.
// GRANTSPEC_COLLECT=DIRECTORY: a finding does not end the run; its input is written there, and a
// line in findings.tsv or, where it did not show twice more, in unsteady.tsv.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "fixtures/model/endpoint.h"
#include "fuzz/oracle/require.h"
#include "fuzz/oracle/response.h"
#include "fuzz/remote/connection.h"
#include "fuzz/remote/difference.h"
#include "fuzz/remote/guarded_target.h"

namespace grantspec::fuzz {
namespace {

constexpr std::size_t kLearnedInputsMax = 4'000;
constexpr std::chrono::milliseconds kMalformedResponseMax{500};
constexpr std::size_t kInputBytesMax = 64 * 1024;

GuardedTarget& Target() {
  static GuardedTarget target(RemoteTarget::FromEnvironment());
  return target;
}

// What the server below the endpoint answers by itself, or reads in a way of its own.
bool IsOutsideTheModel(const model::HeadReading& head) {
  for (char c : head.target) {
    if (c <= ' ' || c > '~') return true;
  }
  return head.chunked || head.method == "CONNECT" || head.target.find("//") != std::string::npos ||
         head.target[0] != '/' || !head.All("expect").empty() || !head.All("upgrade").empty() ||
         !head.All("connection").empty();
}

// The request to be sent for an input; empty: the input is outside of the model.
std::string_view RequestOf(std::string_view bytes, const model::HeadReading& head) {
  const std::size_t end = bytes.find("\r\n\r\n") + 4;
  const std::size_t length = head.content_length.value_or(0);
  if (head.refusals.empty() && (IsOutsideTheModel(head) || length > bytes.size() - end)) return {};
  // A server may know HTTP/1.0 and 1.1 and no version between them and 2.
  const std::string_view line = bytes.substr(0, bytes.find('\r'));
  if (!line.ends_with("HTTP/1.1") && !line.ends_with("HTTP/1.0")) return {};
  return head.refusals.empty() ? bytes.substr(0, end + length) : bytes;
}

// What the response shows that it should not, or nothing.
std::optional<Difference> Compare(const model::HeadReading& head, std::string_view content,
                                  const std::optional<Response>& response) {
  const bool malformed = !head.refusals.empty();
  if (!response) {
    if (malformed) return std::nullopt;
    return Difference{"a request that keeps the rules gets a response", "", Target().problem(), {}};
  }
  const int status = response->status;
  if (malformed) {
    const bool refused =
        status >= 400 && status < 600 && (status < 500 || status == 501 || status == 505);
    if (refused) return std::nullopt;
    return Difference{"a malformed head is refused", "", std::to_string(status), {}};
  }
  const std::string_view broken = BrokenStanding(*response);
  if (!broken.empty()) return Difference{std::string(broken), "", std::to_string(status), {}};
  if (Target().standing_only() || head.method == "HEAD") return std::nullopt;
  model::Verdict verdict = model::Predict(head, content);
  if (!verdict.client.empty() && !Target().Knows(verdict.client)) {
    verdict = {401, "invalid_client", {}, ""};
  }
  if (status == 401 && !verdict.client.empty()) Target().RequireLogin(verdict.client);
  const std::string expected = Outline(verdict);
  std::string got = Outline(*response);
  if (got == expected) return std::nullopt;
  // Where there should be no token, the scope of one is the same difference.
  if (verdict.status != 200 && status == 200) got = "200";
  return Difference{"the endpoint answers as its contract says", expected, got, {}};
}

std::optional<Difference> Examine(std::string_view bytes) {
  const std::size_t end = bytes.find("\r\n\r\n");
  // Empty lines in front may be skipped (RFC 9112 section 2.2).
  if (end == std::string_view::npos || bytes[0] == '\r' || bytes[0] == '\n') return std::nullopt;
  const model::HeadReading head = model::ReadHead(bytes.substr(0, end + 4));
  const std::string_view request = RequestOf(bytes, head);
  if (request.empty()) return std::nullopt;
  // A server may wait for the rest of what is malformed.
  const auto limit = head.refusals.empty() ? kResponseMax : kMalformedResponseMax;
  const auto response = Target().Ask(request, head.method == "HEAD", limit);
  // After a malformed request it is unknown where the next response begins.
  if (!head.refusals.empty()) Target().EndConnection();
  auto difference = Compare(head, request.substr(end + 4), response);
  if (difference) difference->marks = MarksOf(request);
  return difference;
}

void Report(const std::string& file, const Difference& difference, std::string_view input) {
  std::ofstream list(file, std::ios::app);
  list << difference.rule << '\t' << difference.expected << '\t' << difference.got << '\t';
  for (std::string_view mark : difference.marks) list << mark << ' ';
  list << '\t' << input << '\n';
}

const std::string& CollectedIn() {
  static const std::string directory = [] {
    const char* value = std::getenv("GRANTSPEC_COLLECT");
    return std::string(value != nullptr ? value : "");
  }();
  return directory;
}

// The files of GRANTSPEC_LEARN, in the order of their names.
std::vector<std::filesystem::path> InputsToLearn() {
  std::vector<std::filesystem::path> files;
  const char* directory = std::getenv("GRANTSPEC_LEARN");
  if (directory == nullptr || *directory == '\0') return files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  if (error || files.empty()) RemoteTarget::Stop("GRANTSPEC_LEARN names no directory with inputs");
  std::sort(files.begin(), files.end());
  files.resize(std::min(files.size(), kLearnedInputsMax));
  return files;
}

// What is known of the target: its differences, and the inputs that showed them.
struct Known {
  Quirks quirks;
  std::unordered_set<std::string> inputs;
};

Known Learn() {
  Known known;
  const auto files = InputsToLearn();
  if (files.empty()) return known;
  Target().LearnClients();
  for (const auto& path : files) {
    std::ifstream file(path, std::ios::binary);
    std::string bytes(std::istreambuf_iterator<char>(file), {});
    bytes.resize(std::min(bytes.size(), kInputBytesMax));
    const auto difference = Examine(bytes);
    if (difference && known.quirks.Learn(*difference) && !CollectedIn().empty()) {
      Report(CollectedIn() + "/learned.tsv", *difference, path.filename().string());
    }
    known.inputs.insert(std::move(bytes));
  }
  std::fprintf(stderr, "remote: learned %zu differences from %zu inputs\n", known.quirks.size(),
               files.size());
  return known;
}

// The model reads an input that the target has answered before: for its coverage.
void PredictOnly(std::string_view bytes) {
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) return;
  const model::HeadReading head = model::ReadHead(bytes.substr(0, end + 4));
  if (head.refusals.empty()) (void)model::Predict(head, bytes.substr(end + 4));
}

// The list that a finding belongs to.
std::string_view ListOf(const Difference& difference, bool repeats) {
  if (!repeats) return "/unsteady.tsv";
  const bool refused = difference.expected.starts_with('4') && difference.got.starts_with('4');
  return refused ? "/refusals.tsv" : "/findings.tsv";
}

// Sends the request twice more.
bool Repeats(const Difference& difference, std::string_view bytes) {
  for (int i = 0; i < 2; ++i) {
    const auto repeated = Examine(bytes);
    if (!repeated || !repeated->IsLike(difference)) return false;
  }
  return true;
}

void Check(std::string_view bytes) {
  static Known known = Learn();
  if (known.inputs.contains(std::string(bytes))) return PredictOnly(bytes);
  const auto difference = Examine(bytes);
  if (!difference || known.quirks.Explain(*difference)) return;
  if (CollectedIn().empty()) Broken(difference->rule, difference->got, difference->expected);
  static Quirks found;
  static std::size_t findings = 0;
  if (found.Generalize(*difference)) return;
  const bool repeats = Repeats(*difference, bytes);
  const std::string name = "finding-" + std::to_string(++findings);
  std::ofstream(CollectedIn() + "/" + name, std::ios::binary) << bytes;
  Report(CollectedIn() + std::string(ListOf(*difference, repeats)), *difference, name);
  found.Learn(*difference);
}

}  // namespace
}  // namespace grantspec::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  grantspec::fuzz::Check({reinterpret_cast<const char*>(data), size});
  return 0;
}
