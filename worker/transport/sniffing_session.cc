#include "worker/transport/sniffing_session.h"

#include <algorithm>

#include "worker/transport/http1_server.h"
#include "worker/transport/http2_server.h"

namespace otlpipe::worker::transport {

namespace {

constexpr std::string_view kHttp2Mark = "PRI ";

class SniffingSession final : public Protocol {
 public:
  SniffingSession(std::shared_ptr<ServerContext> context, Carrier& carrier, std::string peer,
                  MonotonicTime now)
      : context_(std::move(context)), carrier_(carrier), peer_(std::move(peer)), now_(now), started_(now) {}

  void receive(ByteView data) override {
    if (inner_) return inner_->receive(data);
    seen_.append(as_text(data));
    const std::size_t compared = std::min(seen_.size(), kHttp2Mark.size());
    const bool may_be_http2 = seen_.compare(0, compared, kHttp2Mark, 0, compared) == 0;
    if (may_be_http2 && compared < kHttp2Mark.size()) return;
    inner_ = may_be_http2 ? make_http2_server_session(context_, carrier_, peer_, now_)
                          : make_http1_server_session(context_, carrier_, peer_, now_);
    if (draining_) inner_->begin_drain();
    inner_->receive(as_bytes(seen_));
    seen_ = std::string();
  }
  void receive_end() override {
    ended_ = true;
    if (inner_) inner_->receive_end();
  }
  void produce(OutputQueue& out) override {
    if (inner_) inner_->produce(out);
  }
  bool wants_input() const override { return inner_ ? inner_->wants_input() : !finished(); }
  bool finished() const override { return inner_ ? inner_->finished() : ended_ || draining_; }
  void tick(MonotonicTime now) override {
    now_ = now;
    if (inner_) return inner_->tick(now);
    if (now - started_ > context_->options.idle_timeout) ended_ = true;
  }
  void begin_drain() override {
    draining_ = true;
    if (inner_) return inner_->begin_drain();
    carrier_.wake();
  }
  void lost(const Error& reason) override {
    if (inner_) inner_->lost(reason);
  }

 private:
  std::shared_ptr<ServerContext> context_;
  Carrier& carrier_;
  std::string peer_;
  MonotonicTime now_;
  MonotonicTime started_;
  std::string seen_;
  std::unique_ptr<Protocol> inner_;
  bool draining_ = false;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<Protocol> make_sniffing_session(std::shared_ptr<ServerContext> context, Carrier& carrier,
                                                std::string peer, MonotonicTime now) {
  return std::make_unique<SniffingSession>(std::move(context), carrier, std::move(peer), now);
}

}  // namespace otlpipe::worker::transport
