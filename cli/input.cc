#include "cli/input.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>

#include <google/protobuf/struct.pb.h>
#include <nlohmann/json.hpp>

#include "common/doc/path.h"
#include "common/doc/reader.h"
#include "otlpipe/v1alpha1/pipeline.pb.h"
#include "proto/schema/decode.h"

namespace otlpipe::cli {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

std::string text_at(const json& object, const char* key) {
  if (!object.is_object()) return {};
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string metadata_text(const v1alpha1::OtlpPipeline& pipeline, const std::string& key) {
  const auto found = pipeline.metadata().fields().find(key);
  return found == pipeline.metadata().fields().end() ? std::string() : found->second.string_value();
}

std::string error_line(const std::string& file, const doc::Document& document,
                       const schema::FieldError& error) {
  return file + ":" + std::to_string(document.line_of(error.path)) + ": " + error.to_string();
}

std::optional<std::string> base64(const std::string& text) {
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    if (c == '=' || c == '\n') continue;
    static const std::string kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const std::size_t at = kAlphabet.find(c);
    if (at == std::string::npos) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(at);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>(bits >> count & 0xFF);
  }
  return out;
}

void add_values(const json& object, const doc::Document& document, const std::string& file,
                const std::string& path, Input& input) {
  const bool secret = text_at(object, "kind") == "Secret";
  const std::string name = text_at(object.value("metadata", json::object()), "name");
  auto& target = (secret ? input.secrets : input.config_maps)[name];
  for (const char* field : {"data", "stringData"}) {
    const auto values = object.find(field);
    if (values == object.end() || !values->is_object()) continue;
    for (const auto& [key, value] : values->items()) {
      const std::string at = doc::path_of_key(doc::path_of_key(path, field), key);
      const auto decoded = !value.is_string() ? std::nullopt
                           : secret && std::strcmp(field, "data") == 0
                               ? base64(value.get<std::string>())
                               : std::optional(value.get<std::string>());
      if (decoded) {
        target[key] = *decoded;
      } else {
        input.errors.push_back(
            error_line(file, document, {at, secret && value.is_string() ? "is not base64" : "must be text"}));
      }
    }
  }
}

void add_pipeline(const json& object, const doc::Document& document, const std::string& file,
                  const std::string& path, Input& input) {
  auto pipeline = std::make_shared<v1alpha1::OtlpPipeline>();
  const schema::FieldErrors errors = schema::decode(object, *pipeline, path);
  for (const schema::FieldError& error : errors) input.errors.push_back(error_line(file, document, error));
  if (!errors.empty()) return;
  PipelineInput added{file, path, document, std::move(pipeline)};
  for (const PipelineInput& other : input.pipelines) {
    if (other.name() != added.name() || other.name_space() != added.name_space()) continue;
    const std::string first = other.file + ":" + std::to_string(other.document.line_of(other.root_path));
    input.errors.push_back(added.line({doc::path_of_key(path, "metadata") + ".name",
                                       "'" + added.name() + "' is already defined at " + first}));
    return;
  }
  input.pipelines.push_back(std::move(added));
}

void add_object(const json& object, const doc::Document& document, const std::string& file,
                const std::string& path, Input& input) {
  const std::string kind = text_at(object, "kind");
  if (kind == "List" || kind == "OtlpPipelineList") {
    const auto items = object.find("items");
    const std::string list = doc::path_of_key(path, "items");
    for (std::size_t i = 0; items != object.end() && items->is_array() && i < items->size(); ++i) {
      add_object((*items)[i], document, file, doc::path_of_index(list, i), input);
    }
  } else if (kind == "OtlpPipeline") {
    add_pipeline(object, document, file, path, input);
  } else if (kind.empty()) {
    const std::string what = object.is_object() ? "is required" : "is required, but this is no object";
    input.errors.push_back(error_line(file, document, {doc::path_of_key(path, "kind"), what}));
  } else {
    if (kind == "Secret" || kind == "ConfigMap") add_values(object, document, file, path, input);
    const std::string name = text_at(object.value("metadata", json::object()), "name");
    input.notes.push_back(file + ":" + std::to_string(document.line_of(path)) + ": note: " + kind +
                          (name.empty() ? "" : " " + name) + " is not an OtlpPipeline, left out");
  }
}

Status read_folder(const fs::path& folder, Input& input) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    // A volume of Kubernetes has ..data and the like beside its keys.
    if (!entry.is_regular_file() || entry.path().filename().string().starts_with("..")) continue;
    auto text = read_text(entry.path().string());
    if (!text) return tl::unexpected(text.error());
    const std::string name = folder.filename().string();
    input.secrets[name].emplace(entry.path().filename().string(), *text);
    input.config_maps[name].emplace(entry.path().filename().string(), *text);
  }
  return {};
}

}  // namespace

std::string PipelineInput::name() const {
  return metadata_text(*pipeline, "name");
}
std::string PipelineInput::name_space() const {
  return metadata_text(*pipeline, "namespace");
}
std::string PipelineInput::line(const schema::FieldError& error) const {
  return error_line(file, document, error);
}

Result<std::string> read_text(const std::string& path) {
  if (path == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
  std::error_code error;
  if (fs::is_directory(path, error)) return fail(Code::kUnavailable, "is a folder, not a file", path);
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (!in.is_open() || in.bad()) {
    return fail(Code::kUnavailable, std::string("cannot be read: ") + std::strerror(errno), path);
  }
  return text;
}

void read_documents(const std::string& text, const std::string& file, Input& input) {
  const auto documents = doc::parse_yaml(text, file);
  if (!documents) {
    input.errors.push_back(documents.error().to_string());
    return;
  }
  for (const doc::Document& document : *documents) add_object(document.root(), document, file, "", input);
}

Status read_values(const std::string& folder, Input& input) {
  std::error_code error;
  const fs::directory_iterator entries(folder, error);
  if (error) return fail(Code::kUnavailable, "cannot be read: " + error.message(), folder);
  for (const auto& entry : entries) {
    const std::string extension = entry.path().extension().string();
    if (entry.is_directory()) {
      if (auto read = read_folder(entry.path(), input); !read) return read;
    } else if (extension == ".yaml" || extension == ".yml" || extension == ".json") {
      const auto text = read_text(entry.path().string());
      if (!text) return tl::unexpected(text.error());
      Input found;
      read_documents(*text, entry.path().string(), found);
      input.secrets.merge(found.secrets);
      input.config_maps.merge(found.config_maps);
      input.errors.insert(input.errors.end(), found.errors.begin(), found.errors.end());
    }
  }
  return {};
}

}  // namespace otlpipe::cli
