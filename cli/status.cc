#include "cli/status.h"

#include <cstdio>

#include <nlohmann/json.hpp>

#include "cli/exit_code.h"
#include "cli/process.h"
#include "cli/status_text.h"
#include "common/doc/reader.h"

namespace otlpipe::cli {
namespace {

using nlohmann::json;

std::vector<std::string> kubectl_command(const StatusOptions& options) {
  std::vector<std::string> command = {"kubectl", "get", "otlppipelines.otlpipe.io"};
  if (!options.name.empty()) command.push_back(options.name);
  if (options.all_namespaces) command.emplace_back("--all-namespaces");
  if (!options.name_space.empty()) command.push_back("--namespace=" + options.name_space);
  if (!options.kubeconfig.empty()) command.push_back("--kubeconfig=" + options.kubeconfig);
  if (!options.context.empty()) command.push_back("--context=" + options.context);
  command.insert(command.end(), {"-o", "json"});
  return command;
}

// kubectl says the same thing many times while it tries; its last line is the one for people.
std::string last_line(std::string text) {
  text.erase(text.find_last_not_of(" \n") + 1);
  return text.substr(text.rfind('\n') + 1);
}

}  // namespace

int status(const StatusOptions& options) {
  if (!options.name.empty() && options.all_namespaces) {
    std::fprintf(stderr, "otlpipe: status: give a NAME or --all-namespaces, not both\n");
    return kUsage;
  }
  const auto finished = run_to_end(kubectl_command(options));
  if (!finished) {
    const bool missing = finished.error().code == Code::kNotFound;
    std::fprintf(stderr, "otlpipe: status: %s\n",
                 missing ? "kubectl is not installed or not on PATH; status asks the cluster through it"
                         : finished.error().to_string().c_str());
    return kEnvironmentFailed;
  }
  if (finished->exit_code != 0) {
    std::fprintf(stderr, "otlpipe: status: kubectl: %s\n", last_line(finished->err).c_str());
    return finished->err.find("(NotFound)") != std::string::npos ? kWrongInput : kEnvironmentFailed;
  }
  if (options.json) {
    std::fputs(finished->out.c_str(), stdout);
    return kDone;
  }
  const auto answer = doc::parse_json(finished->out, "kubectl");
  if (!answer || !answer->root().is_object()) {
    const std::string why = answer ? "kubectl: its answer is no object" : answer.error().to_string();
    std::fprintf(stderr, "otlpipe: status: %s\n", why.c_str());
    return kEnvironmentFailed;
  }
  const json& root = answer->root();
  if (!options.name.empty()) {
    std::fputs(status_detail(root).c_str(), stdout);
  } else if (root.value("items", json::array()).empty()) {
    std::puts(options.all_namespaces ? "There are no OtlpPipelines."
                                     : "There are no OtlpPipelines in this namespace.");
  } else {
    std::fputs(status_table(root, options.all_namespaces).c_str(), stdout);
  }
  return kDone;
}

}  // namespace otlpipe::cli
