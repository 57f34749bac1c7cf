#include <mutex>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "common/time/duration.h"
#include "operator/kube/credentials.h"
#include "operator/kube/json_text.h"
#include "operator/kube/object.h"

namespace otlpipe::kube {
namespace {

// A credential is renewed before it ends, so that a request under way does not meet its end.
constexpr auto kMargin = std::chrono::seconds(10);

class Exec final : public CredentialSource {
 public:
  Exec(ExecPlugin plugin, const Host& host, const Clock& clock)
      : plugin_(std::move(plugin)), host_(host), clock_(clock) {
    plugin_.command.environment["KUBERNETES_EXEC_INFO"] = plugin_.info;
  }

  Result<Credential> get() override {
    const std::lock_guard lock(mutex_);  // one run at a time; the others want its answer
    if (known_ && clock_.wall_now() < known_->good_until) return known_->credential;
    const std::string where = "credential plugin " + plugin_.command.program;
    const auto output = host_.run(plugin_.command);
    if (!output) {
      Error error = output.error();
      if (error.code == Code::kNotFound && !plugin_.install_hint.empty()) {
        error.message += ". " + one_line(plugin_.install_hint, 500);
      }
      return fail(Code::kUnauthenticated, error.message, where, Retry::backoff());
    }
    auto parsed = parse_exec_credential(*output, plugin_.api_version);
    if (!parsed) return fail(Code::kUnauthenticated, parsed.error().to_string(), where, Retry::backoff());
    known_ = std::move(*parsed);
    return known_->credential;
  }

  void invalidate() override {
    const std::lock_guard lock(mutex_);
    known_.reset();
  }

 private:
  ExecPlugin plugin_;
  const Host& host_;
  const Clock& clock_;
  std::mutex mutex_;
  std::optional<TimedCredential> known_;
};

}  // namespace

Result<TimedCredential> parse_exec_credential(std::string_view output, std::string_view api_version) {
  const auto bad = [](std::string message) { return fail(Code::kUnauthenticated, std::move(message)); };
  auto parsed = parse_wire_json(output, "output");
  if (!parsed || !parsed->is_object()) return bad("its output is not a JSON object");
  if (kind(*parsed) != "ExecCredential") return bad("its output is not an ExecCredential");
  if (kube::api_version(*parsed) != api_version) {
    return bad("it answers with apiVersion \"" + one_line(kube::api_version(*parsed), 80) +
               "\", but the kubeconfig asks for \"" + std::string(api_version) + "\"");
  }
  TimedCredential result{{std::string(find_string(*parsed, "status.token")),
                          std::string(find_string(*parsed, "status.clientCertificateData")),
                          std::string(find_string(*parsed, "status.clientKeyData"))},
                         WallTime::max()};
  const Credential& credential = result.credential;
  if (credential.bearer_token.empty() && credential.client_cert_pem.empty()) {
    return bad("its output has neither status.token nor status.clientCertificateData");
  }
  if (credential.client_cert_pem.empty() != credential.client_key_pem.empty()) {
    return bad("status.clientCertificateData and status.clientKeyData must come together");
  }
  // A token with a line break would end the header that it is sent in.
  if (credential.bearer_token.find_first_of("\r\n") != std::string::npos)
    return bad("status.token has a line break");
  if (const std::string_view text = find_string(*parsed, "status.expirationTimestamp"); !text.empty()) {
    const auto expires = parse_rfc3339(text);
    if (!expires) return bad("status.expirationTimestamp is not an RFC 3339 time");
    result.good_until = *expires - kMargin;
  }
  return result;
}

std::shared_ptr<CredentialSource> exec_credential(ExecPlugin plugin, const Host& host, const Clock& clock) {
  return std::make_shared<Exec>(std::move(plugin), host, clock);
}

}  // namespace otlpipe::kube
