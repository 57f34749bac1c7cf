#include <cstdlib>

#include "operator/kube/config.h"
#include "operator/kube/rest_client.h"
#include "tests/operator/kube/client_contract.h"

namespace otlpipe::kube::testing {
namespace {

using Json = nlohmann::json;

// The contract on the cluster that OTLPIPE_TEST_KUBECONFIG names, each test in a namespace of its own.
// Without one the list is empty: then the same client has been tested on the test server
// (rest_client_test.cc).
struct RealCluster {
  SystemHost host;
  SystemClock clock;
  std::shared_ptr<Client> client;
  ObjectKey ns;

  ~RealCluster() { (void)client->remove(namespaces(), ns, {}); }
};

ContractWorld real_world() {
  auto real = std::make_shared<RealCluster>();
  const auto config =
      load_config({.kubeconfig = std::getenv("OTLPIPE_TEST_KUBECONFIG")}, real->host, real->clock);
  if (!config) throw std::runtime_error(config.error().to_string());
  auto client = make_rest_client(*config, {.requests_per_second = 0});
  if (!client) throw std::runtime_error(client.error().to_string());
  real->client = std::move(*client);
  const Json wanted = {
      {"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"generateName", "contract-"}}}};
  const auto made = real->client->create(namespaces(), wanted);
  if (!made) throw std::runtime_error(made.error().to_string());
  real->ns = key_of(*made);
  return {real->client, real->ns.name, real};
}

std::vector<ContractParam> real_clusters() {
  if (std::getenv("OTLPIPE_TEST_KUBECONFIG") == nullptr) return {};
  return {ContractParam{"real", real_world}};
}

INSTANTIATE_TEST_SUITE_P(Real, ClientContract, ::testing::ValuesIn(real_clusters()),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace otlpipe::kube::testing
