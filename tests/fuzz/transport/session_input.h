#pragma once

#include <cstdint>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>

#include "tests/worker/transport/fakes.h"
#include "worker/transport/protocol.h"
#include "worker/transport/request_body.h"

namespace otlpipe::worker::transport {

// Plays fuzzed bytes to a session: the first byte says into what pieces the rest is cut, so that one input is
// also a story in time.
class SessionInput {
 public:
  explicit SessionInput(ByteView data) : data_(data) {
    context->options.max_message_bytes = kLimit;
    context->options.max_header_bytes = 4'096;
    context->handler = handler;
    context->budget = budget;
    // Reused from input to input, as in a loop: what one leaves behind must not hurt the next.
    static const std::shared_ptr<compression::Decompressor> decompressor = compression::make_decompressor();
    context->decompressor = decompressor;
    context->clock = &clock;
  }

  // Returns all that the session said.
  std::string play(const std::function<std::unique_ptr<Protocol>()>& make) {
    std::string said;
    if (data_.empty()) return said;
    auto session = make();
    const std::size_t piece = data_[0] == 0 ? data_.size() : data_[0];
    for (std::size_t at = 1; at < data_.size() && session->wants_input() && !session->finished();
         at += piece) {
      session->receive(data_.subspan(at, std::min(piece, data_.size() - at)));
      take(*session, said);
      if (said.size() > kMostSaid) std::abort();
    }
    session->receive_end();
    for (int i = 0; i < 3; ++i) {
      now += std::chrono::seconds(20);
      session->tick(now);
      take(*session, said);
    }
    session->begin_drain();
    take(*session, said);
    session->lost(Error{});
    session.reset();
    if (budget->used != 0 || budget->peak > kBudget) std::abort();
    return said;
  }

  std::shared_ptr<ServerContext> context = std::make_shared<ServerContext>();
  std::shared_ptr<ScriptedHandler> handler = std::make_shared<ScriptedHandler>();
  std::shared_ptr<CountingBudget> budget = std::make_shared<CountingBudget>(kBudget);
  MonotonicTime now{std::chrono::hours(1)};
  SystemClock clock;
  struct Carrier final : transport::Carrier {
    void wake() override {}
  } carrier;

 private:
  static constexpr std::size_t kLimit = 100'000;
  static constexpr std::size_t kBudget = 150'000;
  static constexpr std::size_t kMostSaid = 64u << 20;

  static void take(Protocol& session, std::string& said);

  ByteView data_;
};

}  // namespace otlpipe::worker::transport
