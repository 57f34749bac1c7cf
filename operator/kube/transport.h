#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "operator/kube/config.h"
#include "operator/kube/request.h"

namespace otlpipe::kube {

struct Answer {
  int status = 0;
  std::string retry_after = {};
  std::string body = {};
};

// HTTP to one server, over cpprestsdk: the only place (with its helpers) that knows it. Thread safe; each
// call blocks its thread. Errors are those of the transport (kUnavailable, kDeadlineExceeded, kCancelled,
// kResourceExhausted for a body that is too large), with `where` the method and URL; an answer with any
// status is a success here.
class Transport {
 public:
  struct Options {
    std::chrono::milliseconds timeout{30000};  // of a whole request, and of the head of a stream
    std::size_t max_body_bytes = 64U << 20U;
    std::string user_agent = {};
  };
  // What it needs of `config` is the server and whom to trust; credentials come with each call.
  Transport(const ClusterConfig& config, Options options);
  ~Transport();

  Result<Answer> send(const Request& request, const Credential& credential, const std::stop_token& stop);

  // A streamed answer: `on_bytes` gets the body as it comes, while the status is 200; an error of it ends the
  // call. Any other status comes back as an answer with its body. `idle` is how long the body may pause.
  Result<Answer> stream(const Request& request, const Credential& credential, std::chrono::milliseconds idle,
                        const std::function<Status(std::string_view)>& on_bytes, const std::stop_token& stop);

  std::string where(const Request& request) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace otlpipe::kube
