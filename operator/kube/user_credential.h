#pragma once

#include <memory>
#include <string>

#include "common/base/result.h"
#include "operator/kube/config.h"
#include "operator/kube/host.h"
#include "operator/kube/kubeconfig.h"

namespace otlpipe::kube {

// What the user entry of a kubeconfig says, as a source of credentials: client certificates, tokens, exec
// plugins. The ways that are refused (passwords, auth-provider, impersonation) are errors that say so.
Result<std::shared_ptr<CredentialSource>> user_credential(const SelectedContext& selected,
                                                          const ClusterConfig& config, const Host& host,
                                                          const Clock& clock);

// The decoded "FIELD-data", or the content of the file that "FIELD" names, or nothing.
Result<std::string> data_or_file(const SelectedContext::Part& part, const std::string& field,
                                 const Host& host);

}  // namespace otlpipe::kube
