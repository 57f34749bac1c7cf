// Data on its way through a whole worker, while things around it change.

#include <string>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/worker/app/harness.h"
#include "worker/app/file_limit.h"

namespace otlpipe::worker::app {
namespace {

using testing::Backend;
using testing::config_json;
using testing::eventually;
using testing::RunningWorker;
using testing::Traffic;

// Names that were acknowledged but are at none of the backends.
std::vector<std::string> lost(const std::vector<const Traffic*>& clients,
                              const std::vector<const Backend*>& backends) {
  std::multiset<std::string> arrived;
  for (const Backend* const backend : backends) arrived.merge(std::multiset<std::string>(backend->records()));
  std::vector<std::string> missing;
  for (const Traffic* const client : clients) {
    for (const std::string& name : client->acknowledged()) {
      if (!arrived.contains(name)) missing.push_back(name);
    }
  }
  return missing;
}

TEST(Flow, EveryAcknowledgedRecordIsAtTheBackendExactlyOnce) {
  Backend backend;
  RunningWorker worker;
  ASSERT_TRUE(worker.apply(config_json({.backend_port = backend.port()})).ok());
  Traffic a(worker.port("grpc"), "a", 5);
  Traffic b(worker.port("grpc"), "b", 700);  // more than a batch
  ASSERT_TRUE(eventually([&] { return a.acknowledged().size() >= 25 && b.acknowledged().size() >= 1400; }));
  a.stop();
  b.stop();
  EXPECT_TRUE(lost({&a, &b}, {&backend}).empty());
  const auto records = backend.records();
  EXPECT_EQ(std::set<std::string>(records.begin(), records.end()).size(), records.size());
}

TEST(Flow, BackendThatIsAwayDelaysButLosesNothing) {
  auto first = std::make_unique<Backend>();
  const int port = first->port();
  RunningWorker worker;
  ASSERT_TRUE(worker.apply(config_json({.backend_port = port})).ok());
  Traffic client(worker.port("grpc"), "a", 5);
  ASSERT_TRUE(eventually([&] { return client.acknowledged().size() >= 50; }));
  std::multiset<std::string> before;
  first->behave([&](const auto&) { return Backend::Answer{14, "going away"}; });
  before = first->records();
  first.reset();
  const std::size_t acknowledged = client.acknowledged().size();
  Backend second(port);
  ASSERT_TRUE(eventually([&] { return client.acknowledged().size() >= acknowledged + 50; }));
  client.stop();
  for (const std::string& name : client.acknowledged()) {
    EXPECT_TRUE(before.contains(name) || second.records().contains(name)) << name;
  }
}

TEST(Flow, ReloadUnderTrafficLosesNothingAndKeepsConnectionsAndPorts) {
  Backend first;
  Backend second;
  RunningWorker worker;
  ASSERT_TRUE(worker.apply(config_json({.backend_port = first.port()})).ok());
  const int port = worker.port("grpc");
  Traffic a(port, "a", 5);
  Traffic b(port, "b", 600);
  for (int i = 0; i < 6; ++i) {
    const std::size_t before = a.acknowledged().size();
    const std::string batch = R"({"timeout":")" + std::to_string(1 + i) + R"(ms"})";
    ASSERT_TRUE(
        worker.apply(config_json({.backend_port = i % 2 == 0 ? second.port() : first.port(), .batch = batch}))
            .ok());
    ASSERT_TRUE(eventually([&] { return a.acknowledged().size() >= before + 20; }));
  }
  a.stop();
  b.stop();
  EXPECT_EQ(worker.port("grpc"), port);
  EXPECT_TRUE(lost({&a, &b}, {&first, &second}).empty());
  EXPECT_TRUE(a.refused().empty());
  EXPECT_FALSE(first.records().empty());
  EXPECT_FALSE(second.records().empty());
}

TEST(Flow, ChangedExporterTakesOverWhatTheOldOneCouldNotDeliver) {
  auto dead = std::make_unique<Backend>();
  const int dead_port = dead->port();
  dead.reset();
  Backend alive;
  RunningWorker worker;
  ASSERT_TRUE(worker.apply(config_json({.backend_port = dead_port})).ok());
  Traffic client(worker.port("grpc"), "a", 5);
  ASSERT_TRUE(eventually([&] {
    return worker.registry().sum("otlpipe_exporter_send_failed_records", {{"exporter", "backend"}}) > 0;
  }));
  EXPECT_TRUE(client.acknowledged().empty());
  ASSERT_TRUE(worker.apply(config_json({.backend_port = alive.port()})).ok());
  EXPECT_TRUE(eventually([&] { return client.acknowledged().size() >= 10; }));
}

TEST(Flow, DrainDeliversWhatIsHeldAndTellsTheRestToComeAgain) {
  Backend backend;
  backend.behave([](const auto&) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    return Backend::Answer{};
  });
  RunningWorker worker;
  ASSERT_TRUE(
      worker.apply(config_json({.backend_port = backend.port(), .batch = R"({"timeout":"10s"})"})).ok());
  Traffic a(worker.port("grpc"), "a", 300);
  Traffic b(worker.port("grpc"), "b", 300);
  ASSERT_TRUE(
      eventually([&] { return worker.registry().sum("otlpipe_processor_incoming_records", {}) >= 300; }));
  const auto left = worker.drain(std::chrono::seconds(15));
  EXPECT_EQ(left.unacknowledged + left.acknowledged, 0U);
  a.stop();
  b.stop();
  EXPECT_GE(a.acknowledged().size() + b.acknowledged().size(), 300U);
  EXPECT_TRUE(lost({&a, &b}, {&backend}).empty());
}

TEST(Flow, DrainGivesUpInTimeAndTellsWhatWasLost) {
  auto dead = std::make_unique<Backend>();
  const int dead_port = dead->port();
  dead.reset();
  RunningWorker worker;
  const std::string queue = R"({"acknowledge":"OnEnqueue"})";
  ASSERT_TRUE(worker.apply(config_json({.backend_port = dead_port, .queue = queue})).ok());
  Traffic client(worker.port("grpc"), "a", 5);
  ASSERT_TRUE(eventually([&] { return client.acknowledged().size() >= 50; }));
  client.stop();
  const auto left = worker.drain(std::chrono::milliseconds(200));
  EXPECT_EQ(left.acknowledged, client.acknowledged().size());
  EXPECT_EQ(left.unacknowledged, 0U);
}

TEST(Flow, OneClientsBadDataDoesNotTouchTheOthers) {
  Backend backend;
  backend.behave([](const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      if (name.starts_with("bad")) return Backend::Answer{3, "cannot read this"};
    }
    return Backend::Answer{};
  });
  RunningWorker worker;
  ASSERT_TRUE(worker.apply(config_json({.backend_port = backend.port()})).ok());
  Traffic good(worker.port("grpc"), "good", 5);
  Traffic bad(worker.port("grpc"), "bad", 5);
  ASSERT_TRUE(eventually([&] { return good.acknowledged().size() >= 50 && bad.refused().size() >= 20; }));
  good.stop();
  bad.stop();
  EXPECT_TRUE(good.refused().empty());
  EXPECT_TRUE(bad.acknowledged().empty());
  EXPECT_TRUE(lost({&good}, {&backend}).empty());
}

