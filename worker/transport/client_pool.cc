#include "worker/transport/client_pool.h"

#include <algorithm>
#include <limits>
#include <list>
#include <utility>

#include "worker/transport/client_session.h"
#include "worker/transport/connector.h"
#include "worker/transport/socket_connection.h"

namespace otlpipe::worker::transport {

namespace {

constexpr int kMaxAttempts = 5;  // of a call that no peer has looked at

// What has ended and waits to be told: callbacks run from the loop with nothing of the transport on the
// stack, so that they may call anything, destroying the client included. Shared with the posted task, which
// may outlive the client.
struct Completions {
  struct Item {
    ClientCallPtr call;
    Result<ClientResponse> result;
  };
  std::vector<Item> items;

  void deliver() {
    for (Item& item : std::exchange(items, {})) item.call->done(std::move(item.result));
  }
};

class ClientPool final : public Client, private ClientSessionEvents {
 public:
  ClientPool(AsioLoop& loop, std::shared_ptr<ClientContext> context,
             std::shared_ptr<compression::Compressor> compressor)
      : loop_(loop), context_(std::move(context)), compressor_(std::move(compressor)) {}
  ~ClientPool() override;

  void call(ClientRequest request, std::function<void(Result<ClientResponse>)> done) override;

 private:
  struct Link {
    std::unique_ptr<Connector> connector;          // while it connects
    std::shared_ptr<SocketConnection> connection;  // afterwards
    ClientSession* session = nullptr;
  };
  using LinkIterator = std::list<Link>::iterator;

  void on_answer(ClientCallPtr call, Result<ClientResponse> result) override;
  void on_unprocessed(ClientCallPtr call, const Error& reason) override;
  void on_capacity() override { schedule_turn(); }

  void enqueue(const ClientCallPtr& call, bool first);
  void schedule_turn();
  void pump();
  void open_links();
  void connected(LinkIterator link, Result<boost::asio::ip::tcp::socket> socket);
  void on_timeout(const ClientCallPtr& call);
  void settle(const ClientCallPtr& call);
  void schedule_sweep();

