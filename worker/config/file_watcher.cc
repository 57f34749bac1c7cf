#include "worker/config/file_watcher.h"

#include <filesystem>

#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

namespace otlpipe::worker::config {

FileWatcher::FileWatcher(std::string path) : path_(std::move(path)), last_(look()) {
  fd_ = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (fd_ < 0) return;
  std::string folder = std::filesystem::path(path_).parent_path();
  // Not = ".": GCC 12 takes that for an overlapping copy when it optimizes.
  if (folder.empty()) folder.assign(1, '.');
  constexpr std::uint32_t kEvents = IN_CREATE | IN_MOVED_TO | IN_CLOSE_WRITE | IN_DELETE;
  if (inotify_add_watch(fd_, folder.c_str(), kEvents) < 0) {
    close(fd_);
    fd_ = -1;
  }
}

FileWatcher::~FileWatcher() {
  if (fd_ >= 0) close(fd_);
}

FileWatcher::Identity FileWatcher::look() const {
  struct stat info{};
  // stat follows links: a swapped link leads to another inode.
  if (stat(path_.c_str(), &info) != 0) return {};
  return {info.st_dev, info.st_ino, info.st_size,
          static_cast<std::int64_t>(info.st_mtim.tv_sec) * 1'000'000'000 + info.st_mtim.tv_nsec};
}

bool FileWatcher::changed() {
  if (fd_ >= 0) {
    char events[4096];
    while (read(fd_, events, sizeof events) > 0) {
    }
  }
  const Identity now = look();
  if (now == last_) return false;
  last_ = now;
  return true;
}

}  // namespace otlpipe::worker::config
