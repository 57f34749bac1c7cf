#pragma once

// What every exporter has to do, whatever it sends to. A new exporter adds a Subject to contract_test.cc.

#include <functional>
#include <memory>
#include <string>

#include "tests/support/worker/fake_network.h"
#include "worker/pipeline/factory.h"

namespace otlpipe::testing {

// An exporter with a backend that the test plays.
class Subject {
 public:
  virtual ~Subject() = default;
  virtual std::unique_ptr<worker::pipeline::ExporterFactory> factory() const = 0;
  // The exporter's part of the configuration: a JSON object with its kind.
  virtual std::string config() const = 0;
  // The backend from now on takes everything, or fails so that OTLP calls it retryable.
  virtual void work(bool works) = 0;
  // Lets the backend answer what has been sent.
  virtual void answer(FakeNetwork& network) = 0;
  // How many records have arrived.
  virtual std::size_t arrived() const = 0;
};

std::unique_ptr<Subject> otlp_grpc_subject();
std::unique_ptr<Subject> otlp_http_subject();
std::unique_ptr<Subject> file_subject();

}  // namespace otlpipe::testing
