#include "worker/control/control_client.h"

#include <atomic>
#include <thread>

#include <grpcpp/grpcpp.h>

#include "worker/control/stream.h"

namespace otlpipe::worker::control {
namespace {

class StreamClient final : public ControlClient {
 public:
  StreamClient(ControlOptions options, Identity identity, Host& host, Random& random, Logger logger)
      : options_(std::move(options)),
        identity_(std::move(identity)),
        host_(host),
        random_(random),
        logger_(std::move(logger)),
        thread_([this] { run(); }) {}

  ~StreamClient() override {
    {
      std::unique_lock lock(mutex_);
      outbox_.close();
      ended_.notify_all();
      // The writer gets a moment for the last report; a stream that hangs is cut.
      ended_.wait_for(lock, std::chrono::seconds(1), [this] { return finished_; });
      if (current_ != nullptr) current_->context.TryCancel();
    }
    thread_.join();
  }
  StreamClient(const StreamClient&) = delete;
  StreamClient& operator=(const StreamClient&) = delete;

  void config_changed(const std::string& hash, const std::vector<ConfigProblem>& problems) override {
    outbox_.push_result(result_of(hash, problems));
  }

  bool connected() const override { return connected_.load(std::memory_order_relaxed); }

 private:
  static pb::ConfigResult result_of(const std::string& hash, const std::vector<ConfigProblem>& problems) {
    pb::ConfigResult result;
    result.set_hash(hash);
    result.set_accepted(problems.empty());
    for (const ConfigProblem& problem : problems) {
      pb::FieldError* error = result.add_errors();
      error->set_path(problem.path);
      error->set_message(problem.message);
    }
    return result;
  }

  void run() {
    int failures = 0;
    std::string last_problem;
    while (!outbox_.closed()) {
      const Status outcome = serve_one_stream();
      if (connected_.exchange(false)) failures = 0;
      if (outbox_.closed()) break;
      const std::string problem = outcome ? "the operator ended the stream" : outcome.error().to_string();
      if (problem != last_problem) {  // an operator that stays away is one line, not one an attempt
        logger_.warn("no control stream", {{"endpoint", options_.endpoint}, {"error", problem}});
        last_problem = problem;
      }
      wait(backoff_delay(failures++, options_.reconnect, random_.uniform()));
    }
    const std::lock_guard lock(mutex_);
    finished_ = true;
    ended_.notify_all();
  }

  // Waits, whatever wakes the outbox in between, unless it is closed.
  void wait(Duration delay) {
    std::unique_lock lock(mutex_);
    ended_.wait_for(lock, delay, [this] { return outbox_.closed(); });
  }

  Status serve_one_stream() {
    auto opened = open_stream({options_.endpoint, options_.ca_file, options_.token_file, options_.server_name,
                               options_.max_message_bytes, options_.keepalive_interval});
    if (!opened) return fail(opened.error());
    Stream& stream = **opened;
    set_current(&stream);
    std::thread reader([this, &stream] { read(stream); });
    write(stream);
    stream.calls->WritesDone();
    reader.join();
    const grpc::Status status = stream.calls->Finish();
    set_current(nullptr);
    if (status.ok()) return {};
    return fail(static_cast<Code>(status.error_code()), status.error_message(), {}, Retry::backoff());
  }

  void set_current(Stream* stream) {
    const std::lock_guard lock(mutex_);
    current_ = stream;
    broken_ = false;
  }

  void write(Stream& stream) {
    pb::WorkerMessage hello;
    hello.mutable_hello()->set_namespace_(identity_.ns);
    hello.mutable_hello()->set_pipeline(identity_.pipeline);
    hello.mutable_hello()->set_pod(identity_.pod);
    hello.mutable_hello()->set_pod_uid(identity_.pod_uid);
    hello.mutable_hello()->set_version(identity_.version);
    hello.mutable_hello()->set_applied_config_hash(host_.applied_hash());
    bool up = stream.calls->Write(hello) && stream.calls->Write(report());
    while (up && !broken_ && !outbox_.closed()) {
      const auto message = outbox_.take(options_.report_interval);
      if (broken_) break;
      mark_connected();  // an operator that has nothing to say, and has not hung up either
      up = (!message || stream.calls->Write(*message)) && stream.calls->Write(report());
    }
    if (!up || broken_) stream.context.TryCancel();
  }

  pb::WorkerMessage report() {
    pb::WorkerMessage message;
    message.mutable_report()->set_hash(host_.applied_hash());
    host_.fill_report(*message.mutable_report());
    return message;
  }

  void read(Stream& stream) {
    pb::OperatorMessage message;
    while (stream.calls->Read(&message)) {
      mark_connected();
      obey(message);
    }
    broken_ = true;
    outbox_.wake();
  }

  void mark_connected() {
    if (connected_.exchange(true)) return;
    logger_.info("control stream is up", {{"endpoint", options_.endpoint}});
  }

  void obey(const pb::OperatorMessage& message) {
    switch (message.message_case()) {
      case pb::OperatorMessage::kConfig: {
        const pb::Config& config = message.config();
        // The same one again, as after a reconnect: it runs already.
        const bool runs = config.hash() == host_.applied_hash();
        const auto problems =
            runs ? std::vector<ConfigProblem>{} : host_.apply_config(config.hash(), config.json());
        outbox_.push_result(result_of(config.hash(), problems));
        break;
      }
      case pb::OperatorMessage::kDrain:
        host_.drain();
        break;
      case pb::OperatorMessage::kSetLogLevel: {
        const auto level = parse_log_level(message.set_log_level().level());
        if (level) {
          host_.set_log_level(*level);
        } else {
          logger_.warn("the operator asked for an unknown log level", {{"error", level.error()}});
        }
        break;
      }
      case pb::OperatorMessage::MESSAGE_NOT_SET:
        logger_.warn("the operator sent something that this release does not know");
        break;
    }
  }

  const ControlOptions options_;
  const Identity identity_;
  Host& host_;
  Random& random_;
  const Logger logger_;
  Outbox outbox_;
  std::atomic<bool> connected_ = false;
  std::atomic<bool> broken_ = false;

  std::mutex mutex_;
  std::condition_variable ended_;
  Stream* current_ = nullptr;  // what a destructor in a hurry cancels
  bool finished_ = false;
  std::thread thread_;  // last: it uses everything above
};

}  // namespace

std::unique_ptr<ControlClient> ControlClient::start(ControlOptions options, Identity identity, Host& host,
                                                    Random& random, Logger logger) {
  return std::make_unique<StreamClient>(std::move(options), std::move(identity), host, random,
                                        std::move(logger));
}

}  // namespace otlpipe::worker::control
