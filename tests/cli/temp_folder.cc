#include "tests/cli/temp_folder.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace otlpipe::cli {

namespace fs = std::filesystem;

TempFolder::TempFolder() : path_(fs::temp_directory_path().string() + "/otlpipe-cli-test-XXXXXX") {
  if (mkdtemp(path_.data()) == nullptr) std::abort();
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string TempFolder::file(const std::string& name, const std::string& text, bool executable) const {
  const fs::path path = fs::path(path_) / name;
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
  if (executable) fs::permissions(path, fs::perms::owner_all);
  return path.string();
}

std::string pipeline_yaml(const std::string& name, const std::string& extra) {
  return "apiVersion: otlpipe.io/v1alpha1\nkind: OtlpPipeline\nmetadata: {name: " + name +
         ", namespace: ns}\nspec:\n" + extra +
         "  receivers: [{name: otlp, otlp: {grpc: {}, http: {}}}]\n"
         "  exporters: [{name: out, otlpGrpc: {endpoint: \"b:1\", tls: {insecure: true}}}]\n"
         "  pipelines: [{name: all, receivers: [otlp], exporters: [out]}]\n";
}

}  // namespace otlpipe::cli
