#pragma once

#include <map>
#include <string>

#include "common/base/result.h"

namespace otlpipe::gen {

// The comments of the schema: of messages, fields and enum values, by their full protobuf name, as one line
// each.
class Comments {
 public:
  // Reads a FileDescriptorSet with source information.
  static Result<Comments> read(const std::string& path);

  // "" when there is none.
  std::string of(const std::string& full_name) const;

 private:
  std::map<std::string, std::string> by_name_;
};

}  // namespace otlpipe::gen
