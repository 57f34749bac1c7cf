#pragma once

#include <algorithm>

#include "worker/data/batch.h"
#include "worker/transport/transport.h"

namespace otlpipe::worker::exporters {

// The configured headers of an export and, for names that are not among them, what the batch brings along.
inline transport::Headers with_metadata(transport::Headers configured, const data::Batch& batch) {
  if (!batch.metadata()) return configured;
  const std::size_t own = configured.size();
  for (const auto& [name, value] : *batch.metadata()) {
    const auto end = configured.begin() + static_cast<std::ptrdiff_t>(own);
    if (std::none_of(configured.begin(), end, [&](const auto& header) { return header.first == name; }))
      configured.emplace_back(name, value);
  }
  return configured;
}

}  // namespace otlpipe::worker::exporters