// Makes core 0 look busy all the time and the others idle.
Duration core_zero_is_busy() {
  char name[16] = {};
  pthread_getname_np(pthread_self(), name, sizeof name);
  return std::string_view(name) == "core-0" ? std::chrono::steady_clock::now().time_since_epoch()
                                            : Duration::zero();
}

TEST(Flow, BatchesOfABusyCoreGoOverAnotherOneAndEveryClientHearsOfItsOwn) {
  Backend first;
  Backend second;
  RunningWorker worker(2, core_zero_is_busy);
  ASSERT_TRUE(worker.apply(config_json({.backend_port = first.port()})).ok());
  std::vector<std::unique_ptr<Traffic>> clients;
  std::vector<const Traffic*> all;
  for (int i = 0; i < 6; ++i) {
    clients.push_back(std::make_unique<Traffic>(worker.port("grpc"), "c" + std::to_string(i), 5));
    all.push_back(clients.back().get());
  }
  const auto sent_by = [&](std::size_t core) {
    return worker.registry()
        .counter("otlpipe_exporter_sent_records", "", {{"exporter", "backend"}, {"signal", "logs"}})
        ->cell(core)
        .value();
  };
  // The share of core 0 grows to all that it receives: in the end core 1 sends everything.
  std::uint64_t here = 0;
  std::uint64_t there = 0;
  ASSERT_TRUE(eventually([&] {
    if (sent_by(0) != here) {
      here = sent_by(0);
      there = sent_by(1);
    }
    return sent_by(1) >= there + 1'000;
  }));
  for (int i = 0; i < 4; ++i) {
    const std::size_t before = all[0]->acknowledged().size();
    ASSERT_TRUE(worker.apply(config_json({.backend_port = i % 2 == 0 ? second.port() : first.port()})).ok());
    ASSERT_TRUE(eventually([&] { return all[0]->acknowledged().size() >= before + 20; }));
  }
  const auto left = worker.drain(std::chrono::seconds(20));
  EXPECT_EQ(left.acknowledged, 0U);
  for (const auto& client : clients) client->stop();
  EXPECT_TRUE(lost(all, {&first, &second}).empty());
}

