#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "common/base/result.h"
#include "common/time/clock.h"
#include "operator/kube/config.h"
#include "operator/kube/host.h"

namespace otlpipe::kube {

// The same credential for ever.
std::shared_ptr<CredentialSource> fixed_credential(Credential credential);

// Files that somebody else rotates; empty paths are not used. Read again when older than a minute, as
// Kubernetes asks of the users of projected tokens. While a file cannot be read again, what was read before
// is used.
struct CredentialFiles {
  std::string token = {};
  std::string client_cert = {};
  std::string client_key = {};
  Credential rest = {};  // what does not come from files
};
std::shared_ptr<CredentialSource> file_credential(CredentialFiles files, const Host& host,
                                                  const Clock& clock);

// A program that prints an ExecCredential (client.authentication.k8s.io, v1 or v1beta1). Its answer is kept
// until shortly before its expirationTimestamp, or until the server refuses it.
struct ExecPlugin {
  Command command;
  std::string api_version;
  std::string info;          // KUBERNETES_EXEC_INFO
  std::string install_hint;  // shown when the program is missing
};
std::shared_ptr<CredentialSource> exec_credential(ExecPlugin plugin, const Host& host, const Clock& clock);

// Reads what the plugin printed: the credential, and until when it is good (WallTime::max(): no limit). Pure.
struct TimedCredential {
  Credential credential;
  WallTime good_until;
};
Result<TimedCredential> parse_exec_credential(std::string_view output, std::string_view api_version);

}  // namespace otlpipe::kube
