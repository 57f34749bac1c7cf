#include "cli/local_config.h"

#include <cstdlib>
#include <optional>

#include <nlohmann/json.hpp>

#include "cli/environment.h"
#include "common/doc/path.h"
#include "otlpipe/v1alpha1/pipeline.pb.h"
#include "otlpipe/v1alpha1/worker_config.pb.h"
#include "proto/schema/decode.h"
#include "proto/schema/encode.h"
#include "proto/schema/environment.h"
#include "proto/schema/worker_config.h"

namespace otlpipe::cli {
namespace {

const PipelineInput* choose(const Input& input, const RunOptions& options, LocalConfig& out) {
  const PipelineInput* chosen = nullptr;
  std::string names;
  for (const PipelineInput& pipeline : input.pipelines) {
    names += (names.empty() ? "" : ", ") + pipeline.name();
    if (options.name.empty() || pipeline.name() == options.name) chosen = &pipeline;
  }
  if (input.pipelines.empty()) {
    out.errors.push_back(options.file + ":1: there is no OtlpPipeline in this file");
  } else if (chosen == nullptr) {
    out.errors.push_back(options.file + ":1: no OtlpPipeline is named '" + options.name +
                         "', there are: " + names);
  } else if (options.name.empty() && input.pipelines.size() > 1) {
    out.errors.push_back(options.file + ":1: holds several OtlpPipelines, give --name with one of: " + names);
    return nullptr;
  }
  return chosen;
}

// Binds one listener to this machine only, and to the port of --set-port when there is one.
void bind_one(v1alpha1::WorkerConfig& config, const std::string& receiver,
              v1alpha1::ListenerProtocol protocol, const std::string& key,
              std::map<std::string, int>& ports) {
  v1alpha1::Listener& listener = *config.add_listeners();
  listener.set_receiver(receiver);
  listener.set_protocol(protocol);
  listener.set_address("127.0.0.1");
  const auto port = ports.find(key);
  if (port == ports.end()) return;
  listener.set_port(port->second);
  ports.erase(port);
}

void bind_all(v1alpha1::WorkerConfig& config, const RunOptions& options, LocalConfig& out) {
  std::map<std::string, int> ports = options.ports;
  std::string known = "metrics";
  for (const v1alpha1::Receiver& receiver : config.receivers()) {
    if (receiver.otlp().has_grpc()) {
      known.append(", ").append(receiver.name()).append(".grpc");
      bind_one(config, receiver.name(), v1alpha1::LISTENER_PROTOCOL_GRPC, receiver.name() + ".grpc", ports);
    }
    if (receiver.otlp().has_http()) {
      known.append(", ").append(receiver.name()).append(".http");
      bind_one(config, receiver.name(), v1alpha1::LISTENER_PROTOCOL_HTTP, receiver.name() + ".http", ports);
    }
  }
  bind_one(config, "", v1alpha1::LISTENER_PROTOCOL_METRICS, "metrics", ports);
  for (const auto& [name, port] : ports) {
    std::string& line = out.errors.emplace_back("--set-port ");
    line.append(name).append("=").append(std::to_string(port));
    line.append(": there is no such listener, there are: ").append(known);
  }
}

// What the worker would find wrong once it resolves references: reported here, where the line is known.
void check_environment(const PipelineInput& input, const LocalConfig& out, std::vector<std::string>& errors) {
  v1alpha1::OtlpPipelineSpec spec = input.pipeline->spec();
  const auto lookup = [&](const std::string& name) -> std::optional<std::string> {
    const auto found = out.environment.find(name);
    if (found != out.environment.end()) return found->second;
    const char* value = std::getenv(name.c_str());
    return value ? std::optional<std::string>(value) : std::nullopt;
  };
  for (const schema::FieldError& error :
       schema::expand_environment(spec, lookup, doc::path_of_key(input.root_path, "spec"))) {
    errors.push_back(input.line(error));
  }
}

}  // namespace

LocalConfig local_config(const RunOptions& options, const std::string& text) {
  LocalConfig out;
  Input input;
  read_documents(text, options.file == "-" ? "<stdin>" : options.file, input);
  if (!options.values.empty()) {
    if (const auto read = read_values(options.values, input); !read)
      out.errors.push_back(read.error().to_string());
  }
  out.errors.insert(out.errors.end(), input.errors.begin(), input.errors.end());
  if (!out.errors.empty()) return out;
  const PipelineInput* chosen = choose(input, options, out);
  if (chosen == nullptr) return out;
  out.environment = environment_of(*chosen, input.secrets, input.config_maps, out.errors);
  // A person reads this worker's log.
  if (std::getenv("OTLPIPE_LOG_FORMAT") == nullptr) out.environment.emplace("OTLPIPE_LOG_FORMAT", "text");
  check_environment(*chosen, out, out.errors);
  auto config = schema::resolve_worker_config(chosen->pipeline->spec(), chosen->name_space(), chosen->name());
  if (!config) {
    out.errors.push_back(chosen->line({config.error().where, config.error().message}));
    return out;
  }
  bind_all(*config, options, out);
  if (chosen->pipeline->spec().volumes_size() > 0) {
    out.notes.push_back(chosen->line({"spec.volumes", "note: volumes are not mounted on this machine"}));
  }
  out.json = schema::encode(*config).dump(2) + "\n";
  return out;
}

}  // namespace otlpipe::cli