TEST(Flow, WorkerThatIsDestroyedUnderTrafficWhileBatchesMoveEndsCleanly) {
  Backend backend;
  std::vector<std::unique_ptr<Traffic>> clients;
  {
    RunningWorker worker(3, core_zero_is_busy);
    ASSERT_TRUE(worker.apply(config_json({.backend_port = backend.port()})).ok());
    for (int i = 0; i < 6; ++i)
      clients.push_back(std::make_unique<Traffic>(worker.port("grpc"), "c" + std::to_string(i), 5));
    ASSERT_TRUE(eventually([&] { return backend.records().size() > 500; }));
  }
  std::vector<const Traffic*> all;
  for (const auto& client : clients) {
    client->stop();
    all.push_back(client.get());
  }
  EXPECT_TRUE(lost(all, {&backend}).empty());
}

TEST(Flow, TwoThousandOpenConnectionsDoNotKeepARequestFromBeingServed) {
  raise_file_limit();
  Backend backend;
  RunningWorker worker;
  ASSERT_TRUE(worker.apply(config_json({.backend_port = backend.port()})).ok());
  std::vector<int> sockets;
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(worker.port("grpc")));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  for (int i = 0; i < 2'000; ++i) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT_EQ(connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0) << "connection " << i;
    sockets.push_back(fd);
  }
  // Each of them hears of the server's settings.
  for (const int fd : sockets) {
    char byte = 0;
    ASSERT_EQ(recv(fd, &byte, 1, 0), 1);
  }
  Traffic client(worker.port("grpc"), "a", 5);
  EXPECT_TRUE(eventually([&] { return client.acknowledged().size() >= 50; }));
  client.stop();
  for (const int fd : sockets) close(fd);
}

TEST(Flow, StalledBackendFillsTheQueueNotTheMemory) {
  Backend backend;
  std::atomic<bool> stalled = true;
  backend.behave([&](const auto&) { return stalled ? Backend::Answer{14, "busy"} : Backend::Answer{}; });
  RunningWorker worker;
  ASSERT_TRUE(worker
                  .apply(config_json(
                      {.backend_port = backend.port(), .queue = R"({"maxItems":2000})", .memory = "1Mi"}))
                  .ok());
  std::vector<std::unique_ptr<Traffic>> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(std::make_unique<Traffic>(worker.port("grpc"), "c" + std::to_string(i), 500));
  }
  std::uint64_t most = 0;
  ASSERT_TRUE(eventually([&] {
    most = std::max(most, worker.engine().memory().used());
    return worker.registry().sum("otlpipe_exporter_send_failed_records", {}) > 5'000;
  }));
  EXPECT_LE(most, 1U << 20);
  for (const auto& client : clients) EXPECT_TRUE(client->acknowledged().empty());
  stalled = false;
  ASSERT_TRUE(eventually([&] { return clients[0]->acknowledged().size() >= 1000; }));
  for (const auto& client : clients) client->stop();
  ASSERT_TRUE(eventually([&] { return worker.engine().memory().used() == 0; }));
}

}  // namespace
}  // namespace otlpipe::worker::app
