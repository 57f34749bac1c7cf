#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include <grpcpp/grpcpp.h>

#include "operator/control/authenticator.h"
#include "operator/control/fleet.h"
#include "otlpipe/control/v1/control.grpc.pb.h"

namespace otlpipe::control {

// What a stream needs of its server. Outlives all streams.
class StreamHost {
 public:
  virtual ~StreamHost() = default;
  virtual Fleet& fleet() = 0;
  // Runs `job` on a thread that may block; false when too many are waiting.
  virtual bool run(std::function<void()> job) = 0;
  virtual Authenticator& authenticator() = 0;
  virtual void stream_ended(class Stream* stream) = 0;
  virtual void log_refused(const Claim& claim, const Error& error) = 0;
};

// One worker's stream: Hello, then authentication, then reports up and configurations down. Holds itself
// until gRPC is done with it. Reactions come from gRPC's threads, everything else from any.
class Stream final : public grpc::ServerBidiReactor<v1::WorkerMessage, v1::OperatorMessage>,
                     public WorkerLink,
                     public std::enable_shared_from_this<Stream> {
 public:
  Stream(StreamHost& host, std::string token, MonotonicTime opened);

  // Once, right after construction, with the pointer that keeps it alive.
  void begin(std::shared_ptr<Stream> self);
  // Ends it with this status; the first one counts.
  void end(grpc::Status status);
  // Nobody has said Hello yet.
  bool silent() const;
  MonotonicTime opened() const { return opened_; }

  // WorkerLink
  void send_config(const std::string& hash, const std::string& json) override;
  void close(std::string_view reason) override;

  // Reactions
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  void greet();
  void authenticated(const Result<WorkerIdentity>& worker);
  void leave();
  void write_next_locked();
  void finish_locked();

  StreamHost& host_;
  const std::string token_;
  const MonotonicTime opened_;
  std::shared_ptr<Stream> self_;

  v1::WorkerMessage incoming_;  // of the read that is under way
  Claim claim_;
  std::string applied_;

  mutable std::mutex mutex_;
  bool greeted_ = false;
  bool gone_ = false;
  bool writing_ = false;
  bool finished_ = false;
  std::optional<grpc::Status> ending_;
  Fleet::Session session_;
  std::optional<v1::OperatorMessage> next_;  // a newer configuration replaces one that has not left yet
  v1::OperatorMessage outgoing_;
};

}  // namespace otlpipe::control
