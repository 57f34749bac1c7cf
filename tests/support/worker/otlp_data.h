#pragma once

// OTLP requests for tests, as Protobuf's own library writes them, and a reader of what came out.

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "worker/data/batch.h"
#include "worker/data/signal.h"

namespace otlpipe::testing {

// A request with `records` records spread over a few resources and scopes, named "<prefix>0", "<prefix>1", ….
std::string make_request(worker::Signal signal, std::size_t records, const std::string& prefix = "r");

// A request with a random shape: any number (0 too) of everything, all kinds of values, unknown fields in
// between.
std::string make_random_request(worker::Signal signal, std::mt19937& random);

// The names of all records in a request, in order; for metrics one name for each data point.
// "<not a request>" when Protobuf cannot read it.
std::vector<std::string> record_names(worker::Signal signal, const std::string& request);

// Whether Protobuf reads it as the signal's request, apart from its check of texts for UTF-8.
bool protobuf_accepts(worker::Signal signal, const std::string& request);

// Each record with everything around it that belongs to it (resource, scope, metric), as text, in order.
std::vector<std::string> records_with_context(worker::Signal signal, const std::string& request);

// The bytes of a batch, one chunk after the other.
std::string bytes_of(const worker::data::Batch& batch);

}  // namespace otlpipe::testing
