#include "worker/compression/compression.h"

#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

namespace otlpipe::worker::compression {
namespace {

constexpr std::size_t kLimit = 64u << 20;

std::string telemetry(std::size_t size) {
  std::string text;
  std::minstd_rand random(7);
  while (text.size() < size) {
    text += "service.name=checkout http.route=/cart/{id} trace=" + std::to_string(random()) + ";";
  }
  text.resize(size);
  return text;
}

std::string noise(std::size_t size) {
  std::string text(size, '\0');
  std::mt19937 random(7);
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

std::vector<Bytes> in_parts(const std::string& text, std::size_t part) {
  std::vector<Bytes> parts{Bytes()};
  for (std::size_t at = 0; at < text.size(); at += part) parts.push_back(Bytes::from(text.substr(at, part)));
  return parts;
}

std::string text_of(const Bytes& bytes) {
  return std::string(as_text(bytes.view()));
}

std::string gzip_by_zlib(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

class EveryFormat : public testing::TestWithParam<Compression> {
 protected:
  std::string pack(const std::string& text) {
    const std::vector<Bytes> parts = in_parts(text, 1000);
    auto packed = compressor_->compress(GetParam(), parts);
    EXPECT_TRUE(packed) << packed.error().to_string();
    return text_of(*packed);
  }
  Result<Decompressed> unpack(const std::string& packed, std::size_t limit = kLimit) {
    return decompressor_->decompress(GetParam(), as_bytes(packed), limit, {});
  }

  std::unique_ptr<Compressor> compressor_ = make_compressor();
  std::unique_ptr<Decompressor> decompressor_ = make_decompressor();
};

TEST_P(EveryFormat, WhatWasCompressedInPartsComesBackWhole) {
  for (const std::size_t size : {0, 1, 999, 100'000, 3'000'000}) {
    for (const std::string& text : {telemetry(size), noise(size)}) {
      const auto back = unpack(pack(text));
      ASSERT_TRUE(back) << size << ": " << back.error().to_string();
      EXPECT_TRUE(text_of(back->content) == text) << size;
    }
  }
}

TEST_P(EveryFormat, WhatWasCompressedHereIsPlainUnlessNobodySendsTheFormat) {
  for (const std::size_t size : {0, 1, 100'000, 9'000'000})
    EXPECT_EQ(unpack(pack(telemetry(size)))->plain, GetParam() != Compression::kDeflate) << size;
}

TEST_P(EveryFormat, TelemetryShrinksAtLeastFivefold) {
  EXPECT_LT(pack(telemetry(1'000'000)).size(), 200'000u);
}

TEST_P(EveryFormat, ExactlyTheLimitPassesAndOneByteMoreIsResourceExhausted) {
  const std::string packed = pack(telemetry(300'000));
  ASSERT_TRUE(unpack(packed, 300'000));
  const auto over = unpack(packed, 299'999);
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().code, Code::kResourceExhausted);
}

TEST_P(EveryFormat, BombStopsAtTheLimitAndNeverAsksForMore) {
  const std::string packed = pack(std::string(50u << 20, '\0'));
  ASSERT_LT(packed.size(), 400'000u);
  std::size_t most = 0;
  const auto bomb = decompressor_->decompress(GetParam(), as_bytes(packed), 1u << 20, [&](std::size_t total) {
    most = std::max(most, total);
    return true;
  });
  ASSERT_FALSE(bomb);
  EXPECT_EQ(bomb.error().code, Code::kResourceExhausted);
  EXPECT_LE(most, std::size_t{1} << 20);
}

TEST_P(EveryFormat, CutShortAnywhereIsInvalid) {
  const std::string packed = pack(telemetry(5'000));
  for (std::size_t size = 0; size < packed.size(); size += 1 + size / 16) {
    const auto cut = unpack(packed.substr(0, size));
    ASSERT_FALSE(cut) << size << " of " << packed.size();
    EXPECT_EQ(cut.error().code, Code::kInvalidArgument) << size << ": " << cut.error().message;
  }
}

TEST_P(EveryFormat, BytesAfterTheEndAreInvalid) {
  const auto more = unpack(pack(telemetry(5'000)) + "tail");
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, Code::kInvalidArgument) << more.error().message;
}

TEST_P(EveryFormat, RefusedMemoryIsUnavailableAndTheNextCallIsWell) {
  const std::string packed = pack(telemetry(2'000'000));
  const auto refused = decompressor_->decompress(GetParam(), as_bytes(packed), kLimit,
                                                 [](std::size_t total) { return total <= 100'000; });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kUnavailable) << refused.error().message;
  EXPECT_TRUE(unpack(packed));
}

TEST_P(EveryFormat, NoiseIsInvalidAndTheNextCallIsWell) {
  const std::string good = pack(telemetry(2'000));
  for (std::size_t size : {1, 20, 1'000}) {
    EXPECT_FALSE(unpack(noise(size))) << size;
    EXPECT_TRUE(unpack(good));
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, EveryFormat,
                         testing::Values(Compression::kGzip, Compression::kDeflate, Compression::kZstd,
                                         Compression::kBrotli),
                         [](const auto& param) { return std::string(to_string(param.param)); });

TEST(Gzip, SeveralMembersAreOneBody) {
  const std::string first = telemetry(70'000);
  const std::string second = telemetry(3'000);
  const auto decompressor = make_decompressor();
  const auto back = decompressor->decompress(
      Compression::kGzip, as_bytes(gzip_by_zlib(first) + gzip_by_zlib(second)), kLimit, {});
  ASSERT_TRUE(back) << back.error().to_string();
  EXPECT_TRUE(text_of(back->content) == first + second);
  EXPECT_FALSE(back->plain) << "some readers stop after the first";
}

TEST(Gzip, EmptyMemberBeforeAnotherOneIsNotPlain) {
  const auto decompressor = make_decompressor();
  const auto back = decompressor->decompress(
      Compression::kGzip, as_bytes(gzip_by_zlib("") + gzip_by_zlib(telemetry(900))), kLimit, {});
  ASSERT_TRUE(back) << back.error().to_string();
  EXPECT_EQ(back->content.size(), 900u);
  EXPECT_FALSE(back->plain);
}

TEST(Gzip, MemberThatNamesAFileIsNotPlain) {
  const std::string plain = gzip_by_zlib(telemetry(900));
  std::string named = plain.substr(0, 10) + std::string("secret.txt\0", 11) + plain.substr(10);
  named[3] = '\x08';
  const auto decompressor = make_decompressor();
  EXPECT_TRUE(decompressor->decompress(Compression::kGzip, as_bytes(plain), kLimit, {})->plain);
  const auto back = decompressor->decompress(Compression::kGzip, as_bytes(named), kLimit, {});
  ASSERT_TRUE(back) << back.error().to_string();
  EXPECT_EQ(back->content.size(), 900u);
  EXPECT_FALSE(back->plain);
}

TEST(Zstd, FrameThatNotEveryReaderTakesIsNotPlain) {
  const auto compressor = make_compressor();
  const auto decompressor = make_decompressor();
  const auto pack = [&](std::size_t size) {
    const auto packed =
        compressor->compress(Compression::kZstd, std::vector<Bytes>{Bytes::from(telemetry(size))});
    return std::string(as_text(packed->view()));
  };
  const auto plain = [&](const std::string& packed) {
    const auto back = decompressor->decompress(Compression::kZstd, as_bytes(packed), kLimit, {});
    EXPECT_TRUE(back) << back.error().to_string();
    return back && back->plain;
  };
  std::string frame = pack(2'000'000);
  ASSERT_EQ(frame[4] & 0x20, 0) << "it names its window";
  EXPECT_TRUE(plain(frame));
  frame[5] = '\x68';  // 8 MiB
  EXPECT_TRUE(plain(frame));
  frame[5] = '\x69';  // 9 MiB: the content fits all the same, but others would refuse it
  EXPECT_FALSE(plain(frame));
  EXPECT_FALSE(plain(pack(1'000) + pack(1'000))) << "two frames";
  const std::string skippable("\x50\x2a\x4d\x18\x01\x00\x00\x00s", 9);
  EXPECT_FALSE(plain(skippable));
  EXPECT_FALSE(plain(skippable + pack(1'000)));
}

TEST(Zstd, FrameThatDoesNotTellItsSizeIsPlain) {
  const std::string text = telemetry(70'000);
  std::string packed(ZSTD_compressBound(text.size()), '\0');
  ZSTD_CCtx* const context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
  packed.resize(ZSTD_compress2(context, packed.data(), packed.size(), text.data(), text.size()));
  ZSTD_freeCCtx(context);
  const auto back = make_decompressor()->decompress(Compression::kZstd, as_bytes(packed), kLimit, {});
  ASSERT_TRUE(back) << back.error().to_string();
  EXPECT_TRUE(text_of(back->content) == text);
  EXPECT_TRUE(back->plain);
}

TEST(Gzip, WrongSizeInTheTrailerIsInvalidAndReservesNoMoreThanTheInputCanYield) {
  std::string packed = gzip_by_zlib(telemetry(70'000));
  packed[packed.size() - 1] = '\x03';  // claims some 50 MB
  std::size_t most = 0;
  const auto decompressor = make_decompressor();
  const auto back =
      decompressor->decompress(Compression::kGzip, as_bytes(packed), kLimit, [&](std::size_t total) {
        most = std::max(most, total);
        return true;
      });
  ASSERT_FALSE(back);
  EXPECT_EQ(back.error().code, Code::kInvalidArgument);
  EXPECT_LE(most, packed.size() * 1032);
}

TEST(Gzip, ZlibReadsWhatIsaLWrites) {
  const std::string text = telemetry(500'000);
  const auto compressor = make_compressor();
  const auto packed = compressor->compress(Compression::kGzip, std::vector<Bytes>{Bytes::from(text)});
  ASSERT_TRUE(packed);
  std::string out(text.size() + 1, '\0');
  z_stream stream{};
  inflateInit2(&stream, 15 + 16);
  stream.next_in = const_cast<Bytef*>(packed->data());
  stream.avail_in = static_cast<uInt>(packed->size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  EXPECT_TRUE(out == text);
}

TEST(Encodings, NamesAreReadInAnyCaseAndUnknownOnesAreNot) {
  EXPECT_EQ(parse_compression(""), Compression::kNone);
  EXPECT_EQ(parse_compression("Identity"), Compression::kNone);
  EXPECT_EQ(parse_compression("GZIP"), Compression::kGzip);
  EXPECT_EQ(parse_compression("x-gzip"), Compression::kGzip);
  EXPECT_EQ(parse_compression("br"), Compression::kBrotli);
  EXPECT_EQ(parse_compression("snappy"), std::nullopt);
  EXPECT_EQ(parse_compression("gzip, br"), std::nullopt);
}

}  // namespace
}  // namespace otlpipe::worker::compression
