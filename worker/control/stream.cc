#include "worker/control/stream.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include <grpcpp/grpcpp.h>

namespace otlpipe::worker::control {
namespace {

Result<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(Code::kNotFound, std::string("cannot be read: ") + std::strerror(errno), path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

int milliseconds(Duration d) {
  return static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(d).count());
}

std::string without_trailing_space(std::string text) {
  text.erase(text.find_last_not_of(" \r\n\t") + 1);
  return text;
}

}  // namespace

void Outbox::push_result(pb::ConfigResult result) {
  const std::lock_guard lock(mutex_);
  result_ = std::move(result);
  changed_.notify_all();
}

void Outbox::wake() {
  const std::lock_guard lock(mutex_);
  woken_ = true;
  changed_.notify_all();
}

void Outbox::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

bool Outbox::closed() const {
  const std::lock_guard lock(mutex_);
  return closed_;
}

std::optional<pb::WorkerMessage> Outbox::take(Duration timeout) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, timeout, [this] { return result_ || woken_ || closed_; });
  woken_ = false;
  if (closed_ || !result_) return std::nullopt;
  pb::WorkerMessage message;
  *message.mutable_config_result() = std::move(*result_);
  result_.reset();
  return message;
}

Result<std::unique_ptr<Stream>> open_stream(const StreamOptions& options) {
  auto stream = std::make_unique<Stream>();
  std::shared_ptr<grpc::ChannelCredentials> credentials = grpc::InsecureChannelCredentials();
  grpc::ChannelArguments arguments;
  if (!options.ca_file.empty()) {
    auto ca = read_file(options.ca_file);
    if (!ca) return fail(ca.error());
    grpc::SslCredentialsOptions ssl;
    ssl.pem_root_certs = std::move(*ca);
    credentials = grpc::SslCredentials(ssl);
    if (!options.server_name.empty()) arguments.SetSslTargetNameOverride(options.server_name);
  }
  if (!options.token_file.empty()) {
    auto token = read_file(options.token_file);
    if (!token) return fail(token.error());
    stream->context.AddMetadata("authorization", "Bearer " + without_trailing_space(std::move(*token)));
  }
  arguments.SetMaxReceiveMessageSize(options.max_message_bytes);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, milliseconds(options.keepalive_interval));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  // Every attempt connects anew: subchannels shared between channels would keep a dead connection's own
  // back-off.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  stream->channel = grpc::CreateCustomChannel(options.endpoint, credentials, arguments);
  stream->stub = pb::Control::NewStub(stream->channel);
  stream->calls = stream->stub->Connect(&stream->context);
  return stream;
}

}  // namespace otlpipe::worker::control
