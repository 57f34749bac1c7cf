#pragma once

#include <string>

#include "common/base/result.h"
#include "operator/control/fleet.h"
#include "operator/kube/client.h"
#include "operator/runtime/cache.h"

namespace otlpipe::control {

// What a caller says of itself.
struct Claim {
  kube::ObjectKey pipeline;
  std::string pod;
  std::string pod_uid;
  std::string version;
};

// Whether a caller is the worker that it says. Thread safe; may block.
class Authenticator {
 public:
  virtual ~Authenticator() = default;
  // kUnauthenticated: the token proves nothing. kPermissionDenied: it proves somebody else. Other codes:
  // nobody could find out, try again.
  virtual Result<WorkerIdentity> authenticate(const std::string& token, const Claim& claim) = 0;
};

// By the Kubernetes API: a TokenReview for our audience says which pod the token was made for; that pod has
// to be the one of the claim, and to belong to the Deployment of the pipeline of the claim. Needs create
// tokenreviews, get pods, get replicasets.
class KubeAuthenticator final : public Authenticator {
 public:
  KubeAuthenticator(kube::Client& client, const runtime::Cache& pipelines, const runtime::Cache& deployments,
                    const runtime::Cache& pods);
  Result<WorkerIdentity> authenticate(const std::string& token, const Claim& claim) override;

 private:
  Status check_token(const std::string& token, const Claim& claim);
  Status check_pod(const Claim& claim);

  kube::Client& client_;
  const runtime::Cache& pipelines_;
  const runtime::Cache& deployments_;
  const runtime::Cache& pods_;
};

}  // namespace otlpipe::control
