#include "tests/bench/wire/sink_connection.h"

#include <cerrno>
#include <cstring>

#include <sys/socket.h>
#include <sys/uio.h>

namespace otlpipe::bench {
namespace {

// Head, empty message and trailers on stream 0; where the stream's number has to go.
struct ReadyAnswer {
  explicit ReadyAnswer(const char* status) {
    const std::string head = make_header_block({{":status", "200"}, {"content-type", "application/grpc"}});
    const std::string trailers = make_header_block({{"grpc-status", status}});
    for (const std::string& frame :
         {make_frame(FrameType::kHeaders, kFlagEndHeaders, 0, head),
          make_frame(FrameType::kData, 0, 0, make_grpc_message("", false)),
          make_frame(FrameType::kHeaders, kFlagEndHeaders | kFlagEndStream, 0, trailers)}) {
      streams[count++] = bytes.size() + 5;
      bytes += frame;
    }
  }
  std::string bytes;
  std::array<std::size_t, 3> streams{};
  std::size_t count = 0;
};

}  // namespace

SinkConnection::SinkConnection(Handle socket, SinkCounter& counter)
    : socket_(std::move(socket)), counter_(counter) {
  out_ = make_settings({{Setting::kMaxConcurrentStreams, 10'000},
                        {Setting::kInitialWindowSize, kWindow},
                        {Setting::kMaxFrameSize, kMaxFrame}}) +
         make_window_update(0, kWindow);
}

bool SinkConnection::receive() {
  constexpr int kReads = 16;  // then it is another connection's turn
  for (int i = 0; i < kReads; ++i) {
    const bool straight = in_data_ && in_size_ == 0 && data_left_ > 0;
    const std::int64_t n =
        straight ? read_payload()
                 : recv(socket_.number(), in_.data() + in_size_, in_.size() - in_size_, MSG_DONTWAIT);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) break;
    if (n <= 0) return false;
    if (!straight) in_size_ += static_cast<std::size_t>(n);
    if (!parse()) return false;
  }
  return flush();
}

// What of the payload is there, and with it whatever follows.
std::int64_t SinkConnection::read_payload() {
  if (counter_.only_requests()) {
    // Dropped by the kernel: nobody wants to see it.
    const ssize_t n = recv(socket_.number(), nullptr, data_left_, MSG_DONTWAIT | MSG_TRUNC);
    if (n > 0) {
      data_left_ -= static_cast<std::size_t>(n);
      requests_[data_.stream].bytes += static_cast<std::size_t>(n);
    }
    return n;
  }
  Body& body = requests_[data_.stream].body;
  iovec parts[2] = {{body.room(data_left_), data_left_}, {in_.data(), in_.size()}};
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = 2;
  const ssize_t n = recvmsg(socket_.number(), &message, MSG_DONTWAIT);
  if (n > 0) {
    const std::size_t mine = std::min(static_cast<std::size_t>(n), data_left_);
    body.commit(mine);
    data_left_ -= mine;
    in_size_ = static_cast<std::size_t>(n) - mine;
  }
  return n;
}

bool SinkConnection::parse() {
  std::size_t at = 0;
  const std::size_t preface = std::min(preface_left_, in_size_);
  preface_left_ -= preface;
  at += preface;
  for (;;) {
    if (in_data_) {
      const std::size_t piece = std::min(data_left_, in_size_ - at);
      if (piece > 0) take_payload(in_.data() + at, piece);
      at += piece;
      if (data_left_ > 0) break;
      end_payload();
    }
    if (in_size_ - at < kFrameHeadBytes) break;
    const FrameHead head = get_head(in_.data() + at);
    if (head.length > kMaxFrame) return false;
    if (head.type == FrameType::kData) {
      if ((head.flags & kFlagPadded) != 0 || requests_.find(head.stream) == requests_.end()) return false;
      data_ = head;
      data_left_ = head.length;
      in_data_ = true;
      at += kFrameHeadBytes;
      continue;
    }
    if (kFrameHeadBytes + head.length > in_.size()) return false;
    if (in_size_ - at < kFrameHeadBytes + head.length) break;
    if (!on_frame(head, in_.data() + at + kFrameHeadBytes)) return false;
    at += kFrameHeadBytes + head.length;
  }
  std::memmove(in_.data(), in_.data() + at, in_size_ - at);
  in_size_ -= at;
  return true;
}

void SinkConnection::take_payload(const std::uint8_t* data, std::size_t bytes) {
  data_left_ -= bytes;
  Request& request = requests_[data_.stream];
  if (counter_.only_requests()) {
    request.bytes += bytes;
    return;
  }
  if (request.body.view().empty()) {
    // A message that is here as a whole is counted where it is.
    if (data_left_ == 0 && bytes == data_.length && (data_.flags & kFlagEndStream) != 0) {
      const bool good = counter_.count(request.head.path, request.head.encoding, {data, bytes});
      answer(data_.stream, good);
      bodies_.give_back(std::move(request.body));
      requests_.erase(data_.stream);
      return;
    }
    if (bytes >= kGrpcPrefixLength) request.body.room(get_number(data + 1) % (1u << 30) + kGrpcPrefixLength);
  }
  request.body.append(data, bytes);
}

// The whole payload of a DATA frame has come.
void SinkConnection::end_payload() {
  in_data_ = false;
  credit(data_.length);
  const auto found = requests_.find(data_.stream);
  if ((data_.flags & kFlagEndStream) == 0 || found == requests_.end()) return;
  Request& request = found->second;
  bool good = true;
  if (counter_.only_requests()) {
    counter_.count_request(request.bytes);
  } else {
    good = counter_.count(request.head.path, request.head.encoding, request.body.view());
    bodies_.give_back(std::move(request.body));
  }
  answer(data_.stream, good);
  requests_.erase(found);
}

void SinkConnection::credit(std::size_t bytes) {
  taken_ += bytes;
  if (taken_ < kWindow / 2) return;
  out_ += make_window_update(0, static_cast<std::uint32_t>(taken_));
  taken_ = 0;
}

bool SinkConnection::on_frame(const FrameHead& head, const std::uint8_t* payload) {
  const std::string_view text(reinterpret_cast<const char*>(payload), head.length);
  switch (head.type) {
    case FrameType::kHeaders:
      return on_headers(head, payload);
    case FrameType::kSettings:
      if ((head.flags & kFlagAck) == 0) out_ += make_frame(FrameType::kSettings, kFlagAck, 0);
      return true;
    case FrameType::kPing:
      if ((head.flags & kFlagAck) == 0) out_ += make_frame(FrameType::kPing, kFlagAck, 0, text);
      return true;
    case FrameType::kRstStream:
      requests_.erase(head.stream);
      return true;
    case FrameType::kContinuation:
      return false;  // nobody who sends OTLP needs it
    default:
      return true;
  }
}

bool SinkConnection::on_headers(const FrameHead& head, const std::uint8_t* payload) {
  std::size_t skip = 0;
  if ((head.flags & kFlagPriority) != 0) skip = 5;
  if ((head.flags & kFlagPadded) != 0 || (head.flags & kFlagEndHeaders) == 0 || head.length < skip)
    return false;
  auto facts = headers_.read(payload + skip, head.length - skip);
  if (!facts) return false;
  if ((head.flags & kFlagEndStream) != 0) {
    answer(head.stream, counter_.count(facts->path, facts->encoding, {}));
    return true;
  }
  requests_.insert_or_assign(head.stream, Request{std::move(*facts), bodies_.take(), 0});
  return true;
}

void SinkConnection::answer(std::uint32_t stream, bool good) {
  static const ReadyAnswer kSuccess("0");
  static const ReadyAnswer kBadData("3");
  const ReadyAnswer& ready = good ? kSuccess : kBadData;
  const std::size_t at = out_.size();
  out_ += ready.bytes;
  for (const std::size_t offset : ready.streams) {
    put_number(reinterpret_cast<std::uint8_t*>(out_.data()) + at + offset, stream);
  }
}

bool SinkConnection::flush() {
  while (!out_.empty()) {
    const ssize_t n = send(socket_.number(), out_.data(), out_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno == EAGAIN;
    out_.erase(0, static_cast<std::size_t>(n));
  }
  return true;
}

}  // namespace otlpipe::bench
