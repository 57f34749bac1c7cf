#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/doc/document.h"
#include "proto/schema/field_error.h"

namespace otlpipe::v1alpha1 {
class OtlpPipeline;
}

namespace otlpipe::cli {

// The data of Secrets (decoded) or ConfigMaps: name -> key -> value.
using KeyValues = std::map<std::string, std::map<std::string, std::string>>;

// An OtlpPipeline of a file.
struct PipelineInput {
  std::string file;
  std::string root_path;  // what paths begin with: "" or "items[2]" in a List
  doc::Document document;
  std::shared_ptr<const v1alpha1::OtlpPipeline> pipeline;

  std::string name() const;
  std::string name_space() const;
  // "FILE:LINE: path: message"
  std::string line(const schema::FieldError& error) const;
};

// What files hold. Errors and notes are finished lines.
struct Input {
  std::vector<PipelineInput> pipelines;  // only valid ones
  KeyValues secrets;
  KeyValues config_maps;
  std::vector<std::string> errors;
  std::vector<std::string> notes;
};

// The text of a file, or of standard input when `path` is "-".
Result<std::string> read_text(const std::string& path);

// Adds what a text with any number of documents holds. `file` is its name in messages.
void read_documents(const std::string& text, const std::string& file, Input& input);

// Adds Secrets and ConfigMaps of a folder: those of its *.yaml, *.yml and *.json files, and for each folder
// NAME in it the values NAME/KEY, which count as both.
Status read_values(const std::string& folder, Input& input);

}  // namespace otlpipe::cli
