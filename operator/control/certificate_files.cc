#include "operator/control/certificate_files.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace otlpipe::control {
namespace {

// Replaces the file in one step, so that a reader never sees half of it.
Status replace_file(const std::string& path, const std::string& text) {
  const auto error = [&] { return fail(Code::kInternal, std::strerror(errno), path); };
  const std::string fresh = path + ".new";
  const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) {
    return error();
  }
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t n = ::write(fd, text.data() + done, text.size() - done);
    if (n < 0 && errno != EINTR) {
      const auto failed = error();
      ::close(fd);
      return failed;
    }
    done += n > 0 ? static_cast<std::size_t>(n) : 0;
  }
  ::close(fd);
  if (::rename(fresh.c_str(), path.c_str()) != 0) {
    return error();
  }
  return {};
}

}  // namespace

Result<CertificateFiles> CertificateFiles::create(const std::string& parent) {
  std::string folder = parent + "/otlpipe-control-XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) {
    return fail(Code::kInternal, std::string("cannot make a folder: ") + std::strerror(errno), parent);
  }
  return CertificateFiles(std::move(folder));
}

CertificateFiles::CertificateFiles(CertificateFiles&& other) noexcept
    : folder_(std::exchange(other.folder_, "")) {}

CertificateFiles::~CertificateFiles() {
  if (!folder_.empty()) {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
}

Status CertificateFiles::write(const tls::KeyPair& pair) const {
  if (const Status key = replace_file(key_path(), pair.key_pem); !key) {
    return key;
  }
  return replace_file(certificate_path(), pair.certificate_pem);
}

}  // namespace otlpipe::control
