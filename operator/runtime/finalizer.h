#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "common/base/result.h"
#include "operator/kube/client.h"

namespace otlpipe::runtime {

bool has_finalizer(const nlohmann::json& object, std::string_view finalizer);

// Adds or removes one finalizer and leaves the others alone. Guarded by the resource version of `object`:
// kAborted means that somebody else changed it first, and the next reconcile tries again. Idempotent: returns
// `object` as it is when there is nothing to do; removing from an object that is gone is success with the
// object as given.
Result<nlohmann::json> add_finalizer(kube::Client& client, const kube::Resource& resource,
                                     const nlohmann::json& object, std::string_view finalizer);
Result<nlohmann::json> remove_finalizer(kube::Client& client, const kube::Resource& resource,
                                        const nlohmann::json& object, std::string_view finalizer);

}  // namespace otlpipe::runtime
