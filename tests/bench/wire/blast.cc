#include "tests/bench/wire/blast.h"

namespace otlpipe::bench {

Status Blast::open(Slot& slot) {
  auto socket = connect_tcp(options_.host, options_.port);
  if (!socket) return fail(socket.error());
  slot.sender = options_.grpc ? make_grpc_sender(std::move(*socket), ammunition_, load_, options_.in_flight)
                              : make_http_sender(std::move(*socket), ammunition_, load_);
  slot.full = false;
  poller_.watch(slot.sender->socket(), EPOLLIN, &slot);
  return {};
}

void Blast::send(Slot& slot, MonotonicTime now) {
  if (!slot.sender) return;
  const bool full = slot.sender->send(now);
  if (full == slot.full) return;
  slot.full = full;
  poller_.watch(slot.sender->socket(), full ? EPOLLIN | EPOLLOUT : EPOLLIN, &slot);
}

// Puts new connections in the place of broken ones.
Status Blast::renew(MonotonicTime now) {
  constexpr Duration kPause = std::chrono::milliseconds(20);
  constexpr Duration kPatience = std::chrono::seconds(10);
  Status outcome;
  for (Slot& slot : slots_) {
    if (slot.sender && slot.sender->broken()) slot.sender.reset();
    if (slot.sender || now < next_try_) continue;
    outcome = open(slot);
    if (!outcome) {
      next_try_ = now + kPause;
      break;
    }
    reachable_ = now;
    connected_ = true;
  }
  if (!outcome && now - reachable_ > kPatience) return outcome;
  return {};
}

Status Blast::run() {
  const MonotonicTime end = clock_.now() + options_.limit;
  slots_ = std::vector<Slot>(options_.connections);
  reachable_ = next_try_ = clock_.now();
  while (!load_.finished()) {
    MonotonicTime now = clock_.now();
    load_.advance(now);
    if (now >= end) {
      load_.give_up("no answer in time");
      return {};
    }
    if (Status renewed = renew(now); !renewed) return renewed;
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      Slot& slot = slots_[(next_ + i) % slots_.size()];
      if (!slot.full) send(slot, now);
    }
    ++next_;
    if (load_.finished()) break;
    // Something is due and nobody took it: every connection is busy, and only an answer changes that.
    constexpr Duration kBusy = std::chrono::milliseconds(20);
    const Duration idle = load_.idle_for(now);
    for (const epoll_event& event : poller_.wait(idle > Duration(0) ? std::min(idle, kBusy) : kBusy)) {
      Slot& slot = *static_cast<Slot*>(event.data.ptr);
      if (!slot.sender) continue;
      now = clock_.now();
      if ((event.events & ~EPOLLOUT) != 0) slot.sender->receive(now);
      if ((event.events & EPOLLOUT) != 0) send(slot, now);
    }
  }
  if (!connected_) return fail(Code::kUnavailable, "nobody listens there", options_.host);
  return {};
}

}  // namespace otlpipe::bench
