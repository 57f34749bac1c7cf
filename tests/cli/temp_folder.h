#pragma once

#include <string>

namespace otlpipe::cli {

// A folder that goes with the object, with what is in it.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::string& path() const { return path_; }
  // Writes a file below it and gives its path; folders in `name` are made.
  std::string file(const std::string& name, const std::string& text, bool executable = false) const;

 private:
  std::string path_;
};

// A whole OtlpPipeline as YAML; `extra` are further lines of its spec, indented by two blanks.
std::string pipeline_yaml(const std::string& name, const std::string& extra = "");

}  // namespace otlpipe::cli
