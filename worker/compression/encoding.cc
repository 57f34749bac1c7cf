#include <algorithm>
#include <array>

#include "worker/compression/compression.h"

namespace otlpipe::worker::compression {

namespace {

bool same(std::string_view a, std::string_view lower) {
  return std::equal(a.begin(), a.end(), lower.begin(), lower.end(), [](char x, char y) {
    return (x >= 'A' && x <= 'Z' ? static_cast<char>(x - 'A' + 'a') : x) == y;
  });
}

}  // namespace

std::string_view to_string(Compression compression) {
  switch (compression) {
    case Compression::kNone:
      return "identity";
    case Compression::kGzip:
      return "gzip";
    case Compression::kDeflate:
      return "deflate";
    case Compression::kZstd:
      return "zstd";
    case Compression::kBrotli:
      return "br";
  }
  return "identity";
}

std::optional<Compression> parse_compression(std::string_view name) {
  if (name.empty()) return Compression::kNone;
  if (same(name, "x-gzip")) return Compression::kGzip;
  for (const Compression known : {Compression::kNone, Compression::kGzip, Compression::kDeflate,
                                  Compression::kZstd, Compression::kBrotli}) {
    if (same(name, to_string(known))) return known;
  }
  return std::nullopt;
}

}  // namespace otlpipe::worker::compression
