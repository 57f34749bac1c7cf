// Scenario: any bytes as a kubeconfig, and as what a credential plugin prints. Guarantees: no crash, no
// run-away; what is accepted has a URL and a source of credentials; every error is one line.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "operator/kube/config.h"
#include "operator/kube/credentials.h"

namespace {

namespace kube = otlpipe::kube;
using otlpipe::Code;
using otlpipe::Error;
using otlpipe::fail;
using otlpipe::Result;

// No files, no environment, no programs.
class EmptyHost final : public kube::Host {
 public:
  std::optional<std::string> environment(std::string_view) const override { return std::nullopt; }
  Result<std::string> read_file(const std::string& path) const override {
    return fail(Code::kNotFound, "none", path);
  }
  Result<std::string> run(const kube::Command&) const override { return fail(Code::kNotFound, "none"); }
};

void check(const Error& error) {
  if (error.to_string().find('\n') != std::string::npos) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const EmptyHost host;
  const otlpipe::SystemClock clock;
  const auto config = kube::config_from_kubeconfig({{"/k/config", text}}, "", host, clock);
  if (!config) {
    check(config.error());
  } else {
    if (!config->server.starts_with("http") || !config->credentials) std::abort();
    if (const auto got = config->credentials->get(); !got) check(got.error());
  }
  const auto credential = kube::parse_exec_credential(text, "client.authentication.k8s.io/v1");
  if (!credential) check(credential.error());
  return 0;
}
