#include "worker/transport/request_body.h"

#include <charconv>
#include <tuple>

namespace otlpipe::worker::transport {

namespace {

// How much smaller than its content a body has to be to be sent on as it came.
constexpr std::size_t kWorthKeeping = 2;

std::optional<Compression> known_encoding(std::string_view name, ServerProtocol protocol) {
  const auto compression = compression::parse_compression(name);
  if (protocol == ServerProtocol::kGrpc && compression == Compression::kBrotli) return std::nullopt;
  return compression;
}

std::optional<std::size_t> announced_length(const Headers& headers) {
  const std::string_view text = find_header(headers, "content-length");
  std::size_t length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return length;
}

}  // namespace

Result<RequestBody> RequestBody::open(const ServerContext& context, const Headers& headers,
                                      ServerProtocol protocol) {
  const bool grpc = protocol == ServerProtocol::kGrpc;
  const std::string_view encoding = find_header(headers, grpc ? "grpc-encoding" : "content-encoding");
  const auto compression = known_encoding(encoding, protocol);
  if (!compression) {
    return fail(Code::kUnimplemented, "the encoding '" + std::string(encoding) +
                                          "' is not known; known are " +
                                          std::string(grpc ? kGrpcEncodings : kHttpEncodings));
  }
  RequestBody body(BodyBuffer(context.budget, context.options.max_message_bytes), protocol, *compression);
  if (!grpc) {
    if (const auto length = announced_length(headers)) {
      if (Status reserved = body.reader_.buffer().reserve(*length); !reserved) return fail(reserved.error());
    }
  }
  return body;
}

Status RequestBody::append(ByteView data) {
  return protocol_ == ServerProtocol::kGrpc ? reader_.append(data) : reader_.buffer().append(data);
}

Status RequestBody::take(ServerRequest& request) {
  std::tie(request.body, request.credit) = reader_.buffer().take();
  return {};
}

Status RequestBody::finish(const ServerContext& context, ServerRequest& request) {
  if (protocol_ == ServerProtocol::kGrpc) {
    if (Status whole = reader_.finish(); !whole) return whole;
    if (!reader_.compressed()) return take(request);
    if (compression_ == Compression::kNone) {
      return fail(Code::kInternal, "the message is compressed but grpc-encoding names no compression");
    }
  }
  if (compression_ == Compression::kNone || reader_.buffer().size() == 0) return take(request);

  MemoryCredit credit(context.budget, 0);
  const auto admit = [&](std::size_t total) {
    return !context.budget || total <= credit.bytes() || credit.grow(total - credit.bytes());
  };
  auto inflated = context.decompressor->decompress(compression_, reader_.buffer().view(),
                                                   context.options.max_message_bytes, admit);
  if (!inflated) {
    reader_.buffer().drop();
    if (inflated.error().code == Code::kUnavailable) return fail(budget_used_up());
    if (inflated.error().code == Code::kResourceExhausted)
      return fail(over_limit(context.options.max_message_bytes));
    return fail(inflated.error());
  }
  if (context.budget) credit.shrink(credit.bytes() - inflated->content.size());
  request.body = std::move(inflated->content);
  request.credit = std::move(credit);
  if (inflated->plain && request.body.size() >= kWorthKeeping * reader_.buffer().size()) {
    request.packed.body.compression = compression_;
    std::tie(request.packed.body.bytes, request.packed.credit) = reader_.buffer().take();
  } else {
    reader_.buffer().drop();
  }
  return {};
}

}  // namespace otlpipe::worker::transport
