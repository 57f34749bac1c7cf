#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "common/base/error.h"

namespace otlpipe::kube {

// An HTTP answer of the API server that is not a success.
struct FailedAnswer {
  int code = 0;
  std::string_view body = {};         // a metav1.Status as JSON, or anything
  std::string_view retry_after = {};  // the header, in seconds
};

// The one place where a Kubernetes failure becomes an Error. `where` is the verb and URL. Pure.
//   400 406 413 415 422 kInvalidArgument   401 kUnauthenticated   403 kPermissionDenied   404 kNotFound
//   405 kUnimplemented   408 504 kDeadlineExceeded   409 kAlreadyExists or kAborted (conflict)   410
//   kOutOfRange 429 kResourceExhausted   500 kInternal   502 503 kUnavailable
Error error_from_answer(const FailedAnswer& answer, std::string where);

// The same for the Status object of a watch's ERROR event.
Error error_from_status(const nlohmann::json& status, std::string where);

}  // namespace otlpipe::kube
