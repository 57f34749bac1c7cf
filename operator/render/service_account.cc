#include "operator/render/service_account.h"

#include "operator/kube/resources.h"
#include "operator/render/meta.h"

namespace otlpipe::render {

bool brings_service_account(const Pipeline& pipeline) {
  return !kube::find_string(pipeline.spec, "serviceAccountName").empty();
}

std::string service_account_name(const Pipeline& pipeline) {
  return brings_service_account(pipeline)
             ? std::string(kube::find_string(pipeline.spec, "serviceAccountName"))
             : pipeline.name;
}

Child service_account(const Pipeline& pipeline, const Release& release) {
  Child child{kube::service_accounts(),
              new_child(kube::service_accounts(), pipeline.name, pipeline, release)};
  child.object["automountServiceAccountToken"] = false;
  return child;
}

}  // namespace otlpipe::render
