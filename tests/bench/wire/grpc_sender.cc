// The client side of HTTP/2, as far as unary gRPC calls need it.

#include <array>
#include <cerrno>
#include <cstring>
#include <deque>
#include <unordered_map>

#include <sys/socket.h>

#include "tests/bench/wire/frame_queue.h"
#include "tests/bench/wire/grpc_answer.h"
#include "tests/bench/wire/header_reader.h"
#include "tests/bench/wire/sender.h"

namespace otlpipe::bench {
namespace {

struct Call {
  Job job;
  const std::string* body = nullptr;
  std::size_t sent = 0;
  std::int64_t window = 0;
  std::string encoding = {};  // of the answer
  std::string answer = {};
};

class GrpcSender final : public Sender {
 public:
  GrpcSender(Handle socket, const Ammunition& ammunition, Load& load, std::size_t in_flight)
      : socket_(std::move(socket)), ammunition_(ammunition), load_(load), in_flight_(in_flight) {
    // Answers are small: one window for the whole life of the connection.
    static const std::string kHello = std::string(kClientPreface);
    out_.add_small(kHello);
    out_.add_small(make_settings({{Setting::kInitialWindowSize, 1u << 20}}));
    out_.add_small(make_window_update(0, kConnectionCredit));
  }

  int socket() const override { return socket_.number(); }
  bool broken() const override { return broken_ || (closing_ && calls_.empty()); }
  void receive(MonotonicTime now) override;
  bool send(MonotonicTime now) override;

 private:
  static constexpr std::uint32_t kConnectionCredit = 1u << 30;
  static constexpr std::size_t kEnoughQueued = 1u << 20;
  static constexpr std::uint32_t kLastStream = 1u << 30;

  void open(const Job& job);
  void cut();
  void on_frame(const FrameHead& head, const std::uint8_t* payload, MonotonicTime now);
  void on_settings(const FrameHead& head, const std::uint8_t* payload);
  void on_window_update(std::uint32_t stream, std::uint32_t more);
  void on_goaway(std::uint32_t last_stream);
  void on_reset(std::uint32_t stream, std::uint32_t error, MonotonicTime now);
  void on_headers(const FrameHead& head, const std::uint8_t* payload, MonotonicTime now);
  void settle(const Call& call, const HeaderFacts& facts, MonotonicTime now);
  void lose(MonotonicTime now);

