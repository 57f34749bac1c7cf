#include "tests/bench/wire/header_reader.h"

#include <charconv>
#include <string_view>

#include <nghttp2/nghttp2.h>

namespace otlpipe::bench {
namespace {

int header_number(std::string_view text) {
  int value = -1;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

void take_header(HeaderFacts& facts, std::string_view name, std::string_view value) {
  if (name == ":status") {
    facts.http = header_number(value);
  } else if (name == "grpc-status") {
    facts.grpc = header_number(value);
  } else if (name == "grpc-message") {
    facts.message = value;
  } else if (name == ":path") {
    facts.path = value;
  } else if (name == "grpc-encoding") {
    facts.encoding = value;
  }
}

std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace

HeaderReader::HeaderReader() {
  nghttp2_hd_inflate_new(&inflater_);
}

HeaderReader::~HeaderReader() {
  nghttp2_hd_inflate_del(inflater_);
}

std::optional<HeaderFacts> HeaderReader::read(const std::uint8_t* block, std::size_t length) {
  HeaderFacts facts;
  for (;;) {
    nghttp2_nv header{};
    int flags = 0;
    const ssize_t used = nghttp2_hd_inflate_hd2(inflater_, &header, &flags, block, length, 1);
    if (used < 0) return std::nullopt;
    block += used;
    length -= static_cast<std::size_t>(used);
    if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0) {
      take_header(facts, text_of(header.name, header.namelen), text_of(header.value, header.valuelen));
    }
    if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) break;
    if (length == 0 && (flags & NGHTTP2_HD_INFLATE_EMIT) == 0) break;
  }
  nghttp2_hd_inflate_end_headers(inflater_);
  return facts;
}

}  // namespace otlpipe::bench
