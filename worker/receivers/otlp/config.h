#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace otlpipe::v1alpha1 {
class OtlpReceiver;
}

namespace otlpipe::worker::receivers::otlp {

struct ProtocolConfig {
  std::uint16_t port = 0;
  std::size_t max_message_bytes = 0;
  std::chrono::milliseconds max_connection_age{0};  // 0: no limit
};

struct Config {
  std::optional<ProtocolConfig> grpc;
  std::optional<ProtocolConfig> http;
};

// From a configuration that has passed the schema, which fills in the defaults.
Config read_config(const v1alpha1::OtlpReceiver& config);

}  // namespace otlpipe::worker::receivers::otlp
