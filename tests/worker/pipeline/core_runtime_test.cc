// One core over reloads, with a network and components that the test plays.

#include "worker/pipeline/core_runtime.h"

#include <map>
#include <set>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "tests/support/worker/fake_network.h"
#include "tests/support/worker/otlp_data.h"
#include "worker/pipeline/memory_budget.h"

namespace otlpipe::worker::pipeline {
namespace {

using data::Batch;
using data::Outcome;

// Everything that the components of a test do, by name.
struct Stage {
  std::map<std::string, std::vector<std::string>> got;  // exporter -> prefixes of requests
  std::map<std::string, std::vector<Batch>> held;       // exporter -> what it has not delivered
  std::vector<std::string> events;
  EventLoop* loop = nullptr;
};

class FakeExporter final : public Exporter {
 public:
  FakeExporter(std::string name, Stage& stage) : name_(std::move(name)), stage_(stage) {
    stage_.events.push_back("new " + name_);
  }
  ~FakeExporter() override { stage_.events.push_back("gone " + name_); }
  void consume(Batch batch) override {
    stage_.got[name_].push_back(testing::record_names(batch.signal(), testing::bytes_of(batch)).at(0));
    stage_.held[name_].push_back(std::move(batch));
  }
  void adopt(Batch batch) override { consume(std::move(batch)); }
  void retire(std::shared_ptr<Exporter> successor, std::function<void()> done) override {
    stage_.events.push_back("retire " + name_ + (successor ? " to successor" : ""));
    if (successor) {
      for (Batch& batch : std::exchange(stage_.held[name_], {})) successor->adopt(std::move(batch));
    }
    done_ = std::move(done);
    // Never from inside retire, says the contract.
    if (stage_.held[name_].empty()) stage_.loop->post(std::exchange(done_, nullptr));
  }
  void deliver() {
    for (Batch& batch : std::exchange(stage_.held[name_], {})) batch.resolve(Outcome::delivered());
    if (done_) std::exchange(done_, nullptr)();
  }
  Abandoned abandon() override {
    Abandoned total;
    for (const Batch& batch : stage_.held[name_]) total.unacknowledged += batch.records();
    return total;
  }

 private:
  std::string name_;
  Stage& stage_;
  std::function<void()> done_;
};

class FakeExporterPlan final : public ExporterPlan {
 public:
  FakeExporterPlan(std::string name, Stage& stage) : name_(std::move(name)), stage_(stage) {}
  std::shared_ptr<Exporter> instantiate(CoreContext&) const override {
    auto made = std::make_shared<FakeExporter>(name_, stage_);
    last = made;
    return made;
  }
  compression::Compression compression() const override { return compresses; }
  mutable std::weak_ptr<FakeExporter> last;
  compression::Compression compresses = compression::Compression::kNone;

 private:
  std::string name_;
  Stage& stage_;
};

// Holds everything until it is drained.
class HoldingPlan final : public ProcessorPlan {
  class Holding final : public Processor {
   public:
    explicit Holding(Consumer& next) : next_(next) {}
    void consume(Batch batch) override {
      held_.push_back(std::move(batch));
      if (draining_) drain();
    }
    void drain() override {
      draining_ = true;
      for (Batch& batch : std::exchange(held_, {})) next_.consume(std::move(batch));
    }

   private:
    Consumer& next_;
    std::vector<Batch> held_;
    bool draining_ = false;
  };

 public:
  std::unique_ptr<Processor> instantiate(CoreContext&, Consumer& next) const override {
    return std::make_unique<Holding>(next);
  }
};

// Passes everything on and wants the tenant's header with it.
class TenantPlan final : public ProcessorPlan {
  class PassOn final : public Processor {
   public:
    explicit PassOn(Consumer& next) : next_(next) {}
    void consume(Batch batch) override { next_.consume(std::move(batch)); }
    void drain() override {}

   private:
    Consumer& next_;
  };

