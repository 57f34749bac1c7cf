#pragma once

#include <cstdint>
#include <string>

#include <sys/types.h>

namespace otlpipe::worker::config {

// Notices that a file may have another content. Follows the folder by inotify, because Kubernetes changes a
// mounted ConfigMap by swapping a link beside the file; where inotify does not work, calling `changed` now
// and then is enough. Not thread safe.
class FileWatcher {
 public:
  explicit FileWatcher(std::string path);
  ~FileWatcher();
  FileWatcher(const FileWatcher&) = delete;
  FileWatcher& operator=(const FileWatcher&) = delete;

  // Becomes readable when something happened in the folder; -1 when there is no inotify.
  int fd() const { return fd_; }

  // Whether the file is another one, or of another time or size, than at the last call (or at construction).
  bool changed();

 private:
  struct Identity {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = -1;
    std::int64_t modified_ns = 0;
    bool operator==(const Identity&) const = default;
  };
  Identity look() const;

  std::string path_;
  int fd_ = -1;
  Identity last_;
};

}  // namespace otlpipe::worker::config
