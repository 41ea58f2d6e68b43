// Runs a harness on files instead of under an engine: any compiler, no clang.
//
//   form_replay [--seconds=N] FILE_OR_DIRECTORY...
//
// Each input is copied to the heap in its exact size, so that a sanitizer sees one byte read past
// it. The file that fails is named. No input at all is a failure: exit code 1.

#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" __attribute__((weak)) int LLVMFuzzerInitialize(int* argc, char*** argv);
extern "C" __attribute__((weak)) void __sanitizer_set_death_callback(void (*callback)());

namespace {

constexpr std::size_t kInputBytesMax = 16 * 1024 * 1024;

const char* current_input = "";

void Say(const char* text) {
  [[maybe_unused]] const auto written = write(STDERR_FILENO, text, std::strlen(text));
}

void NameInput() {
  Say("replay: failed on ");
  Say(current_input);
  Say("\n");
}

void OnSignal(int number) {
  if (number == SIGALRM) Say("replay: took longer than its time limit\n");
  NameInput();
  signal(number, SIG_DFL);
  if (number == SIGALRM) _exit(1);
  raise(number);
}

std::vector<std::string> FilesIn(const std::vector<std::string>& paths) {
  namespace fs = std::filesystem;
  std::vector<std::string> files;
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
  return files;
}

bool Replay(const std::string& path, int seconds_max) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    std::fprintf(stderr, "replay: cannot read %s\n", path.c_str());
    return false;
  }
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const std::size_t size = std::min(text.size(), kInputBytesMax);
  const std::unique_ptr<std::uint8_t[]> exact(new std::uint8_t[size]);
  std::copy_n(text.begin(), size, exact.get());
  current_input = path.c_str();
  const itimerval limit{{0, 0}, {seconds_max, 0}};
  setitimer(ITIMER_REAL, &limit, nullptr);
  LLVMFuzzerTestOneInput(exact.get(), size);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  int seconds_max = 20;
  std::vector<std::string> paths;
  for (int i = 1; i < argc; ++i) {
    if (std::strncmp(argv[i], "--seconds=", 10) == 0) {
      seconds_max = std::max(1, std::atoi(argv[i] + 10));
    } else if (argv[i][0] == '-') {
      std::fprintf(stderr, "usage: %s [--seconds=N] FILE_OR_DIRECTORY...\n", argv[0]);
      return 2;
    } else {
      paths.emplace_back(argv[i]);
    }
  }
  if (LLVMFuzzerInitialize != nullptr) LLVMFuzzerInitialize(&argc, &argv);
  if (__sanitizer_set_death_callback != nullptr) __sanitizer_set_death_callback(NameInput);
  for (int number : {SIGABRT, SIGALRM, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) {
    if (number == SIGABRT || number == SIGALRM || __sanitizer_set_death_callback == nullptr) {
      signal(number, OnSignal);
    }
  }
  const std::vector<std::string> files = FilesIn(paths);
  for (const std::string& path : files) {
    if (!Replay(path, seconds_max)) return 1;
  }
  if (files.empty()) {
    std::fputs("replay: there is no input; an empty corpus proves nothing\n", stderr);
    return 1;
  }
  std::printf("replay: %zu inputs, no finding\n", files.size());
  return 0;
}
