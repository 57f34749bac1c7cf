#include "worker/app/control_host.h"

#include <cstdlib>
#include <utility>

#include <unistd.h>

#include "otlpipe/v1alpha1/worker_config.pb.h"
#include "worker/app/report.h"
#include "worker/app/version.h"

namespace otlpipe::worker::app {
namespace {

std::string environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string host_name() {
  char name[256] = {};
  return gethostname(name, sizeof name - 1) == 0 ? name : "";
}

control::Identity identity_of(const v1alpha1::WorkerConfig& config) {
  control::Identity identity;
  identity.ns = config.identity().namespace_();
  identity.pipeline = config.identity().name();
  identity.pod = environment("POD_NAME");
  if (identity.pod.empty()) identity.pod = host_name();
  identity.pod_uid = environment("POD_UID");
  identity.version = kVersion;
  return identity;
}

std::vector<control::ConfigProblem> problems_of(const schema::FieldErrors& errors) {
  std::vector<control::ConfigProblem> problems;
  for (const schema::FieldError& error : errors) problems.push_back({error.path, error.message});
  return problems;
}

}  // namespace

void ControlHost::follow() {
  const auto config = supervisor_.config();
  if (!config) return;
  const std::string settings =
      config->has_control() ? config->control().SerializeAsString() + config->identity().SerializeAsString()
                            : "";
  if (settings == settings_) return;
  settings_ = settings;
  client_.reset();
  if (!config->has_control()) return;
  const auto& control = config->control();
  control::ControlOptions options;
  options.endpoint = control.endpoint();
  options.ca_file = control.ca_file();
  options.token_file = control.token_file();
  options.server_name = control.server_name();
  options.report_interval = std::chrono::seconds(control.report_interval().seconds()) +
                            std::chrono::nanoseconds(control.report_interval().nanos());
  client_ = control::ControlClient::start(options, identity_of(*config), *this, random_,
                                          supervisor_.log().named("control"));
}

void ControlHost::config_changed(const std::string& hash, const schema::FieldErrors& errors) {
  if (client_) client_->config_changed(hash, problems_of(errors));
}

std::vector<control::ConfigProblem> ControlHost::apply_config(const std::string&, const std::string& json) {
  const Supervisor::Outcome outcome = supervisor_.apply(json);
  if (outcome.ok()) on_change_();
  return problems_of(outcome.errors);
}

void ControlHost::fill_report(otlpipe::control::v1::Report& report) {
  app::fill_report(supervisor_, report);
}

}  // namespace otlpipe::worker::app
