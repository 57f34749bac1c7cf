#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace otlpipe::schema {

// A Kubernetes quantity ("100m", "1.5Gi", "1e3"), not negative, kept exactly in thousand-millionths. The
// notation is that of https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/.
class Quantity {
 public:
  static Result<Quantity> parse(std::string_view text);
  static Quantity of_bytes(std::int64_t bytes);

  // Rounded up, as Kubernetes does; values beyond int64 become its maximum.
  std::int64_t ceil() const;
  auto operator<=>(const Quantity&) const = default;

 private:
  // 128 bits hold 2^63 units of 10^-9 and more; larger quantities are refused by parse.
  __extension__ unsigned __int128 nanos_ = 0;
};

// A whole number of bytes in the shortest exact notation with a binary suffix: 67108864 is "64Mi", 1000 is
// "1000".
std::string format_bytes(std::int64_t bytes);

}  // namespace otlpipe::schema
