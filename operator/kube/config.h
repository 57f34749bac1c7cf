#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/time/clock.h"
#include "operator/kube/host.h"

namespace otlpipe::kube {

// What proves who we are. Empty parts are not used.
struct Credential {
  std::string bearer_token;
  std::string client_cert_pem;
  std::string client_key_pem;

  bool operator==(const Credential&) const = default;
};

// Hands out the credential of the moment. Thread safe.
class CredentialSource {
 public:
  virtual ~CredentialSource() = default;
  // May read files or run a plugin; answers from its cache while that is fresh.
  virtual Result<Credential> get() = 0;
  // The server refused the last one (401): the next get() must not answer from the cache.
  virtual void invalidate() = 0;
};

// How to reach one API server.
struct ClusterConfig {
  std::string server;           // "https://10.0.0.1:6443", no trailing slash
  std::string ca_pem;           // empty: the system's authorities
  std::string tls_server_name;  // empty: the host of `server`
  bool insecure_skip_tls_verify = false;
  std::string default_namespace = "default";
  std::string origin;  // "context kind of /root/.kube/config" or "in-cluster", for messages
  std::shared_ptr<CredentialSource> credentials;  // never null
};

struct ConfigOptions {
  std::string kubeconfig =
      {};  // a file; empty: KUBECONFIG (a list of files, merged), then the pod, then ~/.kube/config
  std::string context = {};  // empty: the file's current-context
};

// Finds and reads the configuration. `host` and `clock` must outlive the result, which re-reads token files
// and runs credential plugins through them. Errors name the file and the field at fault.
Result<ClusterConfig> load_config(const ConfigOptions& options, const Host& host, const Clock& clock);

// From the text of one or several kubeconfig files in order of precedence (the first to name a thing wins;
// relative paths are relative to their file). Kubernetes: "Organizing Cluster Access Using kubeconfig Files".
struct KubeconfigFile {
  std::string path;
  std::string text;
};
Result<ClusterConfig> config_from_kubeconfig(const std::vector<KubeconfigFile>& files,
                                             std::string_view context, const Host& host, const Clock& clock);

// The service account of the pod: KUBERNETES_SERVICE_HOST and _PORT, and the files mounted into every pod.
// The token is read again when it is older than a minute.
Result<ClusterConfig> config_in_cluster(const Host& host, const Clock& clock);

}  // namespace otlpipe::kube
