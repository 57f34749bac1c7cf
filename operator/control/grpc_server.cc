#include <algorithm>
#include <condition_variable>
#include <deque>
#include <set>
#include <thread>
#include <vector>

#include <grpc/support/log.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>

#include "operator/control/certificate_files.h"
#include "operator/control/job_pool.h"
#include "operator/control/server.h"
#include "operator/control/stream.h"

namespace otlpipe::control {
namespace {

constexpr unsigned kCertificatePollSeconds = 1;
constexpr std::size_t kMemoryQuota = std::size_t{128} << 20U;
constexpr int kMaxThreads = 8;

MonotonicTime now() {
  return std::chrono::steady_clock::now();
}

// Ends the call at once; for calls that do not become streams.
class Refusal final : public grpc::ServerBidiReactor<v1::WorkerMessage, v1::OperatorMessage> {
 public:
  explicit Refusal(const grpc::Status& status) { Finish(status); }
  void OnDone() override { delete this; }
};

std::string bearer_token(const grpc::CallbackServerContext& context) {
  const auto found = context.client_metadata().find("authorization");
  if (found == context.client_metadata().end()) {
    return "";
  }
  std::string value(found->second.data(), found->second.size());
  constexpr std::string_view kScheme = "Bearer ";
  return value.starts_with(kScheme) ? value.substr(kScheme.size()) : "";
}

class GrpcServer final : public ControlServer, public StreamHost, private v1::Control::CallbackService {
 public:
  GrpcServer(ServerOptions options, CertificateFiles files, Fleet& fleet, Authenticator& authenticator,
             Accepting accepting, Logger logger)
      : options_(std::move(options)),
        files_(std::move(files)),
        fleet_(fleet),
        authenticator_(authenticator),
        accepting_(std::move(accepting)),
        logger_(std::move(logger)),
        jobs_(options_.authenticating_threads, options_.max_waiting),
        sweeper_([this](const std::stop_token& stop) { sweep(stop); }) {}

  ~GrpcServer() override {
    sweeper_.request_stop();
    jobs_.stop();
    if (server_) {
      {
        const std::lock_guard lock(mutex_);
        for (Stream* stream : streams_) {
          stream->end({grpc::StatusCode::UNAVAILABLE, "the operator stops"});
        }
      }
      server_->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(1));
      server_->Wait();
    }
  }

  Status listen() {
    namespace experimental = grpc::experimental;
    experimental::TlsServerCredentialsOptions tls(
        std::make_shared<experimental::FileWatcherCertificateProvider>(
            files_.key_path(), files_.certificate_path(), kCertificatePollSeconds));
    tls.watch_identity_key_cert_pairs();
    tls.set_cert_request_type(GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE);

    grpc::ServerBuilder builder;
    int bound = 0;
    builder.AddListeningPort(options_.address + ":" + std::to_string(options_.port),
                             experimental::TlsServerCredentials(tls), &bound);
    builder.RegisterService(this);
    builder.SetMaxReceiveMessageSize(static_cast<int>(options_.max_message_bytes));
    grpc::ResourceQuota quota("control");
    quota.Resize(kMemoryQuota).SetMaxThreads(kMaxThreads);
    builder.SetResourceQuota(quota);
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);  // two servers on a port would share the workers
    builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, 4);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 20000);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10000);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
    builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 5000);
    server_ = builder.BuildAndStart();
    if (!server_ || bound == 0) {
      return fail(Code::kUnavailable, "cannot listen: the port is in use or not ours to take",
                  options_.address + ":" + std::to_string(options_.port));
    }
    port_ = static_cast<std::uint16_t>(bound);
    return {};
  }

  std::uint16_t port() const override { return port_; }
  Status use_certificate(const tls::KeyPair& certificate) override { return files_.write(certificate); }

  // StreamHost
  Fleet& fleet() override { return fleet_; }
  Authenticator& authenticator() override { return authenticator_; }
  bool run(std::function<void()> job) override { return jobs_.add(std::move(job)); }
  void stream_ended(Stream* stream) override {
    const std::lock_guard lock(mutex_);
    streams_.erase(stream);
  }
  void log_refused(const Claim& claim, const Error& error) override {
    logger_.warn("refused a worker",
                 {{"pipeline", claim.pipeline.to_string()}, {"pod", claim.pod}, {"error", error}});
  }

 private:
  grpc::ServerBidiReactor<v1::WorkerMessage, v1::OperatorMessage>* Connect(
      grpc::CallbackServerContext* context) override {
    if (!accepting_()) {
      return new Refusal({grpc::StatusCode::UNAVAILABLE, "this operator does not lead, another one does"});
    }
    auto stream = std::make_shared<Stream>(*this, bearer_token(*context), now());
    {
      const std::lock_guard lock(mutex_);
      if (streams_.size() >= static_cast<std::size_t>(options_.max_streams)) {
        return new Refusal({grpc::StatusCode::RESOURCE_EXHAUSTED, "too many workers, come back later"});
      }
      streams_.insert(stream.get());
    }
    Stream* raw = stream.get();
    raw->begin(std::move(stream));
    return raw;
  }

  // Ends streams that say nothing: they would count against the bound for nothing.
  void sweep(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    while (!wake.wait_for(lock, stop, std::chrono::seconds(1), [&] { return stop.stop_requested(); })) {
      const std::lock_guard streams_lock(mutex_);
      for (Stream* stream : streams_) {
        if (stream->silent() && now() - stream->opened() > options_.hello_timeout) {
          stream->end({grpc::StatusCode::DEADLINE_EXCEEDED, "no Hello"});
        }
      }
    }
  }

  const ServerOptions options_;
  const CertificateFiles files_;
  Fleet& fleet_;
  Authenticator& authenticator_;
  const Accepting accepting_;
  const Logger logger_;
  std::uint16_t port_ = 0;

  std::mutex mutex_;
  std::set<Stream*> streams_;  // each keeps itself alive until stream_ended()
  JobPool jobs_;
  std::jthread sweeper_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace

Result<std::unique_ptr<ControlServer>> ControlServer::start(ServerOptions options,
                                                            const tls::KeyPair& certificate, Fleet& fleet,
                                                            Authenticator& authenticator, Accepting accepting,
                                                            Logger logger) {
  // The library writes to standard error in a format of its own; what matters comes back as a status.
  gpr_set_log_function([](gpr_log_func_args*) {});
  auto files = CertificateFiles::create(options.temporary_folder);
  if (!files) {
    return fail(files.error());
  }
  if (const Status written = files->write(certificate); !written) {
    return fail(written.error());
  }
  auto server = std::make_unique<GrpcServer>(std::move(options), std::move(*files), fleet, authenticator,
                                             std::move(accepting), std::move(logger));
  if (const Status listening = server->listen(); !listening) {
    return fail(listening.error());
  }
  return server;
}

}  // namespace otlpipe::control
