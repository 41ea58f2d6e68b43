#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stdexcept>

#include "conformance/engine/report/report.h"
#include "fixtures/grammar/ascii.h"

namespace grantspec {
namespace {

constexpr int kLinksMax = 40;

// How a path is written to.
struct Destination {
  enum class Kind { kDescriptor, kInPlace, kReplaced };

  Kind kind = Kind::kReplaced;
  int descriptor = -1;  // of kDescriptor
  std::string file;     // symbolic links resolved
  bool exists = false;
  struct stat status {};
};

[[noreturn]] void Fail(const std::string& path, int error) {
  const std::string reason = error == ENOENT   ? "no such directory"
                             : error == EISDIR ? "is a directory, not a file"
                             : error == EACCES ? "permission denied"
                                               : std::strerror(error);
  throw WriteError(path + ": cannot be written: " + reason);
}

// The descriptor that a path names: opening it anew would begin at the start of the file.
int DescriptorOf(std::string_view path) {
  if (path == "-" || path == "/dev/stdout") return STDOUT_FILENO;
  if (path == "/dev/stderr") return STDERR_FILENO;
  for (const std::string_view folder : {"/dev/fd/", "/proc/self/fd/"}) {
    if (!path.starts_with(folder)) continue;
    const std::string digits(path.substr(folder.size()));
    if (digits.empty() || digits.size() > 6) return -1;
    for (const char c : digits) {
      if (!IsDigit(c)) return -1;
    }
    return std::atoi(digits.c_str());
  }
  return -1;
}

std::string FolderOf(const std::string& path) {
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  return parent.empty() ? "." : parent.string();
}

// The file at the end of a chain of symbolic links, which need not exist.
std::string FollowLinks(const std::string& path) {
  std::string at = path;
  for (int links = 0; links < kLinksMax; ++links) {
    struct stat status {};
    if (lstat(at.c_str(), &status) != 0 || !S_ISLNK(status.st_mode)) return at;
    char target[PATH_MAX];
    const ssize_t size = readlink(at.c_str(), target, sizeof target);
    if (size < 0) Fail(path, errno);
    const std::filesystem::path next(std::string(target, static_cast<std::size_t>(size)));
    at = (std::filesystem::path(FolderOf(at)) / next).string();
  }
  Fail(path, ELOOP);
}

Destination DestinationOf(const std::string& path) {
  Destination out;
  out.descriptor = DescriptorOf(path);
  if (out.descriptor >= 0) {
    out.kind = Destination::Kind::kDescriptor;
    return out;
  }
  out.exists = stat(path.c_str(), &out.status) == 0;
  // A link that the kernel refuses to follow (protected_symlinks) is not followed here either.
  if (!out.exists && errno != ENOENT) Fail(path, errno);
  if (out.exists && S_ISDIR(out.status.st_mode)) Fail(path, EISDIR);
  if (out.exists && !S_ISREG(out.status.st_mode)) {
    out.kind = Destination::Kind::kInPlace;
    out.file = path;
  } else {
    out.file = FollowLinks(path);
  }
  return out;
}

// Whether all was written; else errno says why not.
bool WriteAll(int file, const std::string& text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const ssize_t size = write(file, text.data() + at, text.size() - at);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return false;
    at += static_cast<std::size_t>(size);
  }
  return true;
}

void WriteInPlace(const std::string& path, const Destination& to, const std::string& text) {
  const int file = to.kind == Destination::Kind::kDescriptor
                       ? fcntl(to.descriptor, F_DUPFD_CLOEXEC, 3)
                       : open(to.file.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
  if (file < 0) Fail(path, errno);
  const bool written = WriteAll(file, text);
  const int error = errno;
  if (close(file) != 0 && written) Fail(path, errno);
  if (!written) Fail(path, error);
}

mode_t DefaultMode() {
  const mode_t mask = umask(0);
  umask(mask);
  return 0666 & ~mask;
}

// The new file gets owner and mode of the one that it replaces; another owner only root can give.
bool TakeOver(int file, const Destination& to) {
  if (!to.exists) return fchmod(file, DefaultMode()) == 0;
  const bool other = to.status.st_uid != geteuid() || to.status.st_gid != getegid();
  if (other && fchown(file, to.status.st_uid, to.status.st_gid) != 0 && errno != EPERM) {
    return false;
  }
  return fchmod(file, to.status.st_mode & 07777) == 0;
}

void Replace(const std::string& path, const Destination& to, const std::string& text) {
  // mkostemp invents the name and opens with O_EXCL: a link that waits under it is not followed.
  std::string name = FolderOf(to.file) + "/.grantspec-XXXXXX";
  const int file = mkostemp(name.data(), O_CLOEXEC);
  if (file < 0) Fail(path, errno);
  bool good = WriteAll(file, text) && TakeOver(file, to);
  int error = errno;
  if (close(file) != 0 && good) {
    good = false;
    error = errno;
  }
  if (good && std::rename(name.c_str(), to.file.c_str()) == 0) return;
  if (good) error = errno;
  unlink(name.c_str());
  Fail(path, error);
}

}  // namespace

std::string SourcePath(const SourceLine& where) {
  constexpr std::string_view kRoot = GRANTSPEC_SOURCE_DIR "/";
  return where.file.starts_with(kRoot) ? where.file.substr(kRoot.size()) : where.file;
}

void WriteAtomically(const std::string& path, const std::string& text) {
  const Destination to = DestinationOf(path);
  if (to.kind == Destination::Kind::kReplaced) {
    Replace(path, to, text);
  } else {
    WriteInPlace(path, to, text);
  }
}

void CheckWritable(const std::string& path) {
  const Destination to = DestinationOf(path);
  if (to.kind == Destination::Kind::kDescriptor) {
    const int flags = fcntl(to.descriptor, F_GETFL);
    if (flags < 0) Fail(path, errno);
    if ((flags & O_ACCMODE) == O_RDONLY) Fail(path, EBADF);
  } else if (to.kind == Destination::Kind::kInPlace) {
    if (access(to.file.c_str(), W_OK) != 0) Fail(path, errno);
  } else {
    struct stat folder {};
    if (stat(FolderOf(to.file).c_str(), &folder) != 0) Fail(path, errno);
    if (!S_ISDIR(folder.st_mode)) Fail(path, ENOTDIR);
    if (access(FolderOf(to.file).c_str(), W_OK | X_OK) != 0) Fail(path, errno);
  }
}

bool IsReplaced(const std::string& path) {
  return DestinationOf(path).kind == Destination::Kind::kReplaced;
}

bool IsStandardOutput(const std::string& path) {
  return !path.empty() && DescriptorOf(path) == STDOUT_FILENO;
}

}  // namespace grantspec
