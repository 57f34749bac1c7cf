#include "common/tls/certificate.h"

#include <gtest/gtest.h>

#include "common/tls/digest.h"

namespace otlpipe::tls {
namespace {

using namespace std::chrono_literals;

const WallTime kNow{std::chrono::seconds(1'700'000'000)};

TEST(Certificate, ServerCertificateCarriesItsNamesAndLifetimeAndIsSignedByTheCa) {
  const auto ca = create_ca("otlpipe-operator", kNow, 24h);
  ASSERT_TRUE(ca) << ca.error().to_string();
  const auto server = create_server_certificate(*ca, {"op.ns.svc", "op"}, {"127.0.0.1", "::1"}, kNow, 12h);
  ASSERT_TRUE(server) << server.error().to_string();
  const auto info = read_certificate(server->certificate_pem).value();
  EXPECT_EQ(info.subject_common_name, "op.ns.svc");
  EXPECT_EQ(info.dns_names, (std::vector<std::string>{"op.ns.svc", "op"}));
  EXPECT_EQ(info.ip_addresses, (std::vector<std::string>{"127.0.0.1", "::1"}));
  EXPECT_EQ(info.not_before, kNow - 1min);
  EXPECT_EQ(info.not_after, kNow + 12h);
  EXPECT_FALSE(info.is_ca);
  EXPECT_TRUE(read_certificate(ca->certificate_pem).value().is_ca);
  EXPECT_TRUE(check_key_pair(*server, ca->certificate_pem));
}

TEST(Certificate, AForeignCaOrKeyIsNoticed) {
  const auto ca = create_ca("a", kNow, 24h).value();
  const auto other = create_ca("a", kNow, 24h).value();
  const auto server = create_server_certificate(ca, {"x"}, {}, kNow, 1h).value();
  EXPECT_NE(check_key_pair(server, other.certificate_pem).error().message.find("not signed by this CA"),
            std::string::npos);
  EXPECT_NE(check_key_pair({server.certificate_pem, other.key_pem}, ca.certificate_pem)
                .error()
                .message.find("does not belong"),
            std::string::npos);
}

TEST(Certificate, WhatIsNotPemIsAnError) {
  EXPECT_EQ(read_certificate("hello").error().code, Code::kInvalidArgument);
  EXPECT_EQ(create_server_certificate({"x", "y"}, {"n"}, {}, kNow, 1h).error().code, Code::kInvalidArgument);
  EXPECT_FALSE(create_server_certificate(create_ca("a", kNow, 1h).value(), {}, {}, kNow, 1h));
}

TEST(Certificate, ANameLongerThanACommonNameMayBeStaysWholeAmongTheAlternatives) {
  const std::string name = std::string(80, 'a') + ".svc";
  const auto server = create_server_certificate(create_ca("a", kNow, 1h).value(), {name}, {}, kNow, 1h);
  ASSERT_TRUE(server) << server.error().to_string();
  EXPECT_EQ(read_certificate(server->certificate_pem).value().dns_names.front(), name);
}

TEST(Digest, Sha256OfTheStandardsExample) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace otlpipe::tls
