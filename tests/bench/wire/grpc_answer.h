#pragma once

#include <memory>
#include <string_view>

#include "common/base/result.h"
#include "worker/compression/compression.h"

namespace otlpipe::bench {

// Reads Export…ServiceResponses. Servers compress them as the request was, even when they are empty. Not
// thread safe.
class GrpcAnswerReader {
 public:
  GrpcAnswerReader() : decompressor_(worker::compression::make_decompressor()) {}

  // Whether a message with its prefix says that everything was taken: nothing, or an empty partial_success.
  // An error when it cannot be read.
  Result<bool> full_success(std::string_view message, std::string_view encoding);

 private:
  std::unique_ptr<worker::compression::Decompressor> decompressor_;
};

}  // namespace otlpipe::bench
