#include "operator/control/stream.h"

#include <utility>

namespace otlpipe::control {
namespace {

grpc::Status status_of(const Error& error) {
  return {static_cast<grpc::StatusCode>(error.code), error.message};
}

}  // namespace

Stream::Stream(StreamHost& host, std::string token, MonotonicTime opened)
    : host_(host), token_(std::move(token)), opened_(opened) {}

void Stream::begin(std::shared_ptr<Stream> self) {
  self_ = std::move(self);
  const std::lock_guard lock(mutex_);
  if (!finished_) {
    StartRead(&incoming_);
  }
}

bool Stream::silent() const {
  const std::lock_guard lock(mutex_);
  return !greeted_;
}

void Stream::OnReadDone(bool ok) {
  if (!ok) {
    leave();
    end(grpc::Status::OK);
    return;
  }
  if (incoming_.has_hello()) {
    greet();
    return;
  }
  Fleet::Session session;
  {
    const std::lock_guard lock(mutex_);
    session = session_;
  }
  if (session.empty()) {
    end({grpc::StatusCode::INVALID_ARGUMENT, "the first message has to be Hello"});
    return;
  }
  if (incoming_.has_config_result()) {
    host_.fleet().config_result(session, incoming_.config_result());
  } else if (incoming_.has_report()) {
    host_.fleet().worker_report(session, incoming_.report());
  }
  const std::lock_guard lock(mutex_);
  if (!finished_) {
    StartRead(&incoming_);
  }
}

void Stream::greet() {
  const v1::Hello& hello = incoming_.hello();
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(greeted_, true)) {
      ending_ = ending_ ? ending_ : grpc::Status{grpc::StatusCode::INVALID_ARGUMENT, "Hello comes once"};
      finish_locked();
      return;
    }
  }
  claim_ = {.pipeline = {hello.namespace_(), hello.pipeline()},
            .pod = hello.pod(),
            .pod_uid = hello.pod_uid(),
            .version = hello.version()};
  applied_ = hello.applied_config_hash();
  const bool queued = host_.run([self = shared_from_this()] {
    self->authenticated(self->host_.authenticator().authenticate(self->token_, self->claim_));
  });
  if (!queued) {
    end({grpc::StatusCode::RESOURCE_EXHAUSTED, "too many workers at once, come back later"});
  }
}

void Stream::authenticated(const Result<WorkerIdentity>& worker) {
  if (!worker) {
    host_.log_refused(claim_, worker.error());
    end(status_of(worker.error()));
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    if (gone_ || ending_) {
      return;
    }
  }
  const Fleet::Session session = host_.fleet().join(*worker, applied_, shared_from_this());
  bool too_late = false;
  {
    const std::lock_guard lock(mutex_);
    too_late = gone_;
    if (!too_late) {
      session_ = session;
      if (!finished_) {
        StartRead(&incoming_);
      }
    }
  }
  if (too_late) {
    host_.fleet().leave(session);
  }
}

void Stream::send_config(const std::string& hash, const std::string& json) {
  v1::OperatorMessage message;
  message.mutable_config()->set_hash(hash);
  message.mutable_config()->set_json(json);
  const std::lock_guard lock(mutex_);
  next_ = std::move(message);
  write_next_locked();
}

void Stream::close(std::string_view reason) {
  end({grpc::StatusCode::UNAVAILABLE, std::string(reason)});
}

void Stream::end(grpc::Status status) {
  const std::lock_guard lock(mutex_);
  if (!ending_) {
    ending_ = std::move(status);
  }
  finish_locked();
}

void Stream::write_next_locked() {
  if (writing_ || finished_ || ending_ || !next_) {
    return;
  }
  writing_ = true;
  outgoing_ = std::move(*next_);
  next_.reset();
  StartWrite(&outgoing_);
}

// A write that is under way ends first; one that never does is ended by the keep-alive.
void Stream::finish_locked() {
  if (ending_ && !writing_ && !finished_) {
    finished_ = true;
    Finish(*ending_);
  }
}

void Stream::OnWriteDone(bool ok) {
  const std::lock_guard lock(mutex_);
  writing_ = false;
  if (ok) {
    write_next_locked();
  } else if (!ending_) {
    ending_ = grpc::Status{grpc::StatusCode::UNAVAILABLE, "the stream broke"};
  }
  finish_locked();
}

void Stream::OnCancel() {
  leave();
  end(grpc::Status::CANCELLED);
}

void Stream::leave() {
  Fleet::Session session;
  {
    const std::lock_guard lock(mutex_);
    gone_ = true;
    session = std::exchange(session_, {});
  }
  if (!session.empty()) {
    host_.fleet().leave(session);
  }
}

void Stream::OnDone() {
  leave();
  host_.stream_ended(this);
  self_.reset();  // last: this may be the end of the object
}

}  // namespace otlpipe::control
