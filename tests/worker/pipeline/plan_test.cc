#include "worker/pipeline/plan.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "otlpipe/v1alpha1/worker_config.pb.h"
#include "proto/schema/decode.h"

namespace otlpipe::worker::pipeline {
namespace {

class Nothing final : public ExporterPlan {
 public:
  std::shared_ptr<Exporter> instantiate(CoreContext&) const override { return nullptr; }
};
class NothingListener final : public ListenerPlan {
 public:
  std::string protocol() const override { return "grpc"; }
  std::string port_field() const override { return "otlp." + protocol() + ".port"; }
  transport::ServerOptions options() const override {
    transport::ServerOptions options;
    options.port = 4317;
    return options;
  }
  std::shared_ptr<transport::ServerHandler> handler(CoreContext&,
                                                    std::shared_ptr<const Outputs>) const override {
    return nullptr;
  }
};
class NothingReceiver final : public ReceiverPlan {
 public:
  std::vector<std::shared_ptr<const ListenerPlan>> listeners() const override {
    return {std::make_shared<NothingListener>()};
  }
};
class FakeReceivers final : public ReceiverFactory {
 public:
  Result<std::shared_ptr<const ReceiverPlan>> plan(const v1alpha1::Receiver&,
                                                   const PlanContext&) const override {
    return std::make_shared<NothingReceiver>();
  }
};
class FakeExporters final : public ExporterFactory {
 public:
  Result<std::shared_ptr<const ExporterPlan>> plan(const v1alpha1::Exporter& exporter,
                                                   std::shared_ptr<telemetry::ExporterStatus>,
                                                   const PlanContext&) const override {
    if (!exporter.has_otlp_grpc()) return nullptr;
    if (exporter.otlp_grpc().endpoint() == "bad:1")
      return fail(Code::kInvalidArgument, "no", "otlpGrpc.endpoint");
    return std::make_shared<Nothing>();
  }
};

class MakePlan : public ::testing::Test {
 protected:
  MakePlan() {
    components_.receivers.push_back(std::make_unique<FakeReceivers>());
    components_.exporters.push_back(std::make_unique<FakeExporters>());
  }
  Result<std::shared_ptr<const Plan>> make(const std::string& exporters, const Plan* previous = nullptr,
                                           const std::string& more = "") {
    const std::string text =
        R"({"identity":{"name":"x"},"receivers":[{"name":"otlp","otlp":{"grpc":{}}}],"exporters":[)" +
        exporters + R"(],"pipelines":[{"name":"p","signals":["logs"],"receivers":["otlp"],"exporters":["a"]}],
                             "memoryBudget":"32Mi")" +
        more + "}";
    v1alpha1::WorkerConfig config;
    const auto errors = schema::decode(nlohmann::json::parse(text), config, "");
    EXPECT_TRUE(errors.empty()) << errors.front().to_string();
    return make_plan(config, components_, {registry_, {}, clock_}, previous);
  }
  static std::string exporter(const std::string& name, const std::string& endpoint) {
    return R"({"name":")" + name + R"(","otlpGrpc":{"endpoint":")" + endpoint +
           R"(","tls":{"insecure":true}}})";
  }

  Components components_;
  telemetry::Registry registry_{1};
  SystemClock clock_;
};

TEST_F(MakePlan, HoldsWhatTheConfigurationSays) {
  const auto plan = make(exporter("a", "h:1")).value();
  EXPECT_EQ(plan->memory_budget, 32U << 20);
  EXPECT_EQ(plan->receiver_names, std::vector<std::string>{"otlp"});
  ASSERT_EQ(plan->pipelines.size(), 1U);
  EXPECT_EQ(plan->pipelines[0].signals, std::vector<Signal>{Signal::kLogs});
  EXPECT_EQ(plan->listeners.at(0).options.port, 4317);
}

TEST_F(MakePlan, ExporterThatDidNotChangeKeepsItsPlanAndStatus) {
  const auto first = make(exporter("a", "h:1") + "," + exporter("b", "h:2")).value();
  const auto second = make(exporter("a", "h:1") + "," + exporter("b", "h:3"), first.get()).value();
  EXPECT_EQ(first->exporters[0].plan, second->exporters[0].plan);
  EXPECT_EQ(first->exporters[0].status, second->exporters[0].status);
  EXPECT_NE(first->exporters[1].plan, second->exporters[1].plan);
}

TEST_F(MakePlan, ListenerOverrideSaysWhereToBind) {
  const auto plan =
      make(exporter("a", "h:1"), nullptr,
           R"(,"listeners":[{"receiver":"otlp","protocol":"grpc","address":"127.0.0.1","port":0}])")
          .value();
  EXPECT_EQ(plan->listeners[0].options.address, "127.0.0.1");
  EXPECT_EQ(plan->listeners[0].options.port, 0);
}

TEST_F(MakePlan, ErrorOfAComponentHasItsWholePath) {
  const auto plan = make(exporter("a", "h:1") + "," + exporter("b", "bad:1"));
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().where, "exporters[1].otlpGrpc.endpoint");
}

TEST_F(MakePlan, KindThatNoFactoryKnowsIsNamed) {
  const auto plan = make(exporter("a", "h:1") + R"(,{"name":"d","debug":{}})");
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().where, "exporters[1]");
}

}  // namespace
}  // namespace otlpipe::worker::pipeline
