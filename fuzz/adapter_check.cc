// Checks an adapter before it is fuzzed:
//
//   adapter_check ADAPTER.so [--quirks FILE] [--fitness] FILE_OR_DIRECTORY...
//
// On every input: the same result twice and from two threads, nothing read after the input and
// nothing written after `cap` (pages without access lie there), netstrings that fit. Then
// undeclared differences by cause, each with the shortest input that shows it, a verdict by the
// grammar and an entry for a quirks file; and the quirks whose proof shows nothing any more.
//
// With --fitness differences and quirks are not examined.
//
// Exit code: 0 fit for fuzzing, 1 not fit or an undeclared difference, 2 it could not be run, 4 a
// quirk is stale.

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "fixtures/files/json_file.h"
#include "fuzz/adapter/cause.h"
#include "fuzz/adapter/host.h"
#include "fuzz/adapter/quirks.h"

namespace grantspec::fuzz {
namespace {

// Memory that ends where a page without access begins.
class GuardedMemory {
 public:
  explicit GuardedMemory(std::size_t size)
      : page_(static_cast<std::size_t>(sysconf(_SC_PAGESIZE))) {
    mapped_ = (size + page_ - 1) / page_ * page_ + page_;
    void* memory =
        mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    base_ = static_cast<char*>(memory);
    if (mprotect(base_ + mapped_ - page_, page_, PROT_NONE) != 0) throw std::bad_alloc();
    begin_ = base_ + mapped_ - page_ - size;
  }
  ~GuardedMemory() { munmap(base_, mapped_); }
  GuardedMemory(const GuardedMemory&) = delete;
  GuardedMemory& operator=(const GuardedMemory&) = delete;

  char* begin() const { return begin_; }

 private:
  std::size_t page_, mapped_ = 0;
  char* base_ = nullptr;
  char* begin_ = nullptr;
};

std::vector<std::string> InputsIn(const std::vector<std::string>& paths) {
  namespace fs = std::filesystem;
  std::vector<std::string> files, inputs;
  for (const std::string& path : paths) {
    if (!fs::is_directory(path)) {
      files.push_back(path);
      continue;
    }
    for (const auto& entry : fs::recursive_directory_iterator(path)) {
      if (entry.is_regular_file()) files.push_back(entry.path().string());
    }
  }
  std::sort(files.begin(), files.end());
  for (const std::string& file : files) inputs.push_back(ReadFile(file, 1024 * 1024));
  return inputs;
}

class Check {
 public:
  Check(const grantspec_adapter& adapter, std::vector<std::string> inputs, bool fitness_only)
      : adapter_(adapter), inputs_(std::move(inputs)), fitness_only_(fitness_only) {}

  int Run() {
    std::cout << "adapter: " << adapter_.name << '\n';
    for (Entry entry : kEntries) {
      if (FunctionOf(adapter_, entry) == nullptr) {
        std::cout << "  " << ToString(entry) << ": not offered\n";
      } else {
        CheckEntry(entry);
      }
    }
    if (fitness_only_) return failed_ ? 1 : 0;
    PrintCauses();
    for (const std::string& id : StaleQuirks(adapter_, TheQuirks())) {
      std::cout << "  stale: the quirk \"" << id << "\" no longer occurs with its proof\n";
      stale_ = true;
    }
    return failed_ ? 1 : stale_ ? 4 : 0;
  }

 private:
  void Fail(Entry entry, const std::string& what, const std::string& input) {
    failed_ = true;
    std::cout << "  " << ToString(entry) << ": " << what << "; input "
              << ToString(Reading{Reading::Kind::kRead, {input}, {}}) << '\n';
  }

  void CheckEntry(Entry entry) {
    std::map<Difference, std::size_t> differences;
    std::vector<Reading> readings;
    std::size_t offered = 0;
    for (const std::string& input : inputs_) {
      const Reading first = AskAdapter(adapter_, entry, input);
      if (first != AskAdapter(adapter_, entry, input)) {
        Fail(entry, "two results for one input", input);
      }
      CheckBounds(entry, input);
      offered += first.kind != Reading::Kind::kNotOffered ? 1 : 0;
      Count(entry, input, differences);
      readings.push_back(first);
    }
    CheckThreads(entry, readings);
    std::cout << "  " << ToString(entry) << ": " << offered << " of " << inputs_.size()
              << " inputs read";
    for (const auto& [difference, count] : differences) {
      std::cout << ", " << count << " undeclared " << ToString(difference);
      failed_ = true;
    }
    std::cout << '\n';
  }

