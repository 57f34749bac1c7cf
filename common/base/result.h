#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

#include "common/base/error.h"

namespace otlpipe {

// A value or the reason why there is none. Every function that the outside world can make fail returns one.
template <typename T>
using Result = tl::expected<T, Error>;

using Status = Result<void>;

inline tl::unexpected<Error> fail(Error error) {
  return tl::unexpected<Error>(std::move(error));
}
inline tl::unexpected<Error> fail(Code code, std::string message, std::string where = {}, Retry retry = {}) {
  return tl::unexpected<Error>(Error{code, std::move(message), std::move(where), retry});
}

}  // namespace otlpipe
