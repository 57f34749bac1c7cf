#include "worker/transport/request_body.h"

#include <gtest/gtest.h>

#include "tests/worker/transport/fakes.h"

namespace otlpipe::worker::transport {
namespace {

class RequestBodyTest : public ::testing::Test {
 protected:
  RequestBodyTest() {
    context_.budget = budget_;
    context_.decompressor = compression::make_decompressor();
  }
  static std::string pack(const std::string& text) {
    const auto packed =
        compression::make_compressor()->compress(Compression::kGzip, std::vector<Bytes>{Bytes::from(text)});
    return std::string(as_text(packed->view()));
  }
  Result<ServerRequest> received(const std::string& packed, const std::string& encoding = "gzip") {
    auto body = RequestBody::open(context_, {{"content-encoding", encoding}}, ServerProtocol::kHttp);
    EXPECT_TRUE(body->append(as_bytes(packed)));
    ServerRequest request;
    if (Status finished = body->finish(context_, request); !finished) return fail(finished.error());
    return request;
  }

  std::shared_ptr<CountingBudget> budget_ = std::make_shared<CountingBudget>(1u << 20);
  ServerContext context_;
};

TEST_F(RequestBodyTest, WellCompressedOneIsHandedOverAlsoAsItCameWithCreditForBoth) {
  const std::string text(100'000, 'z');
  const std::string packed = pack(text);
  {
    const auto body = received(packed);
    ASSERT_TRUE(body) << body.error().to_string();
    EXPECT_TRUE(as_text(body->body.view()) == text);
    EXPECT_EQ(body->credit.bytes(), text.size());
    EXPECT_EQ(body->packed.body.compression, Compression::kGzip);
    EXPECT_TRUE(as_text(body->packed.body.bytes.view()) == packed);
    EXPECT_EQ(body->packed.credit.bytes(), packed.size());
    EXPECT_EQ(budget_->used, text.size() + packed.size());
  }
  EXPECT_EQ(budget_->used, 0u);
}

TEST_F(RequestBodyTest, OneThatIsNotForEveryReaderOrHardlySmallerIsHandedOverInflatedOnly) {
  const std::string good = pack(std::string(100'000, 'z'));
  for (const std::string& packed : {good + good, pack("hardly smaller")}) {
    const auto body = received(packed);
    ASSERT_TRUE(body) << body.error().to_string();
    EXPECT_EQ(body->packed.body.compression, Compression::kNone);
    EXPECT_EQ(budget_->used, body->body.size());
  }
}

TEST_F(RequestBodyTest, OneThatCameUncompressedHasNoOtherForm) {
  const auto body = received(std::string(1'000, 'x'), "identity");
  ASSERT_TRUE(body) << body.error().to_string();
  EXPECT_EQ(body->body.size(), 1'000u);
  EXPECT_EQ(body->packed.body.compression, Compression::kNone);
}

}  // namespace
}  // namespace otlpipe::worker::transport
