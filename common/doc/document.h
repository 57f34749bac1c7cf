#pragma once

#include <memory>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace otlpipe::doc {

struct LineTree;

// One document of a file: its value, and the line that each field stands on. Immutable and cheap to copy;
// safe to read from any thread.
class Document {
 public:
  Document(std::shared_ptr<const nlohmann::json> root, std::shared_ptr<const LineTree> lines);

  const nlohmann::json& root() const { return *root_; }

  // The line, counted from 1, of the field that `path` names (see path.h), or of the nearest field above it
  // that is there.
  int line_of(std::string_view path) const;

 private:
  std::shared_ptr<const nlohmann::json> root_;
  std::shared_ptr<const LineTree> lines_;
};

}  // namespace otlpipe::doc