 public:
  std::vector<std::string> metadata_keys() const override { return {"x-tenant"}; }
  std::unique_ptr<Processor> instantiate(CoreContext&, Consumer& next) const override {
    return std::make_unique<PassOn>(next);
  }
};

class FakeListenerPlan final : public ListenerPlan {
 public:
  explicit FakeListenerPlan(std::map<std::string, std::shared_ptr<const Outputs>>& outputs, std::string name)
      : outputs_(outputs), name_(std::move(name)) {}
  std::string protocol() const override { return "grpc"; }
  std::string port_field() const override { return "port"; }
  transport::ServerOptions options() const override { return {}; }
  std::shared_ptr<transport::ServerHandler> handler(CoreContext&,
                                                    std::shared_ptr<const Outputs> outputs) const override {
    outputs_[name_] = std::move(outputs);
    return nullptr;
  }

 private:
  std::map<std::string, std::shared_ptr<const Outputs>>& outputs_;
  std::string name_;
};

class CoreRuntimeTest : public ::testing::Test {
 protected:
  CoreRuntimeTest() { stage_.loop = &network_.loop(); }

  // A listener of `receiver` at `port`; `settings` stands for everything else that it has.
  void listener(Plan& plan, const std::string& receiver, std::uint16_t port,
                const std::string& settings = "") {
    ListenerNode node;
    node.receiver = receiver;
    node.protocol = "grpc";
    node.port_field = "receivers[" + std::to_string(plan.listeners.size()) + "].otlp.grpc.port";
    node.options.port = port;
    node.fingerprint = settings + std::to_string(port);
    node.plan = std::make_shared<FakeListenerPlan>(outputs_, receiver);
    plan.listeners.push_back(std::move(node));
  }
  std::shared_ptr<FakeExporterPlan> exporter(Plan& plan, const std::string& name,
                                             const std::string& settings = "") {
    auto made = std::make_shared<FakeExporterPlan>(name + settings, stage_);
    plan.exporters.push_back({name, settings, nullptr, made});
    return made;
  }
  static void pipeline(Plan& plan, std::vector<std::string> receivers, std::vector<std::string> exporters,
                       bool holding = false) {
    PipelineNode node;
    node.signals = {Signal::kLogs};
    node.receivers = std::move(receivers);
    node.exporters = std::move(exporters);
    if (holding) node.processors.push_back(std::make_shared<HoldingPlan>());
    plan.pipelines.push_back(std::move(node));
  }
  Status run(const Plan& plan) {
    auto prepared = runtime_.prepare(std::make_shared<const Plan>(plan), {});
    if (!prepared) return fail(std::move(prepared.error()));
    runtime_.commit();
    network_.loop().run();
    return {};
  }
  void send(const std::string& receiver, const std::string& prefix) {
    outputs_.at(receiver)
        ->of(Signal::kLogs)
        ->consume({Signal::kLogs, Bytes::from(testing::make_request(Signal::kLogs, 1, prefix)), 1,
                   data::Ack::track(1, [this, prefix](Outcome outcome) { heard_[prefix] = outcome.kind; })});
  }
  bool happened(const std::string& event) const {
    return std::find(stage_.events.begin(), stage_.events.end(), event) != stage_.events.end();
  }

