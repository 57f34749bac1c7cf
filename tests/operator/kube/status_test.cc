#include "operator/kube/status.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace otlpipe::kube {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

Error of(int code, const std::string& body = "{}", std::string_view retry_after = {}) {
  return error_from_answer({code, body, retry_after}, "GET /x");
}

TEST(Status, CodesMapToErrorsAndToWhetherRepeatingHelps) {
  const struct {
    int http;
    Code code;
    bool retry;
  } kCases[] = {{400, Code::kInvalidArgument, false},
                {401, Code::kUnauthenticated, true},
                {403, Code::kPermissionDenied, true},
                {404, Code::kNotFound, false},
                {405, Code::kUnimplemented, false},
                {409, Code::kAborted, true},
                {410, Code::kOutOfRange, true},
                {413, Code::kInvalidArgument, false},
                {415, Code::kInvalidArgument, false},
                {422, Code::kInvalidArgument, false},
                {429, Code::kResourceExhausted, true},
                {500, Code::kInternal, true},
                {502, Code::kUnavailable, true},
                {503, Code::kUnavailable, true},
                {504, Code::kDeadlineExceeded, true},
                {599, Code::kUnavailable, true},
                {302, Code::kUnknown, true}};
  for (const auto& expected : kCases) {
    const Error error = of(expected.http);
    EXPECT_EQ(error.code, expected.code) << expected.http;
    EXPECT_EQ(error.retry.allowed(), expected.retry) << expected.http;
    EXPECT_EQ(error.where, "GET /x");
  }
}

TEST(Status, ConflictThatIsAnExistingNameIsTold) {
  EXPECT_EQ(of(409, R"({"reason":"AlreadyExists","message":"m"})").code, Code::kAlreadyExists);
}

TEST(Status, MessageOfTheServerIsKeptAndNewFieldPathsOfCausesAreAdded) {
  const Error error = of(422, R"({"message":"Deployment \"a\" is invalid: spec.replicas: must be positive",
      "details":{"causes":[{"field":"spec.replicas","message":"must be positive"},
                           {"field":"spec.selector","message":"is required"}]}})");
  EXPECT_EQ(error.message,
            "Deployment \"a\" is invalid: spec.replicas: must be positive; spec.selector: is required");
}

TEST(Status, WaitComesFromTheHeaderOrTheDetailsAndIsBounded) {
  EXPECT_EQ(of(429, "{}", "5").retry.delay, 5s);
  EXPECT_EQ(of(503, R"({"details":{"retryAfterSeconds":9}})").retry.delay, 9s);
  EXPECT_EQ(of(429, "{}", "99999999").retry.delay, 600s);
  EXPECT_EQ(of(429, "{}", "soon").retry.kind, Retry::Kind::kBackoff);
  EXPECT_EQ(of(429, "{}", "-1").retry.kind, Retry::Kind::kBackoff);
  EXPECT_EQ(of(404, "{}", "5").retry.kind, Retry::Kind::kNever);
}

TEST(Status, BodyThatIsNotAStatusIsQuotedInOneLine) {
  EXPECT_EQ(of(502, "<html>\nBad\tGateway").message, "HTTP 502: <html> Bad Gateway");
  EXPECT_EQ(of(503, "").message, "HTTP 503");
  EXPECT_EQ(of(503, "[1,2]").message, "HTTP 503: [1,2]");
  EXPECT_LT(of(500, std::string(100000, 'x')).message.size(), 300U);
}

TEST(Status, WatchErrorEventWithoutACodeIsStillAnError) {
  EXPECT_EQ(error_from_status(Json{{"code", 410}, {"message", "old"}}, "w").code, Code::kOutOfRange);
  EXPECT_EQ(error_from_status(Json::object(), "w").code, Code::kInternal);
}

}  // namespace
}  // namespace otlpipe::kube
