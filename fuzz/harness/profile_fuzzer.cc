// Input: a profile file.

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "fixtures/target/profile.h"
#include "fuzz/oracle/file_error.h"
#include "fuzz/oracle/require.h"

namespace grantspec::fuzz {
namespace {

// A file in memory, for a reader that wants a path.
std::string PathTo(std::string_view text) {
  static const int file = [] {
    setenv("FUZZ_SECRET", "secret", 1);
    return memfd_create("profile", 0);
  }();
  const auto size = static_cast<off_t>(text.size());
  const bool written = ftruncate(file, 0) == 0 && pwrite(file, text.data(), text.size(), 0) == size;
  Require(written, "the file in memory takes the text");
  return "/proc/self/fd/" + std::to_string(file);
}

void HoldProfile(const Profile& profile) {
  Require(BuiltInProfile(profile.base).has_value(), "the base of a profile is built in");
  for (const Switch& one : Switches()) {
    const std::string& value = profile.Get(one.name);
    bool known = false;
    for (std::string_view v : one.values) known |= v == value;
    Require(known, "a switch has one of its values");
  }
  for (std::string_view role : ClientRoles()) (void)profile.Find(role);
}

void HoldProfileFile(std::string_view text) {
  const std::string path = PathTo(text);
  try {
    HoldProfile(ReadProfile(path));
    Require(text.find('\0') == std::string_view::npos, "no JSON text contains a NUL");
  } catch (const FileError& error) {
    // A secret's file that cannot be read is told with its own name.
    if (std::string_view(error.what()).starts_with(path + ":")) HoldFileError(error, path, text);
  }
}

}  // namespace
}  // namespace grantspec::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  grantspec::fuzz::HoldProfileFile({reinterpret_cast<const char*>(data), size});
  return 0;
}