  AsioLoop& loop_;
  std::shared_ptr<ClientContext> context_;
  std::shared_ptr<compression::Compressor> compressor_;
  std::list<Link> links_;
  std::list<ClientCallPtr> waiting_;
  std::list<ClientCallPtr> under_way_;  // `waiting` of a call that is with a session points in here
  std::shared_ptr<Completions> completions_ = std::make_shared<Completions>();
  std::shared_ptr<int> alive_ = std::make_shared<int>();
  std::size_t rotation_ = 0;
  EventLoop::TimerId sweep_timer_ = EventLoop::kNoTimer;
  bool turn_posted_ = false;
  bool closing_ = false;
};

ClientPool::~ClientPool() {
  closing_ = true;
  loop_.cancel(sweep_timer_);
  const Error cancelled{Code::kCancelled, "the client was closed", {}, {}};
  for (const Link& link : links_) {
    if (link.connection) link.connection->close(cancelled);  // its calls come back through on_answer
  }
  for (const auto& call : std::exchange(waiting_, {})) {
    loop_.cancel(call->timer);
    completions_->items.push_back({call, fail(cancelled)});
  }
  completions_->deliver();
}

void ClientPool::call(ClientRequest request, std::function<void(Result<ClientResponse>)> done) {
  auto call = std::make_shared<ClientCall>();
  call->done = std::move(done);
  if (request.compression != Compression::kNone && !request.compressed) {
    auto compressed = compressor_->compress(request.compression, request.body);
    if (!compressed) {
      completions_->items.push_back({std::move(call), fail(compressed.error())});
      return schedule_turn();
    }
    request.body.clear();
    request.body.push_back(std::move(*compressed));
  }
  for (const Bytes& part : request.body) call->body_bytes += part.size();
  if (context_->options.grpc && call->body_bytes > std::numeric_limits<std::uint32_t>::max()) {
    const Error large{Code::kInvalidArgument, "a gRPC message has at most 4 GiB", {}, {}};
    completions_->items.push_back({std::move(call), fail(large)});
    return schedule_turn();
  }
  call->request = std::move(request);
  call->timer = loop_.after(call->request.timeout, [this, call] { on_timeout(call); });
  enqueue(call, false);
  pump();
}

void ClientPool::enqueue(const ClientCallPtr& call, bool first) {
  call->session = nullptr;
  call->waiting = waiting_.insert(first ? waiting_.begin() : waiting_.end(), call);
}

void ClientPool::settle(const ClientCallPtr& call) {
  loop_.cancel(call->timer);
  if (call->session != nullptr) under_way_.erase(call->waiting);
  call->session = nullptr;
}

void ClientPool::on_answer(ClientCallPtr call, Result<ClientResponse> result) {
  settle(call);
  completions_->items.push_back({std::move(call), std::move(result)});
  schedule_turn();
}

void ClientPool::on_unprocessed(ClientCallPtr call, const Error& reason) {
  if (closing_ || ++call->attempts >= kMaxAttempts) return on_answer(std::move(call), fail(reason));
  under_way_.erase(call->waiting);
  enqueue(call, true);
  schedule_turn();
}

void ClientPool::on_timeout(const ClientCallPtr& call) {
  const Error late{Code::kDeadlineExceeded,
                   "no answer within " + std::to_string(call->request.timeout.count()) + " ms",
                   {},
                   Retry::backoff()};
  if (call->session != nullptr) {
    call->session->cancel(call);
    settle(call);
  } else {
    waiting_.erase(call->waiting);
  }
  completions_->items.push_back({call, fail(late)});
  schedule_turn();
}

void ClientPool::schedule_turn() {
  if (closing_ || std::exchange(turn_posted_, true)) return;
  loop_.post([this, alive = std::weak_ptr<int>(alive_), completions = completions_] {
    if (!alive.expired()) {
      turn_posted_ = false;
      pump();
    }
    completions->deliver();
  });
}

void ClientPool::pump() {
  for (Link& link : links_) {
    while (!waiting_.empty() && link.session != nullptr && link.session->capacity() > 0) {
      under_way_.splice(under_way_.end(), waiting_, waiting_.begin());
      const ClientCallPtr call = under_way_.back();
      call->waiting = std::prev(under_way_.end());
      call->session = link.session;
      link.session->start(call);
    }
    if (waiting_.empty()) return;
  }
  open_links();
}

void ClientPool::open_links() {
  const auto counts = [](const Link& link) {
    return link.connector || (link.session && link.session->open_for_more());
  };
  const auto connecting = static_cast<std::size_t>(std::count_if(
      links_.begin(), links_.end(), [](const Link& link) { return link.connector != nullptr; }));
  auto open = static_cast<std::size_t>(std::count_if(links_.begin(), links_.end(), counts));
  const std::size_t per_link = context_->options.grpc ? context_->options.max_requests_per_connection : 1;
  const std::size_t needed = (waiting_.size() + per_link - 1) / per_link;
  for (std::size_t more = connecting; more < needed && open < context_->options.max_connections;
       ++more, ++open) {
    const auto link = links_.emplace(links_.end());
    link->connector = Connector::start(
        loop_, context_->options.host, context_->options.port, context_->options.connect_timeout, rotation_++,
        [this, link](Result<boost::asio::ip::tcp::socket> socket) { connected(link, std::move(socket)); });
  }
}

void ClientPool::connected(LinkIterator link, Result<boost::asio::ip::tcp::socket> socket) {
  // The connector is on the stack: it goes with the loop's next turn.
  loop_.post([gone = std::shared_ptr<Connector>(std::move(link->connector))] {});
  if (!socket) {
    links_.erase(link);
    const bool others = std::any_of(links_.begin(), links_.end(), [](const Link& l) {
      return l.connector || (l.session && l.session->open_for_more());
    });
    if (others) return;  // those who wait have another way
    for (const auto& call : std::exchange(waiting_, {})) {
      loop_.cancel(call->timer);
      completions_->items.push_back({call, fail(socket.error())});
    }
    return schedule_turn();
  }
  // A peer that takes no bytes is found by the calls' own timeouts; the write timeout only ends what nobody
  // waits for.
  const Duration write_timeout = context_->options.idle_timeout + context_->options.keepalive_timeout;
  link->connection = std::make_shared<SocketConnection>(
      loop_, std::move(*socket), std::make_shared<SocketConnection::Totals>(), write_timeout);
  auto parts = context_->options.grpc
                   ? make_http2_client_session(context_, *this, *link->connection, loop_.now())
                   : make_http1_client_session(context_, *this, *link->connection, loop_.now());
  link->session = parts.calls;
  link->connection->start(std::move(parts.protocol), [this, link, alive = std::weak_ptr<int>(alive_)] {
    if (alive.expired()) return;
    links_.erase(link);
    pump();
  });
  schedule_sweep();
  pump();
}

void ClientPool::schedule_sweep() {
  if (sweep_timer_ != EventLoop::kNoTimer || links_.empty()) return;
  const ClientOptions& options = context_->options;
  const auto least = std::min({options.idle_timeout, options.keepalive_interval, options.keepalive_timeout});
  const Duration interval =
      std::clamp<Duration>(least / 4, std::chrono::milliseconds(5), std::chrono::seconds(1));
  sweep_timer_ = loop_.after(interval, [this] {
    sweep_timer_ = EventLoop::kNoTimer;
    for (const Link& link : links_) {
      if (link.connection) link.connection->tick();
    }
    schedule_sweep();
  });
}

}  // namespace

std::unique_ptr<Client> make_client_pool(AsioLoop& loop, const ClientOptions& options,
                                         std::shared_ptr<compression::Compressor> compressor,
                                         std::shared_ptr<compression::Decompressor> decompressor) {
  auto context = std::make_shared<ClientContext>();
  context->options = options;
  context->decompressor = std::move(decompressor);
  if (context->options.authority.empty()) {
    const bool v6 = options.host.find(':') != std::string::npos;
    context->options.authority =
        (v6 ? "[" + options.host + "]" : options.host) + ":" + std::to_string(options.port);
  }
  return std::make_unique<ClientPool>(loop, std::move(context), std::move(compressor));
}

}  // namespace otlpipe::worker::transport
