#include "worker/receivers/otlp/config.h"

#include "otlpipe/v1alpha1/receivers.pb.h"

namespace otlpipe::worker::receivers::otlp {
namespace {

template <typename Server>
ProtocolConfig read(const Server& server) {
  const auto& age = server.max_connection_age();
  return {static_cast<std::uint16_t>(server.port()), static_cast<std::size_t>(server.max_message_size()),
          std::chrono::seconds(age.seconds()) + std::chrono::milliseconds(age.nanos() / 1'000'000)};
}

}  // namespace

Config read_config(const v1alpha1::OtlpReceiver& config) {
  Config result;
  if (config.has_grpc()) result.grpc = read(config.grpc());
  if (config.has_http()) result.http = read(config.http());
  return result;
}

}  // namespace otlpipe::worker::receivers::otlp
