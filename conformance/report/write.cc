#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <stdexcept>

#include "conformance/report/report.h"

namespace grantspec {

std::string SourcePath(const SourceLine& where) {
  constexpr std::string_view kRoot = GRANTSPEC_SOURCE_DIR "/";
  return where.file.starts_with(kRoot) ? where.file.substr(kRoot.size()) : where.file;
}

void WriteAtomically(const std::string& path, const std::string& text) {
  // Pipes and devices have no beside.
  const bool special = path == "/dev/stdout" || path == "/dev/stderr" || path == "-";
  const std::string beside = path + ".part-" + std::to_string(getpid());
  const std::string& name = special ? path : beside;
  const int file = path == "-" ? dup(STDOUT_FILENO)
                               : open(name.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file < 0) {
    throw std::runtime_error(path + ": cannot be written: " + std::strerror(errno));
  }
  std::size_t at = 0;
  bool good = true;
  while (good && at < text.size()) {
    const ssize_t size = write(file, text.data() + at, text.size() - at);
    if (size < 0 && errno == EINTR) continue;
    good = size > 0;
    if (good) at += static_cast<std::size_t>(size);
  }
  const int reason = errno;
  good = close(file) == 0 && good;
  if (good && !special) good = std::rename(beside.c_str(), path.c_str()) == 0;
  if (good) return;
  if (!special) unlink(beside.c_str());
  throw std::runtime_error(path + ": cannot be written: " + std::strerror(reason));
}

}  // namespace grantspec