  std::map<std::string, Outcome::Kind> heard_;  // outlives what is still held on the stage
  Stage stage_;
  testing::FakeNetwork network_;
  SeededRandom random_{1};
  std::map<std::string, std::shared_ptr<const Outputs>> outputs_;
  CoreRuntime runtime_{CoreContext{0, network_, random_}, std::make_shared<AtomicMemoryBudget>(1 << 20)};
};

using CoreRuntimeReload = CoreRuntimeTest;

TEST_F(CoreRuntimeReload, FanOutGoesToEveryPipelineAndExporterOfTheReceiver) {
  Plan plan;
  listener(plan, "otlp", 1);
  for (const char* const name : {"a", "b", "c"}) exporter(plan, name);
  pipeline(plan, {"otlp"}, {"a", "b"});
  pipeline(plan, {"otlp"}, {"c"});
  ASSERT_TRUE(run(plan));
  send("otlp", "x");
  for (const char* const name : {"a", "b", "c"}) EXPECT_EQ(stage_.got[name], std::vector<std::string>{"x0"});
  for (const char* const name : {"a", "b"}) stage_.held[name][0].resolve(Outcome::delivered());
  EXPECT_TRUE(heard_.empty());
  stage_.held["c"][0].resolve(Outcome::delivered());
  EXPECT_EQ(heard_.at("x"), Outcome::Kind::kDelivered);
  EXPECT_EQ(outputs_.at("otlp")->of(Signal::kTraces), nullptr);
}

TEST_F(CoreRuntimeReload, HeadersGoToThePipelinesThatAskedForThemOnly) {
  Plan plan;
  listener(plan, "otlp", 1);
  for (const char* const name : {"asked", "other"}) exporter(plan, name);
  pipeline(plan, {"otlp"}, {"asked"});
  plan.pipelines.back().processors.push_back(std::make_shared<TenantPlan>());
  pipeline(plan, {"otlp"}, {"other"});
  ASSERT_TRUE(run(plan));
  EXPECT_EQ(outputs_.at("otlp")->kept().metadata_keys, std::vector<std::string>{"x-tenant"});
  Batch batch{Signal::kLogs, Bytes::from(testing::make_request(Signal::kLogs, 1, "x")), 1, {}};
  batch.set_metadata(std::make_shared<const data::Metadata>(data::Metadata{{"x-tenant", "a"}}));
  outputs_.at("otlp")->of(Signal::kLogs)->consume(std::move(batch));
  ASSERT_NE(stage_.held["asked"][0].metadata(), nullptr);
  EXPECT_EQ(stage_.held["other"][0].metadata(), nullptr);
}

TEST_F(CoreRuntimeReload, CompressedBodiesAreKeptForExportersOfTheSignalWithNothingInBetweenOnly) {
  using compression::Compression;
  const auto kept = [&](bool processor) {
    Plan plan;
    listener(plan, "otlp", 1);
    exporter(plan, "a")->compresses = Compression::kGzip;
    exporter(plan, "b")->compresses = Compression::kZstd;
    exporter(plan, "c")->compresses = Compression::kBrotli;  // of another receiver's pipeline
    exporter(plan, "d");
    listener(plan, "other", 2);
    pipeline(plan, {"otlp"}, {"a", "d"});
    pipeline(plan, {"otlp"}, {"b"}, processor);
    pipeline(plan, {"other"}, {"c"});
    EXPECT_TRUE(run(plan));
    EXPECT_TRUE(outputs_.at("otlp")->kept_compressions(Signal::kTraces).empty());
    return outputs_.at("otlp")->kept_compressions(Signal::kLogs);
  };
  EXPECT_EQ(kept(false), (std::vector{Compression::kGzip, Compression::kZstd}));
  EXPECT_EQ(kept(true), std::vector{Compression::kGzip}) << "a reload changes it";
}

TEST_F(CoreRuntimeReload, CompressedFormGoesIntoPipelinesWithoutProcessorsOnly) {
  using compression::Compression;
  Plan plan;
  listener(plan, "otlp", 1);
  exporter(plan, "direct")->compresses = Compression::kGzip;
  exporter(plan, "processed")->compresses = Compression::kGzip;
  pipeline(plan, {"otlp"}, {"direct"});
  pipeline(plan, {"otlp"}, {"processed"});
  plan.pipelines.back().processors.push_back(std::make_shared<TenantPlan>());
  ASSERT_TRUE(run(plan));
  Batch batch{Signal::kLogs, Bytes::from(testing::make_request(Signal::kLogs, 1, "x")), 1, {}};
  batch.set_packed({Compression::kGzip, Bytes::from("packed")});
  outputs_.at("otlp")->of(Signal::kLogs)->consume(std::move(batch));
  EXPECT_EQ(stage_.held["direct"][0].packed().compression, Compression::kGzip);
  EXPECT_EQ(stage_.held["processed"][0].packed().compression, Compression::kNone);
}

TEST_F(CoreRuntimeReload, UnchangedListenersAndExportersStayWhatProcessorsHoldFlowsOn) {
  Plan plan;
  listener(plan, "otlp", 1);
  exporter(plan, "a");
  pipeline(plan, {"otlp"}, {"a"}, true);
  ASSERT_TRUE(run(plan));
  send("otlp", "held");
  EXPECT_TRUE(stage_.got["a"].empty());
  const auto server = network_.open_servers().at(0);
  ASSERT_TRUE(run(plan));
  EXPECT_EQ(network_.open_servers().at(0), server);
  EXPECT_EQ(stage_.got["a"], std::vector<std::string>{"held0"});
  EXPECT_EQ(stage_.events, std::vector<std::string>{"new a"});
  send("otlp", "later");
  EXPECT_EQ(stage_.got["a"].size(), 1U);
}

TEST_F(CoreRuntimeReload, ChangedExporterHandsOverToItsSuccessor) {
  Plan plan;
  listener(plan, "otlp", 1);
  exporter(plan, "a", "1");
  pipeline(plan, {"otlp"}, {"a"});
  ASSERT_TRUE(run(plan));
  send("otlp", "x");
  Plan changed;
  listener(changed, "otlp", 1);
  exporter(changed, "a", "2");
  pipeline(changed, {"otlp"}, {"a"});
  ASSERT_TRUE(run(changed));
  EXPECT_TRUE(happened("retire a1 to successor"));
  EXPECT_TRUE(happened("gone a1"));
  EXPECT_EQ(stage_.got["a2"], std::vector<std::string>{"x0"});
}

TEST_F(CoreRuntimeReload, RemovedExporterLivesUntilItHasDelivered) {
  Plan plan;
  listener(plan, "otlp", 1);
  const auto old = exporter(plan, "old");
  pipeline(plan, {"otlp"}, {"old"});
  ASSERT_TRUE(run(plan));
  send("otlp", "x");
  Plan other;
  listener(other, "otlp", 1);
  exporter(other, "new");
  pipeline(other, {"otlp"}, {"new"});
  ASSERT_TRUE(run(other));
  EXPECT_TRUE(happened("retire old"));
  EXPECT_FALSE(happened("gone old"));
  old->last.lock()->deliver();
  EXPECT_TRUE(happened("gone old"));
  EXPECT_EQ(heard_.at("x"), Outcome::Kind::kDelivered);
}

TEST_F(CoreRuntimeReload, ChangedListenerOpensBeforeTheOldOneDrainsAndOldRequestsAreSentElsewhere) {
  Plan plan;
  listener(plan, "otlp", 1);
  exporter(plan, "a");
  pipeline(plan, {"otlp"}, {"a"});
  ASSERT_TRUE(run(plan));
  const auto before = outputs_.at("otlp");
  Plan moved;
  listener(moved, "otlp", 2);
  exporter(moved, "a");
  pipeline(moved, {"otlp"}, {"a"});
  auto prepared = runtime_.prepare(std::make_shared<const Plan>(moved), {});
  ASSERT_TRUE(prepared);
  EXPECT_EQ(network_.open_servers().size(), 2U);
  EXPECT_FALSE(before->closed());
  runtime_.commit();
  EXPECT_TRUE(before->closed());
  EXPECT_FALSE(outputs_.at("otlp")->closed());
  ASSERT_EQ(network_.open_servers().size(), 1U);
  EXPECT_EQ(network_.open_servers()[0]->options.port, 2);
  EXPECT_FALSE(network_.servers[0]->closed);
  network_.servers[0]->drained();
  network_.loop().run();
  EXPECT_TRUE(network_.servers[0]->closed);
}

TEST_F(CoreRuntimeReload, ListenerThatCannotOpenLeavesEverythingAsItWas) {
  Plan plan;
  listener(plan, "otlp", 1);
  exporter(plan, "a", "1");
  pipeline(plan, {"otlp"}, {"a"});
  ASSERT_TRUE(run(plan));
  network_.taken_ports = {9};
  Plan bad;
  listener(bad, "otlp", 7);
  listener(bad, "other", 9);
  exporter(bad, "a", "2");
  pipeline(bad, {"otlp", "other"}, {"a"});
  const auto status = run(bad);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().to_string(), "receivers[1].otlp.grpc.port: 0.0.0.0:9: address already in use");
  ASSERT_EQ(network_.open_servers().size(), 1U);
  EXPECT_EQ(network_.open_servers()[0]->options.port, 1);
  EXPECT_FALSE(happened("new a2"));
}

TEST_F(CoreRuntimeReload, OtherCoresPortIsTakenOverForAListenerThatTakesAny) {
  Plan plan;
  listener(plan, "otlp", 0);
  exporter(plan, "a");
  pipeline(plan, {"otlp"}, {"a"});
  ASSERT_TRUE(runtime_.prepare(std::make_shared<const Plan>(plan), {{"otlp", "grpc", "0.0.0.0", 12'345}}));
  EXPECT_EQ(network_.open_servers().at(0)->options.port, 12'345);
  runtime_.rollback();
  EXPECT_TRUE(network_.open_servers().empty());
}

TEST_F(CoreRuntimeReload, BatchOfAnotherCoreGoesThroughTheGraphUntilNobodyWaitsForMore) {
  Plan plan;
  listener(plan, "otlp", 1);
  const auto a = exporter(plan, "a");
  pipeline(plan, {"otlp"}, {"a"});
  ASSERT_TRUE(run(plan));
  const auto hand_over = [&](const std::string& receiver, const std::string& prefix) {
    runtime_.take_over(
        {receiver,
         {Signal::kLogs, Bytes::from(testing::make_request(Signal::kLogs, 1, prefix)), 1,
          data::Ack::track(1, [this, prefix](Outcome outcome) { heard_[prefix] = outcome.kind; })}});
  };
  hand_over("otlp", "x");
  EXPECT_EQ(stage_.got["a"], std::vector<std::string>{"x0"});
  hand_over("gone in the meantime", "y");
  EXPECT_EQ(heard_.at("y"), Outcome::Kind::kRetry);
  runtime_.drain(std::chrono::seconds(5), [] {});
  network_.servers[0]->drained();
  network_.loop().run();
  hand_over("otlp", "late");
  EXPECT_EQ(heard_.at("late"), Outcome::Kind::kRetry) << "never to an exporter that is about to go";
  a->last.lock()->deliver();
  network_.loop().run();
}

TEST_F(CoreRuntimeReload, DrainStopsListenersPassesOnWhatIsHeldAndThenRetiresExporters) {
  Plan plan;
  listener(plan, "otlp", 1);
  const auto a = exporter(plan, "a");
  pipeline(plan, {"otlp"}, {"a"}, true);
  ASSERT_TRUE(run(plan));
  send("otlp", "held");
  bool done = false;
  runtime_.drain(std::chrono::seconds(5), [&] { done = true; });
  EXPECT_TRUE(network_.open_servers().empty());
  EXPECT_EQ(stage_.got["a"], std::vector<std::string>{"held0"});
  send("otlp", "still being read");
  EXPECT_EQ(stage_.got["a"].size(), 2U);
  EXPECT_FALSE(happened("retire a"));
  network_.servers[0]->drained();
  network_.loop().run();
  EXPECT_TRUE(happened("retire a"));
  EXPECT_FALSE(done);
  EXPECT_EQ(runtime_.abandon().unacknowledged, 2U);
  a->last.lock()->deliver();
  network_.loop().run();
  EXPECT_TRUE(done);
}

}  // namespace
}  // namespace otlpipe::worker::pipeline
