#include "worker/app/supervisor.h"

#include <algorithm>
#include <utility>

#include "otlpipe/v1alpha1/worker_config.pb.h"
#include "worker/config/config.h"
#include "worker/health/health.h"

namespace otlpipe::worker::app {
namespace {

LogLevel level_of(v1alpha1::LogLevel level) {
  switch (level) {
    case v1alpha1::LOG_LEVEL_DEBUG:
      return LogLevel::kDebug;
    case v1alpha1::LOG_LEVEL_WARN:
      return LogLevel::kWarn;
    case v1alpha1::LOG_LEVEL_ERROR:
      return LogLevel::kError;
    default:
      return LogLevel::kInfo;
  }
}

std::string line_of(const pipeline::OpenListener& listener) {
  const bool v6 = listener.address.find(':') != std::string::npos;
  return listener.receiver + "/" + listener.protocol + " " +
         (v6 ? "[" + listener.address + "]" : listener.address) + ":" + std::to_string(listener.port);
}

http::ServerOptions metrics_options_of(const v1alpha1::WorkerConfig& config) {
  http::ServerOptions options;
  options.port = static_cast<std::uint16_t>(config.telemetry().metrics().port());
  for (const auto& bind : config.listeners()) {
    if (bind.protocol() != v1alpha1::LISTENER_PROTOCOL_METRICS) continue;
    if (!bind.address().empty()) options.address = bind.address();
    if (bind.has_port()) options.port = static_cast<std::uint16_t>(bind.port());
  }
  return options;
}

std::string key_of(const http::ServerOptions& options) {
  return options.address + ":" + std::to_string(options.port);
}

}  // namespace

Supervisor::Supervisor(Needs needs) : needs_(std::move(needs)), started_(needs_.clock.now()) {
  const auto counter = [&](const char* result) {
    return needs_.registry.counter("otlpipe_config_reloads", "Configurations taken over or rejected",
                                   {{"result", result}});
  };
  accepted_ = counter("accepted");
  rejected_ = counter("rejected");
}

Supervisor::Outcome Supervisor::reject(schema::FieldErrors errors, bool environment) {
  rejected_->cell(0).add(1);
  for (const schema::FieldError& error : errors) {
    needs_.log.error("configuration rejected", {{"path", error.path}, {"error", error.message}});
  }
  return {std::move(errors), environment};
}

Supervisor::Outcome Supervisor::apply(const std::string& json) {
  const std::lock_guard one_at_a_time(apply_mutex_);
  const std::string hash = config::hash_of(json);
  if (hash == this->hash()) return {};

  auto config = config::parse(json, needs_.environment);
  if (!config) return reject(std::move(config.error()), false);
  // A worker on its way out does not change any more. It must not look like one that rejects the
  // configuration either.
  if (draining_) return {};
  const http::ServerOptions metrics_options = metrics_options_of(**config);
  auto metrics = metrics_server(metrics_options);
  if (!metrics) return reject({{"telemetry.metrics.port", metrics.error().message}}, true);
  const auto before = needs_.engine.listeners();
  if (auto applied = needs_.engine.apply(**config); !applied) {
    const Code code = applied.error().code;
    const bool environment = code != Code::kInvalidArgument && code != Code::kUnimplemented;
    return reject({{applied.error().where, applied.error().message}}, environment);
  }
  needs_.log.set_level(level_of((*config)->telemetry().log_level()));
  bool new_metrics = false;
  {
    const std::lock_guard lock(mutex_);
    hash_ = hash;
    config_ = std::move(*config);
    new_metrics = metrics_ != *metrics;
    std::swap(metrics_, *metrics);
  }
  metrics_key_ = key_of(metrics_options);  // not before: of a rejected configuration nothing stays
  accepted_->cell(0).add(1);
  announce_new(before);
  if (new_metrics)
    needs_.announce("metrics " + metrics_key_.substr(0, metrics_key_.rfind(':') + 1) +
                    std::to_string(metrics_->port()));
  needs_.log.info("configuration taken over", {{"hash", hash}});
  return {};
}

Result<std::shared_ptr<http::Server>> Supervisor::metrics_server(const http::ServerOptions& options) {
  if (metrics_ && key_of(options) == metrics_key_) return metrics_;
  auto server = http::Server::start(
      options,
      health::make_handler({[this](Duration age) { return needs_.engine.responsive(age); },
                            [this] { return !this->hash().empty(); }, [this] { return draining(); },
                            [this] { return telemetry::prometheus_text(needs_.registry.collect()); }}));
  if (!server) return fail(std::move(server.error()));
  return std::shared_ptr<http::Server>(std::move(*server));
}

void Supervisor::announce_new(const std::vector<pipeline::OpenListener>& before) {
  for (const pipeline::OpenListener& listener : needs_.engine.listeners()) {
    const bool known = std::any_of(before.begin(), before.end(), [&](const pipeline::OpenListener& old) {
      return line_of(old) == line_of(listener);
    });
    if (!known) needs_.announce(line_of(listener));
  }
}

std::string Supervisor::hash() const {
  const std::lock_guard lock(mutex_);
  return hash_;
}

std::shared_ptr<const v1alpha1::WorkerConfig> Supervisor::config() const {
  const std::lock_guard lock(mutex_);
  return config_;
}

}  // namespace otlpipe::worker::app
