#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "common/base/result.h"
#include "proto/schema/environment.h"
#include "proto/schema/field_error.h"

namespace otlpipe::v1alpha1 {
class WorkerConfig;
}

namespace otlpipe::worker::config {

// SHA-256 of the text's bytes in lower-case hex.
std::string hash_of(std::string_view json);

// All that is wrong with the text, or the configuration with its defaults filled in and its environment
// references resolved. Thread safe as far as `environment` is.
tl::expected<std::shared_ptr<const v1alpha1::WorkerConfig>, schema::FieldErrors> parse(
    std::string_view json, const schema::EnvironmentLookup& environment);

// The whole file; kUnavailable naming it and the reason when it cannot be read.
Result<std::string> read_file(const std::string& path);

}  // namespace otlpipe::worker::config
