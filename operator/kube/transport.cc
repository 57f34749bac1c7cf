#include "operator/kube/transport.h"

#include <condition_variable>
#include <optional>
#include <utility>

#include <cpprest/http_client.h>
#include <pplx/threadpool.h>

#include "operator/kube/body_sink.h"
#include "operator/kube/exchange.h"
#include "operator/kube/tls_setup.h"

namespace otlpipe::kube {
namespace {

namespace http = web::http;
using HttpClient = http::client::http_client;
using HttpClientPtr = std::shared_ptr<HttpClient>;
using std::chrono::milliseconds;

constexpr std::size_t kWindow = 256U << 10U;
// The library's threads never block in our code (a slow reader pauses its connection), so a few serve any
// number of watches. Its default is forty.
constexpr std::size_t kThreads = 4;
constexpr milliseconds kGrace{5000};
// How long the end of a transport waits for the library to let go of what was cancelled, which takes
// milliseconds.
constexpr milliseconds kFarewell{5000};

void start_threads() {
  static const bool started = [] {
    try {
      crossplat::threadpool::initialize_with_threads(kThreads);
    } catch (const std::exception&) {
      // Somebody else has set it up: any number will do.
    }
    return true;
  }();
  (void)started;
}

// How many exchanges the library still holds. Shared with each of them, because the last ones may outlive the
// transport.
class InFlight {
 public:
  static std::shared_ptr<Exchange> exchange(std::shared_ptr<InFlight> self) {
    auto fresh = std::make_unique<Exchange>(kWindow);
    {
      const std::lock_guard lock(self->mutex_);
      ++self->count_;
    }
    return {fresh.release(), [self = std::move(self)](Exchange* exchange) {
              delete exchange;
              const std::lock_guard lock(self->mutex_);
              if (--self->count_ == 0) self->none_.notify_all();
            }};
  }

