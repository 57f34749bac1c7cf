// The client side of HTTP/1.1: keep-alive, one POST in flight.

#include <array>
#include <cerrno>
#include <charconv>
#include <optional>

#include <sys/socket.h>

#include "tests/bench/wire/frame_queue.h"
#include "tests/bench/wire/http_answer.h"
#include "tests/bench/wire/sender.h"

namespace otlpipe::bench {
namespace {

class HttpSender final : public Sender {
 public:
  HttpSender(Handle socket, const Ammunition& ammunition, Load& load)
      : socket_(std::move(socket)), ammunition_(ammunition), load_(load) {}

  int socket() const override { return socket_.number(); }
  bool broken() const override { return broken_; }

  void receive(MonotonicTime now) override {
    std::array<char, 16 * 1024> buffer;
    for (;;) {
      const ssize_t n = recv(socket_.number(), buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
      if (n <= 0) return lose(now);
      in_.append(buffer.data(), static_cast<std::size_t>(n));
      while (const auto answer = read_http_answer(in_)) {
        if (answer->bytes == 0 || !job_) return lose(now);  // not HTTP, or not asked for
        in_.erase(0, answer->bytes);
        on_answer(*answer, now);
      }
    }
  }

  bool send(MonotonicTime now) override {
    if (broken_) return false;
    if (!job_ && out_.bytes() == 0) {
      job_ = load_.next(now);
      if (job_) out_.add_reference(ammunition_.bodies[job_->body]);
    }
    const FrameQueue::Outcome outcome = out_.flush(socket_.number());
    if (outcome == FrameQueue::Outcome::kBroken) lose(now);
    return outcome == FrameQueue::Outcome::kBlocked;
  }

 private:
  void on_answer(const HttpAnswer& answer, MonotonicTime now) {
    constexpr std::size_t kEmptyAnswer = 2;  // a message with an empty partial_success
    const Job job = *job_;
    job_.reset();
    if (answer.status == 200 && answer.body_bytes <= kEmptyAnswer) {
      load_.acknowledged(job, now);
    } else if (answer.status == 429 || (answer.status >= 502 && answer.status <= 504)) {
      load_.again(job, now);
    } else {
      load_.failed(answer.status == 200 ? "partial success" : "HTTP status " + std::to_string(answer.status));
    }
    // An answer that comes before the whole request: what is left of the request cannot be taken back.
    if (answer.close || out_.bytes() > 0) broken_ = true;
  }

  void lose(MonotonicTime now) {
    broken_ = true;
    if (job_) load_.again(*job_, now);
    job_.reset();
  }

  Handle socket_;
  const Ammunition& ammunition_;
  Load& load_;
  FrameQueue out_;
  std::optional<Job> job_;
  std::string in_;
  bool broken_ = false;
};

}  // namespace

std::unique_ptr<Sender> make_http_sender(Handle socket, const Ammunition& ammunition, Load& load) {
  return std::make_unique<HttpSender>(std::move(socket), ammunition, load);
}

}  // namespace otlpipe::bench
