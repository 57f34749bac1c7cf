#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace otlpipe {

// What kind of thing went wrong. The names and meanings are those of google.rpc.Code, so that a gRPC status
// maps one to one.
enum class Code {
  kCancelled = 1,
  kUnknown = 2,
  kInvalidArgument = 3,
  kDeadlineExceeded = 4,
  kNotFound = 5,
  kAlreadyExists = 6,
  kPermissionDenied = 7,
  kResourceExhausted = 8,
  kFailedPrecondition = 9,
  kAborted = 10,
  kOutOfRange = 11,
  kUnimplemented = 12,
  kInternal = 13,
  kUnavailable = 14,
  kDataLoss = 15,
  kUnauthenticated = 16,
};

std::string_view to_string(Code code);

// Whether the same call may succeed later.
struct Retry {
  enum class Kind { kNever, kBackoff, kAfter };
  Kind kind = Kind::kNever;
  std::chrono::milliseconds delay{0};  // only for kAfter: what the other side asked for

  static Retry never() { return {}; }
  static Retry backoff() { return {Kind::kBackoff, {}}; }
  static Retry after(std::chrono::milliseconds d) { return {Kind::kAfter, d}; }
  bool allowed() const { return kind != Kind::kNever; }
};

// An error as a value. `where` is a field path ("spec.exporters[0].otlpGrpc.endpoint") or the thing at fault
// ("GET /apis/…", "/etc/otlpipe/config.json:12"); it may be empty.
struct Error {
  Code code = Code::kUnknown;
  std::string message;
  std::string where = {};
  Retry retry = {};

  // One line: "where: message".
  std::string to_string() const;
  // The same error, seen from the caller: prefixes the message with "context: ".
  Error in(std::string_view context) const;
};

}  // namespace otlpipe
