// Runs one piece of the hot path under an instruction counter, which has to count inside of hot_region only.
// usage: hot_bench          the names, a line each
//        hot_bench NAME     runs it; prints how many records it handled
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "tests/bench/hot/cases.h"

namespace otlpipe::bench {

void require(bool good) {
  if (good) return;
  std::fprintf(stderr, "hot_bench: the work was not done\n");
  std::exit(3);
}

}  // namespace otlpipe::bench

// What the counter is switched on by: a name that it finds whatever the compiler makes of the rest.
extern "C" __attribute__((noinline)) void hot_region(const std::function<void()>& run) {
  run();
}

int main(int argc, char** argv) {
  using namespace otlpipe::bench;  // NOLINT(google-build-using-namespace): main is the whole file
  std::vector<HotCaseMaker> makers = data_cases();
  for (HotCaseMaker& maker : transport_cases()) makers.push_back(std::move(maker));
  for (const HotCaseMaker& maker : makers) {
    if (argc < 2) {
      std::printf("%s\n", maker.name.c_str());
    } else if (maker.name == argv[1]) {
      const HotCase subject = maker.make();
      subject.run();  // contexts and caches that are made at first use
      hot_region(subject.run);
      std::printf("%llu\n", static_cast<unsigned long long>(subject.records));
      return 0;
    }
  }
  return argc < 2 ? 0 : 2;
}
