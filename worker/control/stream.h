#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>

#include "common/base/result.h"
#include "common/time/clock.h"
#include "otlpipe/control/v1/control.grpc.pb.h"

namespace otlpipe::worker::control {

namespace pb = otlpipe::control::v1;

// What waits to be sent on a stream, shared by who produces and the one thread that writes. Bounded: a
// ConfigResult replaces the one before it, since the operator only acts on the latest.
class Outbox {
 public:
  void push_result(pb::ConfigResult result);
  void wake();   // makes take() return although nothing is there
  void close();  // take() returns nothing from now on
  bool closed() const;

  // Waits for a message for up to `timeout`. Empty: time is up, woken or closed.
  std::optional<pb::WorkerMessage> take(Duration timeout);

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<pb::ConfigResult> result_;
  bool woken_ = false;
  bool closed_ = false;
};

// A channel to the operator and a stream on it. Reads a CA and a token at construction, so that renewed ones
// count from the next stream on. The error says which file cannot be read.
struct StreamOptions {
  std::string endpoint;
  std::string ca_file;
  std::string token_file;
  std::string server_name;
  int max_message_bytes = 0;
  Duration keepalive_interval{};
};

struct Stream {
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<pb::Control::Stub> stub;
  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientReaderWriter<pb::WorkerMessage, pb::OperatorMessage>> calls;
};

Result<std::unique_ptr<Stream>> open_stream(const StreamOptions& options);

}  // namespace otlpipe::worker::control
