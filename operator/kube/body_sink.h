#pragma once

#include <memory>

#include <cpprest/astreambuf.h>

#include "operator/kube/exchange.h"

namespace otlpipe::kube {

// Makes an exchange look like a stream buffer that cpprestsdk can write a body to, with back-pressure, which
// its own buffers lack.
std::shared_ptr<concurrency::streams::details::basic_streambuf<std::uint8_t>> make_body_sink(
    std::shared_ptr<Exchange> exchange);

}  // namespace otlpipe::kube
