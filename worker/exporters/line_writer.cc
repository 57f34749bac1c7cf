#include "worker/exporters/line_writer.h"

#include <cerrno>
#include <cstring>
#include <mutex>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace otlpipe::worker::exporters {
namespace {

class FdWriter final : public LineWriter {
 public:
  FdWriter(int fd, std::string name, bool owned) : fd_(fd), name_(std::move(name)), owned_(owned) {}
  ~FdWriter() override {
    if (owned_) close(fd_);
  }

  Status write(std::string_view block) override {
    const std::lock_guard lock(mutex_);
    const std::size_t size = block.size();
    while (!block.empty()) {
      const ssize_t n = ::write(fd_, block.data(), block.size());
      if (n >= 0) {
        block.remove_prefix(static_cast<std::size_t>(n));
      } else if (errno != EINTR) {
        const int reason = errno;
        if (owned_) take_back(size - block.size());
        return fail(Code::kUnavailable, std::string("cannot be written: ") + std::strerror(reason), name_,
                    Retry::backoff());
      }
    }
    return {};
  }

 private:
  // Half a line would make the file unreadable for good. Nobody else writes to it.
  void take_back(std::size_t written) const {
    struct stat info{};
    if (written == 0 || fstat(fd_, &info) != 0 || !S_ISREG(info.st_mode)) return;
    static_cast<void>(!ftruncate(fd_, info.st_size - static_cast<off_t>(written)));
  }

  const int fd_;
  const std::string name_;
  const bool owned_;
  std::mutex mutex_;
};

}  // namespace

std::shared_ptr<LineWriter> make_stdout_writer() {
  return std::make_shared<FdWriter>(STDOUT_FILENO, "standard output", false);
}

Result<std::shared_ptr<LineWriter>> open_line_file(const std::string& path) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
  if (fd < 0) return fail(Code::kUnavailable, std::string("cannot be opened: ") + std::strerror(errno), path);
  return std::make_shared<FdWriter>(fd, path, true);
}

}  // namespace otlpipe::worker::exporters
