#include "operator/kube/rest_client.h"

#include <condition_variable>
#include <mutex>
#include <utility>

#include <nlohmann/json.hpp>

#include "operator/kube/json_text.h"
#include "operator/kube/request.h"
#include "operator/kube/status.h"
#include "operator/kube/tls_setup.h"
#include "operator/kube/token_bucket.h"
#include "operator/kube/transport.h"
#include "operator/kube/watch_parser.h"

namespace otlpipe::kube {
namespace {

using Json = nlohmann::json;

class RestClient final : public Client {
 public:
  RestClient(const ClusterConfig& config, const RestClientOptions& options)
      : credentials_(config.credentials),
        max_event_bytes_(options.max_event_bytes),
        transport_(config, {options.request_timeout, options.max_response_bytes, options.user_agent}),
        bucket_(options.requests_per_second, options.burst) {}

  Result<Json> get(const Resource& resource, const ObjectKey& key) override {
    return call(get_request(resource, key));
  }
  Result<Json> list(const Resource& resource, const ListOptions& options) override {
    return call(list_request(resource, options));
  }
  Result<Json> create(const Resource& resource, const Json& object) override {
    return call(create_request(resource, object));
  }
  Result<Json> apply(const Resource& resource, const Json& object, const ApplyOptions& options) override {
    return call(apply_request(resource, object, options));
  }
  Result<Json> update(const Resource& resource, const Json& object) override {
    return call(update_request(resource, object));
  }
  Result<Json> patch(const Resource& resource, const ObjectKey& key, const Json& merge_patch,
                     std::string_view subresource) override {
    return call(patch_request(resource, key, merge_patch, subresource));
  }
  Status remove(const Resource& resource, const ObjectKey& key, const DeleteOptions& options) override {
    auto answer = exchange(delete_request(resource, key, options));
    if (!answer) return fail(std::move(answer.error()));
    return {};
  }
  Result<Json> get_raw(std::string_view path) override {
    const auto question = path.find('?');
    Request request{"GET", std::string(path.substr(0, question))};
    if (question != std::string_view::npos) request.query = path.substr(question + 1);
    return call(std::move(request));
  }

  Status watch(const Resource& resource, const WatchOptions& options, const WatchCallback& on_event,
               std::stop_token stop) override;

 private:
  // Waits for this request's turn; false when stopped.
  bool admit(const std::stop_token& stop);
  // Runs `attempt` with the credential of the moment, and once more with a fresh one when the server does not
  // know it.
  template <typename Attempt>
  Result<Answer> authenticated(const Request& request, const Attempt& attempt);
  Result<Answer> exchange(const Result<Request>& request);
  Result<Json> call(const Result<Request>& request);

  const std::shared_ptr<CredentialSource> credentials_;
  const std::size_t max_event_bytes_;
  Transport transport_;
  std::mutex mutex_;
  TokenBucket bucket_;
};

bool RestClient::admit(const std::stop_token& stop) {
  Duration wait{0};
  {
    const std::lock_guard lock(mutex_);
    wait = bucket_.take(std::chrono::steady_clock::now());
  }
  if (wait <= Duration::zero()) return true;
  std::mutex own;
  std::condition_variable_any never;
  std::unique_lock lock(own);
  never.wait_for(lock, stop, wait, [] { return false; });
  return !stop.stop_requested();
}

template <typename Attempt>
Result<Answer> RestClient::authenticated(const Request& request, const Attempt& attempt) {
  for (bool again = true;; again = false) {
    const auto credential = credentials_->get();
    if (!credential) {
      Error error = credential.error();
      if (error.where.empty()) error.where = transport_.where(request);
      return fail(std::move(error));
    }
    Result<Answer> answer = attempt(*credential);
    if (!answer || answer->status / 100 == 2) return answer;
    if (answer->status == 401) credentials_->invalidate();
    if (answer->status == 401 && again) continue;
    return fail(
        error_from_answer({answer->status, answer->body, answer->retry_after}, transport_.where(request)));
  }
}

Result<Answer> RestClient::exchange(const Result<Request>& request) {
  if (!request) return fail(request.error());
  const std::stop_token never;
  admit(never);
  return authenticated(
      *request, [&](const Credential& credential) { return transport_.send(*request, credential, never); });
}

Result<Json> RestClient::call(const Result<Request>& request) {
  auto answer = exchange(request);
  if (!answer) return fail(std::move(answer.error()));
  return parse_wire_json(answer->body, transport_.where(*request));
}

Status RestClient::watch(const Resource& resource, const WatchOptions& options, const WatchCallback& on_event,
                         std::stop_token stop) {
  const auto request = watch_request(resource, options);
  if (!request) return fail(request.error());
  if (!admit(stop)) return fail(Code::kCancelled, "the watch was stopped", transport_.where(*request));
  WatchParser parser(max_event_bytes_, transport_.where(*request));
  const auto on_bytes = [&](std::string_view bytes) { return parser.feed(bytes, on_event); };
  const auto ended = authenticated(*request, [&](const Credential& credential) {
    return transport_.stream(*request, credential, options.idle_timeout, on_bytes, stop);
  });
  if (!ended) return fail(ended.error());
  return parser.finish();
}

}  // namespace

Result<std::unique_ptr<Client>> make_rest_client(ClusterConfig config, RestClientOptions options) {
  const auto bad = [&config](std::string message) {
    return fail(Code::kInvalidArgument, std::move(message), config.origin);
  };
  if (!config.server.starts_with("https://") && !config.server.starts_with("http://")) {
    return bad("the server must be an http:// or https:// URL, not \"" + one_line(config.server, 100) + "\"");
  }
  if (!config.credentials) return bad("there are no credentials");
  if (auto usable = check_tls({config.insecure_skip_tls_verify ? std::string() : config.ca_pem, {}, {}});
      !usable) {
    return bad(usable.error().message);
  }
  try {
    return std::make_unique<RestClient>(config, options);
  } catch (const std::exception& e) {
    return bad(std::string("the server's URL cannot be used: ") + e.what());
  }
}

}  // namespace otlpipe::kube
