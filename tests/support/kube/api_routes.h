#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

#include "tests/support/kube/fake_client.h"

namespace otlpipe::kube::testing {

struct RouteRequest {
  std::string method;
  std::string target;
  std::string content_type;
  std::string body;
};
struct RouteReply {
  int status = 200;
  std::string body;
};

// The Kubernetes REST conventions in front of a FakeClient. A watch calls `begin` and then `line` for each
// event and returns when it ends; then the reply is not used.
RouteReply route(FakeClient& fake, const RouteRequest& request, const std::function<void()>& begin,
                 const std::function<void(std::string)>& line, const std::stop_token& stop);

std::string status_body(int http, const std::string& reason, const std::string& message);

}  // namespace otlpipe::kube::testing
