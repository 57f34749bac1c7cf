#include "worker/config/config.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include <nlohmann/json.hpp>

#include "common/tls/digest.h"
#include "otlpipe/v1alpha1/worker_config.pb.h"
#include "proto/schema/decode.h"

namespace otlpipe::worker::config {

std::string hash_of(std::string_view json) {
  return tls::sha256_hex(json);
}

tl::expected<std::shared_ptr<const v1alpha1::WorkerConfig>, schema::FieldErrors> parse(
    std::string_view text, const schema::EnvironmentLookup& environment) {
  nlohmann::json document;
  try {
    document = nlohmann::json::parse(text);
  } catch (const nlohmann::json::parse_error& e) {
    return tl::unexpected(schema::FieldErrors{{"", std::string("is not JSON: ") + e.what()}});
  }
  auto config = std::make_shared<v1alpha1::WorkerConfig>();
  if (auto errors = schema::decode(document, *config, ""); !errors.empty())
    return tl::unexpected(std::move(errors));
  if (auto errors = schema::expand_environment(*config, environment, ""); !errors.empty()) {
    return tl::unexpected(std::move(errors));
  }
  return std::shared_ptr<const v1alpha1::WorkerConfig>(std::move(config));
}

Result<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf())) {
    return fail(Code::kUnavailable, std::string("cannot be read: ") + std::strerror(errno), path);
  }
  return std::move(text).str();
}

}  // namespace otlpipe::worker::config
