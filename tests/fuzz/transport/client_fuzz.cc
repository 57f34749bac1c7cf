// Scenario: any bytes as what a backend answers, over HTTP/2 (first byte even) and HTTP/1.1 (odd).
// Guarantees: no crash; every call ends exactly once; no answer is larger than the limit.
#include <cstdint>
#include <cstdlib>
#include <map>

#include "worker/transport/client_session.h"

using namespace otlpipe;
using namespace otlpipe::worker::transport;

namespace {

constexpr std::size_t kLimit = 10'000;

struct Events final : ClientSessionEvents {
  void on_answer(ClientCallPtr call, Result<ClientResponse> result) override {
    if (++ended[call.get()] > 1) std::abort();
    if (result && result->body.size() > kLimit) std::abort();
  }
  void on_unprocessed(ClientCallPtr call, const Error&) override {
    if (++ended[call.get()] > 1) std::abort();
  }
  void on_capacity() override {}
  std::map<ClientCall*, int> ended;
};

struct Quiet final : Carrier {
  void wake() override {}
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  static const std::shared_ptr<worker::compression::Decompressor> decompressor =
      worker::compression::make_decompressor();
  auto context = std::make_shared<ClientContext>();
  context->options.max_response_bytes = kLimit;
  context->options.authority = "t";
  context->decompressor = decompressor;
  Events events;
  Quiet carrier;
  const MonotonicTime now{std::chrono::hours(1)};
  auto parts = data[0] % 2 == 0 ? make_http2_client_session(context, events, carrier, now)
                                : make_http1_client_session(context, events, carrier, now);
  std::vector<ClientCallPtr> calls;
  const auto start = [&] {
    if (parts.calls->capacity() == 0) return;
    auto call = std::make_shared<ClientCall>();
    call->request.path = "/x";
    call->request.body.push_back(Bytes::from("body"));
    call->body_bytes = 4;
    calls.push_back(call);
    parts.calls->start(call);
  };
  start();
  start();
  const std::size_t piece = data[1] == 0 ? size : data[1];
  OutputQueue out;
  for (std::size_t at = 2; at < size && parts.protocol->wants_input() && !parts.protocol->aborted();
       at += piece) {
    parts.protocol->receive({data + at, std::min(piece, size - at)});
    parts.protocol->produce(out);
    out.clear();
    start();
  }
  parts.protocol->receive_end();
  parts.protocol->lost(Error{});
  if (events.ended.size() != calls.size()) std::abort();
  return 0;
}
