#include "operator/control/authenticator.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "operator/api/pipeline.h"
#include "operator/kube/resources.h"

namespace otlpipe::control {
namespace {

using nlohmann::json;

constexpr std::string_view kPodName = "authentication.kubernetes.io/pod-name";
constexpr std::string_view kPodUid = "authentication.kubernetes.io/pod-uid";

kube::Resource token_reviews() {
  return {"authentication.k8s.io", "v1", "tokenreviews", "TokenReview", false};
}
kube::Resource replica_sets() {
  return {"apps", "v1", "replicasets", "ReplicaSet"};
}

tl::unexpected<Error> denied(std::string why) {
  return fail(Code::kPermissionDenied, std::move(why));
}

bool list_contains(const json* list, std::string_view value) {
  return list != nullptr && list->is_array() &&
         std::ranges::any_of(*list, [&](const json& item) { return item.is_string() && item == value; });
}

const json* extra(const json& review, std::string_view key) {
  const json* all = kube::find(review, "status.user.extra");
  return all != nullptr && all->is_object() && all->contains(key) ? &all->at(key) : nullptr;
}

}  // namespace

KubeAuthenticator::KubeAuthenticator(kube::Client& client, const runtime::Cache& pipelines,
                                     const runtime::Cache& deployments, const runtime::Cache& pods)
    : client_(client), pipelines_(pipelines), deployments_(deployments), pods_(pods) {}

Result<WorkerIdentity> KubeAuthenticator::authenticate(const std::string& token, const Claim& claim) {
  if (token.empty()) {
    return fail(Code::kUnauthenticated, "no token: authorization: Bearer … is missing");
  }
  if (const Status known = check_token(token, claim); !known) {
    return fail(known.error());
  }
  if (const Status owned = check_pod(claim); !owned) {
    return fail(owned.error());
  }
  return WorkerIdentity{claim.pipeline, claim.pod, claim.pod_uid, claim.version};
}

Status KubeAuthenticator::check_token(const std::string& token, const Claim& claim) {
  const json request = {{"apiVersion", "authentication.k8s.io/v1"},
                        {"kind", "TokenReview"},
                        {"spec", {{"token", token}, {"audiences", json::array({api::kTokenAudience})}}}};
  const auto review = client_.create(token_reviews(), request);
  if (!review) {
    return fail(review.error().in("cannot review the token"));
  }
  const json* authenticated = kube::find(*review, "status.authenticated");
  if (authenticated == nullptr || *authenticated != true ||
      !list_contains(kube::find(*review, "status.audiences"), api::kTokenAudience)) {
    return fail(Code::kUnauthenticated, "the token is not valid for the audience otlpipe-operator");
  }
  const auto user = kube::find_string(*review, "status.user.username");
  if (!user.starts_with("system:serviceaccount:" + claim.pipeline.ns + ":")) {
    return denied("the token is not of a service account of namespace " + claim.pipeline.ns);
  }
  if (!list_contains(extra(*review, kPodName), claim.pod) ||
      !list_contains(extra(*review, kPodUid), claim.pod_uid)) {
    return denied("the token was not made for pod " + claim.pod);
  }
  return {};
}

Status KubeAuthenticator::check_pod(const Claim& claim) {
  const auto pipeline = pipelines_.get(claim.pipeline);
  if (!pipeline) {
    return denied("there is no OtlpPipeline " + claim.pipeline.to_string());
  }
  const kube::ObjectKey pod_key{claim.pipeline.ns, claim.pod};
  kube::ObjectPtr pod = pods_.get(pod_key);
  if (!pod || kube::uid(*pod) != claim.pod_uid) {
    auto fresh = client_.get(kube::pods(), pod_key);  // the cache may lag behind a new pod
    if (!fresh) {
      return fail(fresh.error().in("cannot look at pod " + claim.pod));
    }
    pod = std::make_shared<const json>(std::move(*fresh));
  }
  const auto owner = kube::controller_of(*pod);
  if (kube::uid(*pod) != claim.pod_uid || !owner || owner->kind != "ReplicaSet") {
    return denied("pod " + claim.pod + " is not a worker");
  }
  const auto replica_set = client_.get(replica_sets(), {claim.pipeline.ns, owner->name});
  if (!replica_set) {
    return fail(replica_set.error().in("cannot look at the owner of pod " + claim.pod));
  }
  const auto deployment = deployments_.get(claim.pipeline);
  if (!deployment || kube::uid(*replica_set) != owner->uid ||
      !kube::is_controlled_by(*replica_set, kube::uid(*deployment)) ||
      !kube::is_controlled_by(*deployment, kube::uid(*pipeline))) {
    return denied("pod " + claim.pod + " does not belong to OtlpPipeline " + claim.pipeline.to_string());
  }
  return {};
}

}  // namespace otlpipe::control
