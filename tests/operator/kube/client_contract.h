#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "operator/kube/client.h"
#include "operator/kube/resources.h"

namespace otlpipe::kube::testing {

// What every kube::Client promises. Run against the fake, against the real client on a test server and, when
// there is one, on a real cluster. `make` gives a client and a namespace that exists and is empty of what the
// suite makes.
struct ContractWorld {
  std::shared_ptr<Client> client;
  std::string ns;
  std::shared_ptr<void> keep;  // servers and the like
};
struct ContractParam {
  std::string name;
  std::function<ContractWorld()> make;
};

class ClientContract : public ::testing::TestWithParam<ContractParam> {
 protected:
  void SetUp() override { world_ = GetParam().make(); }

  Client& client() { return *world_.client; }
  ObjectKey key(const std::string& name) const { return {world_.ns, name}; }
  nlohmann::json config_map(const std::string& name, nlohmann::json data = {{"a", "1"}}) const {
    return {{"apiVersion", "v1"},
            {"kind", "ConfigMap"},
            {"metadata", {{"name", name}, {"namespace", world_.ns}, {"labels", {{"suite", "contract"}}}}},
            {"data", std::move(data)}};
  }
  nlohmann::json deployment(const std::string& name, int replicas) const;

  ContractWorld world_;
};

// Collects the events of a watch that runs on its own thread, and waits for them.
class WatchLog {
 public:
  WatchLog(Client& client, const Resource& resource, WatchOptions options);
  ~WatchLog();

  // The next event as "ADDED name", or "" when none comes within a minute (machines under sanitizers are
  // slow).
  std::string next();
  nlohmann::json last_object() const;
  Status stop();

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::pair<std::string, nlohmann::json>> events_;
  std::size_t read_ = 0;
  Status result_;
  std::jthread thread_;
};

}  // namespace otlpipe::kube::testing
