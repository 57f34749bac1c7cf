#include "operator/control/certificates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "operator/control/base64.h"
#include "operator/kube/resources.h"
#include "tests/support/kube/fake_client.h"
#include "tests/support/runtime/fake_wait_clock.h"

namespace otlpipe::control {
namespace {

using std::chrono::hours;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const WallTime kNow{std::chrono::seconds(1767225600)};

CertificateOptions options() {
  return {.secret = {"otlpipe-system", "otlpipe-operator-tls"},
          .dns_names = {"otlpipe-operator.otlpipe-system.svc", "localhost"}};
}

TEST(Renew, NothingFoundMakesAnAuthorityAndACertificate) {
  const auto made = renew(std::nullopt, options(), kNow);
  ASSERT_TRUE(made);
  EXPECT_TRUE(tls::check_key_pair(made->server, made->ca.certificate_pem));
  EXPECT_EQ(made->trust_pem, made->ca.certificate_pem);
  EXPECT_THAT(tls::read_certificate(made->server.certificate_pem)->dns_names,
              ElementsAre("otlpipe-operator.otlpipe-system.svc", "localhost"));
}

TEST(Renew, GoodCertificatesStayAsTheyAre) {
  const auto made = renew(std::nullopt, options(), kNow);
  const auto again = renew(*made, options(), kNow + hours(24));
  EXPECT_EQ(again->server.certificate_pem, made->server.certificate_pem);
  EXPECT_EQ(again->ca.certificate_pem, made->ca.certificate_pem);
}

TEST(Renew, ServerCertificateIsRenewedBeforeItEndsByTheSameAuthority) {
  const auto made = renew(std::nullopt, options(), kNow);
  const auto again = renew(*made, options(), kNow + hours(24 * 61));
  EXPECT_NE(again->server.certificate_pem, made->server.certificate_pem);
  EXPECT_EQ(again->ca.certificate_pem, made->ca.certificate_pem);
  EXPECT_TRUE(tls::check_key_pair(again->server, made->ca.certificate_pem));
}

TEST(Renew, OtherNamesNeedAnotherCertificate) {
  const auto made = renew(std::nullopt, options(), kNow);
  CertificateOptions other = options();
  other.ip_addresses = {"10.0.0.1"};
  EXPECT_NE(renew(*made, other, kNow)->server.certificate_pem, made->server.certificate_pem);
}

TEST(Renew, NewAuthorityIsTrustedBesideTheOneBefore) {
  const auto made = renew(std::nullopt, options(), kNow);
  const auto later = renew(*made, options(), kNow + hours(24 * 3000));
  EXPECT_NE(later->ca.certificate_pem, made->ca.certificate_pem);
  EXPECT_THAT(later->trust_pem, HasSubstr(made->ca.certificate_pem));
  EXPECT_THAT(later->trust_pem, HasSubstr(later->ca.certificate_pem));
}

class CertificateStoreTest : public ::testing::Test {
 protected:
  kube::testing::FakeClient client_;
  runtime::testing::FakeWaitClock clock_;
  CertificateStore store_{options(), client_, clock_, Logger()};
};

TEST_F(CertificateStoreTest, FirstOneMakesTheSecretAndTheNextUsesIt) {
  const auto first = store_.refresh();
  ASSERT_TRUE(first);
  CertificateStore other(options(), client_, clock_, Logger());
  const auto second = other.refresh();
  ASSERT_TRUE(second);
  EXPECT_EQ(first->server.key_pem, second->server.key_pem);
  EXPECT_EQ(other.trust_pem(), store_.trust_pem());
}

TEST_F(CertificateStoreTest, DeletedSecretComesBackWithTheSameAuthority) {
  ASSERT_TRUE(store_.refresh());
  const std::string trust = store_.trust_pem();
  ASSERT_TRUE(client_.remove(kube::secrets(), options().secret, {}));
  ASSERT_TRUE(store_.refresh());
  EXPECT_EQ(store_.trust_pem(), trust);
  EXPECT_FALSE(client_.peek(kube::secrets(), options().secret).is_null());
}

TEST_F(CertificateStoreTest, NonsenseInTheSecretIsReplaced) {
  client_.edit(kube::secrets(), options().secret, [](nlohmann::json& object) {
    object["apiVersion"] = "v1";
    object["kind"] = "Secret";
    object["metadata"]["labels"] = {{"app.kubernetes.io/managed-by", "otlpipe-operator"}};
    object["data"] = {{"ca.crt", "%%%"}, {"tls.key", base64_encode("no key")}};
  });
  const auto made = store_.refresh();
  ASSERT_TRUE(made);
  EXPECT_TRUE(tls::check_key_pair(made->server, made->ca.certificate_pem));
}

TEST_F(CertificateStoreTest, SpoiltSecretIsPutRightWithTheSameAuthority) {
  const auto made = store_.refresh();
  ASSERT_TRUE(made);
  client_.edit(kube::secrets(), options().secret,
               [](nlohmann::json& object) { object["data"].erase("ca.key"); });
  const auto again = store_.refresh();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->trust_pem, made->trust_pem);
  EXPECT_EQ(client_.peek(kube::secrets(), options().secret)["data"]["ca.key"],
            base64_encode(made->ca.key_pem));
}

TEST_F(CertificateStoreTest, SecretOfSomebodyElseIsNotOverwritten) {
  client_.edit(kube::secrets(), options().secret, [](nlohmann::json& object) {
    object["apiVersion"] = "v1";
    object["kind"] = "Secret";
    object["data"] = {{"tls.crt", base64_encode("theirs")}, {"tls.key", base64_encode("theirs, too")}};
  });
  const auto refused = store_.refresh();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kFailedPrecondition);
  EXPECT_EQ(client_.peek(kube::secrets(), options().secret)["data"]["tls.key"], base64_encode("theirs, too"));
}

TEST_F(CertificateStoreTest, ReplicaThatWasQuickerWins) {
  CertificateStore other(options(), client_, clock_, Logger());
  bool once = true;
  client_.set_fault([&](const kube::testing::Call& call) -> std::optional<Error> {
    if (call.verb == "create" && std::exchange(once, false)) {
      (void)other.refresh();
    }
    return std::nullopt;
  });
  const auto made = store_.refresh();
  ASSERT_TRUE(made);
  EXPECT_EQ(store_.trust_pem(), other.trust_pem());
}

TEST_F(CertificateStoreTest, MissingPermissionIsAnError) {
  client_.set_fault(
      [](const kube::testing::Call&) { return Error{Code::kPermissionDenied, "secrets is forbidden"}; });
  const auto made = store_.refresh();
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Code::kPermissionDenied);
  EXPECT_EQ(store_.trust_pem(), "");
}

TEST(Base64, WritesAndReadsTheVectorsOfRfc4648) {
  for (const auto& [plain, coded] : std::map<std::string, std::string>{{"", ""},
                                                                       {"f", "Zg=="},
                                                                       {"fo", "Zm8="},
                                                                       {"foo", "Zm9v"},
                                                                       {"foob", "Zm9vYg=="},
                                                                       {"fooba", "Zm9vYmE="},
                                                                       {"foobar", "Zm9vYmFy"}}) {
    EXPECT_EQ(base64_encode(plain), coded);
    EXPECT_EQ(base64_decode(coded).value_or("?"), plain);
  }
}

TEST(Base64, RefusesWhatIsNot) {
  for (const char* text : {"Z", "Zg=", "Zg", "Z===", "Zg=a", "%%%%", "Zg==Zg=="}) {
    EXPECT_FALSE(base64_decode(text)) << text;
  }
}

}  // namespace
}  // namespace otlpipe::control
