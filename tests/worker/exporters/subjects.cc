#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <sys/resource.h>
#include <unistd.h>

#include "tests/support/worker/otlp_data.h"
#include "tests/worker/exporters/contract.h"
#include "worker/exporters/file/factory.h"
#include "worker/exporters/otlp_grpc/factory.h"
#include "worker/exporters/otlp_http/factory.h"

namespace otlpipe::testing {
namespace {

using worker::Signal;

class NetworkSubject : public Subject {
 public:
  void work(bool works) override { works_ = works; }
  void answer(FakeNetwork& network) override {
    while (const auto call = network.next_call()) {
      if (works_) arrived_ += record_names(Signal::kLogs, call->body()).size();
      reply(*call, works_);
    }
  }
  std::size_t arrived() const override { return arrived_; }

 protected:
  virtual void reply(FakeCall& call, bool works) = 0;

 private:
  bool works_ = true;
  std::size_t arrived_ = 0;
};

class OtlpGrpc final : public NetworkSubject {
 public:
  std::unique_ptr<worker::pipeline::ExporterFactory> factory() const override {
    return worker::exporters::otlp_grpc::make_factory();
  }
  std::string config() const override {
    return R"({"otlpGrpc":{"endpoint":"backend:4317","tls":{"insecure":true}}})";
  }

 private:
  void reply(FakeCall& call, bool works) override { call.answer_grpc(works ? 0 : 14, "busy"); }
};

class OtlpHttp final : public NetworkSubject {
 public:
  std::unique_ptr<worker::pipeline::ExporterFactory> factory() const override {
    return worker::exporters::otlp_http::make_factory();
  }
  std::string config() const override { return R"({"otlpHttp":{"endpoint":"http://backend:4318"}})"; }

 private:
  void reply(FakeCall& call, bool works) override { call.answer_http(works ? 200 : 503); }
};

// The file cannot grow while the limit of the process for file sizes is zero.
class File final : public Subject {
 public:
  File() {
    char path[] = "/tmp/otlpipe-file-XXXXXX";
    folder_ = mkdtemp(path);
    getrlimit(RLIMIT_FSIZE, &limit_);
    std::signal(SIGXFSZ, SIG_IGN);
  }
  ~File() override {
    work(true);
    std::filesystem::remove_all(folder_);
  }
  std::unique_ptr<worker::pipeline::ExporterFactory> factory() const override {
    return worker::exporters::file::make_factory();
  }
  std::string config() const override { return R"({"file":{"path":")" + path() + R"("}})"; }
  void work(bool works) override {
    rlimit limit = limit_;
    if (!works) limit.rlim_cur = 0;
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  void answer(FakeNetwork&) override {}
  std::size_t arrived() const override {
    std::ifstream file(path());
    std::size_t records = 0;
    for (std::string line; std::getline(file, line);) {
      for (std::size_t at = line.find("\"body\""); at != std::string::npos;
           at = line.find("\"body\"", at + 1))
        ++records;
    }
    return records;
  }

 private:
  std::string path() const { return folder_ + "/out.jsonl"; }
  std::string folder_;
  rlimit limit_{};
};

}  // namespace

std::unique_ptr<Subject> otlp_grpc_subject() {
  return std::make_unique<OtlpGrpc>();
}
std::unique_ptr<Subject> otlp_http_subject() {
  return std::make_unique<OtlpHttp>();
}
std::unique_ptr<Subject> file_subject() {
  return std::make_unique<File>();
}

}  // namespace otlpipe::testing
