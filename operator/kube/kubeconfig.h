#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "common/base/result.h"
#include "operator/kube/config.h"

namespace otlpipe::kube {

// The selected context with its cluster and user, out of all files. Values are JSON objects (empty when
// absent); each remembers its file, for messages and relative paths.
struct SelectedContext {
  struct Part {
    std::string name;
    std::string file;
    std::shared_ptr<const nlohmann::json> value;

    // "FILE: users[NAME].user.exec"
    std::string where(std::string_view field) const;
    // A text field; empty when it is absent. An error when it is something else.
    Result<std::string> text(std::string_view field) const;
    Result<bool> flag(std::string_view field) const;
    // A path field, relative to the file it stands in.
    Result<std::string> path(std::string_view field) const;
  };
  Part context;
  Part cluster;
  Part user;
};

// Merges the files (the first to set a value wins) and picks the context: `wanted`, or the current one. Pure.
Result<SelectedContext> select_context(const std::vector<KubeconfigFile>& files, std::string_view wanted);

}  // namespace otlpipe::kube
