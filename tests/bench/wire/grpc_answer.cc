#include "tests/bench/wire/grpc_answer.h"

#include "common/base/bytes.h"
#include "tests/bench/wire/frames.h"

namespace otlpipe::bench {

Result<bool> GrpcAnswerReader::full_success(std::string_view message, std::string_view encoding) {
  constexpr std::size_t kEmptyPartialSuccess = 2;
  if (message.size() < kGrpcPrefixLength) return fail(Code::kInternal, "an answer without a message");
  const ByteView body = as_bytes(message).subspan(kGrpcPrefixLength);
  if (message[0] == 0) return body.size() <= kEmptyPartialSuccess;
  constexpr std::size_t kMostInflated = 1u << 20;
  const auto compression = worker::compression::parse_compression(encoding);
  if (!compression) return fail(Code::kInternal, "an answer in an unknown encoding");
  const auto inflated = decompressor_->decompress(*compression, body, kMostInflated, {});
  if (!inflated) return fail(inflated.error());
  return inflated->content.size() <= kEmptyPartialSuccess;
}

}  // namespace otlpipe::bench