  // Notes an undeclared difference by its cause, with the shortest input that shows it.
  void Count(Entry entry, const std::string& input,
             std::map<Difference, std::size_t>& differences) {
    if (fitness_only_) return;
    auto found = UndeclaredDifference(adapter_, entry, input);
    if (!found) return;
    ++differences[found->difference];
    Cause cause = Minimized(adapter_, std::move(*found));
    auto [known, fresh] = causes_.try_emplace(cause.Key(), cause, 0);
    if (!fresh && cause.input.size() < known->second.first.input.size()) {
      known->second.first = std::move(cause);
    }
    ++known->second.second;
  }

  void PrintCauses() const {
    for (const auto& [key, noted] : causes_) {
      const auto& [cause, count] = noted;
      std::cout << ToString(cause.entry) << ", " << ToString(cause.difference) << " (" << count
                << (count == 1 ? " input)" : " inputs)")
                << "\n  input:     " << ToString(Reading{Reading::Kind::kRead, {cause.input}, {}})
                << "\n  reference: " << ToString(cause.reference)
                << "\n  adapter:   " << ToString(cause.adapter)
                << "\n  verdict:   " << cause.Verdict() << "\n  quirk:     " << cause.QuirkEntry()
                << '\n';
    }
  }

  // Both ends of both buffers lie against pages without access; a breach ends the program.
  void CheckBounds(Entry entry, const std::string& input) {
    const GuardedMemory in(input.size());
    std::memcpy(in.begin(), input.data(), input.size());
    for (std::size_t cap : {std::size_t{0}, std::size_t{1}, input.size(), input.size() * 8 + 256}) {
      const GuardedMemory out(cap);
      const long length = FunctionOf(adapter_, entry)(
          reinterpret_cast<const std::uint8_t*>(in.begin()), input.size(), out.begin(), cap);
      if (length > static_cast<long>(cap)) Fail(entry, "a length above cap", input);
    }
  }

  void CheckThreads(Entry entry, const std::vector<Reading>& expected) {
    bool same[2] = {true, true};
    {
      std::vector<std::jthread> threads;
      for (bool& good : same) {
        threads.emplace_back([this, entry, &expected, &good] {
          for (std::size_t i = 0; i < inputs_.size(); ++i) {
            good = good && AskAdapter(adapter_, entry, inputs_[i]) == expected[i];
          }
        });
      }
    }
    if (!same[0] || !same[1]) Fail(entry, "other results from two threads", "");
  }

  const grantspec_adapter& adapter_;
  std::vector<std::string> inputs_;
  bool fitness_only_;
  std::map<std::string, std::pair<Cause, std::size_t>> causes_;  // by Cause::Key
  bool failed_ = false, stale_ = false;
};

}  // namespace
}  // namespace grantspec::fuzz

namespace {

constexpr int kUsage = 2;

int Usage(const char* mistake) {
  std::cerr
      << "adapter_check: " << mistake
      << "; usage: adapter_check ADAPTER.so [--quirks FILE] [--fitness] FILE_OR_DIRECTORY...\n";
  return kUsage;
}

// Whether an argument is the adapter, which may be named by the environment or linked in instead.
bool IsAdapter(std::string_view word) {
  return word.ends_with(".so") || word.find(".so.") != std::string_view::npos;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> paths;
  bool fitness_only = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--quirks") {
      if (++i == argc) return Usage("--quirks needs a file");
      setenv("GRANTSPEC_QUIRKS", argv[i], 1);
    } else if (word == "--fitness") {
      fitness_only = true;
    } else if (word.starts_with("-")) {
      return Usage("unknown option");
    } else if (IsAdapter(word)) {
      setenv("GRANTSPEC_ADAPTER", argv[i], 1);
    } else {
      paths.emplace_back(word);
    }
  }
  using namespace grantspec::fuzz;
  if (!HasAdapter()) return Usage("ADAPTER.so is missing");
  if (paths.empty()) return Usage("FILE_OR_DIRECTORY is missing");
  try {
    auto inputs = InputsIn(paths);
    if (inputs.empty()) return Usage("the directories have no input");
    return Check(TheAdapter(), std::move(inputs), fitness_only).Run();
  } catch (const std::exception& error) {
    std::cerr << "adapter_check: " << error.what() << '\n';
    return kUsage;
  }
}
