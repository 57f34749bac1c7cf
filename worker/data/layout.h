#pragma once

// The messages of OTLP 1.x as tables of their fields, so that one walk over the wire can check them all.
// Source: https://github.com/open-telemetry/opentelemetry-proto (v1.10), trace, metrics, logs, common and
// resource. Fields that are not in a table are unknown: their bytes are checked for shape and kept.

#include <array>
#include <cstdint>
#include <string_view>

#include "worker/data/signal.h"

namespace otlpipe::worker::data {

// What a known field looks like on the wire. The packed kinds are also read one value at a time, as Protobuf
// demands.
enum class Kind : std::uint8_t {
  kUnknown,
  kVarint,
  kFixed64,
  kFixed32,
  kBytes,
  kMessage,
  kPackedVarint,
  kPackedFixed64
};

// What is counted while walking.
enum class Counted : std::uint8_t { kNothing, kResource, kScope, kRecord };

// What to do about a field whose key is one byte (field numbers up to 15), decided by that byte alone.
enum class Step : std::uint8_t {
  kLookCloser,  // anything that is not one of the others, mistakes included
  kSkipVarint,
  kSkipFixed64,
  kSkipFixed32,
  kSkipBytes,
  kEnter
};

struct MessageLayout;

struct FieldLayout {
  Kind kind = Kind::kUnknown;
  Counted counted = Counted::kNothing;
  const MessageLayout* message = nullptr;  // kMessage only
};

struct MessageLayout {
  std::string_view name;
  std::array<FieldLayout, 32> fields = {};  // by field number; OTLP uses none above 16
  std::array<Step, 128> steps = {};         // by the byte of the key
  bool attribute = false;                   // KeyValue, which most of a request consists of
};

// The Export…ServiceRequest of a signal.
const MessageLayout& request_layout(Signal signal);

}  // namespace otlpipe::worker::data
