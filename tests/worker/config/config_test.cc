#include "worker/config/config.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <poll.h>

#include "otlpipe/v1alpha1/worker_config.pb.h"
#include "worker/config/file_watcher.h"

namespace otlpipe::worker::config {
namespace {

namespace fs = std::filesystem;

std::optional<std::string> environment(const std::string& name) {
  if (name == "BACKEND") return "backend.example:4317";
  return std::nullopt;
}

std::string with_endpoint(const std::string& endpoint) {
  return R"({"identity":{"name":"x"},"receivers":[{"name":"otlp","otlp":{}}],
             "exporters":[{"name":"a","otlpGrpc":{"endpoint":")" +
         endpoint + R"(","tls":{"insecure":true}}}],
             "pipelines":[{"name":"p","receivers":["otlp"],"exporters":["a"]}],"memoryBudget":"32Mi"})";
}

TEST(ParseConfig, FillsInDefaultsAndResolvesTheEnvironment) {
  const auto config = parse(with_endpoint("${env:BACKEND}"), environment);
  ASSERT_TRUE(config) << config.error().front().to_string();
  EXPECT_EQ((*config)->exporters(0).otlp_grpc().endpoint(), "backend.example:4317");
  EXPECT_EQ((*config)->receivers(0).otlp().grpc().port(), 4317);
  EXPECT_EQ((*config)->exporters(0).otlp_grpc().queue().max_items(), 10'000);
}

TEST(ParseConfig, EverythingThatIsWrongIsNamedAtOnce) {
  const auto config =
      parse(R"({"identity":{"name":"x"},"unknown":1,"receivers":[],"memoryBudget":"much"})", environment);
  ASSERT_FALSE(config);
  EXPECT_GE(config.error().size(), 4U);
}

TEST(ParseConfig, VariableThatIsNotSetIsAnErrorWithItsPath) {
  const auto config = parse(with_endpoint("${env:MISSING}"), environment);
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().front().path, "exporters[0].otlpGrpc.endpoint");
}

TEST(ParseConfig, TextThatIsNoJsonIsAnError) {
  EXPECT_FALSE(parse("receivers: []", environment));
}

TEST(HashOf, IsTheSha256OfTheBytes) {
  EXPECT_EQ(hash_of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(ReadFile, NamesTheFileThatIsNotThere) {
  const auto text = read_file("/no/such/file.json");
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().where, "/no/such/file.json");
}

class Watching : public ::testing::Test {
 public:
  ~Watching() override { fs::remove_all(folder_); }

 protected:
  Watching() {
    char path[] = "/tmp/otlpipe-watch-XXXXXX";
    folder_ = mkdtemp(path);
  }
  void write(const std::string& file, const std::string& text) { std::ofstream(folder_ / file) << text; }
  fs::path folder_;
};

TEST_F(Watching, RewrittenFileIsNoticedOnce) {
  write("worker.json", "one");
  FileWatcher watcher(folder_ / "worker.json");
  EXPECT_FALSE(watcher.changed());
  write("worker.json", "other");
  EXPECT_TRUE(watcher.changed());
  EXPECT_FALSE(watcher.changed());
}

// Kubernetes: worker.json -> ..data/worker.json, ..data -> ..2026_1, and ..data is swapped by a rename.
TEST_F(Watching, SwappedLinkOfAMountedConfigMapIsNoticed) {
  for (const char* const version : {"..v1", "..v2"}) {
    fs::create_directory(folder_ / version);
    write(std::string(version) + "/worker.json", "same size");
  }
  fs::create_directory_symlink("..v1", folder_ / "..data");
  fs::create_symlink("..data/worker.json", folder_ / "worker.json");
  FileWatcher watcher(folder_ / "worker.json");
  ASSERT_GE(watcher.fd(), 0);
  fs::create_directory_symlink("..v2", folder_ / "..data_tmp");
  fs::rename(folder_ / "..data_tmp", folder_ / "..data");
  pollfd events{watcher.fd(), POLLIN, 0};
  EXPECT_EQ(poll(&events, 1, 5000), 1);
  EXPECT_TRUE(watcher.changed());
}

TEST_F(Watching, FileThatAppearsLaterIsNoticed) {
  FileWatcher watcher(folder_ / "worker.json");
  EXPECT_FALSE(watcher.changed());
  write("worker.json", "one");
  EXPECT_TRUE(watcher.changed());
}

}  // namespace
}  // namespace otlpipe::worker::config
