#pragma once

#include <map>
#include <string>

#include "cli/input.h"

namespace otlpipe::cli {

// The variables that spec.env gives the worker, from values, Secrets, ConfigMaps and the names of the
// resource. Adds a line to `errors` for each that has no value here; those marked `optional` are left out.
std::map<std::string, std::string> environment_of(const PipelineInput& input, const KeyValues& secrets,
                                                  const KeyValues& config_maps,
                                                  std::vector<std::string>& errors);

}  // namespace otlpipe::cli
