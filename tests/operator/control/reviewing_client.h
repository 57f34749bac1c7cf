#pragma once

#include <map>
#include <string>

#include <nlohmann/json.hpp>

#include "operator/kube/client.h"

namespace otlpipe::control::testing {

// Answers TokenReviews as an API server would, and GETs of the objects that a test put there. Everything else
// is not for this client.
class ReviewingClient final : public kube::Client {
 public:
  struct User {
    std::string namespace_and_account = {};
    std::string pod = {};
    std::string pod_uid = {};
    std::string audience = "otlpipe-operator";
  };
  std::map<std::string, User> users = {};              // by token
  std::map<std::string, nlohmann::json> objects = {};  // by "plural/name"
  bool down = false;

  Result<nlohmann::json> get(const kube::Resource& resource, const kube::ObjectKey& key) override {
    const auto found = objects.find(resource.plural + "/" + key.name);
    if (found == objects.end()) {
      return fail(Code::kNotFound, "not found", key.to_string());
    }
    return found->second;
  }

  Result<nlohmann::json> create(const kube::Resource& resource, const nlohmann::json& object) override {
    if (down || resource.kind != "TokenReview") {
      return fail(Code::kUnavailable, "connection refused");
    }
    nlohmann::json review = object;
    const auto user = users.find(object["spec"]["token"].get<std::string>());
    const bool known =
        user != users.end() && object["spec"]["audiences"] == nlohmann::json{user->second.audience};
    review["status"]["authenticated"] = known;
    if (known) {
      nlohmann::json extra = nlohmann::json::object();
      if (!user->second.pod.empty()) {
        extra = {{"authentication.kubernetes.io/pod-name", {user->second.pod}},
                 {"authentication.kubernetes.io/pod-uid", {user->second.pod_uid}}};
      }
      review["status"]["audiences"] = object["spec"]["audiences"];
      review["status"]["user"] = {{"username", "system:serviceaccount:" + user->second.namespace_and_account},
                                  {"extra", std::move(extra)}};
    }
    return review;
  }

  Result<nlohmann::json> list(const kube::Resource&, const kube::ListOptions&) override { return unused(); }
  Result<nlohmann::json> apply(const kube::Resource&, const nlohmann::json&,
                               const kube::ApplyOptions&) override {
    return unused();
  }
  Result<nlohmann::json> update(const kube::Resource&, const nlohmann::json&) override { return unused(); }
  Result<nlohmann::json> patch(const kube::Resource&, const kube::ObjectKey&, const nlohmann::json&,
                               std::string_view) override {
    return unused();
  }
  Status remove(const kube::Resource&, const kube::ObjectKey&, const kube::DeleteOptions&) override {
    return fail(Code::kUnimplemented, "not for this client");
  }
  Status watch(const kube::Resource&, const kube::WatchOptions&, const kube::WatchCallback&,
               std::stop_token) override {
    return fail(Code::kUnimplemented, "not for this client");
  }
  Result<nlohmann::json> get_raw(std::string_view) override { return unused(); }

 private:
  static tl::unexpected<Error> unused() { return fail(Code::kUnimplemented, "not for this client"); }
};

}  // namespace otlpipe::control::testing