  Handle socket_;
  const Ammunition& ammunition_;
  Load& load_;
  std::size_t in_flight_;
  FrameQueue out_;
  HeaderReader headers_;
  GrpcAnswerReader answers_;
  std::unordered_map<std::uint32_t, Call> calls_;
  std::deque<std::uint32_t> sending_;  // calls with bytes that have not been queued
  std::uint32_t next_stream_ = 1;
  std::int64_t window_ = kDefaultWindow;
  std::int64_t stream_window_ = kDefaultWindow;
  std::size_t max_frame_ = kDefaultMaxFrame;
  std::size_t max_streams_ = ~std::size_t{0};
  std::uint64_t received_ = 0;  // DATA since credit was given back
  bool greeted_ = false;        // the server's settings are known
  bool closing_ = false;
  bool broken_ = false;
  std::array<std::uint8_t, 128 * 1024> in_;
  std::size_t in_size_ = 0;
};

bool GrpcSender::send(MonotonicTime now) {
  while (!broken()) {
    while (greeted_ && !closing_ && calls_.size() < std::min(in_flight_, max_streams_) &&
           out_.bytes() < kEnoughQueued) {
      const auto job = load_.next(now);
      if (!job) break;
      open(*job);
    }
    cut();
    if (out_.bytes() == 0) return false;
    const FrameQueue::Outcome outcome = out_.flush(socket_.number());
    if (outcome == FrameQueue::Outcome::kBlocked) return true;
    if (outcome == FrameQueue::Outcome::kBroken) lose(now);
  }
  return false;
}

void GrpcSender::open(const Job& job) {
  const std::uint32_t stream = next_stream_;
  next_stream_ += 2;
  if (next_stream_ > kLastStream) closing_ = true;  // a new connection has them all again
  out_.add({ammunition_.head.size(), FrameType::kHeaders, kFlagEndHeaders, stream},
           as_bytes(ammunition_.head));
  calls_.emplace(stream, Call{job, &ammunition_.bodies[job.body], 0, stream_window_});
  sending_.push_back(stream);
}

void GrpcSender::cut() {
  for (std::size_t i = 0; i < sending_.size() && window_ > 0 && out_.bytes() < kEnoughQueued;) {
    const std::uint32_t stream = sending_[i];
    const auto found = calls_.find(stream);
    bool done = found == calls_.end();  // answered before it was all sent
    while (!done && out_.bytes() < kEnoughQueued) {
      Call& call = found->second;
      const std::size_t left = call.body->size() - call.sent;
      const std::size_t piece = next_cut(left, call.window, window_, max_frame_);
      if (piece == 0) break;
      const auto flags = piece == left ? kFlagEndStream : std::uint8_t{0};
      out_.add({piece, FrameType::kData, flags, stream}, as_bytes(*call.body).subspan(call.sent, piece));
      call.sent += piece;
      call.window -= static_cast<std::int64_t>(piece);
      window_ -= static_cast<std::int64_t>(piece);
      done = piece == left;
    }
    if (done) {
      sending_.erase(sending_.begin() + static_cast<std::ptrdiff_t>(i));
    } else {
      ++i;
    }
  }
}

void GrpcSender::receive(MonotonicTime now) {
  while (!broken_) {
    const ssize_t n = recv(socket_.number(), in_.data() + in_size_, in_.size() - in_size_, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) return lose(now);
    in_size_ += static_cast<std::size_t>(n);
    const bool more = in_size_ == in_.size();
    std::size_t at = 0;
    while (in_size_ - at >= kFrameHeadBytes) {
      const FrameHead head = get_head(in_.data() + at);
      // Nobody may send larger frames, since our settings do not offer it.
      if (head.length > kDefaultMaxFrame) return lose(now);
      if (in_size_ - at < kFrameHeadBytes + head.length) break;
      on_frame(head, in_.data() + at + kFrameHeadBytes, now);
      at += kFrameHeadBytes + head.length;
    }
    std::memmove(in_.data(), in_.data() + at, in_size_ - at);
    in_size_ -= at;
    if (!more) return;
  }
}

void GrpcSender::on_frame(const FrameHead& head, const std::uint8_t* payload, MonotonicTime now) {
  switch (head.type) {
    case FrameType::kHeaders:
      return on_headers(head, payload, now);
    case FrameType::kData: {
      received_ += head.length;
      if (received_ > kConnectionCredit / 2) {
        out_.add_small(make_window_update(0, static_cast<std::uint32_t>(received_)));
        received_ = 0;
      }
      const auto found = calls_.find(head.stream);
      constexpr std::size_t kMostAnswer = 1u << 20;
      if (found != calls_.end() && found->second.answer.size() < kMostAnswer) {
        found->second.answer.append(reinterpret_cast<const char*>(payload), head.length);
      }
      return;
    }
    case FrameType::kSettings:
      if ((head.flags & kFlagAck) == 0) on_settings(head, payload);
      return;
    case FrameType::kPing:
      if ((head.flags & kFlagAck) == 0 && head.length == 8) {
        out_.add_small(
            make_frame(FrameType::kPing, kFlagAck, 0, {reinterpret_cast<const char*>(payload), 8}));
      }
      return;
    case FrameType::kWindowUpdate:
      if (head.length == 4) on_window_update(head.stream, get_number(payload) & 0x7fffffff);
      return;
    case FrameType::kGoaway:
      if (head.length >= 8) on_goaway(get_number(payload) & 0x7fffffff);
      return;
    case FrameType::kRstStream:
      if (head.length == 4) on_reset(head.stream, get_number(payload), now);
      return;
    default:
      return;
  }
}

void GrpcSender::on_settings(const FrameHead& head, const std::uint8_t* payload) {
  for (std::size_t at = 0; at + 6 <= head.length; at += 6) {
    const auto setting = static_cast<Setting>(payload[at] << 8 | payload[at + 1]);
    const std::uint32_t value = get_number(payload + at + 2);
    if (setting == Setting::kMaxConcurrentStreams) max_streams_ = value;
    if (setting == Setting::kMaxFrameSize) max_frame_ = value;
    if (setting == Setting::kInitialWindowSize) {
      for (auto& [stream, call] : calls_) call.window += static_cast<std::int64_t>(value) - stream_window_;
      stream_window_ = value;
    }
  }
  greeted_ = true;
  out_.add_small(make_frame(FrameType::kSettings, kFlagAck, 0));
}

void GrpcSender::on_window_update(std::uint32_t stream, std::uint32_t more) {
  if (stream == 0) {
    window_ += more;
  } else if (const auto found = calls_.find(stream); found != calls_.end()) {
    found->second.window += more;
  }
}

void GrpcSender::on_goaway(std::uint32_t last_stream) {
  closing_ = true;
  for (auto it = calls_.begin(); it != calls_.end();) {
    if (it->first > last_stream) {
      load_.unsent(it->second.job);
      it = calls_.erase(it);
    } else {
      ++it;
    }
  }
}

void GrpcSender::on_reset(std::uint32_t stream, std::uint32_t error, MonotonicTime now) {
  constexpr std::uint32_t kNoError = 0;
  constexpr std::uint32_t kRefusedStream = 7;
  const auto found = calls_.find(stream);
  if (found == calls_.end() || error == kNoError) return;
  if (error == kRefusedStream) {
    load_.again(found->second.job, now);
  } else {
    load_.failed("stream reset with error " + std::to_string(error));
  }
  calls_.erase(found);
}

void GrpcSender::on_headers(const FrameHead& head, const std::uint8_t* payload, MonotonicTime now) {
  if ((head.flags & (kFlagPadded | kFlagPriority)) != 0 || (head.flags & kFlagEndHeaders) == 0)
    return lose(now);
  // Every block goes through the inflater, because it keeps a table over all of them.
  const auto facts = headers_.read(payload, head.length);
  if (!facts) return lose(now);
  const auto found = calls_.find(head.stream);
  if (found == calls_.end()) return;
  if (!facts->encoding.empty()) found->second.encoding = facts->encoding;
  if ((head.flags & kFlagEndStream) == 0) return;
  settle(found->second, *facts, now);
  calls_.erase(found);
}

void GrpcSender::settle(const Call& call, const HeaderFacts& facts, MonotonicTime now) {
  constexpr int kUnavailable = 14;
  constexpr int kResourceExhausted = 8;
  if (facts.grpc == kUnavailable || facts.grpc == kResourceExhausted) return load_.again(call.job, now);
  if (facts.grpc != 0) {
    return load_.failed("grpc-status " + std::to_string(facts.grpc) + ", HTTP status " +
                        std::to_string(facts.http) + ": " + facts.message);
  }
  const auto success = answers_.full_success(call.answer, call.encoding);
  if (!success) return load_.failed(success.error().to_string());
  if (!*success) return load_.failed("partial success");
  load_.acknowledged(call.job, now);
}

// Nobody knows what became of the calls under way: they are sent again and may arrive twice, which the sink
// shows.
void GrpcSender::lose(MonotonicTime now) {
  if (broken_) return;
  broken_ = true;
  for (const auto& [stream, call] : calls_) load_.again(call.job, now);
  calls_.clear();
}

}  // namespace

std::unique_ptr<Sender> make_grpc_sender(Handle socket, const Ammunition& ammunition, Load& load,
                                         std::size_t in_flight) {
  return std::make_unique<GrpcSender>(std::move(socket), ammunition, load, in_flight);
}

}  // namespace otlpipe::bench
