#include "operator/kube/credentials.h"

#include <mutex>
#include <optional>
#include <utility>

namespace otlpipe::kube {
namespace {

constexpr auto kMaxFileAge = std::chrono::minutes(1);

class Fixed final : public CredentialSource {
 public:
  explicit Fixed(Credential credential) : credential_(std::move(credential)) {}
  Result<Credential> get() override { return credential_; }
  void invalidate() override {}

 private:
  const Credential credential_;
};

std::string trimmed(std::string text) {
  const auto end = text.find_last_not_of(" \t\r\n");
  text.erase(end == std::string::npos ? 0 : end + 1);
  text.erase(0, text.find_first_not_of(" \t\r\n"));
  return text;
}

class Files final : public CredentialSource {
 public:
  Files(CredentialFiles files, const Host& host, const Clock& clock)
      : files_(std::move(files)), host_(host), clock_(clock) {}

  Result<Credential> get() override {
    const std::lock_guard lock(mutex_);
    const MonotonicTime now = clock_.now();
    if (known_ && now - read_at_ < kMaxFileAge) return *known_;
    auto fresh = read();
    if (!fresh) {
      if (known_) return *known_;
      return fresh;
    }
    known_ = std::move(*fresh);
    read_at_ = now;
    return *known_;
  }

  void invalidate() override {
    const std::lock_guard lock(mutex_);
    // Keeps what is known for the case that the file cannot be read, but makes it old.
    read_at_ = clock_.now() - 2 * kMaxFileAge;
  }

 private:
  Result<Credential> read() const {
    Credential credential = files_.rest;
    const auto load = [this](const std::string& path, std::string& into) -> Status {
      if (path.empty()) return {};
      auto text = host_.read_file(path);
      if (!text) return fail(std::move(text.error()));
      into = trimmed(std::move(*text));
      if (into.empty()) return fail(Code::kUnauthenticated, "the file is empty", path, Retry::backoff());
      return {};
    };
    for (const Status& loaded :
         {load(files_.token, credential.bearer_token), load(files_.client_cert, credential.client_cert_pem),
          load(files_.client_key, credential.client_key_pem)}) {
      if (!loaded) return fail(loaded.error());
    }
    return credential;
  }

  const CredentialFiles files_;
  const Host& host_;
  const Clock& clock_;
  std::mutex mutex_;
  std::optional<Credential> known_;
  MonotonicTime read_at_{};
};

}  // namespace

std::shared_ptr<CredentialSource> fixed_credential(Credential credential) {
  return std::make_shared<Fixed>(std::move(credential));
}

std::shared_ptr<CredentialSource> file_credential(CredentialFiles files, const Host& host,
                                                  const Clock& clock) {
  return std::make_shared<Files>(std::move(files), host, clock);
}

}  // namespace otlpipe::kube
