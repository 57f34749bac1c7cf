// Scenario: any bytes as YAML and as JSON. Guarantees: no crash, no run-away; what the strict JSON reader
// takes and its serialisation mean the same; every line is inside of the text.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <nlohmann/json.hpp>

#include "common/doc/reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto lines =
      1 + std::count(text.begin(), text.end(), '\n') + std::count(text.begin(), text.end(), '\r');
  if (const auto documents = otlpipe::doc::parse_yaml(text, "f")) {
    for (const auto& document : *documents) {
      const int line = document.line_of("a.b[0]");
      if (line < 1 || line > lines) std::abort();
    }
  }
  if (const auto document = otlpipe::doc::parse_json(text, "f")) {
    const std::string again = document->root().dump();
    const auto second = otlpipe::doc::parse_json(again, "again");
    if (!second || second->root().dump() != again) std::abort();
  }
  return 0;
}
