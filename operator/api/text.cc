#include "operator/api/text.h"

namespace otlpipe::api {

std::string cut(std::string_view text, std::size_t max) {
  static constexpr std::string_view kEllipsis = "…";
  if (text.size() <= max) {
    return std::string(text);
  }
  std::size_t end = max > kEllipsis.size() ? max - kEllipsis.size() : 0;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
    --end;
  }
  return std::string(text.substr(0, end)).append(kEllipsis);
}

}  // namespace otlpipe::api
