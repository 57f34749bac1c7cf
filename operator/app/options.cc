#include "operator/app/options.h"

#include <charconv>
#include <sstream>

#include <CLI/CLI.hpp>

namespace otlpipe::app {
namespace {

constexpr int kUsage = 2;

// Turns a Bind option's text into the value, or into CLI11's kind of error.
CLI::Option* add_bind(CLI::App& app, const std::string& flag, Bind& bind, const std::string& help) {
  return app
      .add_option_function<std::string>(
          flag,
          [&bind, flag](const std::string& text) {
            const auto parsed = parse_bind(text);
            if (!parsed) {
              throw CLI::ValidationError(flag, parsed.error().message);
            }
            bind = *parsed;
          },
          help)
      ->type_name("HOST:PORT")
      ->default_str(bind.address + ":" + std::to_string(bind.port));
}

// `--leader-elect`, `--leader-elect=false` and `--leader-elect false` as other operators take them.
void add_flags(CLI::App& app, Options& options) {
  app.add_option("--namespace", options.ns, "Watch this namespace only (default: all of them)")
      ->type_name("NS");
  app.add_option("--kubeconfig", options.kubeconfig,
                 "How to reach the cluster (default: KUBECONFIG, the pod's service account, ~/.kube/config)")
      ->type_name("FILE");
  app.add_option("--context", options.context, "The context of the kubeconfig")->type_name("NAME");
  app.add_flag("--leader-elect,!--no-leader-elect", options.leader_elect,
               "Act only while holding the Lease otlpipe-operator (default: true)");
  app.add_option("--leader-elect-namespace", options.leader_elect_namespace,
                 "Where the Lease is (default: the operator's own namespace)")
      ->type_name("NS");
  add_bind(app, "--metrics-bind", options.metrics, "Where /metrics is served");
  add_bind(app, "--health-bind", options.health, "Where /livez and /readyz are served");
  add_bind(app, "--control-bind", options.control, "Where workers connect to");
  app.add_option_function<std::string>(
         "--webhook-bind",
         [](const std::string&) {
           throw CLI::ValidationError("--webhook-bind",
                                      "not supported yet, admission comes with a later release");
         },
         "Where admission is served (not supported yet)")
      ->type_name("HOST:PORT");
  app.add_option("--worker-image", options.worker_image, "The image of workers whose pipeline names none")
      ->type_name("IMAGE");
  app.add_option("--control-endpoint", options.control_endpoint,
                 "Where workers reach this operator (default: otlpipe-operator.NAMESPACE.svc and the port of "
                 "--control-bind)")
      ->type_name("HOST:PORT");
  app.add_option("--tls-secret", options.tls_secret, "The Secret that keeps the control certificates")
      ->type_name("NAME")
      ->capture_default_str();
  app.add_option("--reconcilers", options.reconcilers, "How many pipelines are worked on at once")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_option_function<std::string>(
         "--log-level",
         [&options](const std::string& text) {
           const auto level = parse_log_level(text);
           if (!level) {
             throw CLI::ValidationError("--log-level", level.error().message);
           }
           options.log_level = *level;
         },
         "debug, info, warn or error")
      ->type_name("LEVEL")
      ->default_str("info");
}

}  // namespace

Result<Bind> parse_bind(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) {
    return fail(Code::kInvalidArgument, "'" + text + "' is not HOST:PORT or :PORT");
  }
  Bind bind;
  if (colon > 0) {
    bind.address = text.substr(0, colon);
  }
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data() + colon + 1, end, bind.port);
  if (error != std::errc() || rest != end) {
    return fail(Code::kInvalidArgument,
                "'" + text.substr(colon + 1) + "' is not a port, allowed: 0 to 65535");
  }
  return bind;
}

Options parse_options(int argc, const char* const* argv, std::string_view version,
                      std::optional<Exit>& exit) {
  Options options;
  CLI::App app("Turns OtlpPipeline resources into running OTLP workers.", "otlpipe-operator");
  app.set_version_flag("--version", "otlpipe-operator " + std::string(version));
  add_flags(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out;
    std::ostringstream err;
    const int code = app.exit(error, out, err);
    if (code == 0) {
      exit = Exit{0, out.str()};
    } else {
      exit = Exit{kUsage, "otlpipe-operator: " + std::string(error.what()) + " (see --help)\n"};
    }
  }
  return options;
}

}  // namespace otlpipe::app
