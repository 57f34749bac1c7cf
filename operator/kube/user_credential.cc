#include "operator/kube/user_credential.h"

#include <utility>

#include <nlohmann/json.hpp>

#include "operator/kube/credentials.h"
#include "operator/kube/object.h"
#include "operator/kube/tls_setup.h"

namespace otlpipe::kube {
namespace {

using Json = nlohmann::json;
using Part = SelectedContext::Part;
using SourcePtr = std::shared_ptr<CredentialSource>;

Status refuse_unsupported(const Part& user) {
  for (const auto& [field, why] :
       {std::pair{"username", "passwords are not supported; Kubernetes has none any more"},
        std::pair{"password", "passwords are not supported; Kubernetes has none any more"},
        std::pair{"auth-provider", "auth-provider is gone from Kubernetes; use exec"},
        std::pair{"as", "impersonation is not supported yet"},
        std::pair{"as-groups", "impersonation is not supported yet"},
        std::pair{"as-user-extra", "impersonation is not supported yet"}}) {
    if (user.value->contains(field)) return fail(Code::kUnimplemented, why, user.where(field));
  }
  return {};
}

// KUBERNETES_EXEC_INFO: what the plugin may want to know.
std::string exec_info(const Json& exec, const ClusterConfig& config) {
  Json info = {
      {"apiVersion", api_version(exec)}, {"kind", "ExecCredential"}, {"spec", {{"interactive", false}}}};
  const Json* wants = find(exec, "provideClusterInfo");
  if (wants != nullptr && wants->is_boolean() && wants->get<bool>()) {
    info["spec"]["cluster"] = {{"server", config.server},
                               {"insecure-skip-tls-verify", config.insecure_skip_tls_verify}};
    if (!config.tls_server_name.empty()) info["spec"]["cluster"]["tls-server-name"] = config.tls_server_name;
  }
  return info.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<SourcePtr> exec_source(const Part& user, const Json& exec, const ClusterConfig& config,
                              const Host& host, const Clock& clock) {
  const auto bad = [&user](const std::string& field, std::string why) {
    return fail(Code::kInvalidArgument, std::move(why),
                user.where("exec" + (field.empty() ? "" : "." + field)));
  };
  ExecPlugin plugin;
  plugin.api_version = api_version(exec);
  if (plugin.api_version != "client.authentication.k8s.io/v1" &&
      plugin.api_version != "client.authentication.k8s.io/v1beta1") {
    return bad("apiVersion",
               "must be client.authentication.k8s.io/v1 or client.authentication.k8s.io/v1beta1");
  }
  if (find_string(exec, "interactiveMode") == "Always") {
    return bad("interactiveMode", "a plugin that must ask a person cannot be used by a program");
  }
  const std::string command(find_string(exec, "command"));
  if (command.empty()) return bad("command", "is required");
  // With a slash it is relative to the kubeconfig, like every path in it; without, it is looked up in PATH.
  const auto resolved =
      Part{user.name, user.file, std::make_shared<const Json>(Json{{"command", command}})}.path("command");
  plugin.command.program = command.find('/') == std::string::npos ? command : *resolved;
  if (const Json* arguments = find(exec, "args"); arguments != nullptr && !arguments->is_null()) {
    if (!arguments->is_array()) return bad("args", "must be a list of text");
    for (const Json& argument : *arguments) {
      if (!argument.is_string()) return bad("args", "must be a list of text");
      plugin.command.arguments.push_back(argument.get<std::string>());
    }
  }
  if (const Json* environment = find(exec, "env"); environment != nullptr && !environment->is_null()) {
    if (!environment->is_array()) return bad("env", "must be a list of name and value");
    for (const Json& entry : *environment) {
      const std::string name(find_string(entry, "name"));
      if (name.empty()) return bad("env", "must be a list of name and value");
      plugin.command.environment[name] = find_string(entry, "value");
    }
  }
  plugin.install_hint = find_string(exec, "installHint");
  plugin.info = exec_info(exec, config);
  return exec_credential(std::move(plugin), host, clock);
}

}  // namespace

Result<SourcePtr> user_credential(const SelectedContext& selected, const ClusterConfig& config,
                                  const Host& host, const Clock& clock) {
  const Part& user = selected.user;
  if (auto supported = refuse_unsupported(user); !supported) return fail(std::move(supported.error()));

  auto certificate = data_or_file(user, "client-certificate", host);
  auto key = data_or_file(user, "client-key", host);
  auto token = user.text("token");
  auto token_file = user.path("tokenFile");
  auto certificate_file = user.path("client-certificate");
  auto key_file = user.path("client-key");
  for (auto* field : {&certificate, &key, &token, &token_file, &certificate_file, &key_file}) {
    if (!*field) return fail(std::move(field->error()));
  }
  if (certificate->empty() != key->empty()) {
    return fail(Code::kInvalidArgument, "client-certificate and client-key must come together",
                user.where(""));
  }
  if (auto usable = check_tls({.client_cert_pem = *certificate, .client_key_pem = *key}); !usable) {
    return fail(Code::kInvalidArgument, usable.error().message, user.where("client-certificate"));
  }
  if (const Json* exec = find(*user.value, "exec"); exec != nullptr && !exec->is_null()) {
    if (!exec->is_object()) return fail(Code::kInvalidArgument, "must be a mapping", user.where("exec"));
    if (!certificate->empty() || !token->empty() || !token_file->empty()) {
      return fail(Code::kInvalidArgument, "exec cannot be combined with a certificate or a token",
                  user.where("exec"));
    }
    return exec_source(user, *exec, config, host, clock);
  }
  // What stands in the kubeconfig itself is fixed; what it points to may be rotated.
  CredentialFiles files;
  const auto from_file = [&user](const char* data_field) { return !user.value->contains(data_field); };
  files.token = *token_file;
  if (files.token.empty()) files.rest.bearer_token = *token;
  if (from_file("client-certificate-data") && from_file("client-key-data")) {
    files.client_cert = *certificate_file;
    files.client_key = *key_file;
  } else {
    files.rest.client_cert_pem = *certificate;
    files.rest.client_key_pem = *key;
  }
  if (files.token.empty() && files.client_cert.empty()) return fixed_credential(std::move(files.rest));
  SourcePtr source = file_credential(std::move(files), host, clock);
  if (auto first = source->get(); !first) return fail(std::move(first.error()));
  return source;
}

}  // namespace otlpipe::kube