  void await_none(milliseconds limit) {
    std::unique_lock lock(mutex_);
    none_.wait_for(lock, limit, [this] { return count_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable none_;
  std::size_t count_ = 0;
};

// One request under way. Going out of scope before the end cancels it, which closes the connection.
class Flight {
 public:
  Flight(HttpClient& client, const http::http_request& request, const std::shared_ptr<TlsVerdict>& verdict,
         std::shared_ptr<InFlight> in_flight);
  ~Flight() {
    // Cancelling what has ended would only keep its connection from being used again.
    if (!exchange_->leave()) cancel_.cancel();
  }
  Flight(const Flight&) = delete;
  Flight& operator=(const Flight&) = delete;

  Exchange& exchange() { return *exchange_; }

 private:
  const std::shared_ptr<Exchange> exchange_;
  pplx::cancellation_token_source cancel_;
};

Error broken_error(const std::exception& e) {
  return {Code::kUnavailable, std::string("the connection broke: ") + e.what(), "", Retry::backoff()};
}

Error transport_error(const std::exception& e, const std::shared_ptr<TlsVerdict>& verdict) {
  std::string message = e.what();
  if (message.find("handshake") != std::string::npos) {
    const std::string why = verdict->take();
    message += why.empty() ? " (does it speak TLS on this port?)" : ": " + why;
  }
  return {Code::kUnavailable, "cannot reach the API server: " + message, "", Retry::backoff()};
}

// The library takes an IPv6 address apart from its brackets only when it is given in pieces.
web::uri base_uri(const std::string& server) {
  web::uri uri(server);
  const std::string& host = uri.host();
  if (!host.starts_with('[') || !host.ends_with(']')) return uri;
  return web::uri_builder(uri).set_host(host.substr(1, host.size() - 2)).to_uri();
}

Flight::Flight(HttpClient& client, const http::http_request& request,
               const std::shared_ptr<TlsVerdict>& verdict, std::shared_ptr<InFlight> in_flight)
    : exchange_(InFlight::exchange(std::move(in_flight))) {
  http::http_request copy = request;
  copy.set_response_stream(concurrency::streams::ostream(
      concurrency::streams::streambuf<std::uint8_t>(make_body_sink(exchange_))));
  // Every exception of every task is observed here: one that is not ends the process.
  client.request(copy, cancel_.get_token())
      .then([exchange = exchange_, verdict](const pplx::task<http::http_response>& task) {
        http::http_response response;
        try {
          response = task.get();
        } catch (const std::exception& e) {
          exchange->end(transport_error(e, verdict));
          return;
        }
        Exchange::Head head{response.status_code()};
        response.headers().match("Retry-After", head.retry_after);
        exchange->begin(std::move(head));
        response.content_ready().then([exchange](const pplx::task<http::http_response>& body) {
          try {
            body.get();
            exchange->end(std::nullopt);
          } catch (const std::exception& e) {
            exchange->end(broken_error(e));
          }
        });
      });
}

}  // namespace

struct Transport::Impl {
  const ClusterConfig config;
  const Options options;
  const std::shared_ptr<TlsVerdict> verdict = std::make_shared<TlsVerdict>();
  const std::shared_ptr<InFlight> in_flight = std::make_shared<InFlight>();

  std::mutex mutex = {};
  TlsSettings identity = {};
  HttpClientPtr shared = nullptr;

  HttpClientPtr make_client(const TlsSettings& tls, milliseconds timeout) const {
    http::client::http_client_config settings;
    // Ours decides; this one only ends what a cancellation has missed.
    settings.set_timeout(timeout + kGrace);
    settings.set_validate_certificates(!config.insecure_skip_tls_verify);
    settings.set_max_redirects(0);  // a credential must not follow a redirection to somebody else
    settings.set_ssl_context_callback(
        [tls, held = verdict](boost::asio::ssl::context& context) { configure_tls(context, tls, held); });
    return std::make_shared<HttpClient>(base_uri(config.server), settings);
  }

  // The client that keeps connections, for the certificate of the moment.
  HttpClientPtr client_for(const Credential& credential) {
    const TlsSettings tls = settings_for(credential);
    const std::lock_guard lock(mutex);
    if (!shared || !(identity == tls)) {
      shared = make_client(tls, options.timeout);
      identity = tls;
    }
    return shared;
  }

  TlsSettings settings_for(const Credential& credential) const {
    return {config.insecure_skip_tls_verify ? std::string() : config.ca_pem, credential.client_cert_pem,
            credential.client_key_pem};
  }

  http::http_request wire(const Request& request, const Credential& credential) const {
    http::http_request message(request.method);
    message.set_request_uri(request.target());
    http::http_headers& headers = message.headers();
    headers.add("Accept", "application/json");
    headers.add("User-Agent", options.user_agent);
    if (!credential.bearer_token.empty()) headers.add("Authorization", "Bearer " + credential.bearer_token);
    // The library takes the name to verify, and the SNI, from the Host header when there is one.
    if (!config.tls_server_name.empty()) headers.add("Host", config.tls_server_name);
    if (!request.body.empty()) message.set_body(request.body, request.content_type);
    return message;
  }

  // Reads the body to its end.
  Result<Answer> collect(Exchange& exchange, Exchange::Head head, MonotonicTime deadline,
                         const std::stop_token& stop) const {
    Answer answer{head.status, std::move(head.retry_after), {}};
    for (;;) {
      auto bytes = exchange.await_bytes(deadline, stop);
      if (!bytes) return fail(std::move(bytes.error()));
      if (bytes->empty()) return answer;
      answer.body += *bytes;
      if (answer.body.size() > options.max_body_bytes) {
        return fail(Code::kResourceExhausted,
                    "the answer is larger than " + std::to_string(options.max_body_bytes) + " bytes");
      }
    }
  }

  // Adds where it happened, and keeps the library's exceptions inside.
  template <typename Call>
  Result<Answer> guarded(const Request& request, const Transport& self, const Call& call) const {
    Result<Answer> result;
    try {
      result = call();
    } catch (const std::exception& e) {
      result = fail(transport_error(e, verdict));
    }
    if (!result && result.error().where.empty()) result.error().where = self.where(request);
    return result;
  }
};

Transport::Transport(const ClusterConfig& config, Options options)
    : impl_(new Impl{config, std::move(options)}) {
  start_threads();
}

// What was cancelled ends a moment later, on the library's threads. A process that ends before that leaks
// what is in their queue; so the transport stays until the library holds no exchange any more.
Transport::~Transport() {
  impl_->in_flight->await_none(kFarewell);
}

std::string Transport::where(const Request& request) const {
  return request.method + " " + impl_->config.server + request.path;
}

Result<Answer> Transport::send(const Request& request, const Credential& credential,
                               const std::stop_token& stop) {
  const MonotonicTime deadline = std::chrono::steady_clock::now() + impl_->options.timeout;
  return impl_->guarded(request, *this, [&]() -> Result<Answer> {
    const HttpClientPtr client = impl_->client_for(credential);
    Flight flight(*client, impl_->wire(request, credential), impl_->verdict, impl_->in_flight);
    auto head = flight.exchange().await_head(deadline, stop);
    if (!head) return fail(std::move(head.error()));
    return impl_->collect(flight.exchange(), std::move(*head), deadline, stop);
  });
}

Result<Answer> Transport::stream(const Request& request, const Credential& credential, milliseconds idle,
                                 const std::function<Status(std::string_view)>& on_bytes,
                                 const std::stop_token& stop) {
  const auto now = [] { return std::chrono::steady_clock::now(); };
  return impl_->guarded(request, *this, [&]() -> Result<Answer> {
    // A connection of its own: cancelling a request on a connection that was used before can miss its mark in
    // the library, and a stream would not give the connection back anyway.
    const HttpClientPtr client =
        impl_->make_client(impl_->settings_for(credential), std::max(idle, impl_->options.timeout));
    Flight flight(*client, impl_->wire(request, credential), impl_->verdict, impl_->in_flight);
    const MonotonicTime head_deadline = now() + impl_->options.timeout;
    auto head = flight.exchange().await_head(head_deadline, stop);
    if (!head) return fail(std::move(head.error()));
    if (head->status != 200) return impl_->collect(flight.exchange(), std::move(*head), head_deadline, stop);
    for (;;) {
      auto bytes = flight.exchange().await_bytes(now() + idle, stop);
      if (!bytes) return fail(std::move(bytes.error()));
      if (bytes->empty()) return Answer{200, {}, {}};
      if (auto taken = on_bytes(*bytes); !taken) return fail(std::move(taken.error()));
      if (stop.stop_requested()) return fail(Code::kCancelled, "the request was stopped");
    }
  });
}

}  // namespace otlpipe::kube
