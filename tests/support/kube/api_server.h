#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/kube/fake_client.h"

namespace otlpipe::kube::testing {

// A FakeClient behind HTTP(S) on a loopback port, speaking enough of the Kubernetes API for kube::Client: a
// real server for the real client. Errors come back as metav1.Status. One thread for each connection; all end
// with the object.
class ApiServer {
 public:
  struct Options {
    bool tls = false;
    std::string bearer_token = {};                 // requests without it get 401; empty: everybody may
    bool require_client_cert = false;              // one signed by ca_pem()
    std::vector<std::string> ips = {"127.0.0.1"};  // of the server's certificate
    std::vector<std::string> names = {"localhost"};
  };
  explicit ApiServer(Options options);
  ~ApiServer();

  FakeClient& fake();
  std::string url() const;  // "https://127.0.0.1:PORT"
  std::uint16_t port() const;
  std::string ca_pem() const;
  std::string client_cert_pem() const;
  std::string client_key_pem() const;

  // What a raw answer looks like to the handler below.
  struct Reply {
    int status = 200;
    std::string body = {};
    std::string extra_headers = {};  // "Retry-After: 3\r\n"
    bool hang = false;               // says nothing until the server ends
    bool stream = false;             // chunked: the body, then silence until the server ends
  };
  // Takes over requests whose target contains `part`.
  void intercept(std::string part, Reply reply);
  void set_token(std::string token);
  void drop_connections();  // as if the server had died
  int connections() const;  // accepted so far

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace otlpipe::kube::testing
