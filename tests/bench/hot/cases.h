#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace otlpipe::bench {

// A piece of the hot path with everything ready for it. `run` may be called several times.
struct HotCase {
  std::string name;
  std::uint64_t records = 0;  // that one run handles
  std::function<void()> run;
};

// A maker each, so that a process prepares only what it runs.
struct HotCaseMaker {
  std::string name;
  std::function<HotCase()> make;
};

std::vector<HotCaseMaker> data_cases();       // scan, split, gather
std::vector<HotCaseMaker> transport_cases();  // HTTP/2 with gRPC framing, gzip

// What is made by accident must not be optimized away, and what failed must not be measured.
void require(bool good);

}  // namespace otlpipe::bench
