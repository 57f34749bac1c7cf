#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace otlpipe::worker::data {

// What the headers of a request said that a processor asked for: names (lower case) with their values, in the
// order of the processor's list; what the request does not have is left out. Goes along with the data and out
// again as headers of the export.
using Metadata = std::vector<std::pair<std::string, std::string>>;
using MetadataPtr = std::shared_ptr<const Metadata>;  // nullptr: none

inline bool same_metadata(const MetadataPtr& a, const MetadataPtr& b) {
  return a == b || (a && b && *a == *b);
}

}  // namespace otlpipe::worker::data
